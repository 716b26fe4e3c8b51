// SPDX-License-Identifier: GPL-3.0-or-later
/* compare.h - does a device hold what an image holds? */
#ifndef IMAGER_ENGINE_COMPARE_H
#define IMAGER_ENGINE_COMPARE_H

#include "imager/disk/dev.h"
#include "imager/engine/report.h"
#include "imager/engine/target.h"

struct compare_options {
	/* Not NULL: what this held back, and a sample of the rest; else all. */
	const struct target *sample;
	unsigned workers;
	const struct watcher *watcher;
};

/*
 * Reads the used bytes of @dev past the page cache and compares them with the
 * index of @img, which has all its entries; what is in rep->losses
 * (normalized) is passed over.  Differences end in rep->different, how much was
 * read in rep->read_back.  0, also when there are some, or a negative errno.
 */
int compare_device(const struct image *img, const struct dev *dev,
		   const struct compare_options *opt, struct report *rep, struct err *e);

#endif
