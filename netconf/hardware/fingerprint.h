// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fingerprint.h - on which machine the names were planned: board and cards.
 *
 * When it differs at boot, the disk is in another machine (or a card was put
 * in or taken out) and the policy is resolved anew.
 */
#ifndef NETCONF_HARDWARE_FINGERPRINT_H
#define NETCONF_HARDWARE_FINGERPRINT_H

#include "netconf/hardware/nic.h"

#define FINGERPRINT_MAX 65 /* SHA-256 in hexadecimal digits and a NUL */

/* What the firmware says of the machine (sysfs class/dmi/id); "" what it does not tell. */
struct dmi {
	char vendor[64], product[64], board[64], serial[64], uuid[40];
};

/* Placeholders such as "To Be Filled By O.E.M." count as nothing. */
void dmi_read(const char *sys, struct dmi *ret);

/* Order and present names of the cards do not count, their permanent addresses and paths do. */
int fingerprint(const struct dmi *dmi, const struct nics *nics, char ret[FINGERPRINT_MAX],
		struct err *e);

#endif
