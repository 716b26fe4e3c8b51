// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ext.c - ext2, ext3 and ext4 by libext2fs.
 *
 * The library checks and decodes the superblock and the group descriptors; the
 * block bitmaps are read here, one group at a time, so that memory goes with
 * the number of used ranges and not with the size of the filesystem.  The
 * library's own bitmaps would also take a group whose bitmap has an impossible
 * address for empty.
 *
 * Sources: Documentation/filesystems/ext4 in the kernel, <ext2fs/ext2_fs.h>,
 * and for which blocks a BLOCK_UNINIT group uses e2fsprogs' alloc_sb.c.
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <ext2fs/ext2fs.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* mke2fs makes no smaller groups; the other limit is 64 MiB of descriptors. */
#define GROUP_BLOCKS_MIN 256
#define GROUPS_MAX       (UINT64_C(1) << 20)
#define DESC_SIZE_MAX    64

/* <ext2fs/ext2fs.h> leaves MMP out, but it changes nothing in the map. */
#define KNOWN_INCOMPAT  (EXT2_LIB_FEATURE_INCOMPAT_SUPP | EXT4_FEATURE_INCOMPAT_MMP)
#define KNOWN_RO_COMPAT EXT2_LIB_FEATURE_RO_COMPAT_SUPP

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"the map of used blocks is damaged: run e2fsck -f on it, or take every byte with --raw"

struct ext {
	const struct area *a;
	ext2_filsys fs;
	unsigned shift;  /* blocks a cluster = 1 << shift */
	uint64_t blocks; /* blocks in the filesystem */
	uint64_t free;   /* clusters that the bitmaps say are free */
	uint8_t *map;    /* one block bitmap: a bit a cluster */
	struct extents *used;
};

/* One group, and the blocks [@at, @at + @n) that its own metadata takes. */
struct run {
	uint64_t at, n;
};

struct group {
	dgrp_t no;
	uint64_t first;    /* first block */
	uint32_t blocks;   /* number of blocks, fewer in the last group */
	uint32_t clusters; /* the same in clusters, the last one maybe cut */
	bool uninit;       /* has no bitmap: only metadata is used */
	struct run super, descs, meta_desc, bitmap, inode_bitmap, inodes;
};

/* ---- opening ------------------------------------------------------------ */

static const struct open_error {
	errcode_t code;
	int err;
	const char *text;
} open_errors[] = {
	{ EXT2_ET_BAD_MAGIC, -EOPNOTSUPP, "it has no ext superblock" },
	{ EXT2_ET_REV_TOO_HIGH, -EOPNOTSUPP, "its revision is newer than this program" },
	{ EXT2_ET_UNKNOWN_CSUM, -EOPNOTSUPP,
	  "its kind of checksum is newer than this program" },
	{ EXT2_ET_NO_MEMORY, -ENOMEM, "out of memory" },
	{ EXT2_ET_SB_CSUM_INVALID, -EUCLEAN, "the superblock has a wrong checksum; " DAMAGED },
	{ 0, -EUCLEAN, "the superblock is damaged; " DAMAGED },
};

static int open_failed(errcode_t code, struct err *e)
{
	const struct open_error *o = open_errors;

	if (code > 0 && code < 256) { /* an errno */
		errno = (int)code;
		return err_sys(e, "cannot read the superblock and group descriptors");
	}
	while (o->code && o->code != code)
		o++;
	return err_set(e, o->err, "%s", o->text);
}

static int ext_open(const struct area *a, int flags, ext2_filsys *ret, struct err *e)
{
	int fd = fcntl(a->dev->fd, F_DUPFD_CLOEXEC, 0);
	char name[16], options[40];
	errcode_t code;

	if (fd < 0)
		return err_sys(e, "cannot duplicate a file descriptor");
	snprintf(name, sizeof(name), "%d", fd);
	snprintf(options, sizeof(options), "offset=%" PRIu64, a->off);
	/* Owns @fd from here on.  Features are checked by check_features(). */
	code = ext2fs_open2(name, options, flags | EXT2_FLAG_64BITS | EXT2_FLAG_FORCE, 0, 0,
			    unixfd_io_manager, ret);
	return code ? open_failed(code, e) : 0;
}

