// SPDX-License-Identifier: GPL-3.0-or-later
/* place.h - which regions of an image go where on a device. */
#ifndef IMAGER_ENGINE_PLACE_H
#define IMAGER_ENGINE_PLACE_H

#include "imager/engine/destination.h"
#include "imager/engine/progress.h"
#include "imager/image/format.h"

#define PARTS_MAX 128

/* Numbers of partitions, as in --part=1,3; n == 0: the whole image. */
struct parts {
	unsigned v[PARTS_MAX];
	unsigned n;
};

/*
 * Sets offset and use of every region, and h->device_size to what the device
 * must have at least: the chosen partitions go to the device's partitions of
 * these numbers or, a single one, to a device without a table (NULL or n ==
 * 0).  What does not fit is added to @b.
 */
void place_parts(struct header *h, const char *device, const struct ptable *table,
		 const struct parts *parts, struct blockers *b);

/*
 * The whole image, on a device of @size bytes.  The end of a disk, behind its
 * last partition, is not written where the size is another one (USE_HELD): it
 * belongs to the table.  Returns true when a new table is needed for that.
 */
bool place_whole(struct header *h, const char *device, uint64_t size, struct blockers *b);

/* The last partition that is written, or the area that an image without a table is. */
uint32_t place_last(const struct header *h);
/* The region of partition @number; h->n_regions: there is none. */
uint32_t place_find(const struct header *h, unsigned number);
bool place_has_table(const struct header *h);
/* The used bytes of all regions that are written or, with @held, only looked at. */
uint64_t place_wanted(const struct header *h, bool held);
/* The regions for a meter, with these bytes to do; the caller frees.  NULL: out of memory. */
struct region_progress *place_progress(const struct header *h, bool held);

#endif
