// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * f2fs_sit.c - F2FS: which blocks are in use, by the SIT and its journal.
 *
 * Used are everything before the SSA, of the SSA the blocks of segments that
 * are not empty (it is only written for the others, never read), and of the
 * main area what the bitmaps of its segments say, and one block more: see
 * find_later_nodes() in f2fs.c.  What lies behind the last segment is in no
 * block's reach.
 *
 * Source: fs/f2fs/segment.c and segment.h in the kernel.
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/f2fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_BLOCKS 256u /* of the SIT, read at once */
#define COLD_DATA    2u   /* the current segment whose summary has the journal */
#define FIRST_NODE   3u   /* types of segments from here on hold nodes */
#define TYPES        6u
#define SUM_JOURNAL  3584u /* where the journal is in a summary */
#define COUNT_BITS   10

struct entry {
	uint32_t count, type;
	uint8_t map[F2FS_MAP_BYTES]; /* first block: lowest bit */
};

struct sit {
	const struct f2fs *f;
	uint32_t journal_n;
	struct {
		uint32_t segment;
		struct entry entry;
	} journal[F2FS_JOURNAL_ENTRIES];
	uint64_t blocks, nodes; /* that entries count */
	uint32_t empty;         /* segments */
	uint8_t *in_use;        /* a bit a segment */
};

static void parse_entry(struct rd *r, struct entry *x)
{
	uint16_t v = rd_le16(r);
	const uint8_t *map = rd_bytes(r, F2FS_MAP_BYTES);

	rd_skip(r, 8);
	*x = (struct entry){ .count = v & ((1U << COUNT_BITS) - 1),
			     .type = (uint32_t)v >> COUNT_BITS };
	if (map)
		memcpy(x->map, map, F2FS_MAP_BYTES);
	bitmap_reverse(x->map, F2FS_MAP_BYTES);
}

/* In the one compacted summary, or in a whole one.  0: there is no such block. */
static uint64_t journal_at(const struct f2fs *f, uint32_t *offset)
{
	/* Summaries from that of hot data on, and the last block of the pack. */
	uint32_t behind = 1 + (f->flags & (F2FS_CP_UMOUNT | F2FS_CP_FASTBOOT) ? 6 : 3);

	if (f->flags & F2FS_CP_COMPACT) {
		*offset = F2FS_JOURNAL_BYTES; /* the journal of the NAT is before it */
		return (uint64_t)f->cp_addr + f->sum_start;
	}
	*offset = SUM_JOURNAL;
	return f->pack_blocks > behind
		       ? (uint64_t)f->cp_addr + f->pack_blocks - behind + COLD_DATA
		       : 0;
}

static int read_journal(struct sit *x, struct err *e)
{
	const struct f2fs *f = x->f;
	uint8_t buf[F2FS_BLOCK];
	struct rd r = rd_init(buf, sizeof(buf));
	uint32_t offset;
	uint64_t at = journal_at(f, &offset);
	int err = at ? f2fs_read(f, at, buf, e) : 0;

	if (err)
		return err;
	if (!at)
		return err_set(e, -EUCLEAN,
			       "the checkpoint has impossible numbers; " F2FS_DAMAGED);
	rd_seek(&r, offset);
	x->journal_n = rd_le16(&r);
	if (x->journal_n > F2FS_JOURNAL_ENTRIES)
		return err_set(e, -EUCLEAN, "the SIT journal is damaged; " F2FS_DAMAGED);
	for (uint32_t i = 0; i < x->journal_n; i++) {
		x->journal[i].segment = rd_le32(&r);
		parse_entry(&r, &x->journal[i].entry);
		if (x->journal[i].segment >= f->s.main_segs)
			return err_set(e, -EUCLEAN,
				       "the SIT journal is damaged; " F2FS_DAMAGED);
	}
	return 0;
}

/* The last entry of a segment in the journal counts. */
static const struct entry *in_journal(const struct sit *x, uint32_t segment)
{
	for (uint32_t i = x->journal_n; i-- > 0;)
		if (x->journal[i].segment == segment)
			return &x->journal[i].entry;
	return NULL;
}

static bool is_current(const struct f2fs *f, uint32_t segment)
{
	for (unsigned i = 0; i < F2FS_CURSEGS; i++)
		if (f->curseg[i] == segment)
			return true;
	return false;
}

