// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nilfs2.h - what the parts of the NILFS2 reader share: nilfs2.c knows the
 * superblocks and the segments, nilfs2_log.c finds the newest checkpoint in the
 * log, nilfs2_file.c reads the files that the filesystem keeps about itself.
 *
 * The filesystem is a log in segments of the same size; the first is cut short
 * by the superblock.  What is written at once is a log of its own within a
 * segment: a summary, blocks, and mostly a super root with the inodes of
 *
 *	DAT	where each block is now, by a number that it keeps (its virtual
 *		block number); the DAT itself is found by real block numbers
 *	SUFILE	an entry a segment: free, or in use; by virtual block numbers
 */
#ifndef IMAGER_FS_NILFS2_H
#define IMAGER_FS_NILFS2_H

#include "imager/fs/fs.h"

#define NILFS_BMAP_BYTES 56

#define NILFS_DAMAGED                                                                          \
	"mount and unmount it, or take every byte with --raw; there is no program that "       \
	"repairs NILFS2"

struct nilfs_super {
	uint32_t rev, block_bits, seg_blocks, crc_seed;
	uint64_t segments, size, first_data; /* size in bytes */
	uint64_t last_cno, last_log, last_seq, free_blocks;
	uint32_t inode_size, dat_entry, usage_entry; /* bytes */
	uint32_t state;
	uint64_t compat_ro, incompat;
};

/* A file by its inode's block map, and the last blocks read on the way. */
#define NILFS_LEVELS 14
struct nilfs_file {
	uint8_t bmap[NILFS_BMAP_BYTES];
	bool virtual; /* its map has virtual block numbers */
	struct {
		uint64_t block; /* 0: none */
		uint8_t *buf;
	} path[NILFS_LEVELS]; /* by level in the tree; 0 is data */
};

struct nilfs {
	const struct area *a;
	struct extents *used;
	struct nilfs_super s;
	struct nilfs_file dat, sufile;
};

static inline uint32_t nilfs_block_size(const struct nilfs *x)
{
	return 1U << x->s.block_bits;
}

/* One block, which must lie in a segment. */
int nilfs_read(const struct nilfs *x, uint64_t block, uint8_t *buf, struct err *e);
/* Counts a segment as used, whatever the SUFILE says; @block is any of its blocks. */
int nilfs_add_segment_of(struct nilfs *x, uint64_t block, struct err *e);

/*
 * Finds the newest super root, from the place on that the superblock names, and
 * takes over its inodes.  Of a filesystem that is not @clean, later logs are
 * looked for, and their segments counted as used.
 */
int nilfs_find_root(struct nilfs *x, bool clean, struct err *e);

/* Block @index of a file, owned by @f; *ret is NULL where the file has a hole. */
int nilfs_file_block(struct nilfs *x, struct nilfs_file *f, uint64_t index, const uint8_t **ret,
		     struct err *e);
void nilfs_file_free(struct nilfs_file *f);

#endif
