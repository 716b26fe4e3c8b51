// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * f2fs.h - what the two halves of the F2FS reader share: f2fs.c finds the
 * superblock and the checkpoint, f2fs_sit.c the blocks in use.
 *
 * The filesystem is one run of blocks of 4 KiB, its metadata at fixed places:
 *
 *	superblocks  checkpoint packs  SIT  NAT  SSA  main area
 *
 * The main area is divided into segments of 512 blocks.  The SIT has an entry
 * for each, with a bit a block; each of its blocks exists twice, and a bitmap
 * in the checkpoint says which one counts.  The newest few entries are in a
 * journal instead, in the checkpoint pack.  The SSA has a block a segment.
 */
#ifndef IMAGER_FS_F2FS_H
#define IMAGER_FS_F2FS_H

#include "imager/fs/fs.h"

#define F2FS_BLOCK           4096
#define F2FS_SEG_SHIFT       9
#define F2FS_SEG_BLOCKS      512
#define F2FS_MAP_BYTES       (F2FS_SEG_BLOCKS / 8)
#define F2FS_SIT_ENTRY       (2 + F2FS_MAP_BYTES + 8) /* counts, bitmap, time */
#define F2FS_SITS_A_BLOCK    (F2FS_BLOCK / F2FS_SIT_ENTRY)
#define F2FS_CURSEGS         6 /* current segments: 3 of data, then 3 of nodes */
#define F2FS_JOURNAL_BYTES   507
#define F2FS_JOURNAL_ENTRIES ((F2FS_JOURNAL_BYTES - 2) / (4 + F2FS_SIT_ENTRY))

/* Checkpoint flags. */
#define F2FS_CP_UMOUNT    0x0001
#define F2FS_CP_ORPHANS   0x0002
#define F2FS_CP_COMPACT   0x0004
#define F2FS_CP_ERROR     0x0008
#define F2FS_CP_FSCK      0x0010
#define F2FS_CP_FASTBOOT  0x0020
#define F2FS_CP_CRC       0x0040 /* the CRC is part of the version that nodes have */
#define F2FS_CP_NOCRC     0x0200
#define F2FS_CP_LARGE_NAT 0x0400
#define F2FS_CP_DISABLED  0x1000
#define F2FS_CP_RESIZE    0x4000

#define F2FS_RUN                                                                               \
	"run fsck.f2fs -f on it; --force trusts the map as it is, --raw takes every byte"
#define F2FS_DAMAGED "run fsck.f2fs -f on it, or take every byte with --raw"

/* Addresses and counts are in blocks, but for those of segments. */
struct f2fs_super {
	uint32_t feature;
	uint64_t blocks;
	uint32_t ckpt_segs, sit_segs, nat_segs, ssa_segs, main_segs;
	uint32_t cp_addr, sit_addr, nat_addr, ssa_addr, main_addr;
	uint32_t payload; /* blocks that follow the first of a checkpoint pack */
	unsigned devices; /* 0: only this one */
};

struct f2fs {
	const struct area *a;
	struct extents *used;
	struct f2fs_super s;
	uint8_t *cp;      /* first block of the pack that counts, and its payload */
	uint32_t cp_addr; /* of that pack */
	uint64_t version;
	uint32_t crc, flags;
	uint64_t valid_blocks;
	uint32_t valid_nodes, free_segs;
	uint32_t pack_blocks, sum_start; /* blocks in the pack; where summaries begin */
	bool later;                      /* there are nodes newer than the checkpoint */
	uint32_t curseg[F2FS_CURSEGS], next[F2FS_CURSEGS]; /* segment; next block in it */
	uint32_t sit_bytes, nat_bytes;                     /* sizes of the version bitmaps */
	const uint8_t *sit_map;                            /* in @cp */
};

/* Adds all that is in use to f->used; what does not add up is a problem in @ret. */
int f2fs_add_used(struct f2fs *f, struct fs_info *ret, struct err *e);

/* One block of the filesystem. */
int f2fs_read(const struct f2fs *f, uint64_t block, uint8_t buf[F2FS_BLOCK], struct err *e);

#endif
