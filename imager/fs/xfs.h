// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * xfs.h - the parts of the XFS reader: xfs.c has the superblock, xfs_log.c the
 * question whether the log is clean, xfs_ag.c the free space of an allocation
 * group.
 *
 * Sources for all three: the kernel's fs/xfs/libxfs/xfs_format.h and
 * xfs_log_format.h, fs/xfs/xfs_log_recover.c for what makes a log clean, and
 * the "XFS Algorithms & Data Structures" of the xfs-documentation project.
 * All numbers on disk are big-endian, but for the checksums.
 */
#ifndef IMAGER_FS_XFS_H
#define IMAGER_FS_XFS_H

#include "imager/fs/fs.h"

#define XFS_UUID_SIZE 16

/* What the superblock says, checked. */
struct xfs {
	const struct area *a;
	uint32_t block, sector; /* bytes */
	uint64_t blocks;        /* blocks in the filesystem */
	uint32_t ags;           /* allocation groups ... */
	uint32_t ag_blocks;     /* ... and the blocks of each, fewer in the last */
	bool v5;                /* its metadata has checksums */
	uint64_t free;          /* free blocks by the superblock */
	bool free_has_trees;    /* ... with those of the trees of free space */
	uint64_t log;           /* area offset of the log, 0: it is on another device */
	uint32_t log_blocks;
	uint8_t uuid[XFS_UUID_SIZE];      /* the one people see */
	uint8_t meta_uuid[XFS_UUID_SIZE]; /* the one in metadata */
};

static inline uint32_t xfs_ag_length(const struct xfs *x, uint32_t ag)
{
	return ag + 1 < x->ags ? x->ag_blocks
			       : (uint32_t)(x->blocks - (uint64_t)ag * x->ag_blocks);
}

/* The area offset of block @at of group @ag. */
static inline uint64_t xfs_offset(const struct xfs *x, uint32_t ag, uint32_t at)
{
	return ((uint64_t)ag * x->ag_blocks + at) * x->block;
}

/* The checksum at offset @at of @n bytes, itself taken as zero, is right. */
bool xfs_checksum_ok(const uint8_t *p, size_t n, size_t at);

/*
 * 1: the log holds nothing that a mount would replay; 0: it does, or cannot be
 * understood, and *@ret_why says so; negative: it cannot be read.
 */
int xfs_log_clean(const struct xfs *x, const char **ret_why, struct err *e);

/* One group by its free space. */
struct xfs_ag {
	uint64_t free; /* blocks, as the superblock counts them */
	char odd[160]; /* what does not fit together, or "" */
};

/* Adds what is not free in group @ag to @used.  -EUCLEAN: it is damaged. */
int xfs_ag_used(const struct xfs *x, uint32_t ag, struct xfs_ag *ret, struct extents *used,
		struct err *e);

#define XFS_DAMAGED                                                                            \
	"the map of used blocks is damaged: run xfs_repair on it, or take every byte with --raw"

#endif
