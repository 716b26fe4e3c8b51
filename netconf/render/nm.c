// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nm-settings-keyfile(5), a file for each card, and NetworkManager.conf(5) for
 * cards that must be up without a carrier.
 */
#include "common/hash.h"
#include "netconf/render/port.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define UUID_MAX 37

/* The same for the same name each time (RFC 9562 version 8: made by our own rule). */
static int make_uuid(const char *name, char ret[UUID_MAX], struct err *e)
{
	uint8_t sum[HASH_SIZE];
	struct hash *h;
	char seed[64], hex[33];
	int r = hash_new(&h, e);

	if (r)
		return r;
	snprintf(seed, sizeof(seed), "slate-netconf connection %s", name);
	r = hash_buf(h, seed, strlen(seed), sum);
	hash_free(h);
	if (r)
		return err_set(e, r, "libcrypto cannot make a SHA-256 sum");
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x80);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	hash_hex(sum, 16, hex);
	snprintf(ret, UUID_MAX, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
	return 0;
}

/* A string of a key file: blanks at its ends would be lost, '\\' begins an escape. */
static void add_string(struct text *t, const char *s)
{
	for (const char *p = s; *p; p++) {
		if (*p == '\\')
			text_add(t, "\\\\");
		else if (*p == ' ' && (p == s || !p[1]))
			text_add(t, "\\s");
		else
			text_add_bytes(t, p, 1);
	}
}

/* Text that nobody can take for a list of bytes or an escape. */
static bool simple(const char *ssid)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._- ";
	size_t n = strlen(ssid);

	return n && isalpha((unsigned char)ssid[0]) && ssid[n - 1] != ' ' &&
	       strspn(ssid, letters) == n;
}

static void add_ssid(struct text *t, const char *ssid)
{
	text_add(t, "ssid=");
	if (simple(ssid))
		text_add(t, "%s", ssid);
	else
		for (; *ssid; ssid++)
			text_add(t, "%u;", (unsigned char)*ssid);
	text_add(t, "\n");
}

static void add_wifi(struct text *t, const struct port *p)
{
	text_add(t, "\n[wifi]\nmode=infrastructure\n");
	add_ssid(t, p->role->ssid);
	if (!p->psk[0])
		return;
	text_add(t, "\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=");
	add_string(t, p->psk);
	text_add(t, "\n");
}

/* Tells whether there were any. */
static bool add_dns(struct text *t, const struct role *role, int family)
{
	char buf[ADDRESS_TEXT_MAX];
	bool begun = false;

	for (size_t i = 0; i < role->n_dns; i++) {
		if (role->dns[i].family != family)
			continue;
		text_add(t, "%s%s;",
			 begun ? "" : "dns=", address_text(&role->dns[i], false, buf));
		begun = true;
	}
	if (begun)
		text_add(t, "\n");
	return begun;
}

static void add_static(struct text *t, const struct port *p)
{
	char buf[ADDRESS_TEXT_MAX];

	text_add(t, "method=manual\naddress1=%s", address_text(&p->role->address, true, buf));
	if (p->default_route)
		text_add(t, ",%s", address_text(&p->role->gateway, false, buf));
	text_add(t, "\n");
}

/* What a role means for a family that it has no address of; NULL: it has one. */
static const char *method_of(const struct role *role, int family)
{
	if (role->how == ADDRESS_STATIC && role->address.family == family)
		return NULL;
	if (role->how == ADDRESS_DHCP)
		return "auto";
	/* Automatic IPv6 would wait for a carrier. */
	if (family == AF_INET || role->how == ADDRESS_MANUAL || role->dhcp_server)
		return "disabled";
	return "auto";
}

static int add_family(struct text *t, const struct port *p, int family, struct err *e)
{
	const char *name = family == AF_INET ? "ipv4" : "ipv6";
	const char *method = method_of(p->role, family);
	bool disabled = method && !strcmp(method, "disabled");

	text_add(t, "\n[%s]\n", name);
	if (method)
		text_add(t, "method=%s\n", method);
	else
		add_static(t, p);
	if (!disabled && p->role->dhcp_server)
		text_add(t, "never-default=true\n");
	if (!disabled && p->metric)
		text_add(t, "route-metric=%u\n", p->metric);
	if (add_dns(t, p->role, family) && disabled)
		return err_set(e, -EINVAL,
			       "%s: NetworkManager takes no %s DNS server where there is no "
			       "%s address",
			       p->name, name, name);
	return 0;
}

static int add_port(const struct port *p, struct files *ret, struct err *e)
{
	struct text t = { 0 };
	char uuid[UUID_MAX], path[128];
	int r = make_uuid(p->name, uuid, e);

	if (r)
		return r;
	text_add(&t, "[connection]\nid=slate-%s\nuuid=%s\ntype=%s\ninterface-name=%s\n",
		 p->name, uuid, p->wireless ? "wifi" : "ethernet", p->name);
	/* Before what NetworkManager makes by itself for a card. */
	text_add(&t, "autoconnect-priority=100\n");
	if (p->wireless)
		add_wifi(&t, p);
	r = add_family(&t, p, AF_INET, e);
	if (!r)
		r = add_family(&t, p, AF_INET6, e);
	snprintf(path, sizeof(path),
		 "/etc/NetworkManager/system-connections/slate-%s.nmconnection", p->name);
	if (!r)
		r = files_add(ret, path, 0600, &t, e);
	text_free(&t);
	return r;
}

/* Statically configured cards that are up whether a cable is in them or not. */
static int add_carrier(const struct port *v, size_t n, struct files *ret, struct err *e)
{
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		if (v[i].role->dhcp_server)
			text_add(&t,
				 "[device-slate-%s]\nmatch-device=interface-name:=%s\n"
				 "ignore-carrier=yes\n\n",
				 v[i].name, v[i].name);
	if (!t.len && text_ok(&t))
		return 0;
	return files_add(ret, "/etc/NetworkManager/conf.d/90-slate.conf", 0644, &t, e);
}

int render_nm(const struct render *r, struct files *ret, struct err *e)
{
	struct port *v = NULL;
	size_t n = 0;
	int rc = ports_make(r, &v, &n, e);

	for (size_t i = 0; !rc && i < n; i++) {
		/* A wireless card without a network: for an access point, not for us. */
		if (!v[i].wireless || v[i].role->ssid[0])
			rc = add_port(&v[i], ret, e);
		else if (v[i].role->how != ADDRESS_MANUAL)
			rc = err_set(e, -EINVAL,
				     "%s: NetworkManager gives a wireless card no address "
				     "without an SSID; add ssid to its role",
				     v[i].name);
	}
	if (!rc)
		rc = add_carrier(v, n, ret, e);
	ports_free(v, n);
	return rc;
}