static int check_features(const struct ext2_super_block *s, struct err *e)
{
	uint32_t incompat = s->s_feature_incompat & ~(uint32_t)KNOWN_INCOMPAT;
	uint32_t ro_compat = s->s_feature_ro_compat & ~(uint32_t)KNOWN_RO_COMPAT;

	if (s->s_feature_incompat & EXT3_FEATURE_INCOMPAT_JOURNAL_DEV)
		return err_set(e, -EOPNOTSUPP, "it is the journal of another filesystem");
	if (incompat || ro_compat)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (incompat %#" PRIx32
			       ", ro-compat %#" PRIx32 ")",
			       incompat, ro_compat);
	return 0;
}

/* Before anything is allocated by numbers from the superblock. */
static int check_geometry(const struct area *a, ext2_filsys fs, struct err *e)
{
	struct ext2_super_block *s = fs->super;
	uint64_t blocks = ext2fs_blocks_count(s), size;
	bool bigalloc = fs->cluster_ratio_bits > 0;

	if (!mul_u64(blocks, fs->blocksize, &size) || size > a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " blocks of %u bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       blocks, fs->blocksize, a->size);
	if (EXT2_BLOCKS_PER_GROUP(s) < GROUP_BLOCKS_MIN ||
	    EXT2_CLUSTERS_PER_GROUP(s) > fs->blocksize * 8 ||
	    EXT2_DESC_SIZE(s) > DESC_SIZE_MAX || (bigalloc && s->s_first_data_block) ||
	    fs->cluster_ratio_bits < 0 ||
	    s->s_log_cluster_size > EXT2_MAX_CLUSTER_LOG_SIZE - EXT2_MIN_CLUSTER_LOG_SIZE)
		return err_set(e, -EUCLEAN, "the superblock has impossible numbers; " DAMAGED);
	if (blocks / EXT2_BLOCKS_PER_GROUP(s) >= GROUPS_MAX)
		return err_set(e, -EOPNOTSUPP, "it has more block groups than can be read");
	return 0;
}

static int open_checked(const struct area *a, int flags, ext2_filsys *ret, struct err *e)
{
	int r = ext_open(a, flags, ret, e);

	if (!r)
		r = check_features((*ret)->super, e);
	if (!r)
		r = check_geometry(a, *ret, e);
	return r;
}

/* ---- is it in a state to be imaged? ------------------------------------- */

static bool has_log(struct ext2_super_block *s)
{
	return ext2fs_has_feature_journal_needs_recovery(s);
}

static bool not_clean(struct ext2_super_block *s)
{
	return !(s->s_state & EXT2_VALID_FS);
}

static bool has_orphans(struct ext2_super_block *s)
{
	return s->s_last_orphan || ext2fs_has_feature_orphan_present(s);
}

static bool has_errors(struct ext2_super_block *s)
{
	return s->s_state & EXT2_ERROR_FS;
}

/* The worst first: the first hit is the one that is told. */
static const struct check {
	bool (*hit)(struct ext2_super_block *s);
	bool minor;
	const char *text;
} checks[] = {
	{ has_log, false,
	  "its journal holds changes that are not yet replayed: mount and unmount it, or run "
	  "e2fsck -f on it" WAY_OUT },
	{ not_clean, false,
	  "it was not cleanly unmounted, or is mounted now: unmount it, or run e2fsck -f on "
	  "it" WAY_OUT },
	{ has_orphans, false,
	  "it holds deleted files that were still open when it stopped: mount and unmount it, "
	  "or run e2fsck -f on it" WAY_OUT },
	{ has_errors, true,
	  "the kernel has found errors in it: run e2fsck -f on it; --nocheck images it all the "
	  "same" },
};

static void find_problem(struct ext2_super_block *s, struct fs_info *ret)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].hit(s))
			continue;
		snprintf(ret->problem, sizeof(ret->problem), "%s", checks[i].text);
		ret->minor = checks[i].minor;
		return;
	}
}

static void find_notice(struct ext2_super_block *s, struct fs_info *ret)
{
	const uint8_t *u = s->s_journal_uuid;

	if (!ext2fs_has_feature_journal(s) || s->s_journal_inum)
		return;
	snprintf(ret->notice, sizeof(ret->notice),
		 "its journal is on another device (UUID %02x%02x%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x-%02x%02x%02x%02x%02x%02x) and is not part of the image",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
		 u[12], u[13], u[14], u[15]);
}

