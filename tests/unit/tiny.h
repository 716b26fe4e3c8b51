// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * tiny.h - an image of two regions and seven chunks, of every kind there is,
 * made by the real writer in memory.  Needs no cmocka: the fuzz targets use it
 * as well.
 */
#ifndef TESTS_UNIT_TINY_H
#define TESTS_UNIT_TINY_H

#include "tests/unit/memory.h"
#include "tests/unit/seal.h"

#include "imager/codec/codec.h"
#include "imager/image/writer.h"

#define TINY_WINDOW UINT64_C(65536)
#define TINY_BAD    30 /* unreadable bytes at a chunk's begin */

enum { TINY_TEXT, TINY_NOISE, TINY_ZEROS };

static const struct tiny_plan {
	uint32_t region;
	uint64_t number;
	uint8_t content, codec;
	bool bad;
} tiny_plan[] = {
	{ 0, 0, TINY_TEXT, 3, false },  { 0, 1, TINY_NOISE, 0, false },
	{ 0, 3, TINY_ZEROS, 3, false }, { 0, 4, TINY_TEXT, 0, true },
	{ 0, 5, TINY_NOISE, 0, false }, /* becomes a SAME */
	{ 1, 0, TINY_ZEROS, 0, true },  { 1, 1, TINY_TEXT, 1, false },
};

#define TINY_CHUNKS 7
#define TINY_SAME   4 /* the chunk that is one */
#define TINY_EQUAL  1 /* and the one that has its bytes */

struct tiny {
	struct header h;
	struct region regions[2];
	uint8_t *raw[TINY_CHUNKS]; /* the used bytes, as a reader must give them */
	uint32_t used[TINY_CHUNKS];
	uint64_t begin[TINY_CHUNKS + 1]; /* of the records; then where the index begins */
};

static inline int tiny_use(struct region *g, uint64_t off, uint64_t len)
{
	int r = extents_add(&g->used, off, len, NULL);

	g->used_bytes += len;
	g->n_extents = (uint32_t)g->used.n;
	return r;
}

static inline int tiny_maps(struct tiny *t)
{
	struct region *a = &t->regions[0], *b = &t->regions[1];
	int r = 0;

	*t = (struct tiny){ 0 };
	*a = (struct region){
		.size = 6 * TINY_WINDOW + 100, .kind = REGION_AREA, .block = 4, .fs = "toy"
	};
	*b = (struct region){ .off = 8 * TINY_WINDOW,
			      .size = 2 * TINY_WINDOW,
			      .kind = REGION_AREA };
	r |= tiny_use(a, 0, 300);
	r |= tiny_use(a, 4096, 300);
	r |= tiny_use(a, TINY_WINDOW + 1000, 4200);
	r |= tiny_use(a, 3 * TINY_WINDOW + 512, 64);
	r |= tiny_use(a, 4 * TINY_WINDOW, 100);
	r |= tiny_use(a, 4 * TINY_WINDOW + 200, 60);
	r |= tiny_use(a, 5 * TINY_WINDOW + 8, 4000);
	r |= tiny_use(a, 6 * TINY_WINDOW - 200, 200);
	r |= tiny_use(b, TINY_WINDOW - 50, 350);
	t->h = (struct header){ .id = "tiny image no. 1",
				.chunk_shift = 16,
				.codec = 3,
				.device_size = 10 * TINY_WINDOW,
				.used_bytes = a->used_bytes + b->used_bytes,
				.sector = 512,
				.physical = 512,
				.regions = t->regions,
				.n_regions = 2,
				.json = (char *)"{}",
				.json_len = 2 };
	return r;
}

static inline void tiny_fill(uint8_t *p, size_t n, unsigned content, bool bad)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog. ";
	uint32_t x = 12345;

	for (size_t i = 0; i < n && content != TINY_ZEROS; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = content == TINY_NOISE ? (uint8_t)(x >> 24)
					     : (uint8_t)text[i % (sizeof(text) - 1)];
	}
	if (bad)
		memset(p, 0, TINY_BAD);
}

/* The packed bytes of @raw; the caller frees. */
static inline uint8_t *tiny_pack(uint8_t codec, const uint8_t *raw, size_t n, uint32_t *ret_n)
{
	const struct codec *c = codec_by_id(codec);
	uint8_t *out = malloc(CODEC_BOUND(n));
	void *ctx = NULL;
	int64_t packed;

	if (!c || !out || (c->open && c->open(&ctx, c->level_default, TINY_WINDOW, NULL) < 0))
		abort();
	packed = c->pack(ctx, raw, n, out, NULL);
	if (c->close)
		c->close(ctx);
	if (packed <= 0)
		abort();
	*ret_n = (uint32_t)packed;
	return out;
}

static inline int tiny_chunk(struct tiny *t, struct writer *w, unsigned i, struct err *e)
{
	const struct tiny_plan *p = &tiny_plan[i];
	const struct region *g = &t->regions[p->region];
	struct record r = { .region = p->region, .number = p->number, .codec = p->codec };
	uint8_t *packed = NULL;
	struct window win;
	int code;

	if (!window_find(&g->used, 16, p->number, &win))
		abort();
	t->used[i] = r.raw = win.used;
	free(t->raw[i]);
	t->raw[i] = calloc(1, win.used);
	if (!t->raw[i])
		return -ENOMEM;
	tiny_fill(t->raw[i], win.used, p->content, p->bad);
	r.kind = p->content == TINY_ZEROS ? CHUNK_ZERO : CHUNK_DATA;
	if (r.kind == CHUNK_DATA)
		sum_to(t->raw[i], r.raw, r.sum, HASH_SIZE);
	if (p->codec)
		packed = tiny_pack(p->codec, t->raw[i], r.raw, &r.packed);
	else
		r.packed = r.kind == CHUNK_DATA ? r.raw : 0;
	code = record_extents(g, 16, &win, &r.used, e);
	if (!code && p->bad)
		code = extents_add(&r.bad, r.used.v[0].off, TINY_BAD, e);
	t->begin[i] = writer_bytes(w);
	if (!code)
		code = writer_chunk(w, &r, packed ? packed : t->raw[i], e);
	t->begin[i + 1] = writer_bytes(w);
	free(packed);
	record_free(&r);
	return code;
}

/* Writes the image to @sink.  Free it also after a failure. */
static inline int tiny_make(struct tiny *t, struct sink *sink, struct err *e)
{
	struct writer *w = NULL;
	int r = tiny_maps(t);

	if (!r)
		r = writer_open(&w, sink, &t->h, e);
	for (unsigned i = 0; i < TINY_CHUNKS && !r; i++)
		r = tiny_chunk(t, w, i, e);
	if (!r)
		r = writer_finish(w, NULL, e);
	writer_free(w);
	return r;
}

static inline void tiny_free(struct tiny *t)
{
	for (unsigned i = 0; i < TINY_CHUNKS; i++)
		free(t->raw[i]);
	for (unsigned i = 0; i < 2; i++)
		extents_free(&t->regions[i].used);
	*t = (struct tiny){ 0 };
}

#endif
