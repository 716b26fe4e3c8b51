// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hfsplus.c - HFS Plus and HFSX, also inside an HFS wrapper.
 *
 * The volume header is at byte 1024 of the volume, a copy of it 1024 bytes
 * before the end.  The allocation file is the map: the highest bit of its
 * first byte stands for allocation block 0.  Its first 8 extents are in the
 * volume header, any others in the leaves of the extents overflow B-tree,
 * ordered by file number, fork and first block.  All numbers are big-endian.
 * A wrapper is an HFS volume whose master directory block says where in it the
 * HFS Plus volume is embedded; all of it that is outside of that counts as used.
 *
 * There are no checksums on what is read here but that of the journal's header.
 * So the map must have all blocks of the special files, and the number of free
 * blocks must be that of the volume header.
 *
 * Source: Apple Technical Note TN1150, HFS Plus Volume Format; for the bit
 * VOLUME_INCONSISTENT, which is younger, Apple's hfs_format.h.
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADER_OFFSET 1024
#define HEADER_SIZE   512
#define HEADERS_END   1536 /* the blocks up to here are the first used ones */
#define SIG_HFSPLUS   0x482b
#define SIG_HFSX      0x4858
#define SIG_WRAPPER   0x4244
#define BLOCK_MIN     512
#define FORK_EXTENTS  8
#define ALLOCATION_ID 6
#define PIECE         (1U << 20)

/* Attributes of the volume. */
#define VOLUME_UNMOUNTED         (1U << 8)
#define VOLUME_SPARED_BLOCKS     (1U << 9)
#define VOLUME_BOOT_INCONSISTENT (1U << 11)
#define VOLUME_JOURNALED         (1U << 13)
#define VOLUME_INCONSISTENT      (1U << 14)

/* The journal info block and the journal's header. */
#define JOURNAL_INFO_SIZE 52
#define JOURNAL_IN_VOLUME 1U
#define JOURNAL_ELSEWHERE 2U
#define JOURNAL_NEW       4U /* its header is yet to be written */
#define JOURNAL_MAGIC     0x4a4e4c78
#define JOURNAL_ENDIAN    0x12345678
#define JOURNAL_SIZE      44
#define JOURNAL_SUM_AT    36

/* B-trees. */
#define NODE_HEADER 14
#define NODE_MIN    512
#define NODE_MAX    32768
#define KIND_HEADER 1
#define KIND_LEAF   0xff

#define WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define DAMAGED                                                                                \
	"the map of used blocks is damaged: repair it with macOS (Disk Utility or fsck_hfs), " \
	"or take every byte with --raw"

enum { FORK_ALLOCATION, FORK_EXTENTS_FILE, FORK_CATALOG, FORK_ATTRIBUTES, FORK_STARTUP, FORKS };

struct fork {
	uint64_t size; /* bytes */
	uint32_t blocks;
	struct extent x[FORK_EXTENTS]; /* volume blocks */
};

struct hfsplus {
	const struct area *a; /* with the wrapper */
	uint64_t off, size;   /* the volume, bytes from the begin of @a */
	uint32_t attributes, journal_info, block, blocks, free;
	struct fork forks[FORKS];
	struct extents map;     /* the allocation file's extents in order, blocks */
	struct extents special; /* what the map must have, blocks */
	uint64_t used;          /* blocks that the map has */
};

/* Reads from the volume; what a hostile number leads to may be outside of it. */
static int volume_read(const struct hfsplus *h, void *buf, size_t n, uint64_t at, struct err *e)
{
	if (at > h->size || n > h->size - at)
		return err_set(e, -EUCLEAN,
			       "something is said to be at byte %" PRIu64
			       ", which is behind the end; " DAMAGED,
			       at);
	return dev_read(h->a->dev, buf, n, h->a->off + h->off + at, e);
}

/* ---- the volume header --------------------------------------------------- */

