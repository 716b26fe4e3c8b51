// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading ahead of something that is not there: fetch() makes its bytes up.  It
 * runs in other threads, where cmocka cannot fail: they count.
 */
#include "tests/unit/pattern.h"

#include "imager/image/readahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define BLOCK ((uint64_t)READAHEAD_BLOCK)
#define NEVER UINT64_MAX

struct world {
	atomic_ulong fetches, bytes; /* by the threads of readahead.c */
	atomic_ulong direct;         /* bytes that readers had to fetch themselves */
	atomic_ulong wrong;          /* what must not be */
	atomic_bool hold, end;       /* fetch() waits; it fails with -EINTR */
	uint64_t fail_at;            /* fetch() of this byte fails */
	struct extents plan;
	struct readahead *ra;
};

static int fetch(void *arg, unsigned thread, void *buf, size_t n, uint64_t off, struct err *e)
{
	struct world *w = arg;

	if (thread >= READAHEAD_THREADS || n > READAHEAD_BLOCK)
		w->wrong++;
	while (w->hold && !w->end)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	if (w->end)
		return err_set(e, -EINTR, "the end");
	if (off <= w->fail_at && w->fail_at < off + n)
		return err_set(e, -ENOENT, "no byte %d", (int)w->fail_at);
	fill_pattern(buf, n, off);
	w->fetches++;
	w->bytes += n;
	return 0;
}

static void add(struct world *w, uint64_t off, uint64_t len)
{
	assert_int_equal(extents_add(&w->plan, off, len, NULL), 0);
}

static void start(struct world *w, unsigned threads)
{
	static const struct readahead_ops ops = { fetch };

	extents_normalize(&w->plan);
	assert_int_equal(readahead_new(&w->ra, &w->plan, threads, &ops, w, NULL), 0);
}

static void finish(struct world *w)
{
	readahead_free(w->ra);
	extents_free(&w->plan);
	assert_int_equal(w->wrong, 0);
}

