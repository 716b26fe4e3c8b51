// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nilfs2.c - NILFS2: superblocks, state, and which segments are in use.
 *
 * Free is a segment whose entry in the SUFILE of the newest checkpoint is
 * empty; all others count as used from the first to the last block.
 *
 * A restore must clear the free ones.  After a crash, a mount replays all logs that
 * have the next sequence number and a right checksum, at the end of the last one and
 * at the begin of the segment after it.  When the target has held a later life of
 * the same filesystem, its logs are still there; the copy gives the same numbers
 * to the same segments, and whoever does the same again ends at the same blocks.
 * No choice of blocks to keep can prevent that, as those of the target are unknown.
 *
 * Sources: include/uapi/linux/nilfs2_ondisk.h and Documentation/filesystems/
 * nilfs2.rst in the kernel, for what makes a superblock valid
 * fs/nilfs2/the_nilfs.c there.
 */
#include "imager/fs/nilfs2.h"

#include "common/bytes.h"
#include "imager/fs/crc32.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAGIC           0x3434
#define REVISION        2
#define SUPER_AT        1024
#define SUPER_BYTES     1024
#define SUM_AT          16
#define SECOND_BLOCK    4096 /* the second superblock begins the last whole 4 KiB */
#define BLOCK_BITS_MAX  16
#define SEG_BLOCKS_MIN  16
#define INODE_MIN       128
#define SUPER_ROOT_HEAD 16
#define DAT_ENTRY       32
#define USAGE_MIN       16
#define USAGE_MAX       64
#define SUFILE_HEAD     24
#define SUFILE_MAX      (UINT64_C(1) << 30)

#define STATE_VALID     1u
#define STATE_ERROR     2u
#define COMPAT_RO_KNOWN 1u /* counts of blocks in checkpoints */

int nilfs_read(const struct nilfs *x, uint64_t block, uint8_t *buf, struct err *e)
{
	if (block < x->s.first_data || block >= x->s.segments * x->s.seg_blocks)
		return err_set(e, -EUCLEAN,
			       "its metadata points to block %" PRIu64
			       ", which is in no segment; " NILFS_DAMAGED,
			       block);
	return dev_read(x->a->dev, buf, nilfs_block_size(x),
			x->a->off + (block << x->s.block_bits), e);
}

/* ---- superblocks --------------------------------------------------------- */

static bool sum_is_right(const uint8_t *buf, uint32_t bytes, uint32_t seed, uint32_t sum)
{
	static const uint8_t zero[4];
	uint32_t crc;

	if (bytes < SUM_AT + 4 || bytes > SUPER_BYTES)
		return false;
	crc = crc32_seeded(seed, buf, SUM_AT);
	crc = crc32_seeded(crc, zero, sizeof(zero));
	return crc32_seeded(crc, buf + SUM_AT + 4, bytes - SUM_AT - 4) == sum;
}

static bool parse_super(const uint8_t *buf, struct nilfs_super *s)
{
	struct rd r = rd_init(buf, SUPER_BYTES);
	uint32_t magic, bytes, sum, shift;

	s->rev = rd_le32(&r);
	rd_skip(&r, 2);
	magic = rd_le16(&r);
	bytes = rd_le16(&r);
	rd_skip(&r, 2);
	s->crc_seed = rd_le32(&r);
	sum = rd_le32(&r);
	shift = rd_le32(&r);
	s->block_bits = shift <= BLOCK_BITS_MAX ? shift + 10 : BLOCK_BITS_MAX + 1;
	s->segments = rd_le64(&r);
	s->size = rd_le64(&r);
	s->first_data = rd_le64(&r);
	s->seg_blocks = rd_le32(&r);
	rd_skip(&r, 4);
	s->last_cno = rd_le64(&r);
	s->last_log = rd_le64(&r);
	s->last_seq = rd_le64(&r);
	s->free_blocks = rd_le64(&r);
	rd_seek(&r, 0x74);
	s->state = rd_le16(&r);
	rd_seek(&r, 0x90);
	s->inode_size = rd_le16(&r);
	s->dat_entry = rd_le16(&r);
	rd_skip(&r, 2);
	s->usage_entry = rd_le16(&r);
	rd_seek(&r, 0x108);
	s->compat_ro = rd_le64(&r);
	s->incompat = rd_le64(&r);
	return magic == MAGIC && sum_is_right(buf, bytes, s->crc_seed, sum);
}

static uint64_t second_at(uint64_t size)
{
	return size < 2 * SECOND_BLOCK ? 0 : (size / SECOND_BLOCK - 1) * SECOND_BLOCK;
}

