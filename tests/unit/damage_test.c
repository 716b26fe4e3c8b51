// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Images that were hurt: whatever happens to any byte is noticed, stays where
 * it is, and everything else is found.
 */
#include "tests/unit/reading.h"

/* The chunk that byte @at belongs to, or -1. */
static int chunk_of(const struct tiny *t, uint64_t at)
{
	for (int i = 0; i < TINY_CHUNKS; i++)
		if (at >= t->begin[i] && at < t->begin[i + 1])
			return i;
	return -1;
}

/* True for packed bytes: some codecs have bits there that mean nothing. */
static bool is_packed(const struct tiny *t, int i, uint64_t at)
{
	size_t extents = (size_t)(i == 0 || i == 3) + tiny_plan[i].bad + 1;

	return tiny_plan[i].codec && at >= t->begin[i] + record_size(extents, 0);
}

/* Byte @at is hurt.  Returns false if nobody noticed, and that is fine. */
static bool check_hurt(struct reading *r, const uint8_t *buf, uint64_t at, bool seekable)
{
	struct seen s = read_image(r, buf, r->image.len, seekable, NEVER);
	int i = chunk_of(&r->t, at);

	assert_int_equal(s.code, 0);
	assert_int_equal(s.wrong, 0);
	if (at < r->t.begin[0]) {
		assert_false(s.opened);
		return true;
	}
	assert_true(s.opened);
	if (i >= 0 && is_packed(&r->t, i, at) && !s.damage) {
		assert_int_equal(s.right, ALL);
		return false;
	}
	assert_true(s.damage > 0);
	assert_int_equal(s.right, i < 0 ? ALL : ALL & ~(1U << i));
	assert_true(i < 0 ? !s.indexed && !s.complete : s.indexed == seekable);
	return true;
}

static void test_a_flip_anywhere(void **state)
{
	struct reading *r = *state;
	uint8_t *copy = malloc(r->image.len);
	unsigned unnoticed = 0;

	assert_non_null(copy);
	memcpy(copy, r->image.buf, r->image.len);
	for (uint64_t at = 0; at < r->image.len; at++) {
		uint8_t bit = (uint8_t)(1 << at % 8);

		copy[at] ^= bit;
		for (int seekable = 0; seekable < 2; seekable++)
			unnoticed += !check_hurt(r, copy, at, seekable);
		copy[at] ^= bit;
	}
	/* A gzip header has ten bytes that are for people, a zstd one has a spare bit. */
	assert_true(unnoticed <= 2 * 12);
	free(copy);
}

/* A whole stretch of rubbish, as a lost block of the medium leaves. */
static void test_lost_blocks(void **state)
{
	struct reading *r = *state;
	uint8_t *copy = malloc(r->image.len);

	assert_non_null(copy);
	for (uint64_t at = r->t.begin[0]; at + 512 <= r->image.len; at += 100) {
		unsigned hurt = 0;

		memcpy(copy, r->image.buf, r->image.len);
		memset(copy + at, 0xa5, 512);
		for (uint64_t b = at; b < at + 512; b++)
			if (chunk_of(&r->t, b) >= 0)
				hurt |= 1U << chunk_of(&r->t, b);
		for (int seekable = 0; seekable < 2; seekable++) {
			struct seen s = read_image(r, copy, r->image.len, seekable, NEVER);

			assert_true(s.damage > 0 && !s.wrong && !s.code);
			assert_int_equal(s.right, ALL & ~hurt);
		}
	}
	free(copy);
}

static void test_cut_short_anywhere(void **state)
{
	struct reading *r = *state;

	for (size_t len = 0; len < r->image.len; len++) {
		unsigned whole = 0;
		uint8_t *copy = malloc(len + 1);

		assert_non_null(copy);
		memcpy(copy, r->image.buf, len);
		for (unsigned i = 0; i < TINY_CHUNKS; i++)
			whole |= (unsigned)(r->t.begin[i + 1] <= len) << i;
		for (int seekable = 0; seekable < 2; seekable++) {
			struct seen s = read_image(r, copy, len, seekable, NEVER);

			assert_int_equal(s.opened, len >= r->t.begin[0]);
			assert_true(s.damage > 0 && !s.wrong && !s.code);
			assert_false(s.complete || s.indexed);
			assert_int_equal(s.right, whole);
		}
		free(copy);
	}
}

static void test_something_behind_the_end(void **state)
{
	struct reading *r = *state;
	uint8_t *copy = calloc(1, r->image.len + 300);

	assert_non_null(copy);
	memcpy(copy, r->image.buf, r->image.len);
	for (size_t more = 1; more < 300; more += 13) {
		for (int seekable = 0; seekable < 2; seekable++) {
			struct seen s =
				read_image(r, copy, r->image.len + more, seekable, NEVER);

			assert_true(s.damage > 0 && !s.complete);
			assert_non_null(strstr(s.err.msg, "behind the image's end"));
			assert_int_equal(s.right, ALL);
		}
	}
	free(copy);
}

/* Reads an image made of pieces; all of @right must be found, nothing be wrong. */
static void assert_pieces(struct reading *r, const uint8_t *buf, size_t len, unsigned right)
{
	for (int seekable = 0; seekable < 2; seekable++) {
		struct seen s = read_image(r, buf, len, seekable, NEVER);

		assert_true(s.opened && s.damage > 0 && !s.complete && !s.indexed);
		assert_true(!s.wrong && !s.code);
		assert_int_equal(s.right, right);
	}
}

