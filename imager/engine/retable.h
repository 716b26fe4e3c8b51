// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * retable.h - the partition table of an image, made anew for another disk:
 * of another size, with a partition grown or shrunk, or with new ids.
 */
#ifndef IMAGER_ENGINE_RETABLE_H
#define IMAGER_ENGINE_RETABLE_H

#include "imager/disk/ptable.h"
#include "imager/image/format.h"

struct retable {
	struct dev old;       /* scratch: what the source disk has outside its partitions */
	struct ptable before; /* ... and the table in that */
	struct dev now;       /* scratch: the new table's own bytes, at @own */
	struct extents own;
	struct ptable after;
};

/* Gives the used bytes of window @w of region number @region. */
typedef int retable_read(void *arg, uint32_t region, const struct window *w, void *buf,
			 struct err *e);

/*
 * Fills @old and @before from the REGION_TABLE regions of @h.  -EUCLEAN: there
 * is no table that can be understood.  After a failure, too, the caller frees
 * @t, which begins as RETABLE_NONE.
 */
int retable_collect(struct retable *t, const struct header *h, retable_read *read, void *arg,
		    struct err *e);
/* Fills the rest.  What ptable_rewrite() returns. */
int retable_make(struct retable *t, const struct ptable_change *c, struct err *e);
/* Hands @take the bytes of the new table, a range at a time, until it fails. */
typedef int retable_take(void *arg, uint64_t off, const void *buf, uint32_t n, struct err *e);
int retable_put(const struct retable *t, retable_take *take, void *arg, struct err *e);
/* Copies the new table into @old, whose other bytes stay. */
int retable_apply(struct retable *t, struct err *e);
/* Puts what of the new table lies in [off, off + n) over the bytes at @p. */
int retable_lay_over(const struct retable *t, uint8_t *p, uint64_t off, uint64_t n,
		     struct err *e);
void retable_free(struct retable *t);

/* Partition @number of @t, or NULL. */
const struct part *retable_part(const struct ptable *t, unsigned number);

#define RETABLE_NONE                                                                           \
	((struct retable){ .old = { .fd = -1, .direct_fd = -1 },                               \
			   .now = { .fd = -1, .direct_fd = -1 } })

#endif