/* The bytes that all segments take; false: more than 2^64. */
static bool segments_end(const struct nilfs_super *s, uint64_t *ret)
{
	return mul_u64(s->segments, (uint64_t)s->seg_blocks << s->block_bits, ret);
}

static int read_super(const struct area *a, uint64_t at, struct nilfs_super *s, bool *ok,
		      struct err *e)
{
	uint8_t buf[SUPER_BYTES];
	int r;

	*ok = false;
	if (at > a->size || SUPER_BYTES > a->size - at)
		return 0;
	r = dev_read(a->dev, buf, SUPER_BYTES, a->off + at, e);
	if (!r)
		*ok = parse_super(buf, s);
	return r;
}

/* The one with the later checkpoint counts, as for the kernel. */
static int find_super(struct nilfs *x, struct nilfs_super *other, struct err *e)
{
	struct nilfs_super s[2] = { 0 };
	uint64_t at = second_at(x->a->size), end;
	bool ok[2], second;
	int r = read_super(x->a, SUPER_AT, &s[0], &ok[0], e);

	if (!r)
		r = read_super(x->a, at, &s[1], &ok[1], e);
	if (r)
		return r;
	/* Else it is the rest of a filesystem that was there before. */
	ok[1] = ok[1] && at && segments_end(&s[1], &end) && end <= at;
	if (!ok[0] && !ok[1])
		return err_set(e, -EUCLEAN,
			       "both superblocks are damaged; take every byte with --raw");
	second = !ok[0] || (ok[1] && s[1].last_cno > s[0].last_cno);
	x->s = s[second];
	*other = ok[!second] ? s[!second] : x->s;
	return 0;
}

static int check_super(const struct nilfs *x, struct err *e)
{
	const struct nilfs_super *s = &x->s;
	uint32_t block = 1U << s->block_bits;
	uint64_t end;

	if (s->rev != REVISION || s->incompat || s->compat_ro & ~(uint64_t)COMPAT_RO_KNOWN)
		return err_set(e, -EOPNOTSUPP,
			       "it has features newer than this program (revision %" PRIu32
			       ", incompat %#" PRIx64 ", ro-compat %#" PRIx64 ")",
			       s->rev, s->incompat, s->compat_ro);
	if (s->block_bits > BLOCK_BITS_MAX || s->seg_blocks < SEG_BLOCKS_MIN ||
	    s->first_data << s->block_bits < SUPER_AT + SUPER_BYTES ||
	    s->first_data >= s->seg_blocks || !s->segments || !segments_end(s, &end) ||
	    s->inode_size < INODE_MIN || SUPER_ROOT_HEAD + 3 * s->inode_size > block ||
	    s->dat_entry < DAT_ENTRY || s->dat_entry > block || s->usage_entry < USAGE_MIN ||
	    s->usage_entry > USAGE_MAX || end > s->size)
		return err_set(e, -EUCLEAN,
			       "the superblock has impossible numbers; " NILFS_DAMAGED);
	if (s->size > x->a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " bytes, and there are only %" PRIu64
			       "; repair that first, or take every byte with --raw",
			       s->size, x->a->size);
	if (s->segments > SUFILE_MAX / s->usage_entry)
		return err_set(e, -EOPNOTSUPP, "it has more segments than can be read");
	return 0;
}

static void find_problem(const struct nilfs_super *s, struct fs_info *ret)
{
	if (!(s->state & STATE_VALID)) {
		snprintf(
			ret->problem, sizeof(ret->problem),
			"it was not cleanly unmounted, or is mounted now: unmount it, or mount "
			"and unmount it; --force trusts the map as it is, --raw takes every "
			"byte");
	} else if (s->state & STATE_ERROR) {
		ret->minor = true;
		snprintf(ret->problem, sizeof(ret->problem),
			 "the kernel has found errors in it, and there is no program that "
			 "repairs NILFS2: copy its files to a new filesystem; --nocheck images "
			 "it all the same");
	}
}

/* ---- segments ------------------------------------------------------------ */

static int add_segment(struct nilfs *x, uint64_t segment, struct err *e)
{
	uint64_t first = segment ? segment * x->s.seg_blocks : x->s.first_data;
	uint64_t end = (segment + 1) * x->s.seg_blocks;

	return extents_add(x->used, first << x->s.block_bits, (end - first) << x->s.block_bits,
			   e);
}

int nilfs_add_segment_of(struct nilfs *x, uint64_t block, struct err *e)
{
	uint64_t segment = block / x->s.seg_blocks;

	return segment < x->s.segments ? add_segment(x, segment, e) : 0;
}

