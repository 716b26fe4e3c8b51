// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fstools.h - changes a filesystem's size or identity, by the programs that
 * its makers wrote for that.
 *
 * A filesystem is known by the name of its reader ("ext", "ntfs", ...).  The
 * programs see a loop device over the area, so the area may be anywhere in a
 * disk or file, which must be open for writing and in use by nobody.  They run
 * without a terminal; where one fails its last line is quoted.
 */
#ifndef IMAGER_DISK_FSTOOLS_H
#define IMAGER_DISK_FSTOOLS_H

#include "imager/disk/dev.h"

/*
 * 0: it can be done.  -EOPNOTSUPP: no program for it, or none that does it
 * right.  -ENOENT: a program is missing; the text names it and its package.
 */
int resize_can(const char *fs, bool shrink, struct err *e);
int resize_can_new_uuid(const char *fs, struct err *e);

/*
 * Grows the filesystem in @a, the new and larger area, until it fills it.
 * NTFS: it is marked so that Windows checks it at its next start.
 */
int resize_grow(const struct area *a, const char *fs, struct err *e);

/*
 * Shrinks the filesystem in @a as far as it goes, but for some room to work
 * with (a tenth of what it holds).  *ret_size: its new size, a multiple of 1 MiB,
 * or a->size where there was nothing to gain.  What lies behind is undefined.
 */
int resize_shrink(const struct area *a, const char *fs, uint64_t *ret_size, struct err *e);

/* Gives the filesystem a new random UUID or serial number. */
int resize_new_uuid(const struct area *a, const char *fs, struct err *e);

#endif
