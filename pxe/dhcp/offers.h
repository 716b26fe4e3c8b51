// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * offers.h - addresses that were offered, or will be when nobody answers a ping there: held
 * back from others for a moment. Of a fixed size: a flood of requests pushes out the oldest,
 * whose clients still get their address if it is free when they come for it.
 */
#ifndef PXE_DHCP_OFFERS_H
#define PXE_DHCP_OFFERS_H

#include "pxe/dhcp/dhcp.h"

#define OFFERS_MAX      1024
#define OFFER_KEPT_MS   30000 /* firmware waits up to 4 s for other offers before it asks */
#define OFFER_PROBED_MS 500   /* how long a ping may take to be answered */

struct dhcp_offer {
	enum { OFFER_NONE, OFFER_PROBED, OFFER_MADE } state;
	struct mac mac;
	uint32_t addr;
	int64_t until_ms; /* probed: when it is made; made: when it is forgotten */
	/* What came, to be answered when the ping was not; @len 0: there was no ping. */
	uint8_t *data; /* room for DATAGRAM_MAX bytes */
	size_t len;
	struct endpoint from, to;
};

struct dhcp_offers {
	struct dhcp_offer *v;
	uint8_t *room; /* of all @data; NULL: nothing is probed */
	size_t used;   /* no entry behind was ever used */
};

int dhcp_offers_init(struct dhcp_offers *o, bool probe, struct err *e);
void dhcp_offers_free(struct dhcp_offers *o);

/* The one of this client, or of this address; NULL: none. Valid until the next call. */
struct dhcp_offer *dhcp_offer_of(struct dhcp_offers *o, const struct mac *mac, int64_t now_ms);
struct dhcp_offer *dhcp_offer_at(struct dhcp_offers *o, uint32_t addr, int64_t now_ms);
/* Replaces what this client was offered. */
struct dhcp_offer *dhcp_offer_make(struct dhcp_offers *o, const struct mac *mac, uint32_t addr,
				   int64_t now_ms);
/* Keeps @in (at most DATAGRAM_MAX bytes) to answer it when the ping was not answered. */
void dhcp_offer_probe(struct dhcp_offer *f, const struct datagram *in, int64_t due_ms);
/* The ping was not answered. */
void dhcp_offer_passed(struct dhcp_offer *f, int64_t now_ms);
void dhcp_offer_forget(struct dhcp_offer *f);
/* The probed one that is made next; NULL: none. */
struct dhcp_offer *dhcp_offer_next(const struct dhcp_offers *o);

#endif