struct usage {
	uint64_t clean, dirty; /* segments by the entries */
	uint64_t head_clean, head_dirty;
};

/* Segments [@segment, @end), whose entries are what @r holds. */
static int add_entries(struct nilfs *x, struct rd *r, uint64_t segment, uint64_t end,
		       struct usage *u, struct err *e)
{
	int ret = 0;

	for (; segment < end && !ret; segment++) {
		struct rd entry = rd_sub(r, x->s.usage_entry);
		uint64_t modified = rd_le64(&entry);
		uint32_t blocks = rd_le32(&entry), flags = rd_le32(&entry);

		u->clean += !flags;
		u->dirty += flags >> 1 & 1;
		if (flags || modified || blocks)
			ret = add_segment(x, segment, e);
	}
	return ret;
}

static int add_segments(struct nilfs *x, struct usage *u, struct err *e)
{
	uint32_t size = nilfs_block_size(x), each = size / x->s.usage_entry;
	/* The header takes the place of whole entries. */
	uint32_t head = (SUFILE_HEAD + x->s.usage_entry - 1) / x->s.usage_entry;
	uint64_t end = x->s.segments + head;
	int err = 0;

	for (uint64_t i = 0; i < end && !err; i += each) {
		uint64_t from = i ? i : head, to = i + each < end ? i + each : end;
		const uint8_t *buf;
		struct rd r;

		err = nilfs_file_block(x, &x->sufile, i / each, &buf, e);
		if (err)
			break;
		if (!buf && !i)
			return err_set(e, -EUCLEAN,
				       "the list of segments is missing; " NILFS_DAMAGED);
		if (!buf) { /* a hole: all of them are free */
			u->clean += to - from;
			continue;
		}
		r = rd_init(buf, size);
		if (!i) {
			u->head_clean = rd_le64(&r);
			u->head_dirty = rd_le64(&r);
			rd_seek(&r, (uint64_t)head * x->s.usage_entry);
		}
		err = add_entries(x, &r, from - head, to - head, u, e);
	}
	return err;
}

static int add_used(struct nilfs *x, const struct nilfs_super *other, struct fs_info *ret,
		    struct err *e)
{
	struct usage u = { 0 };
	uint64_t second = second_at(x->s.size);
	int r = nilfs_find_root(x, x->s.state & STATE_VALID, e);

	if (!r)
		r = extents_add(x->used, 0, x->s.first_data << x->s.block_bits, e);
	if (!r)
		r = add_segments(x, &u, e);
	if (!r)
		r = extents_add(x->used, second, x->s.size - second, e);
	if (!r)
		r = nilfs_add_segment_of(x, other->last_log, e); /* to fall back on */
	if (r)
		return r;
	if (u.clean != u.head_clean || u.dirty != u.head_dirty)
		return err_set(e, -EUCLEAN,
			       "the list of segments is damaged: it says that %" PRIu64
			       " are free and %" PRIu64 " in use, and has %" PRIu64
			       " and %" PRIu64 "; " NILFS_DAMAGED,
			       u.head_clean, u.head_dirty, u.clean, u.dirty);
	/* mkfs.nilfs2 counts one free segment more than there is. */
	if (x->s.free_blocks >= u.clean * x->s.seg_blocks || ret->problem[0])
		return 0;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its superblock counts %" PRIu64 " free blocks, its list of segments %" PRIu64
		 ": mount and unmount it; --nocheck trusts the list",
		 x->s.free_blocks, u.clean * x->s.seg_blocks);
	return 0;
}

static int nilfs2_used(const struct area *a, bool force, struct fs_info *ret,
		       struct extents *used, struct err *e)
{
	struct nilfs x = { .a = a, .used = used, .sufile.virtual = true };
	struct nilfs_super other = { 0 };
	int r = find_super(&x, &other, e);

	if (!r)
		r = check_super(&x, e);
	if (r)
		return r;
	ret->block = nilfs_block_size(&x);
	ret->size = x.s.size;
	find_problem(&x.s, ret);
	if (!ret->problem[0] || force)
		r = add_used(&x, &other, ret, e);
	nilfs_file_free(&x.dat);
	nilfs_file_free(&x.sufile);
	return r;
}

static const char *const nilfs2_types[] = { "nilfs2", NULL };

const struct fs_ops fs_nilfs2 = {
	.name = "nilfs2",
	.types = nilfs2_types,
	/* The first superblock; the second is in the last two pieces of 4 KiB. */
	.edges = { .head = 4096, .tail = 2 * SECOND_BLOCK },
	.erase_unused = true,
	.used = nilfs2_used,
};