/* ---- the map ------------------------------------------------------------ */

/* Adds blocks [@at, @at + @n), widened to whole clusters and cut at the end. */
static int add_blocks(struct ext *x, uint64_t at, uint64_t n, struct err *e)
{
	uint64_t mask = (UINT64_C(1) << x->shift) - 1, end = (at + n + mask) & ~mask;

	if (!n || at >= x->blocks)
		return 0;
	at &= ~mask;
	if (end > x->blocks)
		end = x->blocks;
	return extents_add(x->used, at * x->fs->blocksize, (end - at) * x->fs->blocksize, e);
}

static void read_group(const struct ext *x, dgrp_t no, struct group *g)
{
	ext2_filsys fs = x->fs;
	struct ext2_super_block *s = fs->super;
	blk64_t super, descs, meta_desc;
	uint64_t ndescs = ext2fs_has_feature_meta_bg(s)
				  ? s->s_first_meta_bg
				  : (uint64_t)fs->desc_blocks + s->s_reserved_gdt_blocks;

	ext2fs_super_and_bgd_loc2(fs, no, &super, &descs, &meta_desc, NULL);
	*g = (struct group){
		.no = no,
		.first = ext2fs_group_first_block2(fs, no),
		.blocks = (uint32_t)ext2fs_group_blocks_count(fs, no),
		.uninit = ext2fs_has_group_desc_csum(fs) &&
			  ext2fs_bg_flags_test(fs, no, EXT2_BG_BLOCK_UNINIT),
		.super = { super, super || !no },
		.descs = { descs, descs ? ndescs : 0 },
		.meta_desc = { meta_desc, meta_desc ? 1 : 0 },
		.bitmap = { ext2fs_block_bitmap_loc(fs, no), 1 },
		.inode_bitmap = { ext2fs_inode_bitmap_loc(fs, no), 1 },
		.inodes = { ext2fs_inode_table_loc(fs, no), fs->inode_blocks_per_group },
	};
	g->clusters = (uint32_t)(((uint64_t)g->blocks + (1U << x->shift) - 1) >> x->shift);
}

static bool run_is_sane(const struct ext *x, const struct run *r)
{
	return r->at > x->fs->super->s_first_data_block && r->at < x->blocks &&
	       r->n <= x->blocks - r->at;
}

/* The clusters [*lo, *hi) of the group that @r touches; false: none. */
static bool run_in_group(const struct ext *x, const struct group *g, const struct run *r,
			 uint32_t *lo, uint32_t *hi)
{
	uint64_t a = r->at > g->first ? r->at : g->first;
	uint64_t b = r->at + r->n < g->first + g->blocks ? r->at + r->n : g->first + g->blocks;

	if (a >= b)
		return false;
	*lo = (uint32_t)((a - g->first) >> x->shift);
	*hi = (uint32_t)((b - 1 - g->first) >> x->shift) + 1;
	return true;
}

static void mark_run(struct ext *x, const struct group *g, const struct run *r)
{
	uint32_t i, end;

	if (run_in_group(x, g, r, &i, &end))
		for (; i < end; i++)
			x->map[i / 8] |= (uint8_t)(1U << i % 8);
}

static bool run_is_marked(const struct ext *x, const struct group *g, const struct run *r)
{
	uint32_t i, end;

	return !run_in_group(x, g, r, &i, &end) || bitmap_next(x->map, i, end, false) == end;
}

/* What the kernel assumes of a group that has no bitmap yet. */
static void make_map(struct ext *x, const struct group *g)
{
	memset(x->map, 0, x->fs->blocksize);
	mark_run(x, g, &g->super);
	mark_run(x, g, &g->descs);
	mark_run(x, g, &g->meta_desc);
	mark_run(x, g, &g->bitmap);
	mark_run(x, g, &g->inode_bitmap);
	mark_run(x, g, &g->inodes);
}

