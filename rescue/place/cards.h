// SPDX-License-Identifier: GPL-3.0-or-later
/* cards.h - the network cards by which a server may be reached. */
#ifndef RESCUE_PLACE_CARDS_H
#define RESCUE_PLACE_CARDS_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>

#define CARDS_MAX     32
#define CARD_NAME_MAX 16 /* IFNAMSIZ */

struct card {
	char name[CARD_NAME_MAX];
	struct mac mac;
	bool hardware; /* not made by software */
	bool carrier;  /* the link is up; only known of a card that is up */
};

struct cards {
	struct card v[CARDS_MAX];
	unsigned n;
};

/* The wired Ethernet cards of the sysfs at @sys, sorted by name. */
void cards_read(const char *sys, struct cards *ret);

/*
 * Those to ask for an address by: the card @boot alone (may be NULL) if it is there, else, and
 * with @others, all of hardware.
 */
void cards_choose(struct cards *c, const struct mac *boot, bool others);

/* Switches the card on, which its carrier needs. */
int card_up(const char *name, struct err *e);

#endif
