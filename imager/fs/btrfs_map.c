// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs_map.c - the chunks of Btrfs: which logical addresses are where on the
 * device.  The superblock has those that the chunk tree itself lies in.
 */
#include "imager/fs/btrfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define KEY_DEVICE    216
#define KEY_CHUNK     228
#define OBJECT_DEVICE 1
#define OBJECT_CHUNK  256

#define TYPE_DATA     (UINT64_C(1) << 0)
#define TYPE_SYSTEM   (UINT64_C(1) << 1)
#define TYPE_METADATA (UINT64_C(1) << 2)
#define TYPES         (TYPE_DATA | TYPE_SYSTEM | TYPE_METADATA)

/* 24 MiB of them.  Those of a large filesystem are of 256 MiB and more. */
#define CHUNKS_MAX (1U << 19)

/* How a chunk may lie on one device; RAID0 over one is plain. */
static const struct profile {
	uint64_t bits;
	unsigned copies;
} profiles[] = {
	{ 0, 1 },
	{ UINT64_C(1) << 5, 2 }, /* DUP */
	{ UINT64_C(1) << 3, 1 }, /* RAID0 */
};

static unsigned copies_of(uint64_t type)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if ((type & ~TYPES) == profiles[i].bits)
			return profiles[i].copies;
	return 0;
}

static int bad_chunk(uint64_t at, struct err *e)
{
	return err_set(e, -EUCLEAN, "the chunk at %" PRIu64 " is impossible; " BTRFS_DAMAGED,
		       at);
}

static int push(struct btrfs_chunks *c, const struct btrfs_chunk *chunk, struct err *e)
{
	if (c->n == CHUNKS_MAX)
		return err_set(e, -EOPNOTSUPP, "it has more chunks than can be read");
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		struct btrfs_chunk *v = reallocarray(c->v, cap, sizeof(*v));

		if (!v)
			return err_nomem(e);
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = *chunk;
	return 0;
}

/* Takes the item of a chunk at address @at from @r and appends it to @c. */
static int take_chunk(const struct btrfs *b, struct btrfs_chunks *c, uint64_t at, struct rd *r,
		      struct err *e)
{
	const struct btrfs_super *s = &b->super;
	struct btrfs_chunk chunk = { .at = at };
	unsigned stripes;
	uint64_t end;

	chunk.length = rd_le64(r);
	rd_skip(r, 8 + 8); /* owner, length of a stripe's piece */
	chunk.type = rd_le64(r);
	rd_skip(r, 4 + 4 + 4); /* alignment, width, sector */
	stripes = rd_le16(r);
	rd_skip(r, 2); /* stripes that RAID10 has twice */
	chunk.copies = copies_of(chunk.type);
	for (unsigned i = 0; i < stripes && rd_ok(r); i++) {
		uint64_t device = rd_le64(r), place = rd_le64(r);

		rd_skip(r, 16); /* the device's UUID */
		if (rd_ok(r) && device != s->device)
			return err_set(e, -EUCLEAN, "device %" PRIu64 " of it: " BTRFS_SEVERAL,
				       s->device);
		if (i < 2)
			chunk.place[i] = place;
		if (!add_u64(place, chunk.length, &end) || end > b->a->size)
			return bad_chunk(at, e);
	}
	if (!rd_ok(r) || !chunk.copies || stripes != chunk.copies || !(chunk.type & TYPES) ||
	    !chunk.length || (at | chunk.length) % s->sector ||
	    !add_u64(at, chunk.length, &end))
		return bad_chunk(at, e);
	return push(c, &chunk, e);
}

/* ---- order ------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
	const struct btrfs_chunk *p = a, *q = b;

	return (p->at > q->at) - (p->at < q->at);
}

/* No two chunks may share a place on the device. */
static int check_places(const struct btrfs_chunks *c, struct err *e)
{
	struct extents places = { 0 };
	uint64_t sum = 0;
	int r = 0;

	for (size_t i = 0; i < c->n && !r && sum <= INT64_MAX; i++)
		for (unsigned k = 0; k < c->v[i].copies && !r; k++) {
			r = extents_add(&places, c->v[i].place[k], c->v[i].length, e);
			sum += c->v[i].length;
		}
	extents_normalize(&places);
	if (!r && extents_total(&places) != sum)
		r = err_set(e, -EUCLEAN, "two chunks are in the same place; " BTRFS_DAMAGED);
	extents_free(&places);
	return r;
}

