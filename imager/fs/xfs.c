// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * xfs.c - XFS, versions 4 and 5: its superblock and whether it may be imaged.
 * See xfs.h.
 */
#include "imager/fs/xfs.h"

#include "common/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SB_MAGIC      0x58465342
#define SB_SIZE       512 /* what is read first: more than the fields take */
#define SB_CRC_AT     224
#define BLOCK_MIN     512
#define BLOCK_MAX     65536
#define SECTOR_MAX    32768
#define AG_BYTES_MIN  (UINT64_C(16) << 20) /* mkfs makes none smaller ... */
#define AG_BYTES_MAX  (UINT64_C(1) << 40)
#define AG_BLOCKS_MIN 64 /* ... but the last one may be */
#define AGS_MAX       (UINT32_C(1) << 20)
#define LOG_BYTES_MAX (UINT64_C(2) << 30)

/* The low four bits are the version; a newer one has its features elsewhere. */
#define SB_VERSION(v)  ((v)&15)
#define V4_KNOWN       0xfdff /* all but a "shared" superblock */
#define V4_MORE        0x8000 /* features2 counts */
#define FEATURES2_LAZY 0x002  /* free blocks include those of the trees */
/* Lazy counts, attributes 2, 32-bit project numbers, file types in folders. */
#define FEATURES2_KNOWN 0x28a

#define INCOMPAT_META_UUID 0x04
#define INCOMPAT_REPAIR    0x10
/*
 * File types, sparse inodes, META_UUID, big times, REPAIR, 64-bit extent
 * counts, exchanged ranges, parent pointers.  Not: the folder of metadata and
 * what needs it, which can put realtime files behind the data.
 */
#define INCOMPAT_KNOWN 0xff
/* Tree of free inodes, reverse map, shared blocks, block counts of inode trees. */
#define RO_COMPAT_KNOWN 0x0f
/* Extended attributes replayed as a whole. */
#define LOG_INCOMPAT_KNOWN 0x01

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"

struct super {
	uint32_t magic, block, ag_blocks, ags, log_blocks, features2;
	uint32_t ro_compat, incompat, log_incompat;
	uint16_t version, sector;
	uint8_t block_shift, sector_shift, ag_shift, in_progress;
	uint64_t blocks, rt_blocks, log_at, free;
	uint8_t uuid[XFS_UUID_SIZE], meta_uuid[XFS_UUID_SIZE];
};

/* ---- the superblock ------------------------------------------------------ */

static void decode_v5(struct rd *rd, struct super *s)
{
	rd_seek(rd, 212);
	s->ro_compat = rd_be32(rd);
	s->incompat = rd_be32(rd);
	s->log_incompat = rd_be32(rd);
	if (s->incompat & INCOMPAT_META_UUID) {
		rd_seek(rd, 248);
		memcpy(s->meta_uuid, rd_bytes(rd, XFS_UUID_SIZE), XFS_UUID_SIZE);
	}
}

static void decode(const uint8_t buf[SB_SIZE], struct super *s)
{
	struct rd rd = rd_init(buf, SB_SIZE);

	*s = (struct super){ .magic = rd_be32(&rd) };
	s->block = rd_be32(&rd);
	s->blocks = rd_be64(&rd);
	s->rt_blocks = rd_be64(&rd);
	rd_seek(&rd, 32);
	memcpy(s->uuid, rd_bytes(&rd, XFS_UUID_SIZE), XFS_UUID_SIZE);
	memcpy(s->meta_uuid, s->uuid, XFS_UUID_SIZE);
	s->log_at = rd_be64(&rd);
	rd_seek(&rd, 84);
	s->ag_blocks = rd_be32(&rd);
	s->ags = rd_be32(&rd);
	rd_skip(&rd, 4);
	s->log_blocks = rd_be32(&rd);
	s->version = rd_be16(&rd);
	s->sector = rd_be16(&rd);
	rd_seek(&rd, 120);
	s->block_shift = rd_u8(&rd);
	s->sector_shift = rd_u8(&rd);
	rd_skip(&rd, 2);
	s->ag_shift = rd_u8(&rd);
	rd_skip(&rd, 1);
	s->in_progress = rd_u8(&rd);
	rd_seek(&rd, 144);
	s->free = rd_be64(&rd);
	rd_seek(&rd, 200);
	s->features2 = rd_be32(&rd);
	if (SB_VERSION(s->version) == 5)
		decode_v5(&rd, s);
}

