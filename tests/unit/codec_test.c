// SPDX-License-Identifier: GPL-3.0-or-later
/* Codecs: what goes in comes out, and damaged chunks are refused without harm. */
#include "imager/codec/codec.h"

#include <errno.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#define CHUNK  ((size_t)256 * 1024)
#define GUARD  64
#define CANARY 0xa5

static const struct codec *const all[] = { &codec_none, &codec_gzip, &codec_bzip2,
					   &codec_zstd, &codec_lz4,  &codec_xz };

#define N_ALL (sizeof(all) / sizeof(all[0]))

enum kind { ZEROS, RANDOM, TEXT, MIXED, N_KINDS };

struct buf {
	uint8_t *p;
	size_t n;
};

static struct buf buf_new(size_t n)
{
	struct buf b = { malloc(n ? n : 1), n };

	assert_non_null(b.p);
	return b;
}

/* A copy in memory of exactly its size, so that a sanitizer sees every step too far. */
static struct buf buf_copy(const void *p, size_t n)
{
	struct buf b = buf_new(n);

	memcpy(b.p, p, n);
	return b;
}

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void fill(uint8_t *p, size_t n, enum kind kind, uint32_t seed)
{
	static const char *const words[] = { "chunk ",  "of ",   "a ",       "disk ",
					     "image\n", "with ", "/usr/lib/" };
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < n; i++) {
		const char *word = words[next_random(&x) % 7];

		if (kind == ZEROS)
			p[i] = 0;
		else if (kind == RANDOM)
			p[i] = (uint8_t)(next_random(&x) >> 11);
		else
			for (p[i] = (uint8_t)*word; *++word && i + 1 < n;)
				p[++i] = (uint8_t)*word;
	}
	if (kind == MIXED)
		fill(p + n / 3, n / 3, RANDOM, seed + 1);
}

static struct buf make(size_t n, enum kind kind, uint32_t seed)
{
	struct buf b = buf_new(n);

	fill(b.p, n, kind, seed);
	return b;
}

static void *codec_open(const struct codec *c, int level, size_t chunk)
{
	struct err e = { "" };
	void *ctx = NULL;

	if (c->open && c->open(&ctx, level, chunk, &e))
		fail_msg("%s:%d: %s", c->name, level, e.msg);
	return ctx;
}

static void codec_close(const struct codec *c, void *ctx)
{
	if (c->close)
		c->close(ctx);
}

/* Of size 0: the codec would not make it smaller. */
static struct buf pack(const struct codec *c, void *ctx, struct buf in)
{
	struct buf out = buf_new(CODEC_BOUND(in.n) + GUARD), packed;
	struct err e = { "" };
	int64_t r;

	memset(out.p, CANARY, out.n);
	r = c->pack(ctx, in.p, in.n, out.p, &e);
	if (r < 0)
		fail_msg("%s: %s", c->name, e.msg);
	for (size_t i = CODEC_BOUND(in.n); i < out.n; i++)
		assert_int_equal(out.p[i], CANARY);
	assert_true((size_t)r <= CODEC_BOUND(in.n));
	assert_true(c->always ? r > 0 : (size_t)r < in.n);
	packed = buf_copy(out.p, (size_t)r);
	free(out.p);
	return packed;
}

/* @raw gets what came out; it must be freed in any case. */
static int unpack(const struct codec *c, void *ctx, struct buf packed, size_t n,
		  struct buf *raw)
{
	struct err e = { "" };
	int r;

	*raw = buf_new(n + GUARD);
	memset(raw->p, CANARY, raw->n);
	r = c->unpack(ctx, packed.p, packed.n, raw->p, n, &e);
	assert_true(r == 0 || r == -EBADMSG);
	assert_true(r == 0 || strlen(e.msg) > 0);
	for (size_t i = n; i < raw->n; i++)
		assert_int_equal(raw->p[i], CANARY);
	raw->n = n;
	return r;
}

static void assert_unpacks(const struct codec *c, void *ctx, struct buf packed, struct buf in)
{
	struct buf raw;

	assert_int_equal(unpack(c, ctx, packed, in.n, &raw), 0);
	assert_memory_equal(raw.p, in.p, in.n);
	free(raw.p);
}

static void assert_refused(const struct codec *c, void *ctx, struct buf packed, size_t n)
{
	struct buf raw;

	assert_int_equal(unpack(c, ctx, packed, n, &raw), -EBADMSG);
	free(raw.p);
}

/* Notices by itself that its data have changed. */
static bool has_check(const struct codec *c)
{
	return c == &codec_gzip || c == &codec_bzip2 || c == &codec_xz;
}

