// SPDX-License-Identifier: GPL-3.0-or-later
/* Expected sizes, found out by the task: known step by step, stopped, refused. */
#include "imager/screen/guess.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE (48 << 20)

static const char *const ways[GUESSES] = { "zstd:3", "lz4:1", "none", "zstd:12", "xz:6" };
/* Seconds for this much noise. */
static const char *const slow_ways[GUESSES] = { "xz:9", "xz:9", "xz:9", "xz:9", "xz:9" };

struct fixture {
	struct task *t;
	struct guess *g;
	char dir[64], source[96];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char line[256];

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/slate-guess-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->source, sizeof(f->source), "%s/source", f->dir);
	snprintf(line, sizeof(line), "head -c %d /dev/urandom > %s", SIZE, f->source);
	assert_int_equal(system(line), 0);
	assert_int_equal(task_new(&f->t, NULL, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char line[128];

	guess_free(f->g, f->t);
	task_free(f->t);
	snprintf(line, sizeof(line), "rm -r %s", f->dir);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

/* Steps until the state is another one; a minute at most. */
static enum guess_state step(struct fixture *f)
{
	enum guess_state before = guess_state(f->g);

	for (int i = 0; i < 6000 && guess_state(f->g) == before; i++) {
		guess_step(f->g, f->t, true);
		poll(NULL, 0, 10);
	}
	return guess_state(f->g);
}

static void test_known(void **state)
{
	struct fixture *f = *state;
	uint64_t quick = 0, slow = 0;

	assert_int_equal(guess_new(&f->g, f->source, ways, NULL), 0);
	assert_false(guess_step(f->g, f->t, false));
	assert_int_equal(guess_state(f->g), GUESS_WAITS);
	assert_false(task_busy(f->t));
	assert_false(guess_bytes(f->g, 0, &quick));
	assert_int_equal(step(f), GUESS_RUNS);
	assert_int_equal(step(f), GUESS_WAITS);
	/* Noise is what it is, packed or not. */
	assert_true(guess_bytes(f->g, 0, &quick));
	assert_true(quick > SIZE / 10 * 9 && quick < SIZE / 10 * 11);
	assert_true(guess_bytes(f->g, 2, &quick));
	assert_int_equal(guess_used(f->g), SIZE);
	assert_false(guess_bytes(f->g, 3, &slow));
	assert_int_equal(step(f), GUESS_RUNS);
	assert_int_equal(step(f), GUESS_KNOWN);
	assert_true(guess_bytes(f->g, 4, &slow));
	assert_true(slow > SIZE / 10 * 9 && slow < SIZE / 10 * 11);
}

/* Who goes on while it runs has the task at once, and not the minute later. */
static void test_stopped(void **state)
{
	struct fixture *f = *state;
	int tries = 0;

	assert_int_equal(guess_new(&f->g, f->source, slow_ways, NULL), 0);
	assert_int_equal(step(f), GUESS_RUNS);
	assert_false(guess_stop(f->g, f->t));
	guess_free(f->g, f->t);
	f->g = NULL;
	while (task_busy(f->t) && tries++ < 500)
		poll(NULL, 0, 10);
	assert_false(task_busy(f->t));
	assert_int_not_equal(task_outcome(f->t)->status, 0);
	assert_non_null(strstr(task_outcome(f->t)->text, "stopped"));
}

/* Something else is being done: it waits for its turn. */
static void test_busy(void **state)
{
	struct fixture *f = *state;
	/* So long that it is not over before the other one asks. */
	static const char *const some_seconds[GUESSES] = { "xz:1", "xz:1", "xz:1", "xz:1",
							   "xz:1" };
	struct guess *other;

	assert_int_equal(guess_new(&f->g, f->source, some_seconds, NULL), 0);
	assert_int_equal(guess_new(&other, f->source, ways, NULL), 0);
	assert_int_equal(step(f), GUESS_RUNS);
	assert_false(guess_step(other, f->t, true));
	assert_int_equal(guess_state(other), GUESS_WAITS);
	guess_free(other, f->t);
	assert_int_equal(step(f), GUESS_WAITS);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes;

	assert_int_equal(guess_new(&f->g, f->dir, ways, NULL), 0);
	assert_int_equal(step(f), GUESS_RUNS);
	assert_int_equal(step(f), GUESS_FAILED);
	assert_non_null(strstr(guess_error(f->g), "is a directory"));
	assert_false(guess_bytes(f->g, 0, &bytes));
	assert_false(guess_step(f->g, f->t, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
