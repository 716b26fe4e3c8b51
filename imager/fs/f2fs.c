// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * f2fs.c - F2FS: superblocks, checkpoint, state.
 *
 * Of the two superblocks the first good one counts, of the two checkpoint
 * packs the newest whole one, as for the kernel.
 *
 * Sources: Documentation/filesystems/f2fs.rst and include/linux/f2fs_fs.h in the
 * kernel, and for what makes superblock and checkpoint valid fs/f2fs/super.c
 * and checkpoint.c there.
 */
#include "imager/fs/f2fs.h"

#include "common/bytes.h"
#include "imager/fs/crc32.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAGIC        0xf2f52010u
#define SUPER_AT     1024 /* in block 0 and in block 1 */
#define SUPER_BYTES  3072
#define SUPER_CRC_AT 3068
#define CP_HEAD      192 /* what comes before the version bitmaps */
#define CP_CRC_AT    4092
#define DEVICES_AT   2201 /* in the superblock: what devices it spans */
#define DEVICES_MAX  8
#define DEVICE_BYTES 68
#define NODE_FOOTER  24
#define WARM_NODE    4 /* the current segment in which fsync() leaves its nodes */

#define FEATURE_ZONED  0x0002u
#define FEATURE_SUM    0x0800u
#define FEATURE_RO     0x4000u
#define FEATURES_KNOWN 0x7ffdu

int f2fs_read(const struct f2fs *f, uint64_t block, uint8_t buf[F2FS_BLOCK], struct err *e)
{
	uint64_t at = block * F2FS_BLOCK;

	if (at > f->a->size || F2FS_BLOCK > f->a->size - at)
		return err_set(e, -EUCLEAN,
			       "block %" PRIu64 " is beyond the end; " F2FS_DAMAGED, block);
	return dev_read(f->a->dev, buf, F2FS_BLOCK, f->a->off + at, e);
}

/* ---- the superblock ------------------------------------------------------ */

static unsigned count_devices(const uint8_t *super)
{
	unsigned n = 0;

	while (n < DEVICES_MAX && super[DEVICES_AT + n * DEVICE_BYTES])
		n++;
	return n;
}

/* The areas follow each other without gaps. */
static bool layout_is_sane(const struct f2fs_super *s, uint32_t segment0)
{
	uint64_t at = segment0;

	if (s->cp_addr != at || s->ckpt_segs < 2)
		return false;
	at += (uint64_t)s->ckpt_segs << F2FS_SEG_SHIFT;
	if (s->sit_addr != at)
		return false;
	at += (uint64_t)s->sit_segs << F2FS_SEG_SHIFT;
	if (s->nat_addr != at)
		return false;
	at += (uint64_t)s->nat_segs << F2FS_SEG_SHIFT;
	if (s->ssa_addr != at)
		return false;
	at += (uint64_t)s->ssa_segs << F2FS_SEG_SHIFT;
	if (s->main_addr != at || !s->main_segs)
		return false;
	at += (uint64_t)s->main_segs << F2FS_SEG_SHIFT;
	/* What is made for reading only has no SSA. */
	if (!(s->feature & FEATURE_RO) && s->main_segs > (uint64_t)s->ssa_segs
								 << F2FS_SEG_SHIFT)
		return false;
	return at <= s->blocks &&
	       s->main_segs <=
		       ((uint64_t)s->sit_segs / 2 << F2FS_SEG_SHIFT) * F2FS_SITS_A_BLOCK;
}

/* @block_shift: log2 of the block size; 0: no superblock of F2FS. */
static bool parse_super(const uint8_t *buf, struct f2fs_super *s, uint32_t *block_shift)
{
	struct rd r = rd_init(buf, SUPER_BYTES);
	uint32_t magic = rd_le32(&r), seg_shift, segment0, sum_at, sum;

	rd_skip(&r, 12); /* version, sizes of sectors */
	*block_shift = rd_le32(&r);
	seg_shift = rd_le32(&r);
	rd_skip(&r, 8); /* segments a section, sections a zone */
	sum_at = rd_le32(&r);
	s->blocks = rd_le64(&r);
	rd_skip(&r, 8); /* sections, segments */
	s->ckpt_segs = rd_le32(&r);
	s->sit_segs = rd_le32(&r);
	s->nat_segs = rd_le32(&r);
	s->ssa_segs = rd_le32(&r);
	s->main_segs = rd_le32(&r);
	segment0 = rd_le32(&r);
	s->cp_addr = rd_le32(&r);
	s->sit_addr = rd_le32(&r);
	s->nat_addr = rd_le32(&r);
	s->ssa_addr = rd_le32(&r);
	s->main_addr = rd_le32(&r);
	rd_seek(&r, 1664);
	s->payload = rd_le32(&r);
	rd_skip(&r, 512); /* versions of kernels */
	s->feature = rd_le32(&r);
	s->devices = count_devices(buf);
	rd_seek(&r, SUPER_CRC_AT);
	sum = rd_le32(&r);
	if (magic != MAGIC) {
		*block_shift = 0;
		return false;
	}
	if (s->feature & FEATURE_SUM &&
	    (sum_at != SUPER_CRC_AT || sum != crc32_seeded(MAGIC, buf, SUPER_CRC_AT)))
		return false;
	return *block_shift == 12 && seg_shift == F2FS_SEG_SHIFT &&
	       layout_is_sane(s, segment0) && s->payload <= F2FS_SEG_BLOCKS - 2 - F2FS_CURSEGS;
}

