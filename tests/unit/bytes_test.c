// SPDX-License-Identifier: GPL-3.0-or-later
/* The cursors: every number, and not one byte outside. */
#include "common/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 'h', 'i', 0, 9 };

/* Exactly @n bytes of @in, so that a sanitizer sees each byte too many; the caller frees. */
static uint8_t *exactly(size_t n)
{
	uint8_t *p = malloc(n ? n : 1);

	assert_non_null(p);
	memcpy(p, in, n);
	return p;
}

static void test_numbers(void **state)
{
	struct rd r = rd_init(in, 8);

	(void)state;
	assert_int_equal(rd_u8(&r), 1);
	rd_seek(&r, 0);
	assert_int_equal(rd_le16(&r), 0x0201);
	assert_int_equal(rd_be16(&r), 0x0304);
	assert_int_equal(rd_le32(&r), 0x08070605);
	rd_seek(&r, 0);
	assert_int_equal(rd_be32(&r), 0x01020304);
	assert_int_equal(rd_left(&r), 4);
	rd_seek(&r, 0);
	assert_true(rd_le64(&r) == 0x0807060504030201);
	rd_seek(&r, 0);
	assert_true(rd_be64(&r) == 0x0102030405060708);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
}

static uint64_t read_64(struct rd *r)
{
	return rd_le64(r);
}
static uint64_t read_b64(struct rd *r)
{
	return rd_be64(r);
}
static uint64_t read_32(struct rd *r)
{
	return rd_le32(r);
}
static uint64_t read_b32(struct rd *r)
{
	return rd_be32(r);
}
static uint64_t read_16(struct rd *r)
{
	return rd_le16(r);
}
static uint64_t read_b16(struct rd *r)
{
	return rd_be16(r);
}
static uint64_t read_8(struct rd *r)
{
	return rd_u8(r);
}

/* One byte too few gives 0, and the cursor stays bad for everything. */
static void test_too_short(void **state)
{
	static const struct {
		uint64_t (*read)(struct rd *r);
		size_t width;
	} kinds[] = { { read_64, 8 }, { read_b64, 8 }, { read_32, 4 }, { read_b32, 4 },
		      { read_16, 2 }, { read_b16, 2 }, { read_8, 1 } };

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (size_t n = 0; n <= kinds[k].width; n++) {
			uint8_t *p = exactly(n);
			struct rd r = rd_init(p, n);
			uint64_t v = kinds[k].read(&r);

			assert_int_equal(rd_ok(&r), n == kinds[k].width);
			assert_int_equal(v != 0, n == kinds[k].width);
			assert_int_equal(rd_left(&r), 0);
			if (n < kinds[k].width) {
				rd_seek(&r, 0);
				assert_false(rd_ok(&r));
				assert_int_equal(rd_u8(&r), 0);
				assert_null(rd_bytes(&r, 1));
				assert_null(rd_cstr(&r));
			}
			free(p);
		}
	}
}

static void test_bytes_skip_seek(void **state)
{
	uint8_t *p = exactly(8);
	struct rd r = rd_init(p, 8);

	(void)state;
	assert_ptr_equal(rd_bytes(&r, 0), p);
	assert_ptr_equal(rd_bytes(&r, 3), p);
	rd_skip(&r, 2);
	assert_int_equal(rd_u8(&r), 6);
	rd_seek(&r, 8);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
	assert_non_null(rd_bytes(&r, 0));
	rd_seek(&r, 9);
	assert_false(rd_ok(&r));
	r = rd_init(p, 8);
	rd_seek(&r, UINT64_MAX);
	assert_false(rd_ok(&r));
	r = rd_init(p, 8);
	rd_skip(&r, 1);
	assert_null(rd_bytes(&r, SIZE_MAX)); /* pos + n would wrap */
	assert_false(rd_ok(&r));
	free(p);
}

static void test_sub(void **state)
{
	uint8_t *p = exactly(8);
	struct rd r = rd_init(p, 8), sub;

	(void)state;
	rd_skip(&r, 4);
	sub = rd_sub(&r, 3);
	assert_int_equal(rd_be16(&sub), 0x0506);
	assert_int_equal(rd_be16(&sub), 0); /* one byte is left in it */
	assert_false(rd_ok(&sub));
	assert_true(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 8);
	sub = rd_sub(&r, 1);
	assert_true(!rd_ok(&sub) && !rd_ok(&r) && rd_left(&sub) == 0);
	free(p);
}

