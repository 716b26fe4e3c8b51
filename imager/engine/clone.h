// SPDX-License-Identifier: GPL-3.0-or-later
/* clone.h - from one device to another, without an image. */
#ifndef IMAGER_ENGINE_CLONE_H
#define IMAGER_ENGINE_CLONE_H

#include "imager/engine/deliver.h"
#include "imager/engine/layout.h"

struct clone_options {
	struct layout_options layout;
	struct deliver_options deliver;
	unsigned workers;
	bool rescue; /* bad sectors become zeros and do not end the clone */
};

struct clone_plan {
	struct layout from;
	struct image img; /* the header's copy, and a hash for every chunk */
	struct delivery to;
};

/* Finds everything that could stop it; nothing is touched.  -ECANCELED with all blockers. */
int clone_plan(struct clone_plan *p, const char *source, const char *target,
	       const struct clone_options *opt, const struct watcher *w, struct report *rep,
	       struct err *e);
/* As restore_run(); -EIO also when bytes could not be read under opt->rescue. */
int clone_run(struct clone_plan *p, const struct clone_options *opt, const struct watcher *w,
	      struct report *rep, struct err *e);
/* Also after a failure. */
void clone_plan_free(struct clone_plan *p);

#endif
