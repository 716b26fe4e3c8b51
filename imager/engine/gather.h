// SPDX-License-Identifier: GPL-3.0-or-later
/* gather.h - the used bytes of a source, window by window. */
#ifndef IMAGER_ENGINE_GATHER_H
#define IMAGER_ENGINE_GATHER_H

#include "imager/engine/layout.h"

/* Where one is: start with zeros. */
struct gather {
	uint32_t region;
	struct window window;
};

/* Steps to the next window with used bytes; false behind the last. */
bool gather_next(struct gather *g, const struct header *h);
/* Has the disk begin to read the window, so that it goes on while others are busy. */
void gather_ahead(const struct layout *l, const struct gather *g);
/*
 * The window's used bytes, one after the other, into @buf.  With @bad, bad
 * sectors become zeros and are added to it (window offsets); without, they are
 * an error.  Any thread.
 */
int gather_read(const struct layout *l, uint32_t region, const struct window *w, void *buf,
		struct extents *bad, struct err *e);

#endif
