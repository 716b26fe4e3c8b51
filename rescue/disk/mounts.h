// SPDX-License-Identifier: GPL-3.0-or-later
/* mounts.h - filesystems of this machine's disks, mounted for a while. */
#ifndef RESCUE_DISK_MOUNTS_H
#define RESCUE_DISK_MOUNTS_H

#include "rescue/disk/parts.h"

/*
 * Mounts @p on the folder @dir, which is made.  To read only, nothing is written to the
 * partition, its journal neither.  -EOPNOTSUPP: it holds nothing that we mount; @e tells why
 * it failed.
 */
int mounts_read(const struct part *p, const char *dir, struct err *e);

/*
 * The same for the root of a Linux system: ext, XFS, Btrfs (also its usual subvolumes) or F2FS,
 * with an /etc and an os-release.  -ENOENT: it is none, and is not mounted.
 */
int mounts_root(const struct part *p, const char *dir, bool write, struct err *e);

/* Takes it away again; what was written is on the disk then. */
int mounts_end(const char *dir, struct err *e);

#endif
