// SPDX-License-Identifier: GPL-3.0-or-later
/* nc_cards.h - machines made by hand, for tests of plans and of what is made from them. */
#ifndef TESTS_UNIT_NC_CARDS_H
#define TESTS_UNIT_NC_CARDS_H

#include "netconf/plan/plan.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARDS_MAX 16

/* A machine, a policy, and the plan for both. */
struct planned {
	struct nic v[CARDS_MAX];
	struct nics nics;
	struct policy policy;
	struct plan plan;
	struct mac boot;
	bool has_boot;
};

/* A wired PCI card in PCI function @pci ("00:1f.6"), the last byte of its MAC @mac. */
static inline struct nic *card(struct planned *m, const char *pci, const char *driver,
			       uint8_t mac)
{
	struct nic *c = &m->v[m->nics.n];

	*c = (struct nic){ .speed = -1, .bus = "pci", .ifindex = (int)m->nics.n + 2 };
	c->mac = c->perm = (struct mac){ { 0x52, 0x54, 0, 0, 0, mac } };
	snprintf(c->name, sizeof(c->name), "eth%zu", m->nics.n);
	snprintf(c->pci, sizeof(c->pci), "0000:%s", pci);
	snprintf(c->address, sizeof(c->address), "0000:%s", pci);
	snprintf(c->path, sizeof(c->path), "pci-0000:%s", pci);
	snprintf(c->driver, sizeof(c->driver), "%s", driver);
	m->nics.v = m->v;
	m->nics.n++;
	return c;
}

static inline struct nic *usb_card(struct planned *m, const char *at, const char *driver,
				   uint8_t mac)
{
	struct nic *c = card(m, "00:14.0", driver, mac);

	snprintf(c->bus, sizeof(c->bus), "usb");
	snprintf(c->address, sizeof(c->address), "%s", at);
	snprintf(c->path, sizeof(c->path), "pci-0000:00:14.0-usb-0:%s", at);
	return c;
}

static inline struct nic *wlan_card(struct planned *m, const char *pci, uint8_t mac)
{
	struct nic *c = card(m, pci, "iwlwifi", mac);

	c->wireless = true;
	snprintf(c->name, sizeof(c->name), "wlan%zu", m->nics.n - 1);
	return c;
}

static inline struct nic *onboard(struct nic *c, enum onboard_by by, unsigned index)
{
	c->onboard_by = by;
	c->onboard = index;
	return c;
}

#endif
