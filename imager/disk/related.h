// SPDX-License-Identifier: GPL-3.0-or-later
/* related.h - the block devices whose use is also use of a given device or file. */
#ifndef IMAGER_DISK_RELATED_H
#define IMAGER_DISK_RELATED_H

#include "imager/disk/dev.h"

struct related {
	dev_t *v;
	size_t n, cap;
};

/*
 * The device itself and its partitions; the loop devices over any of these or
 * over the file, with their partitions; the disk that a partition is part of;
 * the other members of a mounted Btrfs.  @sys is where sysfs is mounted.  On
 * failure, too, the caller frees @ret.
 */
int related_find(const char *sys, const struct dev *d, struct related *ret, struct err *e);
void related_free(struct related *r);
bool related_has(const struct related *r, dev_t id);

#endif
