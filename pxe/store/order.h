// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * order.h - what an administrator wants done, by whatever way it was said: a job for each of
 * some machines.
 */
#ifndef PXE_STORE_ORDER_H
#define PXE_STORE_ORDER_H

#include "pxe/store/store.h"

struct job_order {
	char who[64];     /* a name, a MAC, a group, "all" */
	char confirm[64]; /* wipe: @who, said a second time */
	bool no_personalise, password;
	struct job
		job; /* verb, image, disk, then, at, verify, created; the rest is made here */
};

/* -EINVAL: it means nothing, or is not confirmed.  Fills in what was left to us. */
int order_check(struct job_order *o, struct err *e);

/* Called with each job that was added; @cancelled: lost ones that it takes the place of. */
typedef int order_each(void *ctx, const struct job *j, const struct host *h, int cancelled,
		       struct err *e);
/*
 * Adds them; the caller has begun a transaction, so that it is all or none.  -ENOENT: nobody is
 * called so.  -EINVAL: a machine to be wiped has no name, several are to be
 * saved to one image, or a machine and a group with others are called so.
 */
int order_add(struct store *s, const struct job_order *o, order_each *each, void *ctx,
	      struct err *e);

#endif