static int settle(struct btrfs_chunks *c, struct err *e)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_address);
	for (size_t i = 1; i < c->n; i++)
		if (c->v[i].at - c->v[i - 1].at < c->v[i - 1].length)
			return bad_chunk(c->v[i].at, e);
	return check_places(c, e);
}

const struct btrfs_chunk *btrfs_chunk_of(const struct btrfs_chunks *c, uint64_t at,
					 uint64_t len)
{
	size_t lo = 0, hi = c->n;
	const struct btrfs_chunk *v;

	while (lo < hi) { /* to the first chunk after @at */
		size_t mid = lo + (hi - lo) / 2;

		if (c->v[mid].at <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return NULL;
	v = &c->v[lo - 1];
	return at - v->at < v->length && len <= v->length - (at - v->at) ? v : NULL;
}

int btrfs_add(struct btrfs *b, uint64_t at, uint64_t len, struct err *e)
{
	const struct btrfs_chunk *c = btrfs_chunk_of(&b->chunks, at, len);
	int r = 0;

	if (!c)
		return err_set(e, -EUCLEAN,
			       "no chunk holds the used bytes %" PRIu64 "+%" PRIu64
			       "; " BTRFS_DAMAGED,
			       at, len);
	for (unsigned i = 0; i < c->copies && !r; i++)
		r = extents_add(b->used, c->place[i] + (at - c->at), len, e);
	return r;
}

/* ---- reading ----------------------------------------------------------------- */

static int read_first(struct btrfs *b, struct err *e)
{
	struct rd r = rd_init(b->super.chunks, b->super.chunks_size);

	while (rd_left(&r)) {
		struct btrfs_key k = btrfs_key_get(&r);
		int err;

		if (!rd_ok(&r) || k.object != OBJECT_CHUNK || k.type != KEY_CHUNK)
			return err_set(
				e, -EUCLEAN,
				"the superblock has a bad list of chunks; " BTRFS_DAMAGED);
		err = take_chunk(b, &b->chunks, k.offset, &r, e);
		if (err)
			return err;
	}
	return settle(&b->chunks, e);
}

struct reading {
	const struct btrfs *b;
	struct btrfs_chunks all;
};

static int take_item(void *arg, const struct btrfs_key *k, struct rd *item, struct err *e)
{
	struct reading *x = arg;

	if (k->object == OBJECT_DEVICE && k->type == KEY_DEVICE &&
	    k->offset != x->b->super.device)
		return err_set(e, -EUCLEAN, "device %" PRIu64 " of it: " BTRFS_SEVERAL,
			       x->b->super.device);
	if (k->object != OBJECT_CHUNK || k->type != KEY_CHUNK)
		return 0;
	return take_chunk(x->b, &x->all, k->offset, item, e);
}

static bool same_chunk(const struct btrfs_chunk *a, const struct btrfs_chunk *b)
{
	return b && a->at == b->at && a->length == b->length && a->type == b->type &&
	       a->place[0] == b->place[0] && a->place[1] == b->place[1];
}

int btrfs_chunks_read(struct btrfs *b, struct err *e)
{
	struct reading x = { .b = b };
	struct btrfs_chunks first;
	int r = read_first(b, e);

	if (!r)
		r = btrfs_walk(b, &b->super.chunk_root, take_item, &x, e);
	first = b->chunks;
	b->chunks = x.all;
	if (!r)
		r = settle(&b->chunks, e);
	for (size_t i = 0; i < first.n && !r; i++)
		if (!same_chunk(&first.v[i], btrfs_chunk_of(&b->chunks, first.v[i].at, 1)))
			r = err_set(e, -EUCLEAN,
				    "superblock and chunk tree disagree; " BTRFS_DAMAGED);
	free(first.v);
	return r;
}
