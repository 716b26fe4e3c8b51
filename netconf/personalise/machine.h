// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * machine.h - which machine this is, by what stays with its hardware.
 *
 * Its cards stand in the order in which they are trusted to be its own: on the board, in a
 * slot, wireless, USB (which may be a dock that wanders).
 */
#ifndef NETCONF_PERSONALISE_MACHINE_H
#define NETCONF_PERSONALISE_MACHINE_H

#include "netconf/hardware/fingerprint.h"

#define MACHINE_CARDS_MAX 32

struct machine {
	struct nics nics;
	struct dmi dmi;
	/* Permanent addresses, each one once; made-up ones are left out. */
	struct mac cards[MACHINE_CARDS_MAX];
	size_t n_cards;
};

/* Fills @ret (machine_free() it, also on failure) from @sys, "/sys" or a fake tree. */
int machine_load(const char *sys, struct machine *ret, struct err *e);
void machine_free(struct machine *m);

/* Fills in cards[] from nics; machine_load() does it. */
void machine_sort(struct machine *m);
bool machine_has(const struct machine *m, const struct mac *mac);
/* "52:54:00:12:34:56, serial number ABC123"; returns @buf. */
char *machine_text(const struct machine *m, char *buf, size_t n);

#endif
