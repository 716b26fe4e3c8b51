// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * interfaces(5).  "auto", not "allow-hotplug": udev would tell of a card under
 * its first name, before it has the wanted one.  Wireless networks are in a
 * file of wpa_supplicant: "wpa-ssid" cannot hold every SSID, and the
 * passphrase is in no file that all may read.
 */
#include "netconf/render/port.h"

#include <stdlib.h>
#include <sys/socket.h>

static void add_dns(struct text *t, const struct role *role)
{
	char buf[ADDRESS_TEXT_MAX];

	if (!role->n_dns)
		return;
	text_add(t, "\tdns-nameservers");
	for (size_t i = 0; i < role->n_dns; i++)
		text_add(t, " %s", address_text(&role->dns[i], false, buf));
	text_add(t, "\n");
}

static void add_static(struct text *t, const struct port *p)
{
	const struct role *role = p->role;
	char buf[ADDRESS_TEXT_MAX];

	text_add(t, "\taddress %s\n", address_text(&role->address, true, buf));
	if (p->default_route)
		text_add(t, "\tgateway %s\n", address_text(&role->gateway, false, buf));
	/* Without a carrier ifup would wait in vain for duplicate addresses to be ruled out. */
	if (role->dhcp_server && role->address.family == AF_INET6)
		text_add(t, "\tdad-attempts 0\n");
}

static void add_port(struct text *t, const struct port *p)
{
	static const char *const methods[] = { "manual", "dhcp", "static" };
	const struct role *role = p->role;
	bool ip6 = role->how == ADDRESS_STATIC && role->address.family == AF_INET6;

	text_add(t, "\nauto %s\niface %s %s %s\n", p->name, p->name, ip6 ? "inet6" : "inet",
		 methods[role->how]);
	if (role->ssid[0])
		text_add(t, "\twpa-conf " WPA_FILE "\n", p->name);
	if (role->how == ADDRESS_STATIC)
		add_static(t, p);
	if (p->metric)
		text_add(t, "\tmetric %u\n", p->metric);
	if (role->dhcp_server && !ip6) /* inet6 static does it by itself */
		text_add(t, "\tpre-up echo 0 > /proc/sys/net/ipv6/conf/%s/accept_ra || true\n",
			 p->name);
	add_dns(t, role);
}

int render_ifupdown(const struct render *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	struct port *v = NULL;
	size_t n = 0;
	int rc = ports_make(r, &v, &n, e);

	if (rc || !n)
		goto out;
	text_add(&t, "# interfaces(5): addresses by role\n");
	for (size_t i = 0; i < n; i++)
		add_port(&t, &v[i]);
	rc = wpa_files(v, n, ret, e);
	if (!rc)
		rc = files_add(ret, "/etc/network/interfaces.d/slate", 0644, &t, e);
out:
	text_free(&t);
	ports_free(v, n);
	return rc;
}