static bool same_layout(const struct f2fs_super *a, const struct f2fs_super *b)
{
	return a->blocks == b->blocks && a->cp_addr == b->cp_addr &&
	       a->sit_addr == b->sit_addr && a->nat_addr == b->nat_addr &&
	       a->ssa_addr == b->ssa_addr && a->main_addr == b->main_addr &&
	       a->main_segs == b->main_segs && a->payload == b->payload &&
	       a->devices == b->devices && a->feature == b->feature;
}

static int read_super(struct f2fs *f, struct fs_info *ret, struct err *e)
{
	uint8_t buf[F2FS_BLOCK];
	struct f2fs_super s[2];
	uint32_t shift[2];
	bool ok[2];
	int r = 0;

	for (int i = 0; i < 2 && !r; i++) {
		r = f2fs_read(f, (uint64_t)i, buf, e);
		if (!r)
			ok[i] = parse_super(buf + SUPER_AT, &s[i], &shift[i]);
	}
	if (r)
		return r;
	if (!shift[0] && !shift[1])
		return err_set(e, -EOPNOTSUPP, "it has no F2FS superblock");
	if (shift[0] > 12 && shift[0] <= 16 && shift[0] == shift[1])
		return err_set(e, -EOPNOTSUPP, "it has blocks of %u bytes, not 4096",
			       1U << shift[0]);
	if (!ok[0] && !ok[1])
		return err_set(e, -EUCLEAN, "both superblocks are damaged; " F2FS_DAMAGED);
	if (ok[0] && ok[1] && !same_layout(&s[0], &s[1]))
		return err_set(e, -EUCLEAN,
			       "its two superblocks say different things; " F2FS_DAMAGED);
	if (!ok[0] || !ok[1])
		snprintf(ret->notice, sizeof(ret->notice),
			 "superblock %d of 2 is damaged; the other one is good", ok[0] ? 2 : 1);
	f->s = s[ok[0] ? 0 : 1];
	return 0;
}

static int check_super(const struct f2fs *f, struct err *e)
{
	uint32_t unknown = f->s.feature & ~FEATURES_KNOWN;
	uint64_t size = f->a->size;

	if (f->s.feature & FEATURE_ZONED)
		return err_set(e, -EOPNOTSUPP, "it is made for zoned devices");
	if (unknown)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (%#" PRIx32 ")",
			       unknown);
	if (f->s.devices > 1)
		return err_set(e, -EUCLEAN,
			       "it spans %u devices, and one of them is no whole filesystem: "
			       "take every byte of each of them with --raw",
			       f->s.devices);
	if (f->s.blocks > size / F2FS_BLOCK)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " blocks of 4096 bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       f->s.blocks, size);
	return 0;
}

/* ---- the checkpoint ------------------------------------------------------ */

/* A first or last block of a pack: its version, and where its CRC is. */
static bool cp_is_sound(const uint8_t *buf, uint64_t *version, uint32_t *crc)
{
	struct rd r = rd_init(buf, F2FS_BLOCK);
	uint32_t at, sum;

	*version = rd_le64(&r);
	rd_seek(&r, 164);
	at = rd_le32(&r);
	if (at < CP_HEAD || at > CP_CRC_AT)
		return false;
	rd_seek(&r, at);
	*crc = rd_le32(&r);
	sum = crc32_seeded(MAGIC, buf, at);
	sum = crc32_seeded(sum, buf + at + 4, F2FS_BLOCK - at - 4);
	return sum == *crc;
}

/* 1: the pack at @addr is whole, its first block is in @buf. */
static int read_pack(const struct f2fs *f, uint64_t addr, uint8_t buf[F2FS_BLOCK],
		     uint64_t *version, struct err *e)
{
	uint8_t end[F2FS_BLOCK];
	uint64_t again;
	uint32_t crc, n;
	struct rd r;
	int ret = f2fs_read(f, addr, buf, e);

	if (ret || !cp_is_sound(buf, version, &crc))
		return ret;
	r = rd_init(buf, F2FS_BLOCK);
	rd_seek(&r, 136);
	n = rd_le32(&r);
	if (n <= 2 || n > F2FS_SEG_BLOCKS)
		return 0;
	ret = f2fs_read(f, addr + n - 1, end, e);
	if (ret)
		return ret;
	return cp_is_sound(end, &again, &crc) && again == *version;
}

