// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Images by somebody who means harm: every seal is right, and what they say is
 * not.  No reader may believe it, overrun a buffer or ask for much memory.
 */
#include "tests/unit/forge.h"
#include "tests/unit/reading.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* One change to the record of chunk @chunk. */
struct lie {
	unsigned chunk;
	size_t off, width;
	uint64_t value;
};

/* A forged copy of the image with the changes of @n lies; the caller frees. */
static uint8_t *told(const struct reading *r, const struct lie *v, size_t n)
{
	uint8_t *copy = malloc(r->image.len);

	assert_non_null(copy);
	memcpy(copy, r->image.buf, r->image.len);
	for (size_t i = 0; i < n; i++)
		poke(copy + r->t.begin[v[i].chunk], v[i].off, v[i].width, v[i].value);
	forge(copy, r->image.len, true);
	return copy;
}

static uint64_t record_field(const struct reading *r, unsigned chunk, size_t off, size_t width)
{
	return peek(r->image.buf + r->t.begin[chunk], off, width);
}

/*
 * Both ways: damage is noticed, and only the chunks in @lost are lost; with
 * the one that has its bytes the SAME may be.
 */
static void assert_refused(struct reading *r, const uint8_t *buf, size_t len, unsigned lost)
{
	unsigned may = lost & 1U << TINY_EQUAL ? 1U << TINY_SAME : 0;

	for (int seekable = 0; seekable < 2; seekable++) {
		struct seen s = read_image(r, buf, len, seekable, NEVER);

		assert_true(s.opened && s.damage > 0);
		assert_true(!s.wrong && !s.code);
		assert_int_equal(s.right | may, (ALL & ~lost) | may);
	}
}

static void test_forging_changes_nothing_by_itself(void **state)
{
	struct reading *r = *state;
	uint8_t *copy = told(r, NULL, 0);

	assert_memory_equal(copy, r->image.buf, r->image.len);
	free(copy);
}

static void test_records_that_lie(void **state)
{
	/* Chunk 0: 600 bytes of zstd; 1: 4200 stored; 2: zeros, packed; 6: gzip. */
	static const struct lie lies[] = {
		{ 0, 32, 4, 7 }, /* region */
		{ 0, 32, 4, UINT32_MAX },
		{ 0, 40, 8, 2 }, /* number: nothing is used there */
		{ 1, 40, 8, 0 },
		{ 1, 40, 8, UINT64_MAX },
		{ 1, 40, 8, UINT64_C(1) << 48 },
		{ 0, 36, 1, CHUNK_SAME }, /* kind */
		{ 2, 36, 1, CHUNK_DATA },
		{ 0, 37, 1, 0 }, /* codec */
		{ 0, 37, 1, 1 },
		{ 0, 37, 1, 2 },
		{ 0, 37, 1, 4 },
		{ 0, 37, 1, 5 },
		{ 0, 37, 1, 15 },
		{ 0, 37, 1, 16 },
		{ 0, 37, 1, 255 },
		{ 6, 37, 1, 3 },
		{ 1, 64, 8, 0 }, /* sum */
		{ 2, 64, 8, 1 },
		{ 1, 96, 8, 1 }, /* an ordinal where none belongs */
		{ 0, 96, 8, UINT64_C(1) << 40 },
		{ 5, 96, 8, UINT64_MAX },
		{ 0, 104, 4, 8 }, /* extents that are not the map's */
		{ 0, 112, 4, 4104 },
		{ 0, 104, 8, 301 | UINT64_C(299) << 32 },
		{ 3, 120, 4, TINY_BAD + 100 }, /* unreadable where nothing is used */
		{ 4, 96, 8, 0 },               /* SAME as another chunk */
		{ 4, 96, 8, 2 },
		{ 4, 96, 8, 3 },
		{ 4, 96, 8, 4 },
		{ 4, 96, 8, 5 },
		{ 4, 96, 8, 6 },
		{ 4, 96, 8, UINT64_MAX },
		{ 4, 64, 1, 0 },
	};
	struct reading *r = *state;

	for (size_t i = 0; i < COUNT(lies); i++) {
		uint8_t *copy = told(r, &lies[i], 1);

		assert_refused(r, copy, r->image.len, 1U << lies[i].chunk);
		free(copy);
	}
}

