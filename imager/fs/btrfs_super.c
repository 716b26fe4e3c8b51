// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs_super.c - the superblock of Btrfs at 64 KiB: the only one that the
 * kernel mounts by.
 */
#include "imager/fs/btrfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAGIC "_BHRfS_M"

#define SIZE_MIN   (UINT64_C(1) << 20)
#define SECTOR_MIN 4096
#define NODE_MAX   65536

#define SUPER_FLAGS                                                                            \
	(FLAG_WRITTEN | FLAG_RELOC | FLAG_ERROR | FLAG_SEEDING | FLAG_METADUMPS | FLAG_CHANGING)
#define FLAG_WRITTEN   (UINT64_C(1) << 0)
#define FLAG_RELOC     (UINT64_C(1) << 1)
#define FLAG_ERROR     (UINT64_C(1) << 2)
#define FLAG_SEEDING   (UINT64_C(1) << 32)
#define FLAG_METADUMPS (UINT64_C(3) << 33)
/* FSID, FSID_V2; BG_TREE, DATA_CSUM, META_CSUM: btrfstune and btrfs-convert at work. */
#define FLAG_CHANGING (UINT64_C(3) << 35 | UINT64_C(7) << 38)

/* <linux/btrfs.h> of 6.8; the last is SIMPLE_QUOTA. */
#define INCOMPAT_MIXED_BACKREF (UINT64_C(1) << 0)
#define INCOMPAT_METADATA_UUID (UINT64_C(1) << 10)
#define INCOMPAT_ZONED         (UINT64_C(1) << 12)
#define INCOMPAT_EXTENT_TREE_2 (UINT64_C(1) << 13)
#define INCOMPAT_STRIPE_TREE   (UINT64_C(1) << 14)
#define INCOMPAT_KNOWN         (UINT64_C(0xfff) | UINT64_C(1) << 16)
/* FREE_SPACE_TREE, FREE_SPACE_TREE_VALID, VERITY, BLOCK_GROUP_TREE. */
#define COMPAT_RO_KNOWN UINT64_C(0xf)

/* ---- reading --------------------------------------------------------------- */

static void parse(const uint8_t *block, struct btrfs_super *s, unsigned *ret_sum)
{
	struct rd r = rd_init(block, BTRFS_SUPER_SIZE);
	const uint8_t *p;

	rd_seek(&r, 0x20);
	p = rd_bytes(&r, sizeof(s->fsid));
	memcpy(s->fsid, p, sizeof(s->fsid));
	rd_skip(&r, 8); /* where it is itself */
	s->flags = rd_le64(&r);
	rd_skip(&r, 8); /* magic */
	s->generation = s->root.generation = rd_le64(&r);
	s->root.at = rd_le64(&r);
	s->chunk_root.at = rd_le64(&r);
	s->log_root.at = rd_le64(&r);
	rd_skip(&r, 8 + 8); /* log generation, size of all devices */
	s->used = rd_le64(&r);
	rd_skip(&r, 8); /* the root's directory */
	s->devices = rd_le64(&r);
	s->sector = rd_le32(&r);
	s->node = rd_le32(&r);
	rd_skip(&r, 4 + 4); /* leaf and stripe */
	s->chunks_size = rd_le32(&r);
	s->chunk_root.generation = rd_le64(&r);
	rd_skip(&r, 8); /* compatible features */
	s->compat_ro = rd_le64(&r);
	s->incompat = rd_le64(&r);
	*ret_sum = rd_le16(&r);
	s->root.level = rd_u8(&r);
	s->chunk_root.level = rd_u8(&r);
	s->log_root.level = rd_u8(&r);
	s->device = rd_le64(&r); /* begin of the device's own item */
	s->size = rd_le64(&r);
	if (s->incompat & INCOMPAT_METADATA_UUID) {
		rd_seek(&r, 0x23b);
		p = rd_bytes(&r, sizeof(s->fsid));
		memcpy(s->fsid, p, sizeof(s->fsid));
	}
	rd_seek(&r, 0x32b);
	p = rd_bytes(&r, sizeof(s->chunks));
	memcpy(s->chunks, p, sizeof(s->chunks));
	s->root.owner = BTRFS_ROOT_TREE;
	s->chunk_root.owner = BTRFS_CHUNK_TREE;
	s->log_root.owner = BTRFS_LOG_TREE;
	s->log_root.generation = s->generation + 1;
}

