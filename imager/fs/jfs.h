// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * jfs.h - between jfs.c, which knows the superblock, and jfs_map.c, which
 * reads the block allocation map.
 */
#ifndef IMAGER_FS_JFS_H
#define IMAGER_FS_JFS_H

#include "common/extents.h"
#include "imager/disk/dev.h"

#include <stdbool.h>
#include <stdint.h>

/* Linux, its tools and OS/2 know no other block size. */
#define JFS_BLOCK 4096U

/* Byte offsets: the superblock, the table of the aggregate's inodes, the second superblock. */
#define JFS_SUPER  32768U
#define JFS_INODES 45056U
#define JFS_SUPER2 61440U
#define JFS_FIXED  65536U /* all before this offset is in use */

#define JFS_DAMAGED                                                                            \
	"the map of used blocks is damaged: run fsck.jfs -f on it, or take every byte with "   \
	"--raw"

/* An extent of blocks as the filesystem writes it down. */
struct jfs_pxd {
	uint64_t at;  /* first block, 40 bits */
	uint32_t len; /* blocks, 24 bits */
};

struct jfs_map {
	const struct area *a;
	uint64_t blocks; /* that the map speaks of */
	struct extents *used;
	bool differs; /* it does not agree with itself: used is what any part of it says */
};

/*
 * Adds what the map says is used, and the blocks of the map itself.  Sets only
 * @differs.  -EUCLEAN: damaged.
 */
int jfs_map_read(struct jfs_map *m, struct err *e);

#endif
