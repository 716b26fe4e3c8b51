// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * minix.h - what the parts of the Minix reader share: minix.c knows the superblock
 * and the map of zones, minix_files.c holds that map against the files.
 */
#ifndef IMAGER_FS_MINIX_H
#define IMAGER_FS_MINIX_H

#include "imager/fs/fs.h"

#define MINIX_INODE_MAP 2 /* the block where the map of inodes begins */

#define MINIX_DAMAGED                                                                          \
	"the map of used zones is damaged: run fsck.minix -f on it, or take every byte with "  \
	"--raw"

struct minix {
	const struct area *a;
	unsigned version;
	uint32_t block, zone; /* bytes */
	uint32_t inodes;
	uint64_t zones, first; /* all zones; the first one for data */
	uint32_t imap, zmap;   /* blocks */
	unsigned state, flags; /* of versions 1 and 2; of version 3 */
};

/*
 * -EUCLEAN when a zone of a file is not in @used, which is normalized and has all
 * zones that the map says are used.
 */
int minix_check_files(const struct minix *m, const struct extents *used, struct err *e);

#endif
