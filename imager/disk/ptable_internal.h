// SPDX-License-Identifier: GPL-3.0-or-later
/* ptable_internal.h - what the ptable*.c files share; for nobody else. */
#ifndef IMAGER_DISK_PTABLE_INTERNAL_H
#define IMAGER_DISK_PTABLE_INTERNAL_H

#include "imager/disk/gpt.h"
#include "imager/disk/mbr.h"

/*
 * Asks libfdisk about the table in @ret: fills id, and the words and uuid of each
 * partition.  1: done; -EOPNOTSUPP: it sees other partitions than we do.
 */
int ptable_describe(const struct dev *d, struct ptable *ret, struct err *e);

/* As ptable_read(), for a table known to count in sectors of @sector bytes. */
int ptable_read_as(const struct dev *d, uint32_t sector, struct ptable *ret, struct err *e);

/* A new sparse file of @size bytes in memory, or a negative errno. */
int ptable_scratch(uint64_t size, struct err *e);
/* Copies ranges of @d to the same places in @fd. */
int ptable_copy(const struct dev *d, const struct extents *ranges, int fd, struct err *e);

/*
 * What kind of table libblkid sees.  1: an MBR; 0: none, or a filesystem's boot
 * sector; -EOPNOTSUPP: another kind.
 */
int ptable_kind(const struct dev *d, uint32_t sector, struct err *e);
/*
 * 1: the partitions of @t are all there is.  -EOPNOTSUPP: libblkid also sees a
 * filesystem, a RAID or an encryption that has the whole disk; 0: and the first
 * sector is its own.
 */
int ptable_conflict(const struct dev *d, const struct ptable *t, struct err *e);

#endif
