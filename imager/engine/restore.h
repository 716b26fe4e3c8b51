// SPDX-License-Identifier: GPL-3.0-or-later
/* restore.h - from an image to a device. */
#ifndef IMAGER_ENGINE_RESTORE_H
#define IMAGER_ENGINE_RESTORE_H

#include "imager/engine/deliver.h"
#include "imager/image/reader.h"

struct restore_options {
	struct deliver_options deliver;
	struct parts parts; /* n == 0: the whole image */
	struct remote remote;
	unsigned workers;
	bool force; /* take what a damaged image still gives */
	enum delta_when { DELTA_AUTO, DELTA_ALWAYS, DELTA_NEVER } delta;
	const char *seed;  /* an image or a device that may have chunks; or NULL */
	const char *state; /* file that remembers what is done; or NULL */
};

/* Everything is open and checked, nothing is touched yet. */
struct restore_plan {
	struct image img;
	struct source *src;
	struct delivery to;
};

/*
 * Opens both and finds everything that could stop the restore.  -ECANCELED
 * with all blockers listed, -EBADMSG for a damaged image, or what opening
 * gave.  Free the plan also after a failure.
 */
int restore_plan(struct restore_plan *p, const char *device, const char *image,
		 const struct restore_options *opt, const struct watcher *w, struct report *rep,
		 struct err *e);
void restore_plan_free(struct restore_plan *p);

/*
 * Reads and checks every chunk, as a restore would, and writes nothing.
 * -EBADMSG: the image is damaged.
 */
int restore_simulate(struct restore_plan *p, const struct restore_options *opt,
		     const struct watcher *w, struct report *rep, struct err *e);

/*
 * Carries the plan out.  rep->touched tells if anything was written before a
 * failure; the target is then without a valid filesystem.  -EBADMSG: the image
 * is damaged (with opt->force: some of it is lost, the rest is there);
 * -EUCLEAN: the target does not read back as written.
 */
int restore_run(struct restore_plan *p, const struct restore_options *opt,
		const struct watcher *w, struct report *rep, struct err *e);

#endif