static int read_super(const struct area *a, struct super *s, struct err *e)
{
	uint8_t *buf = malloc(SECTOR_MAX);
	int r = buf ? 0 : err_nomem(e);

	if (!r)
		r = a->size < AG_BYTES_MIN ? err_set(e, -EOPNOTSUPP, "it is too small for XFS")
					   : dev_read(a->dev, buf, SECTOR_MAX, a->off, e);
	if (r)
		goto out;
	decode(buf, s);
	if (s->magic != SB_MAGIC)
		r = err_set(e, -EOPNOTSUPP, "it has no XFS superblock");
	else if (SB_VERSION(s->version) != 4 && SB_VERSION(s->version) != 5)
		r = err_set(e, -EOPNOTSUPP, "version %d of XFS is not known to this program",
			    SB_VERSION(s->version));
	else if (SB_VERSION(s->version) == 5 &&
		 (s->sector < SB_SIZE || s->sector > SECTOR_MAX ||
		  !xfs_checksum_ok(buf, s->sector, SB_CRC_AT)))
		r = err_set(e, -EUCLEAN, "the superblock has a wrong checksum; " XFS_DAMAGED);
out:
	free(buf);
	return r;
}

static int check_features(const struct super *s, struct err *e)
{
	uint32_t unknown = 0, ro_compat = 0;

	if (SB_VERSION(s->version) == 5) {
		unknown = s->incompat & ~(uint32_t)INCOMPAT_KNOWN;
		ro_compat = s->ro_compat & ~(uint32_t)RO_COMPAT_KNOWN;
		unknown |= s->log_incompat & ~(uint32_t)LOG_INCOMPAT_KNOWN;
	} else {
		unknown = s->version & ~(uint32_t)V4_KNOWN;
		if (s->version & V4_MORE)
			unknown |= s->features2 & ~(uint32_t)FEATURES2_KNOWN;
	}
	if (unknown || ro_compat)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (incompat %#" PRIx32
			       ", ro-compat %#" PRIx32 ")",
			       unknown, ro_compat);
	return 0;
}

static bool is_power(uint32_t size, uint8_t shift)
{
	return shift < 32 && size == UINT32_C(1) << shift;
}

static bool sizes_are_sane(const struct super *s)
{
	uint64_t ag_bytes = (uint64_t)s->ag_blocks * s->block;

	return is_power(s->block, s->block_shift) && s->block >= BLOCK_MIN &&
	       s->block <= BLOCK_MAX && is_power(s->sector, s->sector_shift) &&
	       s->sector >= SB_SIZE && s->sector <= SECTOR_MAX && s->sector <= s->block &&
	       ag_bytes >= AG_BYTES_MIN && ag_bytes <= AG_BYTES_MAX && s->ag_shift < 32 &&
	       s->ag_blocks <= UINT64_C(1) << s->ag_shift &&
	       s->ag_blocks > (UINT64_C(1) << s->ag_shift) / 2 && s->ags;
}

static bool blocks_fit_groups(const struct super *s)
{
	uint64_t before = (uint64_t)(s->ags - 1) * s->ag_blocks;

	return s->blocks >= before + AG_BLOCKS_MIN && s->blocks <= before + s->ag_blocks;
}

/* A log of our own lies in one group. */
static bool log_is_sane(const struct super *s)
{
	uint64_t ag = s->log_at >> s->ag_shift, at = s->log_at & ((1U << s->ag_shift) - 1);

	return !s->log_at ||
	       (s->log_blocks && (uint64_t)s->log_blocks * s->block <= LOG_BYTES_MAX &&
		ag < s->ags && at && at + s->log_blocks <= s->ag_blocks &&
		ag * s->ag_blocks + at + s->log_blocks <= s->blocks);
}

