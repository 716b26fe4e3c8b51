// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * netplan(5), one YAML file.  No renderer is named: the machine's other files, or
 * netplan's default, say whether networkd or NetworkManager does it.
 */
#include "netconf/render/port.h"

#include <errno.h>
#include <stdlib.h>

static int ones(unsigned char c)
{
	int n = 0;

	for (; c & 0x80; c = (unsigned char)(c << 1))
		n++;
	return n;
}

/* The next character of valid UTF-8, which a policy's texts are. */
static unsigned next_char(const char **s)
{
	unsigned char c = (unsigned char)*(*s)++;
	int more = ones(c) - 1;
	unsigned u = more > 0 ? c & (0x3fU >> more) : c;

	for (; more > 0 && **s; more--)
		u = u << 6 | ((unsigned char)*(*s)++ & 0x3f);
	return u;
}

/* What YAML 1.1 (5.1, 5.4) takes for a line break or does not allow at all. */
static bool must_escape(unsigned u)
{
	return u < 0x20 || (u >= 0x7f && u < 0xa0) || u == 0x2028 || u == 0x2029 ||
	       u == 0xfeff || u == 0xfffe || u == 0xffff;
}

static void add_quoted(struct text *t, const char *s)
{
	text_add(t, "\"");
	while (*s) {
		const char *from = s;
		unsigned u = next_char(&s);

		if (u == '"' || u == '\\')
			text_add(t, "\\%c", (char)u);
		else if (must_escape(u))
			text_add(t, "\\u%04x", u);
		else
			text_add_bytes(t, from, (size_t)(s - from));
	}
	text_add(t, "\"");
}

static void add_static(struct text *t, const struct port *p)
{
	const struct role *role = p->role;
	char buf[ADDRESS_TEXT_MAX];

	text_add(t, "      addresses:\n        - \"%s\"\n",
		 address_text(&role->address, true, buf));
	if (!p->default_route)
		return;
	text_add(t, "      routes:\n        - to: default\n          via: \"%s\"\n",
		 address_text(&role->gateway, false, buf));
	if (p->metric)
		text_add(t, "          metric: %u\n", p->metric);
}

static void add_dns(struct text *t, const struct role *role)
{
	char buf[ADDRESS_TEXT_MAX];

	if (!role->n_dns)
		return;
	text_add(t, "      nameservers:\n        addresses:\n");
	for (size_t i = 0; i < role->n_dns; i++)
		text_add(t, "          - \"%s\"\n", address_text(&role->dns[i], false, buf));
}

static void add_ssid(struct text *t, const struct port *p)
{
	text_add(t, "      access-points:\n        ");
	add_quoted(t, p->role->ssid);
	if (p->psk[0]) {
		text_add(t, ":\n          password: ");
		add_quoted(t, p->psk);
		text_add(t, "\n");
	} else {
		text_add(t, ": {}\n");
	}
}

static void add_port(struct text *t, const struct port *p)
{
	const struct role *role = p->role;

	text_add(t, "    %s:\n", p->name);
	text_add(t, "      dhcp4: %s\n", role->how == ADDRESS_DHCP ? "true" : "false");
	if (role->how == ADDRESS_MANUAL)
		text_add(t, "      link-local: []\n");
	if (role->how == ADDRESS_MANUAL || role->dhcp_server)
		text_add(t, "      accept-ra: false\n      optional: true\n");
	if (role->dhcp_server)
		text_add(t, "      ignore-carrier: true\n");
	if (role->how == ADDRESS_DHCP && p->metric)
		text_add(t, "      dhcp4-overrides:\n        route-metric: %u\n", p->metric);
	if (role->how == ADDRESS_STATIC)
		add_static(t, p);
	add_dns(t, role);
	if (role->ssid[0])
		add_ssid(t, p);
}

/* A wireless card without an SSID (for an access point) is configured like a wired one. */
static void add_section(struct text *t, const char *section, bool ssid, const struct port *v,
			size_t n)
{
	bool begun = false;

	for (size_t i = 0; i < n; i++) {
		if ((v[i].role->ssid[0] != '\0') != ssid)
			continue;
		if (!begun)
			text_add(t, "  %s:\n", section);
		begun = true;
		add_port(t, &v[i]);
	}
}

/* netplan puts them between quotes for wpa_supplicant, whatever they hold. */
static int check_ssids(const struct port *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!wpa_can_quote(v[i].role->ssid))
			return err_set(e, -EINVAL,
				       "%s: netplan cannot handle an SSID that has both a "
				       "quote and a '#' in it",
				       v[i].name);
	return 0;
}

int render_netplan(const struct render *r, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	struct port *v = NULL;
	size_t n = 0;
	int rc = ports_make(r, &v, &n, e);

	if (!rc)
		rc = check_ssids(v, n, e);
	if (rc || !n)
		goto out;
	text_add(&t, "network:\n  version: 2\n");
	add_section(&t, "ethernets", false, v, n);
	add_section(&t, "wifis", true, v, n);
	rc = files_add(ret, "/etc/netplan/90-slate.yaml", 0600, &t, e);
out:
	text_free(&t);
	ports_free(v, n);
	return rc;
}