static int load_map(struct ext *x, const struct group *g, struct err *e)
{
	ext2_filsys fs = x->fs;
	int bytes = (int)(EXT2_CLUSTERS_PER_GROUP(fs->super) / 8);
	int r;

	if (!run_is_sane(x, &g->bitmap) || !run_is_sane(x, &g->inode_bitmap) ||
	    !run_is_sane(x, &g->inodes) || !ext2fs_group_desc_csum_verify(fs, g->no))
		return err_set(e, -EUCLEAN,
			       "block group %" PRIu32 " has a bad descriptor; " DAMAGED, g->no);
	if (g->uninit) {
		make_map(x, g);
		return 0;
	}
	r = dev_read(x->a->dev, x->map, fs->blocksize, x->a->off + g->bitmap.at * fs->blocksize,
		     e);
	if (r)
		return err_wrap(e, r, "the block bitmap of group %" PRIu32, g->no);
	/* Without checksums, this finds a bitmap that was zeroed or overwritten. */
	if (!ext2fs_block_bitmap_csum_verify(fs, g->no, (char *)x->map, bytes) ||
	    !run_is_marked(x, g, &g->bitmap) || !run_is_marked(x, g, &g->inode_bitmap) ||
	    !run_is_marked(x, g, &g->inodes))
		return err_set(e, -EUCLEAN,
			       "block group %" PRIu32 " has a bad bitmap; " DAMAGED, g->no);
	return 0;
}

/* Metadata counts as used whatever the bitmap says: mostly it is there twice. */
static int add_metadata(struct ext *x, const struct group *g, struct err *e)
{
	const struct run *runs[] = { &g->super,  &g->descs,        &g->meta_desc,
				     &g->bitmap, &g->inode_bitmap, &g->inodes };
	int r = 0;

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]) && !r; i++)
		r = add_blocks(x, runs[i]->at, runs[i]->n, e);
	return r;
}

static int add_group(struct ext *x, dgrp_t no, struct err *e)
{
	struct group g;
	uint64_t marked = 0;
	int r;

	read_group(x, no, &g);
	r = load_map(x, &g, e);
	if (!r)
		r = add_metadata(x, &g, e);
	if (!r)
		r = bitmap_add(x->map, g.clusters, g.first * x->fs->blocksize,
			       x->fs->blocksize << x->shift, x->used, &marked, e);
	if (!r)
		x->free += g.clusters - marked;
	return r;
}

static int add_used(struct ext *x, struct fs_info *ret, struct err *e)
{
	struct ext2_super_block *s = x->fs->super;
	uint64_t free_blocks = ext2fs_free_blocks_count(s);
	int r;

	x->blocks = ext2fs_blocks_count(s);
	x->shift = (unsigned)x->fs->cluster_ratio_bits;
	x->map = malloc(x->fs->blocksize);
	if (!x->map)
		return err_nomem(e);
	r = add_blocks(x, 0, s->s_first_data_block, e); /* the boot block */
	for (dgrp_t i = 0; i < x->fs->group_desc_count && !r; i++)
		r = add_group(x, i, e);
	free(x->map);
	if (r || x->free << x->shift == free_blocks || ret->problem[0])
		return r;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its superblock counts %" PRIu64 " free blocks, its bitmaps %" PRIu64
		 ": run e2fsck -f on it; --nocheck trusts the bitmaps",
		 free_blocks, x->free << x->shift);
	return 0;
}

static int ext_used(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct ext x = { .a = a, .used = used };
	int r = open_checked(a, EXT2_FLAG_SUPER_ONLY, &x.fs, e);

	if (r)
		goto out;
	ret->block = x.fs->blocksize << x.fs->cluster_ratio_bits;
	ret->size = ext2fs_blocks_count(x.fs->super) * x.fs->blocksize;
	find_notice(x.fs->super, ret);
	find_problem(x.fs->super, ret);
	if (ret->problem[0] && !force)
		goto out;
	ext2fs_free(x.fs);
	x.fs = NULL;
	r = open_checked(a, 0, &x.fs, e); /* now with the group descriptors */
	if (!r)
		r = add_used(&x, ret, e);
out:
	if (x.fs)
		ext2fs_free(x.fs); /* unlike ext2fs_close(), this never writes */
	return r;
}

static const char *const ext_types[] = { "ext2", "ext3", "ext4", "ext4dev", NULL };

const struct fs_ops fs_ext = {
	.name = "ext",
	.types = ext_types,
	.edges = { .head = 4096 },
	.used = ext_used,
};
