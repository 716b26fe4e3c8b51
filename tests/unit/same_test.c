// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of sums: finds what was added, the first of equals, and nothing else. */
#include "imager/image/same.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY 20000 /* the table grows several times */

/* A sum for @i; those of one @group begin with the same 8 bytes and collide. */
static void make_sum(uint8_t sum[HASH_SIZE], uint64_t i, uint64_t group)
{
	struct wr w = wr_init(sum, HASH_SIZE);

	wr_le64(&w, (i % group) * UINT64_C(0x9E3779B97F4A7C15));
	wr_le64(&w, i);
	wr_zero(&w, HASH_SIZE - 16);
}

static struct entry *entries(uint64_t n, uint64_t group)
{
	struct entry *v = calloc(n, sizeof(*v));

	assert_non_null(v);
	for (uint64_t i = 0; i < n; i++)
		make_sum(v[i].sum, i, group);
	return v;
}

static void test_empty(void **state)
{
	struct same s = { 0 };
	uint8_t sum[HASH_SIZE] = { 0 };

	(void)state;
	assert_int_equal(same_find(&s, NULL, sum), -1);
	same_free(&s);
}

static void test_finds_all(void **state)
{
	struct entry *v = entries(MANY, UINT64_MAX);
	struct same s = { 0 };

	(void)state;
	for (uint64_t i = 0; i < MANY; i++) {
		assert_int_equal(same_find(&s, v, v[i].sum), -1);
		assert_int_equal(same_add(&s, v, i), 0);
		assert_int_equal(same_find(&s, v, v[i].sum), i);
	}
	for (uint64_t i = 0; i < MANY; i++)
		assert_int_equal(same_find(&s, v, v[i].sum), i);
	assert_int_equal(s.n, MANY);
	assert_true(s.mask + 1 >= 2 * MANY); /* never more than half full */
	same_free(&s);
	free(v);
}

/* Sums that fall on one slot, as hostile content could have it. */
static void test_collisions(void **state)
{
	const uint64_t n = 700;
	struct entry *v = entries(n, 3);
	struct same s = { 0 };
	uint8_t other[HASH_SIZE];

	(void)state;
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(same_add(&s, v, i), 0);
	for (uint64_t i = 0; i < n; i++)
		assert_int_equal(same_find(&s, v, v[i].sum), i);
	make_sum(other, n, 3);
	assert_int_equal(same_find(&s, v, other), -1);
	memcpy(other, v[5].sum, HASH_SIZE);
	other[HASH_SIZE - 1] ^= 1; /* the last bit counts */
	assert_int_equal(same_find(&s, v, other), -1);
	same_free(&s);
	free(v);
}

static void test_the_first_of_equals(void **state)
{
	struct entry *v = entries(3000, UINT64_MAX);
	struct same s = { 0 };

	(void)state;
	memcpy(v[2000].sum, v[7].sum, HASH_SIZE);
	for (uint64_t i = 0; i < 3000; i++)
		assert_int_equal(same_add(&s, v, i), 0);
	assert_int_equal(same_find(&s, v, v[2000].sum), 7);
	assert_int_equal(s.n, 2999);
	same_free(&s);
	free(v);
}

/* Ordinals that a slot cannot hold are passed over: v[] is not even looked at. */
static void test_too_far(void **state)
{
	struct same s = { 0 };

	(void)state;
	assert_int_equal(same_add(&s, NULL, UINT32_MAX), 0);
	assert_int_equal(same_add(&s, NULL, UINT64_MAX), 0);
	assert_null(s.slots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),      cmocka_unit_test(test_finds_all),
		cmocka_unit_test(test_collisions), cmocka_unit_test(test_the_first_of_equals),
		cmocka_unit_test(test_too_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