static int check_features(const struct btrfs_super *s, struct err *e)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} named[] = {
		{ INCOMPAT_ZONED, "zoned" },
		{ INCOMPAT_EXTENT_TREE_2, "extent-tree-v2" },
		{ INCOMPAT_STRIPE_TREE, "raid-stripe-tree" },
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (s->incompat & named[i].bit)
			return err_set(e, -EOPNOTSUPP,
				       "it has a feature that cannot be read (%s)",
				       named[i].name);
	if (s->incompat & ~INCOMPAT_KNOWN || s->compat_ro & ~COMPAT_RO_KNOWN ||
	    s->flags & ~SUPER_FLAGS)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (incompat %#" PRIx64
			       ", ro-compat %#" PRIx64 ", flags %#" PRIx64 ")",
			       s->incompat & ~INCOMPAT_KNOWN, s->compat_ro & ~COMPAT_RO_KNOWN,
			       s->flags & ~SUPER_FLAGS);
	if (!(s->incompat & INCOMPAT_MIXED_BACKREF))
		return err_set(e, -EOPNOTSUPP, "it has the format of kernels before 2.6.31");
	if (s->flags & FLAG_METADUMPS)
		return err_set(e, -EOPNOTSUPP,
			       "it was made by btrfs-image and holds no contents of files");
	return 0;
}

static bool is_power_of_2(uint32_t n)
{
	return n && !(n & (n - 1));
}

static int check_numbers(const struct area *a, const struct btrfs_super *s, struct err *e)
{
	if (!is_power_of_2(s->sector) || s->sector < SECTOR_MIN || !is_power_of_2(s->node) ||
	    s->node < s->sector || s->node > NODE_MAX || s->chunks_size > BTRFS_CHUNKS_MAX ||
	    s->root.level >= BTRFS_LEVELS || s->chunk_root.level >= BTRFS_LEVELS ||
	    s->log_root.level >= BTRFS_LEVELS || s->generation > INT64_MAX ||
	    s->chunk_root.generation > s->generation || s->size < SIZE_MIN || !s->devices)
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " BTRFS_DAMAGED);
	if (s->devices > 1)
		return err_set(e, -EUCLEAN, "one of %" PRIu64 " devices: " BTRFS_SEVERAL,
			       s->devices);
	if (s->size > a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " bytes, and there are only %" PRIu64
			       "; repair that first, or take every byte with --raw",
			       s->size, a->size);
	return 0;
}

int btrfs_super_read(const struct area *a, struct btrfs_super *ret, struct btrfs_sums *sums,
		     struct err *e)
{
	uint8_t block[BTRFS_SUPER_SIZE];
	unsigned sum;
	int r;

	if (a->size < BTRFS_SUPER_AT + BTRFS_SUPER_SIZE)
		return err_set(e, -EOPNOTSUPP, "it has no Btrfs superblock");
	r = dev_read(a->dev, block, sizeof(block), a->off + BTRFS_SUPER_AT, e);
	if (r)
		return err_wrap(e, r, "the superblock");
	if (memcmp(block + 0x40, MAGIC, strlen(MAGIC)))
		return err_set(e, -EOPNOTSUPP, "it has no Btrfs superblock");
	parse(block, ret, &sum);
	r = btrfs_sums_open(sums, sum, e);
	if (r)
		return r;
	if (!btrfs_sum_is_right(sums, block, sizeof(block)))
		return err_set(
			e, -EUCLEAN,
			"the superblock has a wrong checksum: btrfs rescue super-recover "
			"can restore it from its copy, or take every byte with --raw");
	r = check_features(ret, e);
	return r ? r : check_numbers(a, ret, e);
}

/* ---- is it in a state to be imaged? ---------------------------------------- */

static bool is_changing(const struct btrfs_super *s)
{
	return s->flags & FLAG_CHANGING;
}

static bool has_log(const struct btrfs_super *s)
{
	return s->log_root.at;
}

static bool is_seed(const struct btrfs_super *s)
{
	return s->flags & FLAG_SEEDING;
}

static bool has_errors(const struct btrfs_super *s)
{
	return s->flags & FLAG_ERROR;
}

/* The worst first: the first hit is the one that is told. */
static const struct check {
	bool (*hit)(const struct btrfs_super *s);
	bool minor;
	const char *text;
} checks[] = {
	{ is_changing, false,
	  "btrfstune or btrfs-convert was interrupted in it: run that again to its "
	  "end" BTRFS_WAY_OUT },
	{ has_log, false,
	  "it was not cleanly unmounted, and its log holds changes that its trees lack: mount "
	  "and unmount it; --force takes the log with it, --raw takes every byte" },
	{ is_seed, false,
	  "it is a seed device, and filesystems that began from it need this one and no copy: "
	  "btrfstune -S 0 makes it an ordinary filesystem" BTRFS_WAY_OUT },
	{ has_errors, true,
	  "the kernel has found errors in it: see what btrfs check says; --nocheck images it "
	  "all the same" },
};

void btrfs_super_judge(const struct btrfs_super *s, struct fs_info *ret)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].hit(s))
			continue;
		snprintf(ret->problem, sizeof(ret->problem), "%s", checks[i].text);
		ret->minor = checks[i].minor;
		return;
	}
}
