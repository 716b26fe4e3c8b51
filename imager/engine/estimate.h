// SPDX-License-Identifier: GPL-3.0-or-later
/* estimate.h - how large an image will be about, before it is made. */
#ifndef IMAGER_ENGINE_ESTIMATE_H
#define IMAGER_ENGINE_ESTIMATE_H

#include "common/err.h"
#include "imager/engine/progress.h"

#include <stddef.h>

#define ESTIMATE_SAMPLES 48 /* chunks, spread over all that is used */

/* One way to pack. */
struct estimate {
	const char *compress; /* the caller's: as after -z, "zstd:3" */
	uint64_t bytes;       /* of the chunks in the image */
};

/*
 * Opens the source as a save does, reads some chunks, and packs each in all @n ways.
 * *@ret_used: used bytes.  -ECANCELED and what else save_run() finds before it
 * begins; -EINTR.
 */
int estimate_run(const char *device, struct estimate *v, size_t n, uint64_t *ret_used,
		 const struct watcher *w, struct err *e);

#endif
