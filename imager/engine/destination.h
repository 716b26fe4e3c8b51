// SPDX-License-Identifier: GPL-3.0-or-later
/* destination.h - what is written to, and what stops that. */
#ifndef IMAGER_ENGINE_DESTINATION_H
#define IMAGER_ENGINE_DESTINATION_H

#include "imager/disk/ptable.h"
#include "imager/engine/blockers.h"
#include "imager/engine/report.h"

struct destination {
	struct dev dev;
	bool create;         /* a file still to be made */
	char holds[256];     /* for people: what it holds now, or "" */
	struct ptable table; /* its own; n == 0: none that is understood */
};

struct expected {
	const char *serial, *model; /* or NULL */
};

/*
 * Opens @device; nothing is written.  All that stops a restore to it is added
 * to @b; a failure is what cannot even be looked at.
 */
int destination_open(struct destination *d, const char *device, const struct expected *x,
		     struct report *rep, struct blockers *b, struct err *e);
/* Also for one that is DESTINATION_NONE. */
void destination_close(struct destination *d);

#define DESTINATION_NONE ((struct destination){ .dev = { .fd = -1, .direct_fd = -1 } })

#endif