/* A record that claims a later place costs a walk what lies between, and no more. */
static void test_records_that_jump(void **state)
{
	static const struct lie lies[] = { { 0, 40, 8, 1 }, { 0, 32, 4, 1 } };
	static const unsigned lost[] = { 0x13, 0x3f }; /* of a walk */
	struct reading *r = *state;

	for (size_t i = 0; i < COUNT(lies); i++) {
		uint8_t *copy = told(r, &lies[i], 1);
		struct seen s = read_image(r, copy, r->image.len, false, NEVER);

		assert_true(s.damage > 0 && !s.wrong);
		assert_int_equal(s.right, ALL & ~lost[i]);
		s = read_image(r, copy, r->image.len, true, NEVER);
		assert_true(s.damage > 0 && !s.wrong);
		assert_int_equal(s.right, s.indexed ? ALL & ~1U : ALL & ~lost[i]);
		free(copy);
	}
}

/* Extents that have the right sum, and are not those of the map. */
static void test_extents_of_other_lengths(void **state)
{
	static const struct lie lies[] = { { 0, 108, 4, 299 }, { 0, 116, 4, 301 } };
	struct reading *r = *state;
	uint8_t *copy = told(r, lies, COUNT(lies));

	assert_refused(r, copy, r->image.len, 1U << 0);
	free(copy);
}

/* The sum of a SAME is not looked at when it is restored: its length must be right. */
static void test_same_of_another_length(void **state)
{
	struct reading *r = *state;
	struct lie lies[5] = { { 4, 96, 8, 0 } };
	uint8_t *copy;

	for (unsigned i = 0; i < 4; i++) /* the sum of chunk 0, which has 600 bytes */
		lies[1 + i] =
			(struct lie){ 4, 64 + 8 * i, 8, record_field(r, 0, 64 + 8 * i, 8) };
	copy = told(r, lies, COUNT(lies));
	assert_refused(r, copy, r->image.len, 1U << 4);
	free(copy);
}

/* More bytes than the window has: a reader's buffers have the size of a window. */
static void test_too_many_bytes(void **state)
{
	static const struct lie zeros[] = {
		{ 5, 48, 4, 1 << 22 },
		{ 5, 104, 8, UINT64_C(1) << (32 + 22) },
	};
	static const struct lie too_long[] = { { 1, 52, 4, 1 << 20 }, { 1, 37, 1, 3 } };
	struct reading *r = *state;
	uint8_t *copy = told(r, zeros, COUNT(zeros));

	assert_refused(r, copy, r->image.len, 1U << 5);
	free(copy);
	copy = told(r, too_long, COUNT(too_long));
	assert_refused(r, copy, r->image.len, 1U << 1);
	free(copy);
}

/* Text that is said to be zeros. */
static void test_zeros_that_are_none(void **state)
{
	static const struct lie lies[] = { { 0, 36, 1, CHUNK_ZERO },
					   { 0, 64, 8, 0 },
					   { 0, 72, 8, 0 },
					   { 0, 80, 8, 0 },
					   { 0, 88, 8, 0 } };
	struct reading *r = *state;
	uint8_t *copy = told(r, lies, COUNT(lies));

	assert_refused(r, copy, r->image.len, 1U << 0);
	free(copy);
}

/* Rubbish between two chunks, and an index that passes over it. */
static void test_gaps(void **state)
{
	struct reading *r = *state;
	size_t at = r->t.begin[3], len = r->image.len;
	uint8_t *copy = malloc(len + 10);

	assert_non_null(copy);
	memcpy(copy, r->image.buf, at);
	memset(copy + at, 0, 10);
	memcpy(copy + at + 10, r->image.buf + at, len - at);
	forge(copy, len + 10, true);
	assert_refused(r, copy, len + 10, 0);
	free(copy);
}

