// SPDX-License-Identifier: GPL-3.0-or-later
/* Chunk records: docs/FORMAT.md, "Chunk record". */
#include "tests/unit/refuse.h"

#include "imager/codec/codec.h"

#define CHUNK_MAX (UINT32_C(1) << CHUNK_SHIFT_MAX)

/* Offsets of docs/FORMAT.md. */
enum {
	AT_KIND = 36,
	AT_CODEC = 37,
	AT_RESERVED = 38,
	AT_RAW = 48,
	AT_PACKED = 52,
	AT_USED = 56,
	AT_BAD = 60,
	AT_SUM = 64,
	AT_SAME = 96,
	AT_LIST = 104,
};

static const uint8_t some_sum[HASH_SIZE] = "thirty-two bytes that are a sum";

/* A DATA chunk of two extents, 300 bytes, of which 40 in two places are unreadable. */
static struct record sample(void)
{
	struct record r = { .id = "0123456789abcdef",
			    .region = 3,
			    .kind = CHUNK_DATA,
			    .codec = 3,
			    .number = UINT64_C(1) << 40,
			    .raw = 300,
			    .packed = 200 };

	memcpy(r.sum, some_sum, HASH_SIZE);
	assert_int_equal(extents_add(&r.used, 1000, 100, NULL), 0);
	assert_int_equal(extents_add(&r.used, 2000, 200, NULL), 0);
	assert_int_equal(extents_add(&r.bad, 2000, 10, NULL), 0);
	assert_int_equal(extents_add(&r.bad, 2170, 30, NULL), 0);
	return r;
}

/* The caller frees. */
static uint8_t *rendered(const struct record *r, struct hash *hash, size_t *ret_n)
{
	uint8_t *buf;

	*ret_n = record_size(r->used.n, r->bad.n);
	buf = malloc(*ret_n);
	assert_non_null(buf);
	assert_int_equal(record_render(r, buf, *ret_n - 1, hash), -ENOBUFS);
	assert_int_equal(record_render(r, buf, *ret_n, hash), 0);
	return buf;
}

static uint8_t *rendered_sample(struct hash *hash, size_t *ret_n)
{
	struct record r = sample();
	uint8_t *buf = rendered(&r, hash, ret_n);

	record_free(&r);
	return buf;
}

static int parse(const void *buf, size_t n, void *hash, struct err *e)
{
	struct record r;
	int code = record_parse(buf, n, &r, hash, e);

	record_free(&r);
	return code;
}

static void assert_extents(const struct extents *a, const struct extents *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_true(a->v[i].off == b->v[i].off && a->v[i].len == b->v[i].len);
}

static void assert_round_trip(const struct record *a, struct hash *hash)
{
	size_t n;
	uint8_t *buf = rendered(a, hash, &n);
	struct err e = { "" };
	struct record b;

	if (record_parse(buf, n, &b, hash, &e) < 0)
		fail_msg("%s", e.msg);
	assert_memory_equal(a->id, b.id, IMAGE_ID_SIZE);
	assert_int_equal(a->region, b.region);
	assert_int_equal(a->kind, b.kind);
	assert_int_equal(a->codec, b.codec);
	assert_true(a->number == b.number && a->same == b.same);
	assert_int_equal(a->raw, b.raw);
	assert_int_equal(a->packed, b.packed);
	assert_memory_equal(a->sum, b.sum, HASH_SIZE);
	assert_extents(&a->used, &b.used);
	assert_extents(&a->bad, &b.bad);
	record_free(&b);
	free(buf);
}

static void test_all_kinds(void **state)
{
	struct record r = sample();

	assert_round_trip(&r, *state);
	r.codec = 0; /* stored */
	r.packed = r.raw;
	assert_round_trip(&r, *state);
	r.kind = CHUNK_SAME;
	r.packed = 0;
	r.same = UINT64_MAX;
	assert_round_trip(&r, *state);
	r.kind = CHUNK_ZERO;
	r.same = 0;
	memset(r.sum, 0, HASH_SIZE);
	assert_round_trip(&r, *state);
	r.codec = 3; /* zeros for zstd -dc */
	r.packed = 20;
	assert_round_trip(&r, *state);
	record_free(&r);
}

