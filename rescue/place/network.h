// SPDX-License-Identifier: GPL-3.0-or-later
/* network.h - an address for this machine, by DHCP, with patience and with words about it. */
#ifndef RESCUE_PLACE_NETWORK_H
#define RESCUE_PLACE_NETWORK_H

#include "rescue/child/child.h"
#include "rescue/place/cards.h"
#include "rescue/place/lease.h"
#include "rescue/screen/screen.h"

struct network_task {
	const char *root;       /* before /sys, /run, /etc: "", or a folder for tests */
	const struct mac *boot; /* the card that the machine booted by, or NULL */
	unsigned seconds;       /* to try */
	struct screen *screen;
};

struct network {
	struct card card;
	struct lease lease;
	struct child client; /* renews the lease; network_down() ends it */
};

/*
 * Switches the cards on and asks by each that has a link.  -ETIMEDOUT: no address; the text
 * tells why, card by card.
 */
int network_up(const struct network_task *t, struct network *ret, struct err *e);
void network_down(struct network *n);

#endif
