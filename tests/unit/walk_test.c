// SPDX-License-Identifier: GPL-3.0-or-later
/* Both ways through an image that is whole; and errors below it, at every call. */
#include "tests/unit/reading.h"

static void test_both_ways_give_the_same(void **state)
{
	struct reading *r = *state;
	struct seen a = read_image(r, r->image.buf, r->image.len, true, NEVER);
	struct seen b = read_image(r, r->image.buf, r->image.len, false, NEVER);

	assert_true(r->image.published);
	assert_true(a.opened && a.indexed && a.complete && a.right == ALL);
	assert_true(b.opened && !b.indexed && b.complete && b.right == ALL);
	assert_true(!a.damage && !a.code && !b.damage && !b.code);
}

/* The walk builds the index that the file has. */
static void test_walk_builds_the_index(void **state)
{
	struct reading *r = *state;
	struct mem_source file = mem_source(r->image.buf, r->image.len, true);
	struct mem_source pipe = mem_source(r->image.buf, r->image.len, false);
	struct image a, b;
	struct err e;
	uint64_t i;

	assert_int_equal(image_open(&a, &file.s, &e), 0);
	assert_int_equal(image_open(&b, &pipe.s, &e), 0);
	assert_true(a.first == b.first && a.first == r->t.begin[0]);
	assert_int_equal(a.chunks, TINY_CHUNKS);
	for (uint64_t n = 0; n < TINY_CHUNKS; n++) {
		assert_int_equal(b.n, n);
		assert_true(image_walk(&b, r->packed, &i, &e) > 0);
		assert_int_equal(i, n);
		assert_true(a.v[n].off == b.v[n].off && a.v[n].off == r->t.begin[n]);
		assert_true(a.v[n].same == b.v[n].same && a.v[n].stored == b.v[n].stored);
		assert_true(a.v[n].kind == b.v[n].kind && a.v[n].bad == b.v[n].bad);
		assert_true(a.v[n].region == b.v[n].region && a.v[n].number == b.v[n].number);
		assert_memory_equal(a.v[n].sum, b.v[n].sum, HASH_SIZE);
	}
	assert_int_equal(a.v[TINY_SAME].kind, CHUNK_SAME);
	assert_int_equal(image_walk(&b, r->packed, &i, &e), 0);
	assert_int_equal(image_walk(&b, r->packed, &i, &e), 0);
	assert_int_equal(image_walk_end(&b, &e), 0);
	assert_memory_equal(a.trailer.root, b.trailer.root, HASH_SIZE);
	image_close(&a);
	image_close(&b);
}

static void test_walk_cannot_end_early(void **state)
{
	struct reading *r = *state;
	struct mem_source pipe = mem_source(r->image.buf, r->image.len, false);
	struct image img;
	uint64_t i;
	struct err e;

	assert_int_equal(image_open(&img, &pipe.s, &e), 0);
	assert_true(image_walk(&img, r->packed, &i, &e) > 0);
	assert_int_equal(image_walk_end(&img, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "last 6 chunks"));
	assert_false(img.complete);
	image_close(&img);
}

/* Equal chunks become a SAME only where that saves 4096 bytes. */
static void test_short_chunks_are_written_again(void **state)
{
	static const uint8_t raw[4096] = { 1 };

	(void)state;
	for (uint32_t n = 4095; n <= 4096; n++) {
		struct region g = { .size = 4 * TINY_WINDOW, .kind = REGION_AREA };
		struct header h = { .chunk_shift = 16, .regions = &g, .n_regions = 1 };
		struct mem_sink out = mem_sink();
		struct record rec = { .kind = CHUNK_DATA, .raw = n, .packed = n };
		struct writer *w;
		struct err e;

		h.json = (char *)"";
		assert_int_equal(tiny_use(&g, 0, n) | tiny_use(&g, TINY_WINDOW, n), 0);
		assert_int_equal(extents_add(&rec.used, 0, n, &e), 0);
		assert_int_equal(writer_open(&w, &out.s, &h, &e), 0);
		assert_int_equal(writer_chunk(w, &rec, raw, &e), 0);
		rec.number = 1;
		assert_int_equal(writer_chunk(w, &rec, raw, &e), 0);
		assert_int_equal(rec.kind, n < 4096 ? CHUNK_DATA : CHUNK_SAME);
		assert_int_equal(rec.packed, n < 4096 ? n : 0);
		writer_free(w);
		record_free(&rec);
		extents_free(&g.used);
		out.s.close(&out.s);
	}
}