static void test_cstr(void **state)
{
	uint8_t *p = exactly(12);
	struct rd r = rd_init(p, 12);

	(void)state;
	rd_skip(&r, 8);
	assert_string_equal(rd_cstr(&r), "hi");
	assert_true(rd_ok(&r) && rd_left(&r) == 1);
	assert_null(rd_cstr(&r)); /* no NUL before the end */
	assert_false(rd_ok(&r));
	free(p);
	r = rd_init(NULL, 0);
	assert_null(rd_cstr(&r));
	r = rd_init(NULL, 0);
	assert_null(rd_bytes(&r, 0));
	assert_true(rd_ok(&r));
}

/* @n bytes of 0xee, of a size that the compiler cannot know; the caller frees. */
static uint8_t *room(volatile size_t n)
{
	uint8_t *p = malloc(n);

	assert_non_null(p);
	memset(p, 0xee, n);
	return p;
}

static void test_write(void **state)
{
	static const uint8_t expected[] = { 1,  3,  2,  7, 6, 5,   4,   15, 14, 13,
					    12, 11, 10, 9, 8, 'x', 'y', 0,  0,  0 };
	uint8_t *p = room(sizeof(expected));
	struct wr w = wr_init(p, sizeof(expected));

	(void)state;
	wr_u8(&w, 1);
	wr_le16(&w, 0x0203);
	wr_le32(&w, 0x04050607);
	wr_le64(&w, 0x08090a0b0c0d0e0f);
	wr_bytes(&w, "xy", 2);
	wr_bytes(&w, NULL, 0);
	wr_zero(&w, 3);
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, sizeof(expected));
	assert_memory_equal(p, expected, sizeof(expected));
	wr_u8(&w, 1);
	assert_false(wr_ok(&w));
	free(p);
}

/* A write that does not fit does nothing, and so do those behind it. */
static void test_write_too_much(void **state)
{
	volatile size_t most = SIZE_MAX; /* the compiler must not see it */
	uint8_t *p = room(3);
	struct wr w = wr_init(p, 3);

	(void)state;
	wr_u8(&w, 1);
	wr_le32(&w, 2);
	wr_u8(&w, 3);
	wr_zero(&w, 1);
	assert_false(wr_ok(&w));
	assert_int_equal(w.pos, 1);
	assert_true(p[0] == 1 && p[1] == 0xee && p[2] == 0xee);
	w = wr_init(p, 3);
	wr_u8(&w, 1);
	wr_zero(&w, most);
	assert_false(wr_ok(&w));
	w = wr_init(p, 3);
	wr_u8(&w, 1);
	wr_bytes(&w, p, most);
	assert_false(wr_ok(&w));
	free(p);
}

static void test_measure_without_a_buffer(void **state)
{
	struct wr w = wr_init(NULL, 0);

	(void)state;
	wr_le64(&w, 1);
	wr_zero(&w, 1000);
	wr_bytes(&w, "abc", 3);
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, 1011);
}

static void test_checked_arithmetic(void **state)
{
	uint64_t v;

	(void)state;
	assert_true(add_u64(UINT64_MAX, 0, &v) && v == UINT64_MAX);
	assert_false(add_u64(UINT64_MAX, 1, &v));
	assert_true(mul_u64(UINT64_C(1) << 32, UINT32_MAX, &v));
	assert_true(v == UINT64_C(0xffffffff00000000));
	assert_false(mul_u64(UINT64_C(1) << 32, UINT64_C(1) << 32, &v));
	assert_true(mul_u64(0, UINT64_MAX, &v) && v == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_too_short),
		cmocka_unit_test(test_bytes_skip_seek),
		cmocka_unit_test(test_sub),
		cmocka_unit_test(test_cstr),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_too_much),
		cmocka_unit_test(test_measure_without_a_buffer),
		cmocka_unit_test(test_checked_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
