// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * xfs_ag.c - what an allocation group of XFS uses: all but the free space that
 * its tree by block number lists.  The sources are named in xfs.h.
 *
 * Every block of a tree is read once, in order; as the records must rise, bad
 * pointers cannot make the walk longer than the group.  Where nothing has a
 * checksum (version 4), the second tree, by length, must list the same ranges.
 */
#include "common/bytes.h"
#include "common/crc32c.h"
#include "imager/fs/xfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LEVELS_MAX     9
#define HEADER_SECTORS 4 /* superblock, AGF, AGI, AGFL */

#define AGF_MAGIC  0x58414746
#define AGF_CRC_AT 216

/* A tree block: its header, and where the checksum is in it. */
#define NODE_HEADER    16
#define NODE_HEADER_V5 56
#define NODE_CRC_AT    52

enum { BY_BLOCK, BY_LENGTH, TREES };

static const struct kind {
	const char *name;
	uint32_t magic, magic_v5;
} kinds[TREES] = {
	[BY_BLOCK] = { "by block number", 0x41425442, 0x41423342 },
	[BY_LENGTH] = { "by length", 0x41425443, 0x41423343 },
};

/* The header of the free space. */
struct agf {
	uint32_t root[TREES], levels[TREES];
	uint32_t listed;  /* blocks on the free list, for the trees to grow */
	uint32_t free;    /* blocks in the trees */
	uint32_t longest; /* the longest range in them */
	uint32_t trees;   /* blocks that the trees take, without their roots */
};

struct range {
	uint32_t at, n;
};

struct walk {
	const struct xfs *x;
	uint32_t ag, length;
	int tree;
	uint8_t *bufs;      /* one block a level */
	struct range last;  /* the record before */
	uint32_t done;      /* by block: all before this is told to @used */
	uint64_t free, sum; /* blocks, and something that any order gives the same for */
	uint32_t longest;
	struct extents *used;
};

bool xfs_checksum_ok(const uint8_t *p, size_t n, size_t at)
{
	static const uint8_t zero[4];
	struct rd rd = rd_init(p, n);
	uint32_t crc;

	rd_seek(&rd, at);
	crc = rd_le32(&rd);
	return rd_ok(&rd) && crc == ~crc32c(crc32c(crc32c(~0U, p, at), zero, sizeof(zero)),
					    p + at + 4, n - at - 4);
}

static int add_blocks(const struct walk *w, uint32_t at, uint32_t n, struct err *e)
{
	return extents_add(w->used, xfs_offset(w->x, w->ag, at), (uint64_t)n * w->x->block, e);
}

/* ---- the header ---------------------------------------------------------- */

static bool agf_decode(const struct xfs *x, uint32_t ag, const uint8_t *buf, struct agf *ret)
{
	struct rd rd = rd_init(buf, x->sector);
	uint32_t magic = rd_be32(&rd), version = rd_be32(&rd);
	uint32_t number = rd_be32(&rd), length = rd_be32(&rd);
	const uint8_t *uuid;

	for (int i = 0; i < TREES; i++)
		ret->root[i] = rd_be32(&rd);
	rd_skip(&rd, 4);
	for (int i = 0; i < TREES; i++)
		ret->levels[i] = rd_be32(&rd);
	rd_skip(&rd, 12);
	ret->listed = rd_be32(&rd);
	ret->free = rd_be32(&rd);
	ret->longest = rd_be32(&rd);
	ret->trees = rd_be32(&rd);
	uuid = rd_bytes(&rd, XFS_UUID_SIZE);
	if (!rd_ok(&rd) || magic != AGF_MAGIC || version != 1 || number != ag ||
	    length != xfs_ag_length(x, ag) || ret->listed > x->sector / 4)
		return false;
	return !x->v5 || (!memcmp(uuid, x->meta_uuid, XFS_UUID_SIZE) &&
			  xfs_checksum_ok(buf, x->sector, AGF_CRC_AT));
}