static void test_as_large_as_can_be(void **state)
{
	struct record r = { .kind = CHUNK_DATA,
			    .codec = 5,
			    .number = UINT64_MAX,
			    .packed = CODEC_BOUND(CHUNK_MAX) };

	for (uint64_t i = 0; i < RECORD_EXTENTS_MAX / 2; i++) {
		assert_int_equal(extents_add(&r.used, 512 * i, 500, NULL), 0);
		assert_int_equal(extents_add(&r.bad, 512 * i + 1, 3, NULL), 0);
		r.raw += 500;
	}
	assert_round_trip(&r, *state);
	record_free(&r);
	assert_int_equal(extents_add(&r.used, 0, CHUNK_MAX, NULL), 0);
	r.raw = CHUNK_MAX;
	assert_round_trip(&r, *state);
	record_free(&r);
}

static void test_every_flip_and_cut_is_refused(void **state)
{
	size_t n;
	uint8_t *buf = rendered_sample(*state, &n);

	refuse_flips(parse, buf, n, *state);
	refuse_cuts(parse, buf, n, SEAL_RECORD, *state);
	free(buf);
}

static void test_impossible_values_are_refused(void **state)
{
	const size_t bad = AT_LIST + 16;
	const struct wrong wrong[] = {
		{ AT_KIND, 1, 0, "values" },
		{ AT_KIND, 1, 4, "values" },
		{ AT_KIND, 1, 255, "values" },
		{ AT_KIND, 1, CHUNK_ZERO, "values" }, /* with a sum */
		{ AT_KIND, 1, CHUNK_SAME, "values" }, /* with packed bytes */
		{ AT_CODEC, 1, 0, "values" },         /* stored, and yet not as long */
		{ AT_RAW, 4, 0, "values" },
		{ AT_RAW, 4, CHUNK_MAX + 1, "values" },
		{ AT_RAW, 4, UINT32_MAX, "values" },
		{ AT_RAW, 4, 299, "disagree" },
		{ AT_RAW, 4, 301, "disagree" },
		{ AT_PACKED, 4, 0, "values" },
		{ AT_PACKED, 4, CODEC_BOUND(CHUNK_MAX) + 1, "values" },
		{ AT_PACKED, 4, UINT32_MAX, "values" },
		{ AT_USED, 4, 1, "values" },
		{ AT_USED, 4, 3, "values" },
		{ AT_USED, 4, UINT32_MAX, "values" },
		{ AT_USED, 8, (UINT64_C(2) << 32) + 0xFFFFFFFE, "values" },
		{ AT_USED, 8, UINT64_C(4) << 32, "impossible extents" }, /* all in one list */
		{ AT_BAD, 4, 1, "values" },
		{ AT_BAD, 4, UINT32_MAX, "values" },
		{ AT_SAME, 8, 1, "values" }, /* DATA that claims to be SAME */
		{ AT_SAME, 8, UINT64_C(1) << 40, "values" },
		{ AT_LIST + 4, 4, 0, "impossible extents" }, /* length 0 */
		{ AT_LIST + 12, 4, 0, "impossible extents" },
		{ AT_LIST + 8, 4, 1100, "impossible extents" }, /* touches the one before */
		{ AT_LIST + 8, 4, 1050, "impossible extents" }, /* overlaps it */
		{ AT_LIST + 8, 4, 10, "impossible extents" },   /* out of order */
		{ AT_LIST + 8, 4, CHUNK_MAX - 199, "impossible extents" },
		{ AT_LIST + 8, 4, UINT32_MAX, "impossible extents" },
		{ AT_LIST + 12, 4, UINT32_MAX, "impossible extents" },
		{ AT_LIST, 4, 2000, "impossible extents" },
		{ bad + 4, 4, 0, "impossible extents" },
		{ bad + 8, 4, 2010, "impossible extents" },
		{ bad + 8, 4, 2005, "impossible extents" },
		{ bad + 8, 4, 0, "impossible extents" },
		{ bad + 12, 4, UINT32_MAX, "impossible extents" },
		{ bad + 12, 4, 31, "unreadable" }, /* goes beyond the used extent */
		{ bad, 4, 1999, "unreadable" },
		{ bad, 4, 1095, "unreadable" }, /* half in one, half in a gap */
		{ bad, 4, 1500, "unreadable" },
		{ bad, 4, 0, "unreadable" },
		{ bad + 8, 4, 4000, "unreadable" },
	};
	size_t n;
	uint8_t *buf = rendered_sample(*state, &n);

	refuse_values(parse, buf, n, SEAL_RECORD, wrong, COUNT(wrong), *state);
	free(buf);
}

