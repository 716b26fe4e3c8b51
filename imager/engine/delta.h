// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * delta.h - what of an image a target does not hold yet, and where else on this
 * machine the bytes of that may be.
 */
#ifndef IMAGER_ENGINE_DELTA_H
#define IMAGER_ENGINE_DELTA_H

#include "imager/engine/restore.h"
#include "imager/engine/seed.h"
#include "imager/engine/state.h"

struct delta {
	uint8_t *want; /* by ordinal, enum want; NULL: a pipe, everything as it comes */
	bool over;     /* what is not wanted is on the target */
	bool nothing;  /* all of it is: the target need not be touched */
	struct seeds seeds;
	struct state *state; /* or NULL */
};

/*
 * Reads the target where that promises something (opt->delta) and decides for
 * each chunk.  Nothing is written to the target.  delta_free() also after a
 * failure.
 */
int delta_plan(struct delta *ret, struct restore_plan *p, const struct restore_options *opt,
	       const struct watcher *w, struct report *rep, struct err *e);
void delta_free(struct delta *d);

#endif
