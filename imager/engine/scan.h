// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * scan.h - the hashes of what a device holds where an image has used bytes, by
 * many threads.
 */
#ifndef IMAGER_ENGINE_SCAN_H
#define IMAGER_ENGINE_SCAN_H

#include "imager/disk/dev.h"
#include "imager/engine/progress.h"
#include "imager/image/reader.h"

/* What the device holds in the place of one chunk. */
struct scanned {
	uint64_t ordinal;
	const struct region *region;
	struct window window;
	bool zero;              /* only zeros */
	uint8_t sum[HASH_SIZE]; /* not of a place that is to be zeros, and is */
	bool cached;            /* the read could not pass the page cache by */
};

struct scan_ops {
	/* True: this chunk's place is not read. */
	bool (*skip)(void *arg, uint64_t ordinal, const struct region *g,
		     const struct window *w);
	/* In order, by the calling thread. */
	int (*found)(void *arg, const struct scanned *s, struct err *e);
};

struct scan_options {
	unsigned workers;
	const char *phase;
	bool must_equal; /* what differs counts as damaged in the progress */
	uint64_t total;  /* used bytes that will be read, for the progress */
	const struct watcher *watcher;
};

/*
 * The places of all chunks of @img, which has all its entries, as far as their
 * regions are to be written (USE_ALL).  Returns 0 or a negative errno; in
 * *ret_seconds how long it took.
 */
int scan_device(const struct image *img, const struct dev *dev, const struct scan_options *opt,
		const struct scan_ops *ops, void *arg, double *ret_seconds, struct err *e);

/* The device holds there what chunk @v has. */
bool scanned_equals(const struct scanned *s, const struct entry *v);

#endif