static void test_table(void **state)
{
	/* These numbers and names are in images: they never change. */
	static const char *const names[] = { "none", "gzip", "bzip2", "zstd", "lz4", "xz" };

	(void)state;
	for (unsigned i = 0; i <= UINT8_MAX; i++) {
		const struct codec *c = codec_by_id((uint8_t)i);

		if (i >= N_ALL) {
			assert_null(c);
			continue;
		}
		assert_ptr_equal(c, all[i]);
		assert_int_equal(c->id, i);
		assert_string_equal(c->name, names[i]);
		assert_true(c->level_default >= c->level_min);
		assert_true(c->level_default <= c->level_max);
	}
}

static void roundtrip(const struct codec *c, int level, size_t chunk)
{
	const size_t sizes[] = {
		1, 2, 3, 13, 511, 4096, 65535, chunk / 2 + 1, chunk - 1, chunk
	};
	void *ctx = codec_open(c, level, chunk);
	/* Who restores does not know the level. */
	void *other = codec_open(c, c->level_default, chunk);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (enum kind kind = 0; kind < N_KINDS; kind++) {
			struct buf in = make(sizes[i], kind, 1);
			struct buf packed = pack(c, ctx, in);

			if (packed.n) {
				assert_unpacks(c, ctx, packed, in);
				assert_unpacks(c, other, packed, in);
			}
			if (c != &codec_none && kind != RANDOM && in.n >= 4096)
				assert_in_range(packed.n, 1, in.n - in.n / 4);
			free(packed.p);
			free(in.p);
		}
	}
	codec_close(c, ctx);
	codec_close(c, other);
}

static void test_roundtrip(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++)
		for (int level = all[i]->level_min; level <= all[i]->level_max; level++)
			roundtrip(all[i], level, CHUNK / 4);
}

static void test_roundtrip_chunk_sizes(void **state)
{
	/* From the least a codec may be asked for to the most that images allow. */
	static const size_t chunks[] = { 4096, 100000, CHUNK, 16 * CHUNK };

	(void)state;
	for (size_t i = 0; i < N_ALL; i++)
		for (size_t k = 0; k < sizeof(chunks) / sizeof(chunks[0]); k++)
			roundtrip(all[i], all[i]->level_min, chunks[k]);
}

static void deterministic(const struct codec *c, int level)
{
	void *used = codec_open(c, level, CHUNK), *fresh;
	uint32_t x = 7;

	for (uint32_t i = 0; i < 12; i++) {
		size_t n = i % 3 ? 1 + next_random(&x) % CHUNK : CHUNK;
		struct buf in = make(n, i % N_KINDS, i), a, b;

		fresh = codec_open(c, level, CHUNK);
		a = pack(c, used, in);
		b = pack(c, fresh, in);
		assert_int_equal(a.n, b.n);
		assert_memory_equal(a.p, b.p, a.n);
		codec_close(c, fresh);
		free(a.p);
		free(b.p);
		free(in.p);
	}
	codec_close(c, used);
}

static void test_deterministic(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		deterministic(all[i], all[i]->level_min);
		deterministic(all[i], all[i]->level_default);
		deterministic(all[i], all[i]->level_max);
	}
}

static void test_random_is_stored(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		void *ctx = codec_open(all[i], all[i]->level_default, CHUNK);

		for (size_t n = 1; n <= CHUNK; n = n * 3 + 1) {
			struct buf in = make(n, RANDOM, 5), packed = pack(all[i], ctx, in);

			assert_true(all[i]->always ? packed.n > 0 : packed.n == 0);
			free(packed.p);
			free(in.p);
		}
		codec_close(all[i], ctx);
	}
}

/* A small chunk and its packed form: with codec_none, the same. */
struct sample {
	const struct codec *c;
	void *ctx;
	struct buf in, packed;
};

static struct sample sample_new(const struct codec *c, size_t n)
{
	struct sample s = { .c = c, .ctx = codec_open(c, c->level_default, CHUNK) };

	s.in = make(n, TEXT, 3);
	s.packed = c == &codec_none ? buf_copy(s.in.p, n) : pack(c, s.ctx, s.in);
	assert_true(s.packed.n > 0);
	return s;
}

static void sample_free(struct sample *s)
{
	codec_close(s->c, s->ctx);
	free(s->in.p);
	free(s->packed.p);
}

static void test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		struct sample s = sample_new(all[i], 3000);

		for (size_t n = 0; n < s.packed.n; n++) {
			struct buf cut = buf_copy(s.packed.p, n);

			assert_refused(s.c, s.ctx, cut, s.in.n);
			free(cut.p);
		}
		assert_unpacks(s.c, s.ctx, s.packed, s.in);
		sample_free(&s);
	}
}

