// SPDX-License-Identifier: GPL-3.0-or-later
/* parts.h - partitions as the kernel has them, and what libblkid finds in them. */
#ifndef RESCUE_DISK_PARTS_H
#define RESCUE_DISK_PARTS_H

#include "rescue/disk/disks.h"

#define PARTS_MAX 128

struct part {
	char name[DISK_NAME_MAX], disk[DISK_NAME_MAX]; /* of itself, and of the disk it is on */
	char path[PATH_MAX];
	char type[32]; /* of the filesystem, as libblkid calls it; "" none */
	char uuid[64], label[64], partuuid[64];
};

struct parts {
	struct part v[PARTS_MAX];
	unsigned n;
};

/*
 * The partitions of the disk called @disk (NULL: of all, removable ones too), and each disk
 * itself that has none.  @root is as for disks_read().
 */
void parts_read(const char *root, const char *disk, struct parts *ret);

/* The one that TAG=VALUE means, tag UUID, LABEL or PARTUUID.  NULL: none, or more than one. */
const struct part *parts_find(const struct parts *p, const char *tag, unsigned *ret_fits);

#endif