/* What the trailer says of the whole, each alone. */
static void test_trailers_that_lie(void **state)
{
	static const struct {
		size_t off, width;
		uint64_t value;
	} lies[] = {
		{ 16, 1, 'x' },  { 32, 8, 0 },          { 32, 8, 1 << 20 }, { 40, 8, 0 },
		{ 48, 8, 40 },   { 56, 8, 0 },          { 56, 8, 6 },       { 64, 8, 0 },
		{ 64, 8, 9999 }, { 64, 8, UINT64_MAX }, { 128, 1, 0 },      { 160, 1, 0 }
	};
	struct reading *r = *state;
	size_t len = r->image.len, trailer = len - TRAILER_SIZE;
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	for (size_t i = 0; i < COUNT(lies); i++) {
		memcpy(copy, r->image.buf, len);
		poke(copy + trailer, lies[i].off, lies[i].width, lies[i].value);
		seal(copy + trailer, TRAILER_SIZE, SEAL_WHOLE);
		assert_refused(r, copy, len, 0);
	}
	free(copy);
}

/* What the index says, and the records do not; each alone, with a right sum. */
static void test_indexes_that_lie(void **state)
{
	struct reading *r = *state;
	size_t len = r->image.len, index = r->t.begin[TINY_CHUNKS];
	const struct lie lies[] = {
		{ 6, 0, 8, r->t.begin[6] + 1 }, /* offset */
		{ 0, 20, 1, CHUNK_ZERO },       /* kind */
		{ 2, 20, 1, CHUNK_DATA },
		{ 0, 21, 1, 1 }, /* unreadable */
		{ 3, 21, 1, 0 },
		{ 0, 24, 8, 0 }, /* sum */
		{ 2, 24, 8, 1 },
	};
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct seen s;

		memcpy(copy, r->image.buf, len);
		poke(copy + index + INDEX_FIXED + INDEX_ENTRY * lies[i].chunk, lies[i].off,
		     lies[i].width, lies[i].value);
		forge(copy, len, false);
		s = read_image(r, copy, len, false, NEVER);
		assert_true(s.right == ALL && s.damage == 1 && !s.complete);
		s = read_image(r, copy, len, true, NEVER);
		assert_true(s.damage > 0 && !s.wrong);
		/* An offset is seen at once, the others when the chunk comes. */
		assert_int_equal(s.indexed, i > 0);
		assert_int_equal(s.right, i ? ALL & ~(1U << lies[i].chunk) : ALL);
	}
	free(copy);
}

/* Reserved bytes and unknown flags mean nothing to a reader, either way. */
static void test_reserved_bytes_are_ignored(void **state)
{
	struct reading *r = *state;
	size_t len = r->image.len, index = r->t.begin[TINY_CHUNKS];
	uint8_t *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, r->image.buf, len);
	memset(copy + 80, 0xff, 48);                /* header */
	memset(copy + 128 + 56, 0xff, 8);           /* its first region */
	memset(copy + r->t.begin[0] + 38, 0xff, 2); /* a record */
	memset(copy + len - TRAILER_SIZE + 88, 0xff, 40);
	memset(copy + len - TRAILER_SIZE + 192, 0xff, 32);
	copy[index + 40 + 21] |= 0xfe; /* an entry's flags */
	memset(copy + index + 40 + 22, 0xff, 2);
	forge(copy, len, false);
	for (int seekable = 0; seekable < 2; seekable++) {
		struct seen s = read_image(r, copy, len, seekable, NEVER);

		assert_true(s.complete && !s.damage && s.right == ALL);
	}
	free(copy);
}

/*
 * Header and map of a region with one extent of @chunks windows, then the
 * record of window @number, all of zeros.  Returns the bytes.
 */
