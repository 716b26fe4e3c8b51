// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reiserfs.c - ReiserFS 3.5 and 3.6.
 *
 * The superblock lies at 64 KiB, the first block of the bitmap behind it, and
 * each further one at the begin of the blocks that it maps.  In filesystems
 * from before 3.5.12 the superblock lies at 8 KiB and all of the bitmap behind
 * it.  There are no checksums; so that each piece of the bitmap has to say that
 * it is in use itself, and all together have to have as many free blocks as the
 * superblock.
 *
 * Sources of the on-disk structures: fs/reiserfs/reiserfs.h, super.c and
 * bitmap.c in the kernel; for old filesystems reiserfs_fs.h and bitmap.c of
 * reiserfsprogs.
 */
#include "imager/fs/reiserfs.h"

#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SUPER_AT     65536U
#define SUPER_OLD_AT 8192U
#define SUPER_BYTES  76
#define OLD_BLOCK    4096U /* old filesystems have no other size */
#define BLOCK_MIN    512U
#define BLOCK_MAX    8192U

#define STATE_UNMOUNTED 1   /* s_umount_state */
#define FS_FATAL        0x2 /* s_fs_state: fsck has to build the tree anew, or is about it */
#define NO_ROOT         UINT32_MAX
#define MAPS_UNKNOWN    65535U /* from here on, the superblock has 0 for their number */

/* s_version counts only where the magic tells of a journal that is not the usual one. */
#define VERSION_3_5 0
#define VERSION_3_6 2

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"the map of used blocks is damaged: run reiserfsck --check on it and do what it "      \
	"says, or take every byte with --raw"

struct super {
	uint32_t blocks, free, root;
	uint32_t journal_first, journal_dev, journal_size;
	uint16_t block, umount_state, fs_state, maps, version;
	bool old;          /* at 8 KiB */
	bool own_journal;  /* not the usual one */
	bool pending;      /* the journal has to be replayed */
	uint64_t at;       /* the superblock's own number */
	uint32_t map_bits; /* blocks that one block of the bitmap maps */
};

/* ---- superblock ------------------------------------------------------------ */

static bool parse_super(struct rd r, struct super *s)
{
	const uint8_t *magic;

	s->blocks = rd_le32(&r);
	s->free = rd_le32(&r);
	s->root = rd_le32(&r);
	s->journal_first = rd_le32(&r);
	s->journal_dev = rd_le32(&r);
	s->journal_size = rd_le32(&r);
	rd_seek(&r, 44);
	s->block = rd_le16(&r);
	rd_skip(&r, 4); /* object ids */
	s->umount_state = rd_le16(&r);
	magic = rd_bytes(&r, 10);
	s->fs_state = rd_le16(&r);
	rd_skip(&r, 6); /* hash, height of the tree */
	s->maps = rd_le16(&r);
	s->version = rd_le16(&r);
	if (!rd_ok(&r))
		return false;
	s->own_journal = !memcmp(magic, "ReIsEr3Fs", 9);
	return s->own_journal || !memcmp(magic, "ReIsErFs", 8) ||
	       !memcmp(magic, "ReIsEr2Fs", 9);
}

static int try_super(const struct area *a, uint64_t at, struct super *s, struct err *e)
{
	uint8_t buf[SUPER_BYTES];
	int r;

	if (a->size < at + sizeof(buf))
		return 0;
	r = dev_read(a->dev, buf, sizeof(buf), a->off + at, e);
	if (r)
		return err_wrap(e, r, "the superblock");
	*s = (struct super){ .old = at == SUPER_OLD_AT };
	return parse_super(rd_init(buf, sizeof(buf)), s);
}

static int check_geometry(const struct area *a, struct super *s, struct err *e)
{
	uint64_t maps;

	if (s->own_journal && s->version != VERSION_3_5 && s->version != VERSION_3_6)
		return err_set(e, -EOPNOTSUPP, "its version %u is newer than this program",
			       s->version);
	if (s->block < BLOCK_MIN || s->block > BLOCK_MAX || s->block & (s->block - 1) ||
	    (s->old && s->block != OLD_BLOCK))
		return err_set(e, -EUCLEAN, "the superblock has impossible numbers; " DAMAGED);
	s->at = (s->old ? SUPER_OLD_AT : SUPER_AT) / s->block;
	s->map_bits = 8U * s->block;
	maps = ((uint64_t)s->blocks + s->map_bits - 1) / s->map_bits;
	if (s->blocks <= s->at + 1 || s->free > s->blocks ||
	    s->maps != (maps > MAPS_UNKNOWN ? 0 : maps) ||
	    (s->old && s->at + maps >= s->map_bits) ||
	    (s->root != NO_ROOT && s->root >= s->blocks))
		return err_set(e, -EUCLEAN, "the superblock has impossible numbers; " DAMAGED);
	if ((uint64_t)s->blocks * s->block > a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu32
			       " blocks of %u bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       s->blocks, s->block, a->size);
	return 0;
}

static bool has_journal(const struct super *s)
{
	return !s->journal_dev;
}

/* All of it, with its header, is in what the first block of the bitmap maps. */
static int check_journal(const struct super *s, struct err *e)
{
	uint64_t end = (uint64_t)s->journal_first + s->journal_size;

	if (!has_journal(s) || (s->journal_first > s->at + 1 && s->journal_size > 1 &&
				end < s->map_bits && end < s->blocks))
		return 0;
	return err_set(e, -EUCLEAN, "the superblock has a bad place for the journal; " DAMAGED);
}

static int read_super(const struct area *a, struct super *s, struct err *e)
{
	int r = try_super(a, SUPER_OLD_AT, s, e); /* first, as the kernel does */

	if (!r)
		r = try_super(a, SUPER_AT, s, e);
	if (r < 0)
		return r;
	if (!r)
		return err_set(
			e, -EOPNOTSUPP,
			"it has no superblock of ReiserFS 3.5 or 3.6; older ones are not "
			"known to this program");
	r = check_geometry(a, s, e);
	return r ? r : check_journal(s, e);
}

/* ---- is it in a state to be imaged? ---------------------------------------- */

static bool has_log(const struct super *s)
{
	return s->pending;
}

static bool no_tree(const struct super *s)
{
	return s->root == NO_ROOT || s->fs_state & FS_FATAL;
}

static bool not_clean(const struct super *s)
{
	return s->umount_state != STATE_UNMOUNTED;
}

static bool has_errors(const struct super *s)
{
	return s->fs_state;
}

/* The worst first: the first hit is the one that is told. */
static const struct check {
	bool (*hit)(const struct super *s);
	bool minor;
	const char *text;
} checks[] = {
	{ has_log, false,
	  "its journal holds changes that are not yet replayed: mount and unmount it, or run "
	  "reiserfsck --check on it" WAY_OUT },
	{ no_tree, false,
	  "reiserfsck has found it broken, or did not finish to repair it: run reiserfsck "
	  "--rebuild-tree on it" WAY_OUT },
	{ not_clean, false,
	  "it was not cleanly unmounted, or is mounted now: unmount it, or run reiserfsck "
	  "--check on it" WAY_OUT },
	{ has_errors, true,
	  "the kernel has found errors in it: run reiserfsck --check on it; --nocheck images "
	  "it all the same" },
};

static int read_journal(const struct area *a, struct super *s, struct err *e)
{
	const struct reiserfs_journal j = {
		.a = a, .block = s->block, .first = s->journal_first, .size = s->journal_size
	};

	return has_journal(s) ? reiserfs_journal_pending(&j, &s->pending, e) : 0;
}

static void find_problem(const struct super *s, struct fs_info *ret)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].hit(s))
			continue;
		snprintf(ret->problem, sizeof(ret->problem), "%s", checks[i].text);
		ret->minor = checks[i].minor;
		return;
	}
}

