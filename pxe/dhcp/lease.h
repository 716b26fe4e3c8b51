// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * lease.h - where the DHCP server keeps who has which address.  The rooms do not know each
 * other: serve/ puts store/leases.c behind this; tests have one in memory.
 */
#ifndef PXE_DHCP_LEASE_H
#define PXE_DHCP_LEASE_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>
#include <stdint.h>

struct lease {
	uint32_t addr;
	/*
	 * Whose it is. When declined: lease_nobody(), which differs from address to address, so
	 * that a store with one row a MAC keeps all declined ones, and is no client's.
	 */
	struct mac mac;
	int64_t until_wall; /* seconds since 1970; past: whom it belonged to last */
	bool declined;      /* somebody else answers there: nobody's until then */
};

/* A MAC that no card has (a group address), made of @addr. */
struct mac lease_nobody(uint32_t addr);

/* What an address must be to be picked. */
struct lease_wanted {
	uint32_t first, last; /* in this range */
	int64_t now_wall;     /* free by then */
	/* Not one of which this says true; may ask the store other things meanwhile. */
	bool (*held)(void *held_ctx, uint32_t addr);
	void *held_ctx;
};

/* All: 0, -ENOENT (none such), or another negative errno with @e. */
struct lease_store {
	void *ctx;
	/* Also one that has ended: the client gets its address again if it can. */
	int (*by_mac)(void *ctx, const struct mac *mac, struct lease *ret, struct err *e);
	int (*by_addr)(void *ctx, uint32_t addr, struct lease *ret, struct err *e);
	/*
	 * The address that is free the longest, of those that are not held back; -ENOENT: none.
	 * One that is some host's fixed address should not come, but may.
	 */
	int (*pick)(void *ctx, const struct lease_wanted *w, uint32_t *ret, struct err *e);
	/* On stable storage when it returns.  Replaces what this MAC and what this address had.
	 */
	int (*put)(void *ctx, const struct lease *lease, struct err *e);
	/* A host that the administrator knows: its fixed address (0: none) and name. -ENOENT.
	 */
	int (*host)(void *ctx, const struct mac *mac, uint32_t *ret_addr, char ret_name[64],
		    struct err *e);
	/* The known host that has this fixed address. -ENOENT: nobody. */
	int (*fixed)(void *ctx, uint32_t addr, struct mac *ret, struct err *e);
};

#endif
