// SPDX-License-Identifier: GPL-3.0-or-later
/* compare.h - does a device hold what an image holds? */
#ifndef IMAGER_ENGINE_COMPARE_H
#define IMAGER_ENGINE_COMPARE_H

#include "imager/disk/dev.h"
#include "imager/engine/report.h"

/*
 * Reads the used bytes of @dev past the page cache and compares them with the
 * index of @img, which has all its entries; what is in rep->losses
 * (normalized) is passed over.  Differences end in rep->different.  0, also when there are
 * some, or a negative errno.
 */
int compare_device(const struct image *img, const struct dev *dev, unsigned workers,
		   const struct watcher *w, struct report *rep, struct err *e);

#endif
