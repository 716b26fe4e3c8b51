// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dev.h - a block device or a regular file as a bounded run of bytes.
 *
 * All offsets, lengths and sizes are bytes.  Every access is checked against
 * the size first (-ERANGE), so a caller may pass numbers that it found on a
 * hostile disk.  Functions may be called from several threads at once.
 */
#ifndef IMAGER_DISK_DEV_H
#define IMAGER_DISK_DEV_H

#include "common/err.h"
#include "common/extents.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct dev {
	int fd;
	int direct_fd; /* O_DIRECT twin, or -1 */
	char *path;
	uint64_t size;
	uint32_t sector, physical; /* logical and physical sector size */
	dev_t id;                  /* block device: its number; file: that of its filesystem */
	ino_t ino;                 /* regular file: its inode number */
	bool block;                /* block device, not a regular file */
	bool exclusive;            /* opened O_EXCL: the kernel keeps others from mounting it */
};

/* A part of a device: what one filesystem or region sees.  Never owns @dev. */
struct area {
	const struct dev *dev;
	uint64_t off, size;
};

/*
 * Opens for reading only.  A block device is claimed with O_EXCL where that is
 * possible; where it is not, the device opens all the same with @exclusive
 * false, and inuse_find() tells who holds it.  -ENODEV: no such name below
 * /dev; -EISDIR, -ENOTBLK: neither device nor file; -ENOMEDIUM, -ENODATA:
 * there, but empty.
 */
int dev_open_source(struct dev *ret, const char *path, struct err *e);

/*
 * Opens for reading and writing; a block device with O_EXCL or not at all
 * (-EBUSY).  A regular file that does not exist is made, @size bytes long and
 * all hole, but never below /dev; an empty one is extended to @size.  -EROFS:
 * write-protected.  Not held against a file: loop devices over it, or its use
 * as swap; ask inuse_find().
 */
int dev_open_target(struct dev *ret, const char *path, uint64_t size, struct err *e);

/*
 * True when @path leads into /dev (but for /dev/shm), whatever way it is
 * written: there a name that does not exist is a mistake, not a new file.
 */
bool dev_names_device(const char *path);

/* Also for a struct dev that was never opened but is all zero bytes and fd -1. */
void dev_close(struct dev *d);

/* Reads exactly @n bytes: -EIO when the device ends early or cannot read. */
int dev_read(const struct dev *d, void *buf, size_t n, uint64_t off, struct err *e);

/* Starts reading a range that will be wanted soon, without waiting for it. */
void dev_read_hint(const struct dev *d, uint64_t off, uint64_t len);

/*
 * Like dev_read(), but a failed read is tried again in smaller and smaller
 * pieces, down to one physical sector; what stays unreadable is zeroed in @buf
 * and added to @bad (device offsets).  Fails only for reasons other than bad
 * sectors: -ENODEV when the device has gone away or become smaller.
 */
int dev_rescue(const struct dev *d, void *buf, size_t n, uint64_t off, struct extents *bad,
	       struct err *e);

/*
 * Reads past the page cache, so that what comes back is what the device holds.
 * @buf, @n and @off are multiples of 4096; returns the bytes read, fewer only
 * at the end.  *@ret_direct says if the cache was really passed by (tmpfs and
 * some files cannot).
 */
int64_t dev_read_back(const struct dev *d, void *buf, size_t n, uint64_t off, bool *ret_direct,
		      struct err *e);
/* Whether @d, read past the cache, has at @x what @like has there. */
int dev_holds(const struct dev *d, const struct dev *like, struct extent x, bool *ret,
	      struct err *e);

int dev_write(const struct dev *d, const void *buf, size_t n, uint64_t off, struct err *e);

/*
 * Like dev_write(), but a large piece for a block device goes past the page
 * cache if it is aligned for that: one copy less, no other program's cache
 * thrown out, and what is done is done.  Returns 1 when it went that way, 0
 * when dev_flush_hint() may be useful.
 */
int dev_write_through(const struct dev *d, const void *buf, size_t n, uint64_t off,
		      struct err *e);

/*
 * Makes a range read as zeros in the cheapest way the device has.  May take as
 * long as writing it all, and cannot be interrupted: cut large ranges up.
 */
int dev_zero(const struct dev *d, uint64_t off, uint64_t len, struct err *e);

/* Tells the device that nobody needs a range.  -EOPNOTSUPP: it cannot. */
int dev_discard(const struct dev *d, uint64_t off, uint64_t len, struct err *e);

/* Starts writing a range to the medium without waiting for it. */
void dev_flush_hint(const struct dev *d, uint64_t off, uint64_t len);
/* Returns when everything written is on stable storage. */
int dev_sync(const struct dev *d, struct err *e);

/*
 * Appends to @ret the ranges of a regular file that are not holes, in order; a
 * block device is all data.
 */
int dev_data(const struct dev *d, struct extents *ret, struct err *e);

#endif
