// SPDX-License-Identifier: GPL-3.0-or-later
/* layout_internal.h - between layout.c, regions.c and shrink.c. */
#ifndef IMAGER_ENGINE_LAYOUT_INTERNAL_H
#define IMAGER_ENGINE_LAYOUT_INTERNAL_H

#include "imager/engine/layout.h"

/* Cuts the device into regions without maps, and pieces (regions.c). */
int layout_cut(struct layout *l, struct err *e);
/* What is kept of a region outside the partitions (regions.c). */
int layout_keep(const struct extents *own, struct region *g, struct err *e);
/* Scans piece @i into its region; notices go to @w. */
int layout_scan(struct layout *l, uint32_t i, const struct layout_options *opt,
		const struct watcher *w, struct err *e);
/* Shrinks the last filesystem in a copy, and table and device with it (shrink.c). */
int layout_shrink(struct layout *l, const struct layout_options *opt, const struct watcher *w,
		  struct err *e);
/* "/dev/sda" or "/dev/sda, partition 2". */
const char *layout_name(const struct layout *l, uint32_t i, char *buf, size_t n);

#endif
