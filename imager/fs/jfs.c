// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * jfs.c - IBM's JFS, as Linux and OS/2 write it.
 *
 * The filesystem ("aggregate") is three things, one after the other: the
 * blocks that its allocation map speaks of; the work space of fsck.jfs, which
 * ends with the logs of its last runs and has a header that it reads; and the
 * journal, which the kernel wants to find formatted.  The last two are not in
 * the map and count as used: together they are less than a half percent.
 *
 * Sources of the on-disk structures: fs/jfs/jfs_superblock.h, jfs_filsys.h and
 * jfs_logmgr.h in the kernel; for the layout the manual pages and the sources
 * of jfsutils (mkfs.c, fsckmeta.c).
 */
#include "imager/fs/jfs.h"

#include "common/bytes.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SUPER_BYTES 184
#define VERSION_MAX 2

/* s_flag */
#define FLAG_OS2        UINT32_C(0x40000000)
#define FLAG_LINUX      UINT32_C(0x10000000)
#define FLAG_INLINE_LOG UINT32_C(0x00000800)
/*
 * Known: also Unicode names, the ways to commit, a spare inode table gone bad,
 * sparse files, OS/2's limits for directories, written by a big-endian machine,
 * indexed directories.
 */
#define FLAGS_KNOWN (FLAG_OS2 | FLAG_LINUX | FLAG_INLINE_LOG | UINT32_C(0x003f0701))

/* s_state */
#define STATE_MOUNTED  0x1
#define STATE_DIRTY    0x2
#define STATE_LOGREDO  0x4
#define STATE_EXTENDFS 0x8

/* The journal's own superblock is its second page. */
#define LOG_SUPER   4096U
#define LOG_BYTES   32
#define LOG_MAGIC   UINT32_C(0x87654321)
#define LOG_VERSION 1
#define LOG_CLOSED  1

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"

struct super {
	uint32_t version, block, phys, flag, state, compress;
	uint16_t l2block, l2factor, l2phys;
	uint64_t phys_blocks;
	uint64_t blocks; /* that the map speaks of */
	uint64_t end;    /* of the filesystem, in blocks */
	struct jfs_pxd log, fsck;
	uint8_t log_uuid[16];
};

/* ---- superblock ------------------------------------------------------------ */

static struct jfs_pxd read_pxd(struct rd *r)
{
	uint32_t word = rd_le32(r);
	uint64_t at = (uint64_t)(word >> 24) << 32;

	return (struct jfs_pxd){ .at = at | rd_le32(r), .len = word & 0xffffff };
}

static bool parse_super(struct rd r, struct super *s)
{
	const uint8_t *magic = rd_bytes(&r, 4), *uuid;

	if (!magic || memcmp(magic, "JFS1", 4))
		return false;
	s->version = rd_le32(&r);
	s->phys_blocks = rd_le64(&r);
	s->block = rd_le32(&r);
	s->l2block = rd_le16(&r);
	s->l2factor = rd_le16(&r);
	s->phys = rd_le32(&r);
	s->l2phys = rd_le16(&r);
	rd_skip(&r, 6); /* padding, size of the allocation groups */
	s->flag = rd_le32(&r);
	s->state = rd_le32(&r);
	s->compress = rd_le32(&r);
	rd_seek(&r, 72);
	s->log = read_pxd(&r);
	s->fsck = read_pxd(&r);
	rd_seek(&r, 168);
	uuid = rd_bytes(&r, sizeof(s->log_uuid));
	if (uuid)
		memcpy(s->log_uuid, uuid, sizeof(s->log_uuid));
	return uuid;
}

static int check_features(const struct super *s, struct err *e)
{
	if (s->version > VERSION_MAX || s->flag & ~FLAGS_KNOWN ||
	    !(s->flag & (FLAG_OS2 | FLAG_LINUX)) || s->compress)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (version %" PRIu32
			       ", flags %#" PRIx32 ", compression %" PRIu32 ")",
			       s->version, s->flag, s->compress);
	if (s->block != JFS_BLOCK)
		return err_set(e, -EOPNOTSUPP, "it has blocks of %" PRIu32 " bytes, not 4096",
			       s->block);
	return 0;
}

/* What lies behind the mapped blocks may not reach into them. */
static bool is_behind(const struct super *s, const struct jfs_pxd *x)
{
	return x->len && x->at >= s->blocks;
}

static void stretch(struct super *s, const struct jfs_pxd *x)
{
	if (x->at + x->len > s->end)
		s->end = x->at + x->len;
}

static int check_geometry(const struct area *a, struct super *s, struct err *e)
{
	bool inline_log = s->flag & FLAG_INLINE_LOG;

	if (s->l2block != 12 || s->l2phys < 9 || s->l2phys > 12 ||
	    s->phys != UINT32_C(1) << s->l2phys || s->l2factor != 12 - s->l2phys)
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " JFS_DAMAGED);
	s->blocks = s->end = s->phys_blocks >> s->l2factor;
	if (s->blocks <= JFS_FIXED / JFS_BLOCK || !is_behind(s, &s->fsck) ||
	    (inline_log && !is_behind(s, &s->log)))
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " JFS_DAMAGED);
	stretch(s, &s->fsck);
	if (inline_log)
		stretch(s, &s->log);
	if (s->end > a->size / JFS_BLOCK)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " blocks of %u bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       s->end, JFS_BLOCK, a->size);
	return 0;
}