static int add_segment(struct sit *x, uint32_t segment, const struct entry *own, struct err *e)
{
	const struct f2fs *f = x->f;
	const struct entry *s = in_journal(x, segment);
	uint64_t at = (f->s.main_addr + ((uint64_t)segment << F2FS_SEG_SHIFT)) * F2FS_BLOCK;
	uint64_t count = 0;
	bool current = is_current(f, segment);
	int r;

	s = s ? s : own;
	r = bitmap_add(s->map, F2FS_SEG_BLOCKS, at, F2FS_BLOCK, f->used, &count, e);
	if (r)
		return r;
	if (count != s->count || s->type >= TYPES)
		return err_set(e, -EUCLEAN,
			       "the SIT entry of segment %" PRIu32 " is damaged; " F2FS_DAMAGED,
			       segment);
	x->blocks += count;
	x->nodes += s->type >= FIRST_NODE ? count : 0;
	x->empty += !count && !current;
	if (count || current)
		x->in_use[segment / 8] |= (uint8_t)(1U << segment % 8);
	/* Only with --force: what came after the checkpoint begins there. */
	if (current && (f->later || !(f->flags & F2FS_CP_UMOUNT)))
		r = extents_add(f->used, at, F2FS_SEG_BLOCKS * F2FS_BLOCK, e);
	return r;
}

/* SIT blocks [@first, @first + @n), one after the other on the device. */
static int add_chunk(struct sit *x, uint32_t first, uint32_t n, uint64_t at, uint8_t *buf,
		     struct err *e)
{
	const struct f2fs *f = x->f;
	int r = dev_read(f->a->dev, buf, (size_t)n * F2FS_BLOCK, f->a->off + at * F2FS_BLOCK,
			 e);

	for (uint32_t i = 0; i < n && !r; i++) {
		struct rd b = rd_init(buf + (size_t)i * F2FS_BLOCK, F2FS_BLOCK);
		uint32_t segment = (first + i) * F2FS_SITS_A_BLOCK;
		uint32_t end = segment + F2FS_SITS_A_BLOCK;

		end = end < f->s.main_segs ? end : f->s.main_segs;
		for (; segment < end && !r; segment++) {
			struct entry own;

			parse_entry(&b, &own);
			r = add_segment(x, segment, &own, e);
		}
	}
	return r;
}

/* The highest bit of a byte stands for the first block. */
static uint32_t sit_copy(const struct f2fs *f, uint32_t block)
{
	return f->sit_map[block / 8] >> (7 - block % 8) & 1;
}

static int add_main(struct sit *x, struct err *e)
{
	const struct f2fs *f = x->f;
	uint32_t blocks = (f->s.main_segs + F2FS_SITS_A_BLOCK - 1) / F2FS_SITS_A_BLOCK, n;
	uint64_t copy_blocks = (uint64_t)f->s.sit_segs / 2 << F2FS_SEG_SHIFT;
	uint8_t *buf = malloc(CHUNK_BLOCKS * F2FS_BLOCK);
	int r = buf ? 0 : err_nomem(e);

	for (uint32_t i = 0; i < blocks && !r; i += n) {
		uint32_t copy = sit_copy(f, i);

		for (n = 1; n < CHUNK_BLOCKS && i + n < blocks && sit_copy(f, i + n) == copy;)
			n++;
		r = add_chunk(x, i, n, f->s.sit_addr + copy * copy_blocks + i, buf, e);
	}
	free(buf);
	return r;
}

/*
 * Blocks that are promised to files but not written yet, and those that
 * compression saves, count in the checkpoint only.
 */
static void compare_counts(const struct sit *x, struct fs_info *ret)
{
	const struct f2fs *f = x->f;

	if (ret->problem[0] || (x->blocks <= f->valid_blocks && x->nodes == f->valid_nodes &&
				x->empty == f->free_segs))
		return;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its checkpoint counts %" PRIu64 " blocks in use, %" PRIu32
		 " of them nodes, and %" PRIu32 " empty segments, its SIT %" PRIu64 ", %" PRIu64
		 " and %" PRIu32 ": run fsck.f2fs -f on it; --nocheck trusts the SIT",
		 f->valid_blocks, f->valid_nodes, f->free_segs, x->blocks, x->nodes, x->empty);
}

int f2fs_add_used(struct f2fs *f, struct fs_info *ret, struct err *e)
{
	struct sit x = { .f = f };
	uint64_t ssa = (uint64_t)f->s.ssa_addr * F2FS_BLOCK;
	int r;

	x.in_use = calloc(f->s.main_segs / 8 + 1, 1);
	if (!x.in_use)
		return err_nomem(e);
	r = extents_add(f->used, 0, ssa, e);
	if (!r)
		r = read_journal(&x, e);
	if (!r)
		r = add_main(&x, e);
	if (!r && f->s.ssa_segs)
		r = bitmap_add(x.in_use, f->s.main_segs, ssa, F2FS_BLOCK, f->used, NULL, e);
	if (!r)
		compare_counts(&x, ret);
	free(x.in_use);
	return r;
}