/* Maps without a used byte: an image without chunks. */
static void test_no_chunks(void **state)
{
	struct reading *r = *state;
	struct region g = { .size = 1 << 20, .kind = REGION_AREA };
	struct header h = { .chunk_shift = 18,
			    .device_size = 1 << 20,
			    .sector = 512,
			    .physical = 512,
			    .regions = &g,
			    .n_regions = 1,
			    .json = (char *)"{}",
			    .json_len = 2 };
	struct mem_sink out = mem_sink();
	struct writer *w;
	struct err e;

	assert_int_equal(writer_open(&w, &out.s, &h, &e), 0);
	assert_int_equal(writer_finish(w, NULL, &e), 0);
	writer_free(w);
	for (int seekable = 0; seekable < 2; seekable++) {
		struct mem_source src = mem_source(out.buf, out.len, seekable);
		struct image img;
		uint64_t i;

		assert_int_equal(image_open(&img, &src.s, &e), 0);
		assert_int_equal(img.indexed, seekable);
		assert_int_equal(img.chunks, 0);
		assert_int_equal(image_walk(&img, r->packed, &i, &e), 0);
		assert_int_equal(image_walk_end(&img, &e), 0);
		assert_true(img.complete);
		image_close(&img);
	}
	out.s.close(&out.s);
}

static void test_no_image_is_named(void **state)
{
	static const uint8_t other[64] = "PaRtImAgE-VoLuMe";
	struct mem_source src = mem_source(other, 0, true);
	struct image img;
	struct err e;

	(void)state;
	assert_int_equal(image_open(&img, &src.s, &e), -EBADMSG);
	assert_string_equal(e.msg, "memory: is empty");
	src = mem_source(other, sizeof(other), false);
	assert_int_equal(image_open(&img, &src.s, &e), -EBADMSG);
	assert_string_equal(e.msg, "memory: is not a slate image");
}

/* The writer counts: not one chunk more or fewer than the maps have. */
static void test_writer_counts(void **state)
{
	struct reading *r = *state;
	struct mem_sink out = mem_sink();
	struct writer *w;
	struct tiny t;
	struct err e;

	(void)r;
	assert_int_equal(tiny_maps(&t), 0);
	assert_int_equal(writer_open(&w, &out.s, &t.h, &e), 0);
	for (unsigned i = 0; i < TINY_CHUNKS; i++) {
		assert_int_equal(writer_finish(w, NULL, &e), -EOVERFLOW);
		assert_int_equal(tiny_chunk(&t, w, i, &e), 0);
	}
	assert_int_equal(tiny_chunk(&t, w, 0, &e), -EOVERFLOW);
	assert_false(out.published);
	assert_int_equal(writer_finish(w, NULL, &e), 0);
	assert_true(out.published);
	assert_int_equal(out.len, r->image.len);
	assert_memory_equal(out.buf, r->image.buf, out.len); /* the same again */
	writer_free(w);
	tiny_free(&t);
	out.s.close(&out.s);
}

static void test_sink_errors_are_passed_on(void **state)
{
	uint64_t fail_at = 0;
	int code = -ENOSPC;

	(void)state;
	for (; code == -ENOSPC; fail_at++) {
		struct mem_sink out = mem_sink();
		struct err e = { "" };
		struct tiny t;

		out.fail_at = fail_at;
		code = tiny_make(&t, &out.s, &e);
		assert_int_equal(out.published, !code);
		if (code)
			assert_string_equal(e.msg, "the sink is full");
		tiny_free(&t);
		out.s.close(&out.s);
	}
	assert_int_equal(code, 0);
	/* header, 2 maps, 7 records, 5 packed chunks, index, trailer, publish */
	assert_int_equal(fail_at - 1, 1 + 2 + 7 + 5 + 1 + 1 + 1);
}

/* An error of the medium is no damage of the image, at whichever read it comes. */
static void test_source_errors_are_passed_on(void **state)
{
	struct reading *r = *state;

	for (int seekable = 0; seekable < 2; seekable++) {
		struct seen s = { .code = -EIO };
		uint64_t fail_at = 0;

		for (; s.code == -EIO; fail_at++) {
			s = read_image(r, r->image.buf, r->image.len, seekable, fail_at);
			assert_int_equal(s.damage, 0);
			if (s.code)
				assert_non_null(strstr(s.err.msg, "a bad place"));
		}
		assert_int_equal(s.code, 0);
		assert_int_equal(s.right, ALL);
		assert_true(fail_at > 7);
	}
}

/* Also while it looks for the next record behind a damaged one. */
static void test_source_errors_in_a_damaged_image(void **state)
{
	struct reading *r = *state;
	uint8_t *copy = malloc(r->image.len);
	struct seen s = { .code = -EIO };

	assert_non_null(copy);
	memcpy(copy, r->image.buf, r->image.len);
	copy[r->t.begin[2] + 60] ^= 1;
	for (uint64_t fail_at = 0; s.code == -EIO; fail_at++)
		s = read_image(r, copy, r->image.len, false, fail_at);
	assert_int_equal(s.code, 0);
	assert_int_equal(s.right, ALL & ~(1U << 2));
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_give_the_same),
		cmocka_unit_test(test_walk_builds_the_index),
		cmocka_unit_test(test_walk_cannot_end_early),
		cmocka_unit_test(test_short_chunks_are_written_again),
		cmocka_unit_test(test_no_chunks),
		cmocka_unit_test(test_no_image_is_named),
		cmocka_unit_test(test_writer_counts),
		cmocka_unit_test(test_sink_errors_are_passed_on),
		cmocka_unit_test(test_source_errors_are_passed_on),
		cmocka_unit_test(test_source_errors_in_a_damaged_image),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
