// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * deliver.h - puts an image's regions on a device, wherever their bytes come
 * from: what restore and clone have in common.
 *
 * Order: deliver_check(), then deliver_begin(), chunks by target_chunk() on
 * @target, deliver_finish(), deliver_compare(), deliver_after().
 */
#ifndef IMAGER_ENGINE_DELIVER_H
#define IMAGER_ENGINE_DELIVER_H

#include "imager/engine/destination.h"
#include "imager/engine/place.h"
#include "imager/engine/retable.h"
#include "imager/engine/target.h"
#include "imager/image/reader.h"

struct deliver_options {
	bool erase, discard; /* what becomes of free space */
	bool nosync;
	enum verify verify; /* read the device back and compare */
	bool grow;          /* a partition and its filesystem, to fill the disk */
	unsigned grow_part; /* 0: the last one */
	bool new_ids;       /* UUIDs and PARTUUIDs are not those of the source */
	struct expected expected;
};

struct delivery {
	const struct deliver_options *opt;
	const struct watcher *w;
	struct report *rep;
	struct image *img; /* header and entries of what is delivered */
	struct destination to;
	struct target target;
	struct retable table; /* the new one, where the image's will not do */
	bool retable;         /* ... that is so */
	bool made;            /* it is made already */
	uint32_t grow;        /* the region to grow; UINT32_MAX: none */
	bool partial;         /* only some partitions */
	bool holes_are_zero;  /* unused space that must read as zeros does already */
};

#define DELIVERY_NONE                                                                          \
	((struct delivery){ .to = DESTINATION_NONE, .table = RETABLE_NONE, .grow = UINT32_MAX })

/*
 * @d->to is open, @d->opt to @d->img are set.  Decides where every region goes,
 * and adds to @b what stops that.  @read gives the bytes of the image's table,
 * or is NULL where they come too late (a pipe).
 */
int deliver_check(struct delivery *d, const struct parts *parts, retable_read *read, void *arg,
		  struct blockers *b, struct err *e);
/*
 * From here on the device is written to.  @over: what is not delivered is there
 * already, and stays.
 */
int deliver_begin(struct delivery *d, bool over, struct err *e);
/* After the last chunk: the table, and what was held back. */
int deliver_finish(struct delivery *d, struct err *e);
/* With opt->verify: -EUCLEAN is for the caller to tell, see rep->different. */
int deliver_compare(struct delivery *d, unsigned workers, struct err *e);
/* The new table is there already; true also where there is none to be made. */
int deliver_has_table(struct delivery *d, bool *ret, struct err *e);
/* Tells the report what was written. */
void deliver_count(struct delivery *d);
/* Tells the kernel, grows and renames filesystems. */
int deliver_after(struct delivery *d, struct err *e);
void deliver_free(struct delivery *d);

#endif