static bool bytes_are_zero(const uint8_t *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

static int find_pack(struct f2fs *f, struct fs_info *ret, struct err *e)
{
	uint8_t buf[2][F2FS_BLOCK];
	uint64_t version[2] = { 0 };
	int ok[2], best;
	bool bad = false;

	for (int i = 0; i < 2; i++) {
		ok[i] = read_pack(f, f->s.cp_addr + (uint64_t)i * F2FS_SEG_BLOCKS, buf[i],
				  &version[i], e);
		if (ok[i] < 0)
			return ok[i];
		/* resize.f2fs leaves zeros there. */
		bad = bad || (!ok[i] && !bytes_are_zero(buf[i], F2FS_BLOCK));
	}
	if (!ok[0] && !ok[1])
		return err_set(e, -EUCLEAN, "both checkpoints are damaged; " F2FS_DAMAGED);
	if (bad)
		snprintf(
			ret->problem, sizeof(ret->problem),
			"checkpoint %d of 2 is damaged or was only half written, and the other "
			"one may be older than the files: mount and unmount it, or " F2FS_RUN,
			ok[0] ? 2 : 1);
	best = !ok[0] || (ok[1] && (int64_t)(version[1] - version[0]) > 0);
	f->cp_addr = f->s.cp_addr + (uint32_t)best * F2FS_SEG_BLOCKS;
	f->cp = malloc((size_t)(1 + f->s.payload) * F2FS_BLOCK);
	if (!f->cp)
		return err_nomem(e);
	memcpy(f->cp, buf[best], F2FS_BLOCK);
	return dev_read(f->a->dev, f->cp + F2FS_BLOCK, (size_t)f->s.payload * F2FS_BLOCK,
			f->a->off + ((uint64_t)f->cp_addr + 1) * F2FS_BLOCK, e);
}

static void parse_cp(struct f2fs *f)
{
	struct rd r = rd_init(f->cp, F2FS_BLOCK);

	(void)cp_is_sound(f->cp, &f->version, &f->crc);
	rd_seek(&r, 16);
	f->valid_blocks = rd_le64(&r);
	rd_skip(&r, 8);
	f->free_segs = rd_le32(&r);
	/* Nodes come before data here, eight places each and three of them used. */
	for (unsigned i = 0; i < F2FS_CURSEGS; i++) {
		uint64_t at = i < 3 ? 84 : 36, k = i % 3;

		rd_seek(&r, at + k * 4);
		f->curseg[i] = rd_le32(&r);
		rd_seek(&r, at + 32 + k * 2);
		f->next[i] = rd_le16(&r);
	}
	rd_seek(&r, 132);
	f->flags = rd_le32(&r);
	f->pack_blocks = rd_le32(&r);
	f->sum_start = rd_le32(&r);
	f->valid_nodes = rd_le32(&r);
	rd_skip(&r, 8);
	f->sit_bytes = rd_le32(&r);
	f->nat_bytes = rd_le32(&r);
}

/* The bitmap of SIT versions is at one of three places; NULL: it does not fit. */
static const uint8_t *find_sit_map(const struct f2fs *f)
{
	struct rd r = rd_init(f->cp, (size_t)(1 + f->s.payload) * F2FS_BLOCK);
	uint32_t crc_at;
	uint64_t at = CP_HEAD;

	rd_seek(&r, 164);
	crc_at = rd_le32(&r);
	if (f->flags & F2FS_CP_LARGE_NAT)
		at += f->nat_bytes + (crc_at == CP_HEAD ? 4U : 0U);
	else if (f->s.payload)
		at = F2FS_BLOCK;
	rd_seek(&r, at);
	return rd_bytes(&r, f->sit_bytes);
}

static int check_cp(struct f2fs *f, struct err *e)
{
	bool sane = f->sit_bytes == (f->s.sit_segs / 2 << F2FS_SEG_SHIFT) / 8 &&
		    f->nat_bytes == (f->s.nat_segs / 2 << F2FS_SEG_SHIFT) / 8 &&
		    f->sum_start > f->s.payload && f->sum_start < f->pack_blocks;

	for (unsigned i = 0; i < F2FS_CURSEGS; i++)
		sane = sane && f->curseg[i] < f->s.main_segs && f->next[i] < F2FS_SEG_BLOCKS;
	f->sit_map = sane ? find_sit_map(f) : NULL;
	if (!f->sit_map)
		return err_set(e, -EUCLEAN,
			       "the checkpoint has impossible numbers; " F2FS_DAMAGED);
	return 0;
}

/* ---- is it in a state to be imaged? -------------------------------------- */

/* The worst first: the first hit is the one that is told. */
static const struct check {
	uint32_t mask, value; /* hit when the flags in @mask are @value */
	bool minor;
	const char *text;
} checks[] = {
	{ F2FS_CP_UMOUNT, 0, false,
	  "it was not cleanly unmounted, or is mounted now: unmount it, or " F2FS_RUN },
	{ F2FS_CP_DISABLED, F2FS_CP_DISABLED, false,
	  "it was mounted with checkpoint=disable: mount it without that and unmount it; "
	  "--force trusts the map as it is, --raw takes every byte" },
	{ F2FS_CP_RESIZE, F2FS_CP_RESIZE, false,
	  "a change of its size was cut short: " F2FS_RUN },
	{ F2FS_CP_ORPHANS, F2FS_CP_ORPHANS, false,
	  "it holds deleted files that were still open when it stopped: mount and unmount it, "
	  "or " F2FS_RUN },
	{ F2FS_CP_ERROR, F2FS_CP_ERROR, true,
	  "the kernel has found errors in it: run fsck.f2fs -f on it; --nocheck images it all "
	  "the same" },
	{ F2FS_CP_FSCK, F2FS_CP_FSCK, true,
	  "it is marked as in need of a check: run fsck.f2fs -f on it; --nocheck images it all "
	  "the same" },
};

static void find_problem(const struct f2fs *f, struct fs_info *ret)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !ret->problem[0]; i++) {
		if ((f->flags & checks[i].mask) != checks[i].value)
			continue;
		snprintf(ret->problem, sizeof(ret->problem), "%s", checks[i].text);
		ret->minor = checks[i].minor;
	}
}

