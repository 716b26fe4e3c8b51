// SPDX-License-Identifier: GPL-3.0-or-later
/* Bytes that were sent for jobs: counted once, told once, by many threads. */
#include "pxe/http/sent.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 20000 };

static struct job job_of(uint8_t machine, int64_t id, const char *token)
{
	struct job j = { .id = id, .mac = { { 2, 0, 0, 0, 0, machine } } };

	snprintf(j.token, sizeof(j.token), "%s", token);
	return j;
}

static void test_counts(void **state)
{
	struct job a = job_of(1, 7, "aaa"), b = job_of(2, 8, "bbb");
	struct sent *s = sent_new();
	struct sent_part part;

	(void)state;
	assert_non_null(s);
	assert_false(sent_add(s, "aaa", 5));
	part = sent_begin(s, &a);
	assert_true(!part.job && !part.bytes);
	sent_begin(s, &b);
	assert_true(sent_add(s, "aaa", 5) && sent_add(s, "aaa", 6) && sent_add(s, "bbb", 1));
	assert_false(sent_add(s, "", 1));
	assert_false(sent_add(s, "aa", 1));
	assert_int_equal(sent_take(s, 7), 11);
	assert_int_equal(sent_take(s, 7), 0);
	assert_true(sent_add(s, "aaa", 3));
	/* Handed out again: the old token is void, and what it had is not lost. */
	snprintf(a.token, sizeof(a.token), "new");
	part = sent_begin(s, &a);
	assert_true(part.job == 7 && part.bytes == 3);
	assert_false(sent_add(s, "aaa", 5));
	assert_true(sent_add(s, "new", 9));
	assert_int_equal(sent_end(s, 7), 9);
	assert_false(sent_add(s, "new", 9));
	assert_true(sent_next(s, &part));
	assert_true(part.job == 8 && part.bytes == 1);
	assert_false(sent_next(s, &part));
	/* More machines than there was room for at first. */
	for (uint8_t i = 3; i < 200; i++) {
		char token[8];

		snprintf(token, sizeof(token), "t%u", i);
		a = job_of(i, 100 + i, token);
		sent_begin(s, &a);
		assert_true(sent_add(s, token, i));
	}
	assert_int_equal(sent_take(s, 103), 3);
	assert_int_equal(sent_take(s, 299), 199);
	sent_free(s);
}

static void *add_many(void *ctx)
{
	for (int i = 0; i < ROUNDS; i++)
		(void)sent_add(ctx, "aaa", 3);
	return NULL;
}

static void test_threads(void **state)
{
	struct job a = job_of(1, 7, "aaa");
	struct sent *s = sent_new();
	pthread_t threads[THREADS];
	uint64_t n = 0;

	(void)state;
	assert_non_null(s);
	sent_begin(s, &a);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, s), 0);
	for (int i = 0; i < 1000; i++)
		n += sent_take(s, 7);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(n + sent_end(s, 7), 3 * ROUNDS * THREADS);
	sent_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_counts),
					    cmocka_unit_test(test_threads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