static void test_trailing(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x1f, 'B', 0xff };

	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		struct sample s = sample_new(all[i], 3000);

		for (size_t k = 0; k < 5 * sizeof(values); k++) {
			struct buf more = buf_new(s.packed.n + 1 + k % 5);

			memset(more.p, values[k / 5], more.n);
			memcpy(more.p, s.packed.p, s.packed.n);
			assert_refused(s.c, s.ctx, more, s.in.n);
			free(more.p);
		}
		sample_free(&s);
	}
}

/* One packed chunk after the other is no packed chunk. */
static void test_two_in_one(void **state)
{
	(void)state;
	for (size_t i = 1; i < N_ALL; i++) {
		struct sample s = sample_new(all[i], 3000);
		struct buf twice = buf_new(2 * s.packed.n);

		memcpy(twice.p, s.packed.p, s.packed.n);
		memcpy(twice.p + s.packed.n, s.packed.p, s.packed.n);
		assert_refused(s.c, s.ctx, twice, s.in.n);
		/* A block of LZ4 ends with literals only where its input does. */
		assert_refused(s.c, s.ctx, twice, 2 * s.in.n);
		free(twice.p);
		sample_free(&s);
	}
}

static void test_wrong_size(void **state)
{
	static const int by[] = { -2999, -1500, -16, -1, 1, 16, 3000, 100000 };

	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		struct sample s = sample_new(all[i], 3000);

		for (size_t k = 0; k < sizeof(by) / sizeof(by[0]); k++)
			assert_refused(s.c, s.ctx, s.packed, (size_t)(3000 + by[k]));
		assert_unpacks(s.c, s.ctx, s.packed, s.in);
		sample_free(&s);
	}
}

static void test_bit_flips(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		struct sample s = sample_new(all[i], 700);
		struct buf bad = buf_copy(s.packed.p, s.packed.n);

		for (size_t bit = 0; bit < 8 * bad.n; bit++) {
			struct buf raw;
			int r;

			bad.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			r = unpack(s.c, s.ctx, bad, s.in.n, &raw);
			if (!r && has_check(s.c))
				assert_memory_equal(raw.p, s.in.p, s.in.n);
			bad.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			free(raw.p);
		}
		assert_unpacks(s.c, s.ctx, s.packed, s.in);
		free(bad.p);
		sample_free(&s);
	}
}

static void test_garbage(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ALL; i++) {
		void *ctx = codec_open(all[i], all[i]->level_default, CHUNK);

		for (uint32_t seed = 0; seed < 300; seed++) {
			struct buf in = make(seed, RANDOM, seed), raw;

			(void)unpack(all[i], ctx, in, 1000, &raw);
			free(raw.p);
			free(in.p);
		}
		codec_close(all[i], ctx);
	}
}

static void test_zstd_concatenated(void **state)
{
	struct buf in = make(5 * CHUNK + 777, MIXED, 9), raw = buf_new(in.n + 1);
	struct buf all_packed = buf_new(2 * in.n);
	void *ctx = codec_open(&codec_zstd, 1, CHUNK);
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer from = { all_packed.p, 0, 0 };
	ZSTD_outBuffer to = { raw.p, raw.n, 0 };

	(void)state;
	for (size_t at = 0; at < in.n; at += CHUNK) {
		struct buf part = { in.p + at, in.n - at < CHUNK ? in.n - at : CHUNK };
		struct buf packed = pack(&codec_zstd, ctx, part);

		assert_int_equal(ZSTD_getFrameContentSize(packed.p, packed.n), part.n);
		memcpy(all_packed.p + from.size, packed.p, packed.n);
		from.size += packed.n;
		free(packed.p);
	}
	while (from.pos < from.size)
		assert_false(ZSTD_isError(ZSTD_decompressStream(d, &to, &from)));
	assert_int_equal(to.pos, in.n);
	assert_memory_equal(raw.p, in.p, in.n);
	ZSTD_freeDCtx(d);
	codec_close(&codec_zstd, ctx);
	free(all_packed.p);
	free(raw.p);
	free(in.p);
}

/* Legal for zstd -dc, but not one frame with its content's size. */
static void test_zstd_other_frames(void **state)
{
	static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'h', 'i' };
	struct sample s = sample_new(&codec_zstd, 3000);
	struct buf b = buf_new(s.packed.n + sizeof(skippable)), unsized;
	ZSTD_CCtx *c = ZSTD_createCCtx();

	(void)state;
	memcpy(b.p, s.packed.p, s.packed.n);
	memcpy(b.p + s.packed.n, skippable, sizeof(skippable));
	assert_refused(s.c, s.ctx, b, s.in.n);
	memcpy(b.p, skippable, sizeof(skippable));
	memcpy(b.p + sizeof(skippable), s.packed.p, s.packed.n);
	assert_refused(s.c, s.ctx, b, s.in.n);
	b.n = sizeof(skippable);
	assert_refused(s.c, s.ctx, b, 0);

	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
	unsized = buf_new(ZSTD_compressBound(s.in.n));
	unsized.n = ZSTD_compress2(c, unsized.p, unsized.n, s.in.p, s.in.n);
	assert_false(ZSTD_isError(unsized.n));
	assert_refused(s.c, s.ctx, unsized, s.in.n);
	ZSTD_freeCCtx(c);
	free(unsized.p);
	free(b.p);
	sample_free(&s);
}