/* What the three kinds exclude, from a record that is right. */
static void test_kinds_exclude(void **state)
{
	static const struct wrong zero[] = {
		{ AT_CODEC, 1, 0, "values" }, /* stored zeros */
		{ AT_SUM + 31, 1, 1, "values" },
		{ AT_SAME, 8, 1, "values" },
	};
	static const struct wrong same[] = {
		{ AT_CODEC, 1, 3, "values" },
		{ AT_PACKED, 4, 1, "values" },
		{ AT_KIND, 1, CHUNK_DATA, "values" },
		{ AT_KIND, 1, CHUNK_ZERO, "values" },
	};
	struct record r = sample();
	uint8_t *buf;
	size_t n;

	r.kind = CHUNK_SAME;
	r.codec = 0;
	r.packed = 0;
	r.same = 7;
	buf = rendered(&r, *state, &n);
	refuse_values(parse, buf, n, SEAL_RECORD, same, COUNT(same), *state);
	free(buf);

	r.kind = CHUNK_ZERO;
	r.codec = 3;
	r.packed = 20;
	r.same = 0;
	memset(r.sum, 0, HASH_SIZE);
	buf = rendered(&r, *state, &n);
	refuse_values(parse, buf, n, SEAL_RECORD, zero, COUNT(zero), *state);
	free(buf);
	record_free(&r);
}

/* Reserved bytes, codecs of the future and any window number are no damage. */
static void test_what_may_be_unknown(void **state)
{
	static const struct wrong fine[] = { { AT_RESERVED, 2, 0xffff, "" },
					     { AT_CODEC, 1, 255, "" },
					     { 32, 4, UINT32_MAX, "" },
					     { 40, 8, UINT64_MAX, "" } };
	size_t n;
	uint8_t *buf = rendered_sample(*state, &n);
	struct err e;

	for (size_t i = 0; i < COUNT(fine); i++) {
		poke(buf, fine[i].off, fine[i].width, fine[i].value);
		seal(buf, n, SEAL_RECORD);
		assert_int_equal(parse_copy(parse, buf, n, *state, &e), 0);
	}
	free(buf);
}

/* A record's extents are the map's, cut to the window and counted from its begin. */
static void test_extents_of_a_window(void **state)
{
	const uint64_t w16 = 1 << 16;
	struct region g = { .size = 3 * w16 };
	struct extents x = { 0 };
	struct window w;

	(void)state;
	assert_int_equal(extents_add(&g.used, 100, 200, NULL), 0);
	assert_int_equal(extents_add(&g.used, w16 - 10, 30, NULL), 0);
	assert_int_equal(extents_add(&g.used, w16 + 500, w16, NULL), 0);
	assert_true(window_find(&g.used, 16, 1, &w));
	assert_int_equal(record_extents(&g, 16, &w, &x, NULL), 0);
	assert_int_equal(x.n, 2);
	assert_true(x.v[0].off == 0 && x.v[0].len == 20);
	assert_true(x.v[1].off == 500 && x.v[1].len == w16 - 500);
	assert_int_equal(extents_total(&x), w.used);
	extents_free(&x);
	extents_free(&g.used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds),
		cmocka_unit_test(test_as_large_as_can_be),
		cmocka_unit_test(test_every_flip_and_cut_is_refused),
		cmocka_unit_test(test_impossible_values_are_refused),
		cmocka_unit_test(test_kinds_exclude),
		cmocka_unit_test(test_what_may_be_unknown),
		cmocka_unit_test(test_extents_of_a_window),
	};

	return cmocka_run_group_tests(tests, hash_setup, hash_teardown);
}