static size_t add(uint8_t *to, size_t at, const struct reading *r, uint64_t from, uint64_t end)
{
	memcpy(to + at, r->image.buf + from, (size_t)(end - from));
	return at + (size_t)(end - from);
}

/* Chunks that are missing, come twice, in another order, or with rubbish between. */
static void test_chunks_in_disorder(void **state)
{
	struct reading *r = *state;
	const uint64_t *b = r->t.begin, end = r->image.len;
	uint8_t *buf = malloc(3 * end);

	assert_non_null(buf);
	for (unsigned i = 0; i < TINY_CHUNKS; i++) {
		unsigned without = ALL & ~(1U << i);
		struct seen s;
		size_t n;

		n = add(buf, 0, r, 0, b[i]);
		assert_pieces(r, buf, add(buf, n, r, b[i + 1], end), without);
		n = add(buf, 0, r, 0, b[i + 1]);
		assert_pieces(r, buf, add(buf, n, r, b[i], end), ALL);
		n = add(buf, 0, r, 0, b[i]);
		memset(buf + n, 0x57, 77);
		assert_pieces(r, buf, add(buf, n + 77, r, b[i], end), ALL);
		if (i == TINY_CHUNKS - 1)
			continue;
		n = add(buf, 0, r, 0, b[i]); /* swapped with the next */
		n = add(buf, n, r, b[i + 1], b[i + 2]);
		n = add(buf, n, r, b[i], b[i + 1]);
		n = add(buf, n, r, b[i + 2], end);
		s = read_image(r, buf, n, false, NEVER);
		assert_true(s.damage > 0 && !s.complete && !s.wrong);
		assert_int_equal(s.right, without);
		s = read_image(r, buf, n, true, NEVER);
		assert_true(s.indexed && !s.wrong);
		assert_int_equal(s.refused, ALL & ~s.right);
		assert_int_equal(s.right, without & ~(2U << i));
	}
	free(buf);
}

/* Rubbish so long that it is searched in pieces; the record must not fall between two. */
static void test_long_rubbish(void **state)
{
	struct reading *r = *state;
	const uint64_t at = r->t.begin[3], end = r->image.len;
	const size_t piece = 64 << 10;
	uint8_t *buf = calloc(1, end + 3 * piece);

	assert_non_null(buf);
	for (size_t more = 2 * piece - 80; more < 2 * piece + 10; more++) {
		size_t n = add(buf, 0, r, 0, at);

		memset(buf + n, 0, more);
		assert_pieces(r, buf, add(buf, n + more, r, at, end), ALL);
	}
	free(buf);
}

/* The image ends inside a packed chunk: that chunk is not there. */
static void test_cut_inside_a_chunk(void **state)
{
	struct reading *r = *state;
	struct mem_source src = mem_source(r->image.buf, r->t.begin[2] - 1, false);
	struct image img;
	struct err e;
	uint64_t i;

	assert_int_equal(image_open(&img, &src.s, &e), 0);
	assert_true(image_walk(&img, r->packed, &i, &e) > 0);
	assert_int_equal(image_walk(&img, r->packed, &i, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "ends inside chunk 1"));
	assert_int_equal(img.n, 2);
	assert_int_equal(img.v[1].kind, CHUNK_MISSING);
	assert_int_equal(image_walk(&img, r->packed, &i, &e), 0);
	image_close(&img);
}

/* Volumes of two images of one device, mixed up. */
static void test_chunks_of_another_image(void **state)
{
	struct reading *r = *state;
	struct mem_sink out = mem_sink();
	const uint64_t *b = r->t.begin;
	uint8_t *buf = malloc(r->image.len);
	struct writer *w;
	struct tiny t;
	struct err e;

	assert_non_null(buf);
	assert_int_equal(tiny_maps(&t), 0);
	t.h.id[3] ^= 1;
	assert_int_equal(writer_open(&w, &out.s, &t.h, &e), 0);
	for (unsigned i = 0; i < TINY_CHUNKS; i++)
		assert_int_equal(tiny_chunk(&t, w, i, &e), 0);
	assert_int_equal(writer_finish(w, NULL, &e), 0);
	assert_int_equal(out.len, r->image.len);

	for (unsigned i = 0; i < TINY_CHUNKS; i++) {
		memcpy(buf, r->image.buf, out.len);
		memcpy(buf + b[i], out.buf + b[i], (size_t)(b[i + 1] - b[i]));
		for (int seekable = 0; seekable < 2; seekable++) {
			struct seen s = read_image(r, buf, out.len, seekable, NEVER);

			assert_true(s.damage > 0 && !s.wrong && !s.code);
			assert_int_equal(s.right, ALL & ~(1U << i));
			if (seekable) /* a walk has more to say afterwards */
				assert_non_null(strstr(s.err.msg, "mixed up"));
		}
	}
	memcpy(buf, r->image.buf, out.len); /* the end is the other one's */
	memcpy(buf + b[TINY_CHUNKS], out.buf + b[TINY_CHUNKS], out.len - b[TINY_CHUNKS]);
	assert_pieces(r, buf, out.len, ALL);
	writer_free(w);
	tiny_free(&t);
	out.s.close(&out.s);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flip_anywhere),
		cmocka_unit_test(test_lost_blocks),
		cmocka_unit_test(test_cut_short_anywhere),
		cmocka_unit_test(test_something_behind_the_end),
		cmocka_unit_test(test_chunks_in_disorder),
		cmocka_unit_test(test_long_rubbish),
		cmocka_unit_test(test_cut_inside_a_chunk),
		cmocka_unit_test(test_chunks_of_another_image),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