/* A small chunk that asks for a dictionary of 64 MiB does not get it. */
static void test_xz_memory(void **state)
{
	struct buf in = make(3000, TEXT, 3), packed = buf_new(2 * in.n);
	void *ctx = codec_open(&codec_xz, 6, CHUNK);
	size_t n = 0;

	(void)state;
	assert_int_equal(lzma_easy_buffer_encode(9, LZMA_CHECK_CRC32, NULL, in.p, in.n,
						 packed.p, &n, packed.n),
			 LZMA_OK);
	packed.n = n;
	assert_refused(&codec_xz, ctx, packed, in.n);
	codec_close(&codec_xz, ctx);
	free(packed.p);
	free(in.p);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		const struct codec *c;
		int level;
	} good[] = {
		{ "none", &codec_none, 0 },     { "0", &codec_none, 0 },
		{ "gzip", &codec_gzip, 5 },     { "1", &codec_gzip, 5 },
		{ "gzip:1", &codec_gzip, 1 },   { "bzip2", &codec_bzip2, 9 },
		{ "2", &codec_bzip2, 9 },       { "bzip2:3", &codec_bzip2, 3 },
		{ "zstd", &codec_zstd, 3 },     { "zstd:1", &codec_zstd, 1 },
		{ "zstd:19", &codec_zstd, 19 }, { "lz4", &codec_lz4, 1 },
		{ "lz4:12", &codec_lz4, 12 },   { "xz", &codec_xz, 6 },
		{ "xz:0", &codec_xz, 0 },       { "xz:09", &codec_xz, 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct codec *c = NULL;
		struct err e = { "" };
		int level = -1;

		if (codec_parse(good[i].text, &c, &level, &e))
			fail_msg("%s: %s", good[i].text, e.msg);
		assert_ptr_equal(c, good[i].c);
		assert_int_equal(level, good[i].level);
	}
}

static void test_parse_refuses(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "none, gzip, bzip2, zstd, lz4, xz" },
		{ "lzo", "\"lzo\"; there are none, gzip, bzip2, zstd, lz4, xz" },
		{ "3", "unknown compression \"3\"" },
		{ "10", "unknown compression \"10\"" },
		{ "1:5", "unknown compression \"1\"" },
		{ "ZSTD", "unknown" },
		{ "zst", "unknown" },
		{ "zstdx", "unknown" },
		{ " zstd", "unknown" },
		{ ":3", "unknown" },
		{ "zstd:0", "level 0 is not within 1..19" },
		{ "zstd:20", "level 20 is not within 1..19" },
		{ "gzip:10", "not within 1..9" },
		{ "bzip2:0", "not within 1..9" },
		{ "lz4:13", "not within 1..12" },
		{ "xz:10", "not within 0..9" },
		{ "zstd:-1", "level -1 is not within 1..19" },
		{ "zstd:99999999999999999999", "not within 1..19" },
		{ "zstd:4294967297", "not within 1..19" },
		{ "zstd:", "not a number" },
		{ "zstd:x", "\"x\" is not a number" },
		{ "zstd:3x", "\"3x\" is not a number" },
		{ "zstd:3:4", "not a number" },
		{ "zstd: 3", "not a number" },
		{ "zstd:+3", "not a number" },
		{ "zstd:--3", "not a number" },
		{ "zstd:-", "not a number" },
		{ "none:1", "none has no levels" },
		{ "none:", "none has no levels" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct codec *c = NULL;
		struct err e = { "" };
		int level = -7;

		assert_int_equal(codec_parse(bad[i].text, &c, &level, &e), -EINVAL);
		if (!strstr(e.msg, bad[i].says))
			fail_msg("\"%s\" gives: %s", bad[i].text, e.msg);
		assert_null(c);
		assert_int_equal(level, -7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_roundtrip_chunk_sizes),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_random_is_stored),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_two_in_one),
		cmocka_unit_test(test_wrong_size),
		cmocka_unit_test(test_bit_flips),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_zstd_concatenated),
		cmocka_unit_test(test_zstd_other_frames),
		cmocka_unit_test(test_xz_memory),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