/* A volume that is embedded in a wrapper: where it is. */
static int find_embedded(struct hfsplus *h, const uint8_t *mdb, struct err *e)
{
	struct rd r = rd_init(mdb, HEADER_SIZE);
	uint64_t unit, first;

	rd_seek(&r, 20);
	unit = rd_be32(&r);
	rd_seek(&r, 28);
	first = rd_be16(&r);
	rd_seek(&r, 126);
	h->off = first * 512 + rd_be16(&r) * unit;
	h->size = rd_be16(&r) * unit;
	if (h->off > h->a->size || h->size > h->a->size - h->off)
		return err_set(e, -EUCLEAN,
			       "its HFS wrapper says that it is at %" PRIu64 "+%" PRIu64
			       ", and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       h->off, h->size, h->a->size);
	return 0;
}

static void decode_fork(struct rd *r, struct fork *f)
{
	f->size = rd_be64(r);
	rd_skip(r, 4);
	f->blocks = rd_be32(r);
	for (int i = 0; i < FORK_EXTENTS; i++) {
		f->x[i].off = rd_be32(r);
		f->x[i].len = rd_be32(r);
	}
}

static void decode(struct hfsplus *h, const uint8_t *buf)
{
	struct rd r = rd_init(buf, HEADER_SIZE);

	rd_seek(&r, 4);
	h->attributes = rd_be32(&r);
	rd_seek(&r, 12);
	h->journal_info = rd_be32(&r);
	rd_seek(&r, 40);
	h->block = rd_be32(&r);
	h->blocks = rd_be32(&r);
	h->free = rd_be32(&r);
	rd_seek(&r, 112);
	for (int i = 0; i < FORKS; i++)
		decode_fork(&r, &h->forks[i]);
}

static int check_header(const struct hfsplus *h, struct err *e)
{
	if (h->block < BLOCK_MIN || h->block & (h->block - 1) || !h->blocks ||
	    h->free > h->blocks)
		return err_set(e, -EUCLEAN,
			       "the volume header has impossible numbers; " DAMAGED);
	if ((uint64_t)h->blocks * h->block > h->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu32
			       " blocks of %" PRIu32 " bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       h->blocks, h->block, h->size);
	return 0;
}

static int read_header(struct hfsplus *h, struct err *e)
{
	uint8_t buf[HEADER_SIZE];
	unsigned sig;
	int r;

	for (int wrapped = 0;; wrapped++) {
		if (h->size < HEADER_OFFSET + HEADER_SIZE)
			return err_set(e, -EOPNOTSUPP, "it has no HFS Plus volume header");
		r = volume_read(h, buf, sizeof(buf), HEADER_OFFSET, e);
		if (r)
			return r;
		sig = (unsigned)(buf[0] << 8 | buf[1]);
		if (wrapped || sig != SIG_WRAPPER)
			break;
		sig = (unsigned)(buf[124] << 8 | buf[125]);
		if (sig != SIG_HFSPLUS && sig != SIG_HFSX)
			return err_set(e, -EOPNOTSUPP, "it is HFS, not HFS Plus");
		r = find_embedded(h, buf, e);
		if (r)
			return r;
	}
	if (sig != SIG_HFSPLUS && sig != SIG_HFSX)
		return err_set(e, -EOPNOTSUPP, "it has no HFS Plus volume header");
	if (buf[2] || buf[3] < 4 || buf[3] > 5)
		return err_set(e, -EOPNOTSUPP, "its version %d is newer than this program",
			       buf[2] << 8 | buf[3]);
	decode(h, buf);
	return check_header(h, e);
}

/* ---- the journal --------------------------------------------------------- */

/* As TN1150 has it; the sum itself counts as zero. */
static uint32_t journal_sum(const uint8_t *p)
{
	uint32_t sum = 0;

	for (int i = 0; i < JOURNAL_SIZE; i++) {
		bool own = i >= JOURNAL_SUM_AT && i < JOURNAL_SUM_AT + 4;

		sum = sum << 8 ^ (sum + (own ? 0 : p[i]));
	}
	return ~sum;
}

/* NULL: the journal is empty; otherwise what is wrong. */
static const char *judge_journal(const uint8_t *buf)
{
	struct rd r = rd_init(buf, JOURNAL_SIZE);
	bool little = buf[0] == (JOURNAL_MAGIC & 0xff);
	uint32_t magic = little ? rd_le32(&r) : rd_be32(&r);
	uint32_t endian = little ? rd_le32(&r) : rd_be32(&r);
	uint64_t start = rd_le64(&r), end = rd_le64(&r);
	uint32_t sum;

	rd_seek(&r, JOURNAL_SUM_AT);
	sum = little ? rd_le32(&r) : rd_be32(&r);
	if (magic != JOURNAL_MAGIC || endian != JOURNAL_ENDIAN || sum != journal_sum(buf))
		return "its journal is damaged: ";
	return start == end ? NULL : "its journal holds changes that are not yet replayed: ";
}

static int add_special(struct hfsplus *h, uint64_t at, uint64_t n, struct err *e)
{
	if (at > h->blocks || n > h->blocks - at)
		return err_set(e, -EUCLEAN,
			       "blocks %" PRIu64 "+%" PRIu64
			       " are behind the end of the filesystem; " DAMAGED,
			       at, n);
	return extents_add(&h->special, at, n, e);
}

static void set_problem(struct fs_info *ret, const char *what)
{
	if (!ret->problem[0])
		snprintf(ret->problem, sizeof(ret->problem),
			 "%smount and unmount it with macOS, or repair it there (Disk Utility "
			 "or fsck_hfs)" WAY_OUT,
			 what);
}

static int check_journal(struct hfsplus *h, struct fs_info *ret, struct err *e)
{
	uint8_t buf[JOURNAL_INFO_SIZE], head[JOURNAL_SIZE];
	struct rd r = rd_init(buf, sizeof(buf));
	const char *what = NULL;
	uint32_t flags;
	uint64_t off, size;
	int x = volume_read(h, buf, sizeof(buf), (uint64_t)h->journal_info * h->block, e);

	if (x)
		return x;
	flags = rd_be32(&r);
	rd_skip(&r, 32); /* the device */
	off = rd_be64(&r);
	size = rd_be64(&r);
	x = add_special(h, h->journal_info, 1, e);
	if (x)
		return x;
	if (flags & JOURNAL_ELSEWHERE)
		snprintf(ret->notice, sizeof(ret->notice),
			 "its journal is on another device and is not part of the image");
	if (!(flags & JOURNAL_IN_VOLUME))
		return 0;
	if (off > h->size || size > h->size - off || size < JOURNAL_SIZE)
		return err_set(e, -EUCLEAN, "the journal is behind the end; " DAMAGED);
	x = add_special(h, off / h->block,
			(off + size + h->block - 1) / h->block - off / h->block, e);
	if (!x && !(flags & JOURNAL_NEW)) {
		x = volume_read(h, head, sizeof(head), off, e);
		what = x ? NULL : judge_journal(head);
	}
	if (what)
		set_problem(ret, what);
	return x;
}

static int find_problem(struct hfsplus *h, struct fs_info *ret, struct err *e)
{
	int r = 0;

	if (h->attributes & VOLUME_SPARED_BLOCKS)
		snprintf(ret->notice, sizeof(ret->notice),
			 "it has blocks that are marked bad, which are read all the same");
	if (h->attributes & VOLUME_JOURNALED)
		r = check_journal(h, ret, e);
	if (!(h->attributes & VOLUME_UNMOUNTED) || h->attributes & VOLUME_BOOT_INCONSISTENT)
		set_problem(ret, "it was not cleanly unmounted, or is mounted now: ");
	if (h->attributes & VOLUME_INCONSISTENT)
		set_problem(ret, "errors were found in it: ");
	return r;
}

/* ---- the extents of the allocation file ---------------------------------- */

static uint64_t map_blocks_needed(const struct hfsplus *h)
{
	uint64_t bytes = ((uint64_t)h->blocks + 7) / 8;

	return (bytes + h->block - 1) / h->block;
}

/* The next @n extents of the allocation file, up to one that is empty. */
static int add_map_extents(struct hfsplus *h, const struct extent *x, uint64_t *have,
			   struct err *e)
{
	int r = 0;

	for (int i = 0; i < FORK_EXTENTS && x[i].len && !r; i++) {
		r = add_special(h, x[i].off, x[i].len, e);
		if (!r)
			r = extents_add(&h->map, x[i].off, x[i].len, e);
		*have += x[i].len;
	}
	return r;
}

/* Reads a node of the extents file, which has no extents but those in the header. */
static int read_node(const struct hfsplus *h, uint32_t no, uint8_t *buf, uint32_t size,
		     struct err *e)
{
	const struct extent *x = h->forks[FORK_EXTENTS_FILE].x;
	uint64_t at = (uint64_t)no * size;
	uint32_t done = 0;
	int r = 0;

	for (int i = 0; i < FORK_EXTENTS && done < size && !r; i++) {
		uint64_t len = x[i].len * h->block;
		size_t n = size - done;

		if (at < len) {
			n = len - at < n ? (size_t)(len - at) : n;
			r = volume_read(h, buf + done, n, x[i].off * h->block + at, e);
			done += (uint32_t)n;
			at += n;
		}
		at -= at < len ? at : len;
	}
	if (!r && done < size)
		r = err_set(e, -EUCLEAN, "the extents file has no node %" PRIu32 "; " DAMAGED,
			    no);
	return r;
}

struct record {
	uint64_t key; /* file number, fork and first block: records ascend by it */
	uint32_t id, first;
	struct extent x[FORK_EXTENTS];
};

static bool decode_record(const uint8_t *node, uint32_t size, unsigned no, struct record *ret)
{
	struct rd r = rd_init(node, size);
	uint64_t fork;

	rd_seek(&r, size - 2 * (uint64_t)(no + 1)); /* offsets, from the end on */
	rd_seek(&r, rd_be16(&r) + 2);
	fork = rd_u8(&r);
	rd_skip(&r, 1);
	ret->id = rd_be32(&r);
	ret->first = rd_be32(&r);
	ret->key = (uint64_t)ret->id << 40 | fork << 32 | ret->first;
	for (int i = 0; i < FORK_EXTENTS; i++) {
		ret->x[i].off = rd_be32(&r);
		ret->x[i].len = rd_be32(&r);
	}
	return rd_ok(&r);
}

/*
 * Takes the allocation file's records out of a leaf.  Returns 1 when there can
 * be none in the leaves that follow.  *@last is the key before; as keys ascend,
 * a ring of leaves comes to an end.
 */
static int read_leaf(struct hfsplus *h, const uint8_t *node, uint32_t size, uint64_t *last,
		     uint64_t *have, struct err *e)
{
	unsigned records = (unsigned)(node[10] << 8 | node[11]);

	if (node[8] != KIND_LEAF || !records)
		return err_set(e, -EUCLEAN, "the extents file is damaged; " DAMAGED);
	for (unsigned i = 0; i < records; i++) {
		struct record rec;
		bool ok = decode_record(node, size, i, &rec) && rec.key > *last;
		bool ours = rec.key >> 32 == (uint64_t)ALLOCATION_ID << 8;
		int r;

		if (!ok || (ours && (rec.first != *have || !rec.x[0].len)))
			return err_set(e, -EUCLEAN, "the extents file is damaged; " DAMAGED);
		if (rec.id > ALLOCATION_ID)
			return 1;
		*last = rec.key;
		r = ours ? add_map_extents(h, rec.x, have, e) : 0;
		if (r)
			return r;
	}
	return 0;
}

static int read_tree(struct hfsplus *h, uint64_t *have, uint64_t need, struct err *e)
{
	uint8_t *node = calloc(1, NODE_MAX);
	struct rd r = rd_init(node, NODE_MAX);
	uint32_t size = NODE_MIN, leaf = 0;
	uint64_t last = 0;
	int x = node ? read_node(h, 0, node, size, e) : err_nomem(e);

	if (!x) {
		rd_seek(&r, NODE_HEADER + 10);
		leaf = rd_be32(&r);
		rd_skip(&r, 4);
		size = rd_be16(&r);
		if (node[8] != KIND_HEADER || size < NODE_MIN || size > NODE_MAX)
			x = err_set(e, -EUCLEAN, "the extents file is damaged; " DAMAGED);
	}
	while (leaf && *have < need && !x) {
		x = read_node(h, leaf, node, size, e);
		if (!x)
			x = read_leaf(h, node, size, &last, have, e);
		r = rd_init(node, size);
		leaf = rd_be32(&r);
	}
	free(node);
	return x < 0 ? x : 0;
}

static int find_map(struct hfsplus *h, struct err *e)
{
	uint64_t need = map_blocks_needed(h), have = 0;
	int r = add_map_extents(h, h->forks[FORK_ALLOCATION].x, &have, e);

	if (!r && have < need)
		r = read_tree(h, &have, need, e);
	if (!r && (have < need || h->forks[FORK_ALLOCATION].size < (h->blocks + 7ULL) / 8))
		r = err_set(e, -EUCLEAN, "the map is too short; " DAMAGED);
	return r;
}

/* ---- the map ------------------------------------------------------------- */

static int find_special(struct hfsplus *h, struct err *e)
{
	int r = add_special(h, 0, (HEADERS_END + h->block - 1) / h->block, e);

	for (int i = FORK_EXTENTS_FILE; i < FORKS; i++)
		for (int k = 0; k < FORK_EXTENTS && !r; k++)
			r = add_special(h, h->forks[i].x[k].off, h->forks[i].x[k].len, e);
	return r;
}

/* Blocks [@at, @at + @n), whose bits begin at bit 0 of @map. */
static int add_piece(struct hfsplus *h, uint8_t *map, uint64_t at, uint64_t n,
		     struct extents *used, struct err *e)
{
	bitmap_reverse(map, (size_t)((n + 7) / 8));
	for (size_t i = 0; i < h->special.n; i++) {
		const struct extent *x = &h->special.v[i];
		uint64_t from = x->off > at ? x->off : at;
		uint64_t to = x->off + x->len < at + n ? x->off + x->len : at + n;

		if (from < to && bitmap_next(map, from - at, to - at, false) != to - at)
			return err_set(e, -EUCLEAN,
				       "blocks of its own files are marked free; " DAMAGED);
	}
	return bitmap_add(map, n, h->off + at * h->block, h->block, used, &h->used, e);
}

static int add_map(struct hfsplus *h, struct extents *used, struct err *e)
{
	uint8_t *map = malloc(PIECE);
	uint64_t at = 0;
	int r = map ? 0 : err_nomem(e);

	for (size_t i = 0; i < h->map.n; i++) {
		uint64_t off = h->map.v[i].off * h->block;
		uint64_t end = off + h->map.v[i].len * h->block;

		for (; off < end && at < h->blocks && !r; off += PIECE) {
			uint64_t bytes = end - off < PIECE ? end - off : PIECE;
			uint64_t n = h->blocks - at < bytes * 8 ? h->blocks - at : bytes * 8;

			r = volume_read(h, map, (size_t)((n + 7) / 8), off, e);
			if (!r)
				r = add_piece(h, map, at, n, used, e);
			at += n;
		}
	}
	free(map);
	return r;
}

/* What is used whatever the map says: the wrapper and the copy of the header. */
static int add_outside(const struct hfsplus *h, struct extents *used, struct err *e)
{
	uint64_t end = h->off + (uint64_t)h->blocks * h->block;
	uint64_t copy =
		h->blocks * (uint64_t)h->block < HEADER_OFFSET ? h->off : end - HEADER_OFFSET;
	int r = extents_add(used, 0, h->off, e);

	if (!r)
		r = extents_add(used, copy, h->a->size - copy, e);
	return r;
}

static void check_count(const struct hfsplus *h, struct fs_info *ret)
{
	uint64_t free_blocks = h->blocks - h->used;

	if (ret->problem[0] || free_blocks == h->free)
		return;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its volume header counts %" PRIu32 " free blocks, its map %" PRIu64
		 ": repair it with macOS (Disk Utility or fsck_hfs); --nocheck trusts the map",
		 h->free, free_blocks);
}

static int hfsplus_used(const struct area *a, bool force, struct fs_info *ret,
			struct extents *used, struct err *e)
{
	struct hfsplus h = { .a = a, .size = a->size };
	int r = read_header(&h, e);

	if (!r) {
		ret->block = h.block;
		ret->size = h.off ? a->size : (uint64_t)h.blocks * h.block;
		r = find_problem(&h, ret, e);
	}
	if (r || (ret->problem[0] && !force))
		goto out;
	r = find_special(&h, e);
	if (!r)
		r = find_map(&h, e);
	extents_normalize(&h.special);
	if (!r)
		r = add_outside(&h, used, e);
	if (!r)
		r = add_map(&h, used, e);
	if (!r)
		check_count(&h, ret);
out:
	extents_free(&h.map);
	extents_free(&h.special);
	return r;
}

static const char *const hfsplus_types[] = { "hfsplus", NULL };

const struct fs_ops fs_hfsplus = {
	.name = "hfsplus",
	.types = hfsplus_types,
	.edges = { .head = 2048, .tail = 2048 },
	.used = hfsplus_used,
};