static int check_geometry(const struct area *a, const struct super *s, struct err *e)
{
	uint64_t size;

	if (!sizes_are_sane(s) || !blocks_fit_groups(s) || !log_is_sane(s))
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " XFS_DAMAGED);
	if (!mul_u64(s->blocks, s->block, &size) || size > a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " blocks of %" PRIu32 " bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       s->blocks, s->block, a->size);
	if (s->ags > AGS_MAX)
		return err_set(e, -EOPNOTSUPP,
			       "it has more allocation groups than can be read");
	return 0;
}

static struct xfs describe(const struct area *a, const struct super *s)
{
	struct xfs x = {
		.a = a,
		.block = s->block,
		.sector = s->sector,
		.blocks = s->blocks,
		.ags = s->ags,
		.ag_blocks = s->ag_blocks,
		.v5 = SB_VERSION(s->version) == 5,
		.free = s->free,
		.log_blocks = s->log_blocks,
	};

	x.free_has_trees = x.v5 || (s->version & V4_MORE && s->features2 & FEATURES2_LAZY);
	if (s->log_at)
		x.log = xfs_offset(&x, (uint32_t)(s->log_at >> s->ag_shift),
				   (uint32_t)(s->log_at & ((1U << s->ag_shift) - 1)));
	memcpy(x.uuid, s->uuid, XFS_UUID_SIZE);
	memcpy(x.meta_uuid, s->meta_uuid, XFS_UUID_SIZE);
	return x;
}

/* ---- is it in a state to be imaged? -------------------------------------- */

static int find_problem(const struct xfs *x, const struct super *s, struct fs_info *ret,
			struct err *e)
{
	const char *why = NULL;
	int r = 1;

	if (s->in_progress)
		snprintf(ret->problem, sizeof(ret->problem),
			 "mkfs.xfs or xfs_copy has not finished it: make it again" WAY_OUT);
	else if (s->incompat & INCOMPAT_REPAIR)
		snprintf(ret->problem, sizeof(ret->problem),
			 "it is marked as in need of repair: run xfs_repair on it" WAY_OUT);
	else if (x->log)
		r = xfs_log_clean(x, &why, e);
	if (!r)
		snprintf(ret->problem, sizeof(ret->problem),
			 "%s: mount and unmount it, or if that fails, run xfs_repair" WAY_OUT,
			 why);
	return r < 0 ? r : 0;
}

static void find_notice(const struct super *s, struct fs_info *ret)
{
	static const char *const texts[] = {
		"",
		"its log is on another device and is not part of the image: only if it was "
		"cleanly unmounted, and with an image of that device, is this one of any use",
		"its realtime files are on another device and are not part of the image",
		"its log and its realtime files are on other devices and are not part of the "
		"image: only if it was cleanly unmounted, and with images of those devices, is "
		"this one of any use",
	};

	snprintf(ret->notice, sizeof(ret->notice), "%s",
		 texts[(s->log_at ? 0 : 1) + (s->rt_blocks ? 2 : 0)]);
}

/* ---- the map ------------------------------------------------------------- */

static int add_used(const struct xfs *x, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct xfs_ag ag;
	uint64_t counted = 0;
	int r = 0;

	if (x->log)
		r = extents_add(used, x->log, (uint64_t)x->log_blocks * x->block, e);
	for (uint32_t i = 0; i < x->ags && !r; i++) {
		r = xfs_ag_used(x, i, &ag, used, e);
		if (r)
			break;
		counted += ag.free;
		if (*ag.odd && !*ret->problem)
			snprintf(ret->problem, sizeof(ret->problem),
				 "%s: run xfs_repair on it" WAY_OUT, ag.odd);
	}
	if (r || counted == x->free || *ret->problem)
		return r;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its superblock counts %" PRIu64 " free blocks, its allocation groups %" PRIu64
		 ": mount and unmount it, or run xfs_repair on it; --nocheck trusts the groups",
		 x->free, counted);
	return 0;
}

static int xfs_used(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct super s;
	struct xfs x;
	int r = read_super(a, &s, e);

	if (!r)
		r = check_features(&s, e);
	if (!r)
		r = check_geometry(a, &s, e);
	if (r)
		return r;
	x = describe(a, &s);
	ret->block = x.block;
	ret->size = x.blocks * x.block;
	find_notice(&s, ret);
	r = find_problem(&x, &s, ret, e);
	if (r || (*ret->problem && !force))
		return r;
	return add_used(&x, ret, used, e);
}

static const char *const xfs_types[] = { "xfs", NULL };

const struct fs_ops fs_xfs = {
	.name = "xfs",
	.types = xfs_types,
	.edges = { .head = 4096 },
	.used = xfs_used,
};
