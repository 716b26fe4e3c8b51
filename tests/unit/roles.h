// SPDX-License-Identifier: GPL-3.0-or-later
/* roles.h - plans that are made by hand: the school server, and all roles there are. */
#ifndef TESTS_UNIT_ROLES_H
#define TESTS_UNIT_ROLES_H

#include "netconf/render/render.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define ROLES_MAX 8

struct roles {
	struct want wants[ROLES_MAX];
	struct nic nics[ROLES_MAX];
	struct choice choices[ROLES_MAX];
	char psk[ROLES_MAX][65];
	struct secrets secrets;
	struct policy policy;
	struct plan plan;
	struct render render;
};

/* "10.0.0.1/8", "fd00::1"; NULL: none. */
static inline struct address roles_address(const char *text)
{
	struct address a = { 0 };
	char host[64];
	unsigned prefix = 0;

	if (!text)
		return a;
	if (sscanf(text, "%63[^/]/%u", host, &prefix) < 1)
		abort();
	a.family = inet_pton(AF_INET, host, a.b) == 1 ? AF_INET : AF_INET6;
	if (a.family == AF_INET6 && inet_pton(AF_INET6, host, a.b) != 1)
		abort();
	a.prefix = prefix ? prefix : a.family == AF_INET ? 32 : 128;
	return a;
}

/* Appends a name with a card and the role @how, to be changed further by the caller. */
static inline struct role *roles_add(struct roles *s, const char *name, enum addressing how,
				     const char *address, const char *gateway)
{
	size_t i = s->plan.n;
	struct role *role = &s->wants[i].role;

	if (i == ROLES_MAX)
		abort();
	snprintf(s->wants[i].name, NIC_NAME_MAX, "%s", name);
	role->how = how;
	role->address = roles_address(address);
	role->gateway = roles_address(gateway);
	s->choices[i] = (struct choice){ .want = &s->wants[i], .nic = &s->nics[i] };
	s->plan.n = s->policy.n = s->secrets.n = i + 1;
	return role;
}

static inline void roles_dns(struct role *role, const char *server)
{
	role->dns[role->n_dns++] = roles_address(server);
}

static inline void roles_wlan(struct roles *s, struct role *role, const char *ssid,
			      const char *psk)
{
	size_t i = s->plan.n - 1;

	s->nics[i].wireless = true;
	snprintf(role->ssid, sizeof(role->ssid), "%s", ssid);
	snprintf(s->psk[i], sizeof(s->psk[i]), "%s", psk);
	if (psk[0])
		snprintf(role->psk_file, sizeof(role->psk_file), "/etc/slate/wlan.psk");
}

static inline void roles_init(struct roles *s)
{
	*s = (struct roles){ 0 };
	s->policy.v = s->wants;
	s->plan.v = s->choices;
	s->plan.policy = &s->policy;
	s->secrets.psk = s->psk;
	s->render = (struct render){ .plan = &s->plan, .secrets = &s->secrets };
}

/* The shipped example: PXE server onboard, the internet, DHCP, wireless. */
static inline void roles_school(struct roles *s, const char *ssid, const char *psk)
{
	struct role *role;

	roles_init(s);
	role = roles_add(s, "eth0", ADDRESS_STATIC, "192.168.67.1/24", NULL);
	role->dhcp_server = true;
	role = roles_add(s, "eth1", ADDRESS_STATIC, "192.0.2.10/24", "192.0.2.1");
	roles_dns(role, "192.0.2.53");
	roles_dns(role, "2001:db8::53");
	role = roles_add(s, "eth2", ADDRESS_DHCP, NULL, NULL);
	role->metric = 200;
	role = roles_add(s, "wlan0", ADDRESS_STATIC, "198.51.100.7/24", "198.51.100.1");
	roles_dns(role, "198.51.100.1");
	roles_wlan(s, role, ssid, psk);
}

/* IPv6, no address, an open network, an access point, a card that is not there. */
static inline void roles_rest(struct roles *s)
{
	struct role *role;

	roles_init(s);
	role = roles_add(s, "lab", ADDRESS_STATIC, "fd00:67::1/64", NULL);
	role->dhcp_server = true;
	role = roles_add(s, "uplink", ADDRESS_STATIC, "2001:db8::10/64", "2001:db8::1");
	roles_dns(role, "2001:db8::53");
	roles_add(s, "bridge-port", ADDRESS_MANUAL, NULL, NULL);
	roles_add(s, "absent", ADDRESS_DHCP, NULL, NULL);
	s->choices[s->plan.n - 1].nic = NULL;
	role = roles_add(s, "wlan0", ADDRESS_DHCP, NULL, NULL);
	roles_wlan(s, role, "guests", "");
	roles_add(s, "wlan1", ADDRESS_MANUAL, NULL, NULL);
	s->nics[s->plan.n - 1].wireless = true;
}

struct roles_form {
	const char *name;
	int (*render)(const struct render *r, struct files *ret, struct err *e);
};

static const struct roles_form roles_forms[] = {
	{ "ifupdown", render_ifupdown },
	{ "networkd", render_networkd },
	{ "netplan", render_netplan },
	{ "nm", render_nm },
};

#define ROLES_FORMS (sizeof(roles_forms) / sizeof(*roles_forms))

#endif
