// SPDX-License-Identifier: GPL-3.0-or-later
/* The string that grows. */
#include "common/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_empty(void **state)
{
	struct text t = { 0 };
	char *s = NULL;

	(void)state;
	assert_string_equal(text_get(&t), "");
	assert_true(text_ok(&t));
	assert_int_equal(text_take(&t, &s, NULL), 0);
	assert_string_equal(s, "");
	free(s);
	text_free(&t);
}

/* Every length around the sizes to which it grows. */
static void test_growing(void **state)
{
	struct text t = { 0 };
	char *s;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		text_add(&t, "%c", 'a' + i % 26);
		assert_int_equal(t.len, i + 1);
		assert_int_equal(strlen(text_get(&t)), i + 1);
	}
	assert_int_equal(text_take(&t, &s, NULL), 0);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(s[i], 'a' + i % 26);
	assert_string_equal(text_get(&t), "");
	free(s);
}

static void test_bytes(void **state)
{
	struct text t = { 0 };

	(void)state;
	text_add_bytes(&t, "a\0b", 3);
	text_add(&t, "%s-%d", "x", 5);
	text_add_bytes(&t, "", 0);
	assert_int_equal(t.len, 6);
	assert_memory_equal(text_get(&t), "a\0bx-5", 7);
	text_free(&t);
	assert_null(t.s);
	assert_int_equal(t.len, 0);
}

/* More than there can be: it goes bad and stays so, without touching what is there. */
static void test_bad(void **state)
{
	struct text t = { 0 };
	struct err e = { "" };
	char *s = NULL;

	(void)state;
	text_add(&t, "good");
	text_add_bytes(&t, "x", SIZE_MAX / 2);
	assert_false(text_ok(&t));
	text_add(&t, "more");
	assert_string_equal(text_get(&t), "good");
	assert_int_equal(text_take(&t, &s, &e), -ENOMEM);
	assert_null(s);
	assert_true(text_ok(&t));
	text_add(&t, "anew");
	assert_string_equal(text_get(&t), "anew");
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_growing),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
