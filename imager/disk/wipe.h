// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * wipe.h - takes from a device whatever makes it look like a filesystem, a
 * RAID member or a partition table.
 */
#ifndef IMAGER_DISK_WIPE_H
#define IMAGER_DISK_WIPE_H

#include "imager/disk/dev.h"

/*
 * Zeroes every signature that libblkid knows in the area, then its first
 * @head bytes, and returns when that is on stable storage.
 */
int wipe_signatures(const struct area *a, uint64_t head, struct err *e);

#endif
