// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * inuse.h - who uses a device or file now.
 *
 * A regular file counts as used when a loop device over it is.  A whole disk
 * counts as used when one of its partitions is, and a partition when its disk is.
 */
#ifndef IMAGER_DISK_INUSE_H
#define IMAGER_DISK_INUSE_H

#include "imager/disk/dev.h"

struct inuse {
	bool busy;      /* mounted writable, active swap, or held by another driver */
	bool read_only; /* mounted, but only for reading */
	char what[512]; /* for people: "mounted read-write on /home", or "" */
};

/*
 * A block device that could not be claimed (d->exclusive is false) though
 * nobody is found who uses it counts as busy: a mount in another mount
 * namespace looks like this.
 */
int inuse_find(const struct dev *d, struct inuse *ret, struct err *e);

/* The same with sysfs and procfs mounted elsewhere, for tests. */
int inuse_find_at(const char *sys, const char *proc, const struct dev *d, struct inuse *ret,
		  struct err *e);

#endif
