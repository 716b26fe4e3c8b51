// SPDX-License-Identifier: GPL-3.0-or-later
/* A command line in a thread: what is seen of it, questions, and its end. */
#include "imager/screen/task.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct command commands[] = {
	{ { "save", "DEVICE IMAGE", "", 2, 2, VERB_SAVE }, cmd_save },
	{ { "restore", "DEVICE IMAGE", "", 2, 2, VERB_RESTORE }, cmd_restore },
	{ { "diff", "IMAGE DEVICE", "", 2, 2, VERB_DIFF }, cmd_diff },
	{ .run = NULL },
};

struct fixture {
	struct task *t;
	struct task_view v;
	char dir[64], source[96], image[96], target[96];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char line[512];

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/slate-task-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->source, sizeof(f->source), "%s/source", f->dir);
	snprintf(f->image, sizeof(f->image), "%s/image", f->dir);
	snprintf(f->target, sizeof(f->target), "%s/target", f->dir);
	snprintf(line, sizeof(line),
		 "head -c 8M /dev/urandom > %s && head -c 8M /dev/urandom > %s", f->source,
		 f->target);
	assert_int_equal(system(line), 0);
	assert_int_equal(task_new(&f->t, commands, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char line[128];

	task_view_free(&f->v);
	task_free(f->t);
	snprintf(line, sizeof(line), "rm -r %s", f->dir);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

/* Looks until it is in @state; 20 seconds at most. */
static void wait_state(struct fixture *f, enum task_state state)
{
	for (int i = 0; i < 200; i++) {
		struct pollfd p = { .fd = task_fd(f->t), .events = POLLIN };

		task_look(f->t, &f->v);
		if (f->v.state == state)
			return;
		poll(&p, 1, 100);
	}
	fail_msg("state %d, not %d", (int)f->v.state, (int)state);
}

static void begin(struct fixture *f, const char *verb, const char *a, const char *b)
{
	const char *argv[] = { "slate", verb, a, b, "-d" };

	assert_int_equal(task_start(f->t, 5, argv, NULL), 0);
}

static void save(struct fixture *f)
{
	begin(f, "save", f->source, f->image);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 0);
}

static bool equal(const struct fixture *f)
{
	char line[256];

	snprintf(line, sizeof(line), "cmp -s %s %s", f->source, f->target);
	return system(line) == 0;
}

static void test_save(void **state)
{
	struct fixture *f = *state;
	const char *again[] = { "slate", "save", "a", "b" };

	begin(f, "save", f->source, f->image);
	if (!task_outcome(f->t))
		assert_int_equal(task_start(f->t, 4, again, NULL), -EBUSY);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 0);
	assert_non_null(strstr(task_outcome(f->t)->text, "saved as"));
	assert_non_null(task_outcome(f->t)->report);
	assert_int_equal(f->v.n_regions, 1);
	assert_int_equal(f->v.regions[0].done, 8 << 20);
	assert_int_equal(f->v.regions[0].total, 8 << 20);
	assert_int_equal(access(f->image, F_OK), 0);
	assert_int_equal(f->v.n_notices, 1);
	assert_non_null(strstr(f->v.notices[0], "byte by byte"));
}

static void test_yes(void **state)
{
	struct fixture *f = *state;

	save(f);
	begin(f, "restore", f->target, f->image);
	wait_state(f, TASK_ASKS);
	assert_true(f->v.question.destroys);
	assert_string_equal(f->v.question.device, f->target);
	assert_int_equal(f->v.question.size, 8 << 20);
	task_answer(f->t, true);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 0);
	assert_true(equal(f));
}

static void test_no(void **state)
{
	struct fixture *f = *state;

	save(f);
	begin(f, "restore", f->target, f->image);
	wait_state(f, TASK_ASKS);
	task_answer(f->t, false);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 3);
	assert_false(task_outcome(f->t)->half);
	assert_false(equal(f));
}

/* While it asks, an end is an end before anything was touched. */
static void test_cancel(void **state)
{
	struct fixture *f = *state;

	save(f);
	begin(f, "restore", f->target, f->image);
	wait_state(f, TASK_ASKS);
	task_cancel(f->t);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 130);
	task_answer(f->t, true); /* too late */
	assert_false(equal(f));
	assert_int_equal(unlink(f->image), 0);
	save(f); /* the wish to stop is forgotten */
}

static void test_blockers(void **state)
{
	struct fixture *f = *state;

	save(f);
	assert_int_equal(truncate(f->target, 1 << 20), 0);
	begin(f, "restore", f->target, f->image);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 3);
	assert_non_null(strstr(task_outcome(f->t)->text, "\n  - "));
}

/* What a verb prints, and wrong usage, end nowhere else. */
static void test_printed(void **state)
{
	struct fixture *f = *state;
	const char *wrong[] = { "slate", "save", "--no-such-thing" };

	save(f);
	begin(f, "diff", f->image, f->target);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 5);
	assert_non_null(strstr(task_printed(f->t), "chunks differ"));
	assert_true(f->v.p.damaged > 0);
	assert_int_equal(task_start(f->t, 3, wrong, NULL), 0);
	wait_state(f, TASK_ENDED);
	assert_int_equal(task_outcome(f->t)->status, 2);
	assert_non_null(strstr(task_outcome(f->t)->text, "no-such-thing"));
}

static int called(void *arg, const struct watcher *w, struct err *e)
{
	while (!watcher_cancelled(w))
		poll(NULL, 0, 10);
	*(int *)arg = 1;
	return err_set(e, -EINTR, "enough");
}

static void test_call(void **state)
{
	struct fixture *f = *state;
	int done = 0;

	assert_int_equal(task_call(f->t, called, &done, NULL), 0);
	wait_state(f, TASK_RUNS);
	task_cancel(f->t);
	wait_state(f, TASK_ENDED);
	assert_int_equal(done, 1);
	assert_string_equal(task_outcome(f->t)->text, "enough");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_save),     TEST(test_yes),     TEST(test_no),   TEST(test_cancel),
		TEST(test_blockers), TEST(test_printed), TEST(test_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
