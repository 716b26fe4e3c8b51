// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * map.c - docs/FORMAT.md, "Map": the used extents of one region as pairs of
 * LEB128 numbers (gap before, length) in units of 2^shift bytes.
 */
#include "imager/image/format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define UNIT_SHIFT_MAX 30

static void wr_leb128(struct wr *w, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		wr_u8(w, (uint8_t)(v | 0x80));
	wr_u8(w, (uint8_t)v);
}

/* Bad, as the cursor is at its end, also for more than 64 bits. */
static uint64_t rd_leb128(struct rd *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b = rd_u8(r);

		if (shift == 63 && b > 1)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

/* The largest power of two that divides every bound. */
static unsigned unit_shift(const struct extents *x)
{
	uint64_t all = UINT64_C(1) << UNIT_SHIFT_MAX;

	for (size_t i = 0; i < x->n; i++)
		all |= x->v[i].off | x->v[i].len;
	return (unsigned)__builtin_ctzll(all);
}

static void map_body(struct wr *w, const struct header *h, uint32_t region)
{
	const struct extents *x = &h->regions[region].used;
	unsigned shift = unit_shift(x);
	uint64_t at = 0;

	frame_begin(w, FRAME_MAP);
	wr_bytes(w, h->id, IMAGE_ID_SIZE);
	wr_le32(w, region);
	wr_le32(w, shift);
	for (size_t i = 0; i < x->n; i++) {
		wr_leb128(w, (x->v[i].off - at) >> shift);
		wr_leb128(w, x->v[i].len >> shift);
		at = x->v[i].off + x->v[i].len;
	}
}

size_t map_size(const struct header *h, uint32_t region)
{
	struct wr w = wr_init(NULL, 0);

	map_body(&w, h, region);
	return w.pos + HASH_SIZE;
}

int map_render(const struct header *h, uint32_t region, void *buf, size_t n, struct hash *hash)
{
	struct wr w = wr_init(buf, n);

	map_body(&w, h, region);
	return frame_seal(&w, 0, HASH_SIZE, hash);
}

static int parse_extents(struct rd *r, unsigned shift, struct region *g)
{
	size_t n = g->n_extents;
	uint64_t at = 0, used = 0, limit = g->size >> shift;

	g->used.v = n ? calloc(n, sizeof(*g->used.v)) : NULL;
	if (n && !g->used.v)
		return -ENOMEM;
	g->used.cap = n;
	for (size_t i = 0; i < n; i++) {
		uint64_t gap = rd_leb128(r), len = rd_leb128(r);

		/* Only the first extent may begin where the one before ends. */
		if (!rd_ok(r) || !len || (i && !gap) || gap > limit - at ||
		    len > limit - at - gap)
			return -EBADMSG;
		at += gap;
		g->used.v[i] = (struct extent){ at << shift, len << shift };
		g->used.n = i + 1;
		at += len;
		used += len << shift;
	}
	return used == g->used_bytes ? 0 : -EBADMSG;
}

int map_parse(const void *buf, size_t n, struct header *h, uint32_t region, struct hash *hash,
	      struct err *e)
{
	struct region *g = &h->regions[region];
	const uint8_t *id;
	uint32_t number, shift;
	struct rd r;
	int code;

	code = frame_open(buf, n, FRAME_MAP, &r, e);
	if (!code)
		code = frame_check_seal(buf, n, HASH_SIZE, hash, "map", e);
	if (code < 0)
		return code;
	id = rd_bytes(&r, IMAGE_ID_SIZE);
	number = rd_le32(&r);
	shift = rd_le32(&r);
	if (!rd_ok(&r) || memcmp(id, h->id, IMAGE_ID_SIZE) || number != region ||
	    shift > UNIT_SHIFT_MAX || g->n_extents > rd_left(&r) / 2)
		return err_set(e, -EBADMSG, "map: not that of region %" PRIu32, region);
	code = parse_extents(&r, shift, g);
	if (code == -ENOMEM)
		return err_nomem(e);
	if (code < 0 || rd_left(&r) != HASH_SIZE)
		return err_set(e, -EBADMSG, "map: its extents are impossible");
	return 0;
}
