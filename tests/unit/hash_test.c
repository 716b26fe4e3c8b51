// SPDX-License-Identifier: GPL-3.0-or-later
/* SHA-256 against the examples of FIPS 180 and NIST's CAVP. */
#include "common/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static const struct {
	const char *text, *sum;
} known[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void assert_sum(const uint8_t sum[HASH_SIZE], const char *expected)
{
	char text[2 * HASH_SIZE + 1];

	hash_hex(sum, HASH_SIZE, text);
	assert_string_equal(text, expected);
}

static void test_known(void **state)
{
	uint8_t sum[HASH_SIZE];

	for (size_t i = 0; i < COUNT(known); i++) {
		assert_int_equal(hash_buf(*state, known[i].text, strlen(known[i].text), sum),
				 0);
		assert_sum(sum, known[i].sum);
	}
}

/* In two pieces, cut anywhere. */
static void test_pieces(void **state)
{
	const char *text = known[3].text;
	size_t n = strlen(text);
	uint8_t sum[HASH_SIZE];

	for (size_t cut = 0; cut <= n; cut++) {
		hash_begin(*state);
		hash_add(*state, text, cut);
		hash_add(*state, text + cut, n - cut);
		assert_int_equal(hash_end(*state, sum), 0);
		assert_sum(sum, known[3].sum);
	}
}

static void test_million(void **state)
{
	uint8_t sum[HASH_SIZE], a[1000];

	memset(a, 'a', sizeof(a));
	hash_begin(*state);
	for (int i = 0; i < 1000; i++)
		hash_add(*state, a, sizeof(a));
	assert_int_equal(hash_end(*state, sum), 0);
	assert_sum(sum, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* A sum that was begun and never ended leaves nothing behind. */
static void test_begin_again(void **state)
{
	uint8_t sum[HASH_SIZE];

	hash_begin(*state);
	hash_add(*state, "rubbish", 7);
	assert_int_equal(hash_buf(*state, "abc", 3, sum), 0);
	assert_sum(sum, known[1].sum);
}

static void test_hex(void **state)
{
	uint8_t sum[HASH_SIZE];
	char text[2 * HASH_SIZE + 1];

	(void)state;
	for (unsigned i = 0; i < HASH_SIZE; i++)
		sum[i] = (uint8_t)(i * 0x11);
	memset(text, 'x', sizeof(text));
	hash_hex(sum, HASH_SIZE, text);
	assert_int_equal(strlen(text), 64);
	assert_int_equal(strncmp(text, "00112233445566778899aabbccddeeff10", 34), 0);
}

static int setup(void **state)
{
	struct hash *h = NULL;
	int r = hash_new(&h, NULL);

	*state = h;
	return r;
}

static int teardown(void **state)
{
	hash_free(*state);
	hash_free(NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),   cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_million), cmocka_unit_test(test_begin_again),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