static size_t one_record(uint8_t buf[1024], uint64_t chunks, uint64_t number, struct hash *hash)
{
	struct extent all = { 0, chunks << 16 }, window = { 0, 1 << 16 };
	struct region g = { .size = chunks << 16,
			    .kind = REGION_AREA,
			    .n_extents = 1,
			    .used_bytes = chunks << 16,
			    .used = { &all, 1, 1 } };
	struct header h = { .id = "one record only",
			    .chunk_shift = 16,
			    .device_size = chunks << 16,
			    .sector = 512,
			    .physical = 512,
			    .used_bytes = chunks << 16,
			    .regions = &g,
			    .n_regions = 1,
			    .json = (char *)"{}",
			    .json_len = 2 };
	struct record rec = {
		.kind = CHUNK_ZERO, .number = number, .raw = 1 << 16, .used = { &window, 1, 1 }
	};
	size_t a = header_size(&h), b = map_size(&h, 0), c = record_size(1, 0);

	memcpy(rec.id, h.id, IMAGE_ID_SIZE);
	assert_int_equal(header_render(&h, buf, a, hash), 0);
	assert_int_equal(map_render(&h, 0, buf + a, b, hash), 0);
	assert_int_equal(record_render(&rec, buf + a + b, c, hash), 0);
	return a + b + c;
}

/* A few bytes that speak of millions of chunks must not become gigabytes. */
static void test_a_short_image_of_many_chunks(void **state)
{
	struct reading *r = *state;
	struct mem_source src;
	uint8_t buf[1024];
	struct image img;
	uint64_t i = 0;
	struct err e;

	src = mem_source(buf, one_record(buf, 1 << 24, (1 << 24) - 1, r->d.hash), false);
	assert_int_equal(image_open(&img, &src.s, &e), 0);
	assert_int_equal(img.chunks, 1 << 24);
	assert_int_equal(image_walk(&img, r->packed, &i, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "too many missing"));
	assert_true(img.n <= (1 << 16) + 100);
	assert_int_equal(image_walk(&img, r->packed, &i, &e), 0);
	assert_int_equal(image_walk_end(&img, &e), -EBADMSG);
	image_close(&img);

	src = mem_source(buf, one_record(buf, 1 << 24, 60000, r->d.hash), false);
	assert_int_equal(image_open(&img, &src.s, &e), 0);
	assert_true(image_walk(&img, r->packed, &i, &e) > 0); /* so much may be lost */
	assert_int_equal(i, 60000);
	assert_int_equal(img.v[59999].kind, CHUNK_MISSING);
	assert_int_equal(img.v[59999].number, 59999);
	image_close(&img);

	src = mem_source(buf, one_record(buf, (1 << 24) + 1, 0, r->d.hash), false);
	assert_int_equal(image_open(&img, &src.s, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "more than 16777216 chunks"));
}

/* Records without end that look right and are not. */
static void test_many_false_records(void **state)
{
	struct reading *r = *state;
	const size_t head = r->t.begin[0], times = 20000, len = head + 32 * times;
	uint8_t *buf = malloc(len);
	struct seen s;

	assert_non_null(buf);
	memcpy(buf, r->image.buf, head);
	for (size_t i = 0; i < times; i++) {
		memcpy(buf + head + 32 * i, r->image.buf + head, 32);
		poke(buf + head + 32 * i, 4, 4, 120 + 8 * (i % 100));
	}
	s = read_image(r, buf, len, false, NEVER);
	assert_true(s.opened && !s.right && !s.wrong);
	assert_true(s.damage >= times);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forging_changes_nothing_by_itself),
		cmocka_unit_test(test_records_that_lie),
		cmocka_unit_test(test_records_that_jump),
		cmocka_unit_test(test_extents_of_other_lengths),
		cmocka_unit_test(test_same_of_another_length),
		cmocka_unit_test(test_too_many_bytes),
		cmocka_unit_test(test_zeros_that_are_none),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_trailers_that_lie),
		cmocka_unit_test(test_indexes_that_lie),
		cmocka_unit_test(test_reserved_bytes_are_ignored),
		cmocka_unit_test(test_a_short_image_of_many_chunks),
		cmocka_unit_test(test_many_false_records),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