static int agf_read(const struct xfs *x, uint32_t ag, struct agf *ret, struct err *e)
{
	uint8_t *buf = malloc(x->sector);
	int r;

	if (!buf)
		return err_nomem(e);
	r = dev_read(x->a->dev, buf, x->sector, x->a->off + xfs_offset(x, ag, 0) + x->sector,
		     e);
	if (r)
		r = err_wrap(e, r, "the header of allocation group %" PRIu32, ag);
	else if (!agf_decode(x, ag, buf, ret))
		r = err_set(e, -EUCLEAN,
			    "allocation group %" PRIu32 " has a bad header; " XFS_DAMAGED, ag);
	free(buf);
	return r;
}

/* ---- a tree -------------------------------------------------------------- */

static int bad_block(const struct walk *w, uint32_t at, struct err *e)
{
	return err_set(e, -EUCLEAN,
		       "block %" PRIu32 " of allocation group %" PRIu32
		       ", in its tree of free space %s, is bad; " XFS_DAMAGED,
		       at, w->ag, kinds[w->tree].name);
}

/* A checked block of the tree; @ret: its records, @ret_n of them. */
static int read_node(struct walk *w, uint32_t at, unsigned level, struct rd *ret,
		     uint32_t *ret_n, struct err *e)
{
	const struct xfs *x = w->x;
	const struct kind *k = &kinds[w->tree];
	uint8_t *buf = w->bufs + (size_t)level * x->block;
	size_t head = x->v5 ? NODE_HEADER_V5 : NODE_HEADER;
	struct rd rd = rd_init(buf, x->block);
	int r;

	if (!at || at >= w->length)
		return bad_block(w, at, e);
	r = dev_read(x->a->dev, buf, x->block, x->a->off + xfs_offset(x, w->ag, at), e);
	if (r)
		return err_wrap(e, r, "block %" PRIu32 " of allocation group %" PRIu32, at,
				w->ag);
	if (rd_be32(&rd) != (x->v5 ? k->magic_v5 : k->magic) || rd_be16(&rd) != level)
		return bad_block(w, at, e);
	*ret_n = rd_be16(&rd);
	rd_skip(&rd, 8); /* siblings */
	if (x->v5 && rd_be64(&rd) != xfs_offset(x, w->ag, at) / 512)
		return bad_block(w, at, e);
	rd_skip(&rd, 8); /* when it was last written */
	if (x->v5 && (memcmp(rd_bytes(&rd, XFS_UUID_SIZE), x->meta_uuid, XFS_UUID_SIZE) ||
		      rd_be32(&rd) != w->ag || !xfs_checksum_ok(buf, x->block, NODE_CRC_AT)))
		return bad_block(w, at, e);
	*ret = rd_init(buf + head, x->block - head);
	/* Trees count as used, whatever they say about themselves. */
	return add_blocks(w, at, 1, e);
}

static bool in_order(const struct walk *w, struct range now)
{
	const struct range *last = &w->last;

	if (w->tree == BY_BLOCK || now.n == last->n)
		return now.at >= last->at && now.at - last->at >= last->n;
	return now.n > last->n;
}