/*
 * The flag of a clean unmount is that of the last checkpoint.  What fsync()
 * wrote after it is a chain of nodes that have the checkpoint's version, from
 * the next block of the current segment on.  Every mount looks there, so that
 * block is always part of the image: on a target that held the same filesystem
 * before and then crashed, a node of that time would else be taken for a new one.
 */
static int find_later_nodes(struct f2fs *f, struct fs_info *ret, struct err *e)
{
	uint8_t buf[F2FS_BLOCK];
	uint64_t want = f->version, found, at = f->s.main_addr;
	struct rd r = rd_init(buf, F2FS_BLOCK);
	int err;

	at += ((uint64_t)f->curseg[WARM_NODE] << F2FS_SEG_SHIFT) + f->next[WARM_NODE];
	err = extents_add(f->used, at * F2FS_BLOCK, F2FS_BLOCK, e);
	if (err || f->s.feature & FEATURE_RO)
		return err;
	err = f2fs_read(f, at, buf, e);
	if (err)
		return err;
	rd_seek(&r, F2FS_BLOCK - NODE_FOOTER + 12);
	found = rd_le64(&r);
	if (f->flags & F2FS_CP_NOCRC) {
		found = (uint32_t)found;
		want = (uint32_t)want;
	} else if (f->flags & F2FS_CP_CRC) {
		want |= (uint64_t)f->crc << 32;
	}
	f->later = found == want;
	if (!f->later || (ret->problem[0] && !ret->minor))
		return 0;
	ret->minor = false;
	snprintf(ret->problem, sizeof(ret->problem),
		 "files were written to it after its last checkpoint, and it was not cleanly "
		 "unmounted: mount and unmount it, or " F2FS_RUN);
	return 0;
}

static int f2fs_used(const struct area *a, bool force, struct fs_info *ret,
		     struct extents *used, struct err *e)
{
	struct f2fs f = { .a = a, .used = used };
	int r = read_super(&f, ret, e);

	if (!r)
		r = check_super(&f, e);
	if (r)
		return r;
	ret->block = F2FS_BLOCK;
	ret->size = f.s.blocks * F2FS_BLOCK;
	r = find_pack(&f, ret, e);
	if (r)
		goto out;
	parse_cp(&f);
	r = check_cp(&f, e);
	if (r)
		goto out;
	find_problem(&f, ret);
	r = find_later_nodes(&f, ret, e);
	if (!r && (!ret->problem[0] || force))
		r = f2fs_add_used(&f, ret, e);
out:
	free(f.cp);
	return r;
}

static const char *const f2fs_types[] = { "f2fs", NULL };

const struct fs_ops fs_f2fs = {
	.name = "f2fs",
	.types = f2fs_types,
	.edges = { .head = 2 * F2FS_BLOCK }, /* both superblocks */
	.used = f2fs_used,
};
