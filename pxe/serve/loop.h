// SPDX-License-Identifier: GPL-3.0-or-later
/* loop.h - one epoll loop: descriptors, and a deadline for each that wants one. */
#ifndef PXE_SERVE_LOOP_H
#define PXE_SERVE_LOOP_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* A descriptor that is watched.  Belongs to whoever added it; it must not move meanwhile. */
struct watch {
	int fd;
	void (*ready)(struct watch *w, int64_t now); /* something can be read */
};

int loop_new(struct loop **ret, struct err *e);
void loop_free(struct loop *l);
int loop_add(struct loop *l, struct watch *w, struct err *e);
/* Also allowed for others while they are called; closes nothing. */
void loop_remove(struct loop *l, struct watch *w);

/* Called after each round: does what its time has come for, says when it is wanted next (-1:
 * not). */
struct timer {
	int64_t (*tick)(struct timer *t, int64_t now);
	struct timer *next; /* the loop's */
};
void loop_add_timer(struct loop *l, struct timer *t);

/* Until loop_stop(), which may be called by whatever the loop calls. */
int loop_run(struct loop *l, struct err *e);
void loop_stop(struct loop *l);

#endif
