// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * target.h - writes regions to a device so that a half-written one never looks
 * whole.
 *
 * Order: target_wipe() takes every signature away, or target_hide() those of a
 * target of which only some chunks will be written; target_chunk() writes, but
 * holds back what makes a region mountable (its edges, fs/fs.h);
 * target_finish() makes all of it durable, writes what was held back, and
 * makes that durable.  A target at which this ended early holds no valid
 * filesystem.
 */
#ifndef IMAGER_ENGINE_TARGET_H
#define IMAGER_ENGINE_TARGET_H

#include "imager/disk/dev.h"
#include "imager/engine/chunks.h"
#include "imager/engine/progress.h"
#include "imager/image/format.h"

#include <stdatomic.h>

struct target {
	const struct dev *dev;
	_Atomic uint64_t written; /* bytes of content */
	uint64_t cleared;         /* bytes of free space */
	const struct header *h;
	bool fresh;   /* a file that is one hole: zeros need no writing */
	bool partial; /* what is outside the regions is not ours */
	struct held { /* two a region: its begin and its end */
		uint64_t off;
		uint32_t len;
		uint8_t *bytes;
	} * held, *patches;
	size_t n_patches;
};

/*
 * Regions of @h count as far as their use says: USE_ALL is written, of USE_HELD
 * only the edges are kept in memory, USE_NONE is left alone.  @t: all zero but
 * for @dev, @h, @fresh and @partial.
 */
int target_init(struct target *t, struct err *e);
void target_free(struct target *t);

int target_wipe(struct target *t, struct err *e);

/*
 * Instead of target_wipe(), for a target on which all that is not written by
 * target_chunk() is right already: remembers what the edges hold, so that
 * target_finish() puts that back too, then zeroes them on the device, and
 * @table, which target_patch() will bring.
 */
int target_remember(struct target *t, struct err *e);
int target_hide(struct target *t, const struct extents *table, struct err *e);
/* False: some of the chunk's bytes are held back until target_finish(). */
bool target_has_all(const struct target *t, const struct region *g, const struct window *w);

/* What target_clear() clears, and how. */
enum clear {
	CLEAR_ZERO,    /* free space of all regions and beyond: zeroed */
	CLEAR_DISCARD, /* the same, discarded where that is possible */
	CLEAR_HOLES,   /* zeroed in regions of which the image says that it was zero */
};

int target_clear(struct target *t, enum clear how, const struct watcher *w, struct err *e);

/* Any thread; chunks do not overlap. */
int target_chunk(struct target *t, const struct chunk *c, struct err *e);

/* Reads back the used bytes of a window, held-back ones included. */
int target_read(const struct target *t, const struct region *g, const struct window *w,
		void *buf, struct err *e);

/*
 * After the last chunk: [off, off + n) shall hold these bytes instead of the
 * image's.  They are written by target_finish() like an edge.
 */
int target_patch(struct target *t, uint64_t off, const void *bytes, uint32_t n, struct err *e);

int target_finish(struct target *t, bool nosync, struct err *e);

#endif