static void find_notice(const struct super *s, struct fs_info *ret)
{
	if (!has_journal(s))
		snprintf(ret->notice, sizeof(ret->notice),
			 "its journal is on another device and is not part of the image");
}

/* ---- the map --------------------------------------------------------------- */

struct map {
	const struct area *a;
	const struct super *s;
	struct extents *used;
	uint64_t no;   /* which piece of the bitmap is in @bits */
	uint8_t *bits; /* bit k: block no * map_bits + k */
	uint64_t n;    /* so many count */
	uint64_t free; /* that were seen so far */
};

static bool all_used(const struct map *m, uint64_t first, uint64_t n)
{
	return bitmap_next(m->bits, first, first + n, false) == first + n;
}

/* What has to be in use, whatever else there is. */
static bool is_sound(const struct map *m)
{
	const struct super *s = m->s;
	uint64_t first = m->no * s->map_bits;

	if (!m->no && (!all_used(m, 0, s->at + 1 + (s->old ? s->maps : 1)) ||
		       (has_journal(s) && !all_used(m, s->journal_first, s->journal_size + 1))))
		return false;
	if (m->no && !s->old && !all_used(m, 0, 1))
		return false;
	return s->root == NO_ROOT || s->root < first || s->root - first >= m->n ||
	       all_used(m, s->root - first, 1);
}

static int add_piece(struct map *m, struct err *e)
{
	const struct super *s = m->s;
	uint64_t first = m->no * s->map_bits, set = 0;
	uint64_t at = s->old || !m->no ? s->at + 1 + m->no : first;
	int r = dev_read(m->a->dev, m->bits, s->block, m->a->off + at * s->block, e);

	if (r)
		return err_wrap(e, r, "block %" PRIu64 " of the bitmap", m->no);
	m->n = s->blocks - first < s->map_bits ? s->blocks - first : s->map_bits;
	if (!is_sound(m))
		return err_set(e, -EUCLEAN, "block %" PRIu64 " of the bitmap is bad; " DAMAGED,
			       m->no);
	r = bitmap_add(m->bits, m->n, first * s->block, s->block, m->used, &set, e);
	m->free += m->n - set;
	return r;
}

static int add_used(const struct area *a, const struct super *s, struct fs_info *ret,
		    struct extents *used, struct err *e)
{
	struct map m = { .a = a, .s = s, .used = used };
	int r = 0;

	m.bits = malloc(s->block);
	if (!m.bits)
		return err_nomem(e);
	for (; m.no * s->map_bits < s->blocks && !r; m.no++)
		r = add_piece(&m, e);
	free(m.bits);
	if (r || m.free == s->free || ret->problem[0])
		return r;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its superblock counts %" PRIu32 " free blocks, its bitmap %" PRIu64
		 ": run reiserfsck --check on it; --nocheck trusts the bitmap",
		 s->free, m.free);
	return 0;
}

static int reiserfs_used(const struct area *a, bool force, struct fs_info *ret,
			 struct extents *used, struct err *e)
{
	struct super s = { 0 };
	int r = read_super(a, &s, e);

	if (!r)
		r = read_journal(a, &s, e);
	if (r)
		return r;
	ret->block = s.block;
	ret->size = (uint64_t)s.blocks * s.block;
	find_notice(&s, ret);
	find_problem(&s, ret);
	if (ret->problem[0] && !force)
		return 0;
	return add_used(a, &s, ret, used, e);
}

static const char *const reiserfs_types[] = { "reiserfs", NULL };

const struct fs_ops fs_reiserfs = {
	.name = "reiserfs",
	.types = reiserfs_types,
	.edges = { .head = SUPER_AT + 4096 },
	.used = reiserfs_used,
};
