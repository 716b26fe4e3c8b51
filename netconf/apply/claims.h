// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * claims.h - what configuration of other tools says of cards and names: udev rules,
 * .link files, netplan, NetworkManager, ifcfg-*, interfaces(5).
 *
 * These are no full parsers: they find the few lines that can fight with us, and pass over
 * all else.
 */
#ifndef NETCONF_APPLY_CLAIMS_H
#define NETCONF_APPLY_CLAIMS_H

#include "common/mac.h"
#include "netconf/hardware/nic.h"

struct claim {
	unsigned line; /* where it is said */
	bool has_mac;  /* of the card that is meant */
	bool sets_mac; /* it is the address that the card shall get */
	struct mac mac;
	char rename[NIC_NAME_MAX]; /* the name that the card shall get; "" none */
	char name[NIC_NAME_MAX];   /* of the interface that is configured; "" none */
};

typedef int claim_take(void *ctx, const struct claim *claim);
/* Calls @take for each claim in @text; returns its first failure. */
typedef int claim_parser(const char *text, size_t len, claim_take *take, void *ctx);

claim_parser claims_rules, claims_link, claims_netplan, claims_nm, claims_ifcfg,
	claims_interfaces;

#endif
