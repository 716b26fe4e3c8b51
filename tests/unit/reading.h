// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reading.h - reads the image of tiny.h, whole or hurt, the way verify does,
 * and tells what came of it.
 */
#ifndef TESTS_UNIT_READING_H
#define TESTS_UNIT_READING_H

#include "tests/unit/tiny.h"

#include "imager/engine/decode.h"
#include "imager/image/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ALL ((1U << TINY_CHUNKS) - 1)

/* The image, and what is needed again and again to read it. */
struct reading {
	struct tiny t;
	struct mem_sink image;
	struct decoder d;
	uint8_t *packed, raw[1 << 16]; /* packed: room for image_chunk_max() */
};

/* What a reader has seen.  Bit i of a set stands for chunk i. */
struct seen {
	int code; /* the first error that was not about damage */
	bool opened, indexed, complete;
	unsigned right, refused, wrong; /* sets of chunks; wrong: other bytes, and no word */
	unsigned damage;                /* how often something was said to be damaged */
	struct err err;                 /* the last of it */
};

static inline int reading_setup(void **state)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct err e = { "" };

	if (!r)
		return -1;
	*state = r;
	r->image = mem_sink();
	r->packed = malloc(record_size(RECORD_EXTENTS_MAX, 0) + CODEC_BOUND(1 << 16));
	if (!r->packed || decoder_init(&r->d, &e) < 0 || tiny_make(&r->t, &r->image.s, &e) < 0)
		return -1;
	return 0;
}

static inline int reading_teardown(void **state)
{
	struct reading *r = *state;

	tiny_free(&r->t);
	decoder_free(&r->d);
	r->image.s.close(&r->image.s);
	free(r->packed);
	free(r);
	return 0;
}

/* 0, -EBADMSG which is counted, or another error which is kept. */
static inline int note(struct seen *s, int64_t code)
{
	if (code == -EBADMSG) {
		assert_true(s->err.msg[0]);
		s->damage++;
	} else if (code < 0 && !s->code) {
		s->code = (int)code;
	}
	return code < 0 ? (int)code : 0;
}

/* The @n bytes of chunk @i are in r->packed. */
static inline void judge_chunk(struct reading *r, const struct image *img, uint64_t i, size_t n,
			       struct seen *s)
{
	const struct entry v = img->v[i];
	unsigned bit = 1U << i;
	bool right;

	assert_true(i < TINY_CHUNKS);
	memset(r->raw, 0xee, r->t.used[i]);
	if (note(s, decode_chunk(&r->d, img, &v, r->packed, n, r->raw, &s->err)) < 0) {
		s->refused |= bit;
		return;
	}
	right = v.region == tiny_plan[i].region && v.number == tiny_plan[i].number &&
		v.bad == tiny_plan[i].bad;
	if (v.kind == CHUNK_SAME)
		right = right && i == TINY_SAME && v.same == TINY_EQUAL;
	else
		right = right && !memcmp(r->raw, r->t.raw[i], r->t.used[i]);
	if (right)
		s->right |= bit;
	else
		s->wrong |= bit;
}

static inline void read_indexed(struct reading *r, struct image *img, struct seen *s)
{
	assert_int_equal(img->n, TINY_CHUNKS);
	for (uint64_t i = 0; i < img->n && !s->code; i++) {
		int64_t n = image_fetch(img, i, r->packed, &s->err);

		if (note(s, n) < 0)
			s->refused |= 1U << i;
		else
			judge_chunk(r, img, i, (size_t)n, s);
	}
}

/* Ends: each step moves on by a byte at least, or gives an error that ends it. */
static inline void read_walk(struct reading *r, struct image *img, uint64_t len, struct seen *s)
{
	uint64_t ordinal, steps = 0;
	int64_t n;

	do {
		ordinal = UINT64_MAX;
		n = image_walk(img, r->packed, &ordinal, &s->err);
		note(s, n);
		if (n > 0)
			judge_chunk(r, img, ordinal, (size_t)n, s);
		assert_true(steps++ <= len + 2);
	} while ((n > 0 || n == -EBADMSG) && !s->code);
	if (!s->code)
		note(s, image_walk_end(img, &s->err));
}

/*
 * Reads all that can be had of the @len bytes at @buf.  The @fail_at-th read
 * fails; NEVER: none.
 */
static inline struct seen read_image(struct reading *r, const void *buf, size_t len,
				     bool seekable, uint64_t fail_at)
{
	struct mem_source src = mem_source(buf, len, seekable);
	struct seen s = { 0 };
	struct image img;

	src.fail_at = fail_at;
	if (note(&s, image_open(&img, &src.s, &s.err)) < 0)
		return s;
	s.opened = true;
	s.indexed = img.indexed;
	if (seekable && !img.indexed) {
		assert_true(img.tail.msg[0]);
		s.damage++;
	}
	if (img.indexed)
		read_indexed(r, &img, &s);
	else
		read_walk(r, &img, len, &s);
	s.complete = img.complete;
	assert_false(src.broken_rules);
	image_close(&img);
	return s;
}

#endif