static uint64_t mixed(struct range x)
{
	uint64_t v = ((uint64_t)x.at << 32 | x.n) * UINT64_C(0x9e3779b97f4a7c15);

	return (v ^ v >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

static int add_record(struct walk *w, struct range now, struct err *e)
{
	int r = 0;

	if (w->tree == BY_BLOCK) {
		r = add_blocks(w, w->done, now.at - w->done, e);
		w->done = now.at + now.n;
	}
	w->last = now;
	w->free += now.n;
	w->sum += mixed(now);
	if (now.n > w->longest)
		w->longest = now.n;
	return r;
}

static int walk_leaf(struct walk *w, uint32_t at, struct rd *rd, uint32_t n, struct err *e)
{
	uint64_t first = (HEADER_SECTORS * w->x->sector + w->x->block - 1) / w->x->block;
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++) {
		struct range now = { rd_be32(rd), 0 };

		now.n = rd_be32(rd);
		if (!rd_ok(rd) || !now.n || now.at < first || now.at >= w->length ||
		    now.n > w->length - now.at || !in_order(w, now))
			return bad_block(w, at, e);
		r = add_record(w, now, e);
	}
	return r;
}

/* A leaf may have no records only when it is all of the tree. */
static int walk_tree(struct walk *w, uint32_t at, unsigned level, bool root, struct err *e)
{
	uint32_t n = 0, max;
	struct rd rd, ahead;
	int r = read_node(w, at, level, &rd, &n, e);

	if (r)
		return r;
	if (!n && (level || !root))
		return bad_block(w, at, e);
	if (!level)
		return walk_leaf(w, at, &rd, n, e);
	/* Room for so many keys of 8 bytes; then their pointers of 4. */
	max = (uint32_t)(rd_left(&rd) / 12);
	if (n > max)
		return bad_block(w, at, e);
	rd_skip(&rd, (size_t)max * 8);
	ahead = rd;
	for (uint32_t i = 0; i < n && level == 1; i++)
		dev_read_hint(w->x->a->dev,
			      w->x->a->off + xfs_offset(w->x, w->ag, rd_be32(&ahead)),
			      w->x->block);
	for (uint32_t i = 0; i < n && !r; i++)
		r = walk_tree(w, rd_be32(&rd), level - 1, false, e);
	return r;
}

static int walk_one(struct walk *w, const struct agf *agf, struct err *e)
{
	uint32_t levels = agf->levels[w->tree];

	if (!levels || levels > LEVELS_MAX)
		return err_set(e, -EUCLEAN,
			       "allocation group %" PRIu32 " has a bad header; " XFS_DAMAGED,
			       w->ag);
	return walk_tree(w, agf->root[w->tree], levels - 1, true, e);
}

/* ---- all of it ----------------------------------------------------------- */

static void find_odd(const struct walk *w, const struct agf *agf, struct xfs_ag *ret)
{
	if (w[BY_BLOCK].free != agf->free || w[BY_BLOCK].longest != agf->longest)
		snprintf(ret->odd, sizeof(ret->odd),
			 "allocation group %" PRIu32 " counts %" PRIu32
			 " free blocks, at most %" PRIu32 " in a row, its tree has %" PRIu64
			 " and %" PRIu32,
			 w->ag, agf->free, agf->longest, w[BY_BLOCK].free, w[BY_BLOCK].longest);
	else if (!w->x->v5 &&
		 (w[BY_BLOCK].free != w[BY_LENGTH].free || w[BY_BLOCK].sum != w[BY_LENGTH].sum))
		snprintf(ret->odd, sizeof(ret->odd),
			 "the two trees of free space of allocation group %" PRIu32
			 " are not the same",
			 w->ag);
}

int xfs_ag_used(const struct xfs *x, uint32_t ag, struct xfs_ag *ret, struct extents *used,
		struct err *e)
{
	uint8_t *bufs = malloc((size_t)LEVELS_MAX * x->block);
	struct walk w[TREES] = { 0 };
	struct agf agf = { 0 };
	int r = bufs ? agf_read(x, ag, &agf, e) : err_nomem(e);

	*ret = (struct xfs_ag){ 0 };
	for (int i = 0; i < (x->v5 ? BY_LENGTH : TREES) && !r; i++) {
		w[i] = (struct walk){ .x = x, .ag = ag, .tree = i, .bufs = bufs, .used = used };
		w[i].length = xfs_ag_length(x, ag);
		r = walk_one(&w[i], &agf, e);
	}
	if (!r)
		r = add_blocks(w, w->done, w->length - w->done, e);
	if (!r) {
		find_odd(w, &agf, ret);
		ret->free = (uint64_t)agf.free + agf.listed;
		if (x->free_has_trees)
			ret->free += agf.trees;
	}
	free(bufs);
	return r;
}