/* Waits until the threads have nothing more to do. */
static void settle(struct world *w, unsigned long fetches)
{
	for (unsigned ms = 0; ms < 10000 && w->fetches < fetches; ms++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	assert_int_equal(w->fetches, fetches);
}

static bool is_pattern(const uint8_t *buf, size_t n, uint64_t off)
{
	for (size_t i = 0; i < n; i++)
		if (buf[i] != pattern(off + i))
			return false;
	return true;
}

/* As a source reads; false when fetch() has failed. */
static bool take(struct world *w, uint64_t off, size_t n)
{
	uint8_t *buf = malloc(n);
	size_t got = 0, gap = 0;
	struct err e;
	int64_t r = buf ? 0 : -ENOMEM;

	while (got < n && r >= 0) {
		r = readahead_read(w->ra, buf + got, n - got, off + got, &gap, &e);
		if (r == 0) {
			if (gap == 0 || gap > n - got)
				w->wrong++;
			fill_pattern(buf + got, gap, off + got);
			w->direct += gap;
			r = (int64_t)gap;
		}
		if (r > 0)
			got += (size_t)r;
	}
	if (r >= 0 && (got != n || !is_pattern(buf, n, off)))
		w->wrong++;
	free(buf);
	return r >= 0;
}

static void test_in_order_all_comes_ahead_and_once(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	add(&w, 5, 50 * BLOCK);
	start(&w, 4);
	for (uint64_t off = 5; off < 5 + 50 * BLOCK; off += BLOCK / 4)
		assert_true(take(&w, off, BLOCK / 4));
	assert_int_equal(w.direct, 0);
	assert_int_equal(w.fetches, 50);
	assert_int_equal(w.bytes, 50 * BLOCK);
	finish(&w);
}

static void test_neighbours_are_one_request(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		add(&w, i * (1000 + READAHEAD_GAP), 1000); /* just near enough: one */
	add(&w, 2 * BLOCK, 10);
	add(&w, 2 * BLOCK + 11 + READAHEAD_GAP, 10); /* one byte too far: two */
	add(&w, 4 * BLOCK, BLOCK - 10);
	add(&w, 5 * BLOCK, 10); /* near, but it would be too much: two */
	start(&w, 3);
	settle(&w, 5);
	assert_int_equal(w.bytes, 100 * 1000 + 99 * READAHEAD_GAP + 20 + BLOCK);
	for (size_t i = 0; i < w.plan.n; i++)
		assert_true(take(&w, w.plan.v[i].off, w.plan.v[i].len));
	assert_int_equal(w.direct, 0);
	finish(&w);
}

static void test_a_block_goes_when_all_that_was_planned_of_it_is_read(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	for (uint64_t i = 0; i < 40; i++) { /* each with a hole that nobody reads */
		add(&w, i * 2 * BLOCK, 1000);
		add(&w, i * 2 * BLOCK + 2000, 1000);
	}
	start(&w, 2);
	settle(&w, READAHEAD_BLOCKS);
	assert_true(take(&w, 0, 1000));
	assert_int_equal(w.direct, 0);
	assert_true(take(&w, 0, 1000)); /* once more is no other byte, and comes anew */
	assert_int_equal(w.direct, 1000);
	settle(&w, READAHEAD_BLOCKS);
	assert_true(take(&w, 500, 2500)); /* 500 and the hole as well */
	assert_int_equal(w.direct, 2500);
	settle(&w, READAHEAD_BLOCKS + 1);
	assert_true(take(&w, 2000, 1000));
	assert_int_equal(w.direct, 3500);
	finish(&w);
}

static void test_what_is_not_planned_is_told(void **state)
{
	struct world w = { .fail_at = NEVER };
	uint8_t buf[200];
	size_t gap = 0;

	(void)state;
	add(&w, 10 * BLOCK, 100);
	start(&w, 1);
	settle(&w, 1);
	assert_int_equal(readahead_read(w.ra, buf, 200, 0, &gap, NULL), 0);
	assert_int_equal(gap, 200);
	assert_int_equal(readahead_read(w.ra, buf, 200, 10 * BLOCK - 50, &gap, NULL), 0);
	assert_int_equal(gap, 50);
	assert_int_equal(readahead_read(w.ra, buf, 200, 10 * BLOCK + 100, &gap, NULL), 0);
	assert_int_equal(gap, 200);
	assert_int_equal(readahead_read(w.ra, buf, 200, 10 * BLOCK + 40, &gap, NULL), 60);
	finish(&w);
}

/* All slots are full of what nobody reads: the oldest go, and only as many as needed. */
static void test_nobody_waits_for_ever(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	add(&w, 0, 64 * BLOCK);
	start(&w, 1);
	settle(&w, READAHEAD_BLOCKS);
	assert_true(take(&w, (READAHEAD_BLOCKS + 1) * BLOCK, 1000));
	settle(&w, READAHEAD_BLOCKS + 2);
	assert_int_equal(w.direct, 0);
	assert_true(take(&w, 2 * BLOCK, 1000));
	assert_int_equal(w.direct, 0);
	assert_true(take(&w, 0, 1000));
	assert_true(take(&w, 1 * BLOCK, 1000));
	assert_int_equal(w.direct, 2000);
	finish(&w);
}

static void test_backwards(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	add(&w, 0, 50 * BLOCK);
	start(&w, 4);
	settle(&w, READAHEAD_BLOCKS);
	for (uint64_t i = 50; i-- > 0;)
		assert_true(take(&w, i * BLOCK, BLOCK));
	/* Too far ahead to wait for: 49 .. 32; dropped for what came before it: 15 .. 0. */
	assert_int_equal(w.direct, (18 + 16) * BLOCK);
	assert_true(w.fetches <= 50);
	finish(&w);
}

struct reader {
	struct world *w;
	unsigned seed;
	pthread_t id;
};

/* Pieces across blocks, in random order. */
static void *read_randomly(void *arg)
{
	struct reader *r = arg;

	for (unsigned i = 0; i < 150; i++) {
		uint64_t x = (uint64_t)rand_r(&r->seed);

		if (!take(r->w, x % (60 * BLOCK), 1 + x % 7 * 50000))
			r->w->wrong++;
	}
	return NULL;
}

static void test_random_order_by_many(void **state)
{
	struct world w = { .fail_at = NEVER };
	struct reader r[6];

	(void)state;
	for (uint64_t i = 0; i < 30; i++)
		add(&w, 2 * i * BLOCK, BLOCK + i * 30000);
	start(&w, 4);
	for (unsigned i = 0; i < 6; i++) {
		r[i] = (struct reader){ .w = &w, .seed = i };
		assert_int_equal(pthread_create(&r[i].id, NULL, read_randomly, &r[i]), 0);
	}
	for (unsigned i = 0; i < 6; i++)
		pthread_join(r[i].id, NULL);
	finish(&w);
}

static void test_a_failure_reaches_its_reader(void **state)
{
	struct world w = { .fail_at = 3 * BLOCK + 7 };
	uint8_t buf[10];
	size_t gap = 0;
	struct err e;

	(void)state;
	add(&w, 0, 40 * BLOCK);
	start(&w, 1);
	for (uint64_t i = 0; i < 3; i++)
		assert_true(take(&w, i * BLOCK, BLOCK));
	assert_int_equal(readahead_read(w.ra, buf, 10, 3 * BLOCK, &gap, &e), -ENOENT);
	assert_string_equal(e.msg, "no byte 3145735");
	assert_int_equal(w.direct, 0);
	/* Nobody fetches what is behind it. */
	assert_int_equal(readahead_read(w.ra, buf, 10, 4 * BLOCK, &gap, &e), 0);
	assert_int_equal(gap, 10);
	assert_int_equal(w.fetches, 3);
	finish(&w);
}

static void *end_soon(void *arg)
{
	struct world *w = arg;

	nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	w->end = true;
	return NULL;
}

static void test_who_waits_is_woken_by_the_end(void **state)
{
	struct world w = { .fail_at = NEVER, .hold = true };
	pthread_t id;

	(void)state;
	add(&w, 0, 40 * BLOCK);
	start(&w, 2);
	assert_int_equal(pthread_create(&id, NULL, end_soon, &w), 0);
	assert_false(take(&w, 0, 10));
	pthread_join(id, NULL);
	assert_int_equal(w.direct, 0);
	assert_int_equal(w.fetches, 0);
	finish(&w);
}

static void test_without_threads(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	add(&w, 0, 3 * BLOCK);
	start(&w, 0);
	assert_true(take(&w, 0, 3 * BLOCK));
	assert_int_equal(w.direct, 3 * BLOCK);
	assert_int_equal(w.fetches, 0);
	finish(&w);
}

static void test_nothing_planned(void **state)
{
	struct world w = { .fail_at = NEVER };

	(void)state;
	start(&w, 4);
	assert_true(take(&w, 0, 1000));
	assert_int_equal(w.direct, 1000);
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order_all_comes_ahead_and_once),
		cmocka_unit_test(test_neighbours_are_one_request),
		cmocka_unit_test(test_a_block_goes_when_all_that_was_planned_of_it_is_read),
		cmocka_unit_test(test_what_is_not_planned_is_told),
		cmocka_unit_test(test_nobody_waits_for_ever),
		cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_random_order_by_many),
		cmocka_unit_test(test_a_failure_reaches_its_reader),
		cmocka_unit_test(test_who_waits_is_woken_by_the_end),
		cmocka_unit_test(test_without_threads),
		cmocka_unit_test(test_nothing_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