static int read_super(const struct area *a, struct super *s, struct err *e)
{
	uint8_t buf[SUPER_BYTES];
	int r;

	if (a->size < JFS_FIXED)
		return err_set(e, -EOPNOTSUPP, "it has no JFS superblock");
	r = dev_read(a->dev, buf, sizeof(buf), a->off + JFS_SUPER, e);
	if (r)
		return err_wrap(e, r, "the superblock");
	if (!parse_super(rd_init(buf, sizeof(buf)), s))
		return err_set(e, -EOPNOTSUPP, "it has no JFS superblock");
	r = check_features(s, e);
	return r ? r : check_geometry(a, s, e);
}

/* ---- is it in a state to be imaged? ---------------------------------------- */

/* The worst first. */
static const struct state {
	uint32_t bits;
	const char *text;
} states[] = {
	{ STATE_EXTENDFS,
	  "it was being enlarged when it stopped: run fsck.jfs -f on it" WAY_OUT },
	{ STATE_LOGREDO, "its journal could not be replayed: run fsck.jfs -f on it" WAY_OUT },
	{ STATE_DIRTY, "errors were found in it, or it was mounted although it was not clean: "
		       "run fsck.jfs -f on it" WAY_OUT },
	{ STATE_MOUNTED, "it was not cleanly unmounted, or is mounted now: unmount it, or run "
			 "fsck.jfs on it" WAY_OUT },
	{ UINT32_MAX, "it is in a state that this program does not know: run fsck.jfs -f on "
		      "it" WAY_OUT },
};

static void set_problem(struct fs_info *ret, const char *text)
{
	snprintf(ret->problem, sizeof(ret->problem), "%s", text);
}

/* The kernel mounts only when the journal was closed, whatever s_state says. */
static int check_log(const struct area *a, const struct super *s, struct fs_info *ret,
		     struct err *e)
{
	uint8_t buf[LOG_BYTES];
	struct rd log = rd_init(buf, sizeof(buf));
	bool ours;
	int r;

	if (!(s->flag & FLAG_INLINE_LOG) || s->log.len < 2)
		return 0;
	r = dev_read(a->dev, buf, sizeof(buf), a->off + s->log.at * JFS_BLOCK + LOG_SUPER, e);
	if (r)
		return err_wrap(e, r, "the journal");
	ours = rd_le32(&log) == LOG_MAGIC && rd_le32(&log) == LOG_VERSION;
	rd_seek(&log, 28);
	if (!ours || rd_le32(&log) != LOG_CLOSED)
		set_problem(ret,
			    ours ? "its journal was not closed, and may hold changes that "
				   "are not yet replayed: run fsck.jfs on it" WAY_OUT
				 : "its journal is damaged: run fsck.jfs -f on it" WAY_OUT);
	return 0;
}

static int find_problem(const struct area *a, const struct super *s, struct fs_info *ret,
			struct err *e)
{
	const struct state *x = states;

	if (!s->state)
		return check_log(a, s, ret, e);
	while (!(s->state & x->bits))
		x++;
	set_problem(ret, x->text);
	return 0;
}

static void find_notice(const struct super *s, struct fs_info *ret)
{
	const uint8_t *u = s->log_uuid;

	if (s->flag & FLAG_INLINE_LOG)
		return;
	snprintf(ret->notice, sizeof(ret->notice),
		 "its journal is on another device (UUID %02x%02x%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x-%02x%02x%02x%02x%02x%02x) and is not part of the image",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
		 u[12], u[13], u[14], u[15]);
}

/* ---- the map --------------------------------------------------------------- */

static int add_used(const struct area *a, const struct super *s, struct fs_info *ret,
		    struct extents *used, struct err *e)
{
	struct jfs_map map = { .a = a, .blocks = s->blocks, .used = used };
	int r = extents_add(used, 0, JFS_FIXED, e);

	if (!r)
		r = extents_add(used, s->blocks * JFS_BLOCK, (s->end - s->blocks) * JFS_BLOCK,
				e);
	if (!r)
		r = jfs_map_read(&map, e);
	if (r || !map.differs || ret->problem[0])
		return r;
	ret->minor = true;
	set_problem(ret,
		    "its map of used blocks does not agree with itself: run fsck.jfs -f on "
		    "it; --nocheck takes what any part of the map says is used");
	return 0;
}

static int jfs_used(const struct area *a, bool force, struct fs_info *ret, struct extents *used,
		    struct err *e)
{
	struct super s = { 0 };
	int r = read_super(a, &s, e);

	if (r)
		return r;
	ret->block = JFS_BLOCK;
	ret->size = s.end * JFS_BLOCK;
	find_notice(&s, ret);
	r = find_problem(a, &s, ret, e);
	if (r || (ret->problem[0] && !force))
		return r;
	return add_used(a, &s, ret, used, e);
}

static const char *const jfs_types[] = { "jfs", NULL };

const struct fs_ops fs_jfs = {
	.name = "jfs",
	.types = jfs_types,
	/* With the second superblock, which fsck.jfs falls back on. */
	.edges = { .head = JFS_FIXED },
	.used = jfs_used,
};
