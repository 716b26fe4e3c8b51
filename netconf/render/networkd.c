// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * systemd.network(5), a file for each card; wireless networks by
 * wpa_supplicant@.service, enabled by its link as systemctl(1) makes it.
 */
#include "netconf/render/port.h"

#include <stdio.h>
#include <stdlib.h>

#define WANTS "/etc/systemd/system/multi-user.target.wants/wpa_supplicant@%s.service"
#define UNIT  "/lib/systemd/system/wpa_supplicant@.service"

static void add_network(struct text *t, const struct port *p)
{
	const struct role *role = p->role;
	char buf[ADDRESS_TEXT_MAX];

	text_add(t, "\n[Network]\n");
	if (role->how == ADDRESS_MANUAL)
		text_add(t, "DHCP=no\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n");
	if (role->how == ADDRESS_DHCP)
		text_add(t, "DHCP=ipv4\n");
	if (role->how == ADDRESS_STATIC)
		text_add(t, "DHCP=no\nAddress=%s\n", address_text(&role->address, true, buf));
	if (role->dhcp_server)
		text_add(t, "IPv6AcceptRA=no\nConfigureWithoutCarrier=yes\n");
	for (size_t i = 0; i < role->n_dns; i++)
		text_add(t, "DNS=%s\n", address_text(&role->dns[i], false, buf));
}

static void add_routes(struct text *t, const struct port *p)
{
	char buf[ADDRESS_TEXT_MAX];

	if (!p->default_route)
		return;
	if (p->role->how == ADDRESS_STATIC) {
		text_add(t, "\n[Route]\nGateway=%s\n",
			 address_text(&p->role->gateway, false, buf));
		if (p->metric)
			text_add(t, "Metric=%u\n", p->metric);
	} else if (p->metric) {
		text_add(t, "\n[DHCPv4]\nRouteMetric=%u\n", p->metric);
	}
	if (p->metric)
		text_add(t, "\n[IPv6AcceptRA]\nRouteMetric=%u\n", p->metric);
}

static int add_port(const struct port *p, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	char path[sizeof(WANTS) + NIC_NAME_MAX];
	int r;

	text_add(&t, "[Match]\nName=%s\n", p->name);
	if (p->role->how == ADDRESS_MANUAL || p->role->dhcp_server)
		text_add(&t, "\n[Link]\nRequiredForOnline=no\n");
	add_network(&t, p);
	add_routes(&t, p);
	snprintf(path, sizeof(path), "/etc/systemd/network/10-slate-%s.network", p->name);
	r = files_add(ret, path, 0644, &t, e);
	if (r || !p->role->ssid[0])
		return r;
	snprintf(path, sizeof(path), WANTS, p->name);
	return files_add_link(ret, path, UNIT, e);
}

int render_networkd(const struct render *r, struct files *ret, struct err *e)
{
	struct port *v = NULL;
	size_t n = 0;
	int rc = ports_make(r, &v, &n, e);

	if (!rc)
		rc = wpa_files(v, n, ret, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_port(&v[i], ret, e);
	ports_free(v, n);
	return rc;
}
