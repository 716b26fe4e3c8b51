// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The pipeline with jobs that count.  Callbacks run in other threads, where
 * cmocka cannot fail: they note what is wrong and the test looks at the notes.
 */
#include "imager/engine/pipeline.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define WORKERS_MAX 9
#define SLOTS_MAX   (WORKERS_MAX + 4)
#define IN_SIZE     5000
#define OUT_SIZE    100
#define NO          UINT64_MAX

/* What travels with a slot: where the job in it is. */
struct job {
	enum { FREE, FILLED, WORKED } state;
	uint64_t value;
	struct run *run;
};

struct run {
	unsigned workers;
	uint64_t jobs; /* fill() ends after so many; NO: never */
	uint64_t fail_fill, fail_work, fail_drain;
	uint64_t hold_filled; /* the first job takes until so many are filled */
	unsigned hold_idles;  /* and idle() was called so often */
	bool late;            /* the job behind the one that fails fails later */
	int idle_code;

	atomic_uint_fast64_t filled, drained;
	atomic_uint begun_late, failed;           /* of the jobs with @late */
	atomic_uint wrong, idles, released, most; /* most: jobs at once */
	atomic_uint busy[WORKERS_MAX + 1];        /* by worker: in work() */
	struct job *seen[SLOTS_MAX];
	unsigned slots;
};

static struct run run_of(unsigned workers, uint64_t jobs)
{
	return (struct run){ .workers = workers,
			     .jobs = jobs,
			     .fail_fill = NO,
			     .fail_work = NO,
			     .fail_drain = NO };
}

static void expect(struct run *r, bool is_true)
{
	if (!is_true)
		atomic_fetch_add(&r->wrong, 1);
}

/* By fill() only, which is one thread. */
static void meet_slot(struct run *r, struct job *j)
{
	for (unsigned i = 0; i < r->slots; i++)
		if (r->seen[i] == j)
			return;
	expect(r, !j->state && !j->value && !j->run); /* zeroed once */
	expect(r, r->slots < SLOTS_MAX);
	if (r->slots < SLOTS_MAX)
		r->seen[r->slots++] = j;
	j->run = r;
}

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	unsigned now;

	meet_slot(r, j);
	expect(r, j->state == FREE);
	expect(r, s->seq == atomic_load(&r->filled));
	expect(r, (uintptr_t)s->in % 4096 == 0 && (uintptr_t)s->out % 4096 == 0);
	if (s->seq == r->fail_fill)
		return err_set(e, -EIO, "fill %d", (int)s->seq);
	if (s->seq == r->jobs)
		return 0;
	memset(s->in, (int)s->seq, IN_SIZE);
	s->in_len = IN_SIZE;
	j->value = 3 * s->seq;
	j->state = FILLED;
	now = (unsigned)(atomic_fetch_add(&r->filled, 1) + 1 - atomic_load(&r->drained));
	if (now > atomic_load(&r->most))
		atomic_store(&r->most, now);
	return 1;
}

/* Ten seconds are for ever: the test then fails by its own conditions. */
static void hold(const struct run *r)
{
	for (unsigned ms = 0; ms < 10000; ms++) {
		if (atomic_load(&r->filled) >= r->hold_filled &&
		    atomic_load(&r->idles) >= r->hold_idles)
			break;
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
}

static void wait_for(const atomic_uint *flag)
{
	for (unsigned ms = 0; ms < 10000 && !atomic_load(flag); ms++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

/* Two jobs are at work; the second fails when the failure of the first is long known. */
static int work_late(struct run *r, const struct slot *s, struct err *e)
{
	if (s->seq == r->fail_work) {
		wait_for(&r->begun_late);
		atomic_store(&r->failed, 1);
		return 0;
	}
	if (s->seq != r->fail_work + 1)
		return 0;
	atomic_store(&r->begun_late, 1);
	wait_for(&r->failed);
	nanosleep(&(struct timespec){ 0, 300000000 }, NULL);
	return err_set(e, -EPERM, "too late");
}

static int work(void *arg, unsigned worker, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	int code = 0;

	expect(r, worker < (r->workers ? r->workers : 1));
	expect(r, atomic_fetch_add(&r->busy[worker % WORKERS_MAX], 1) == 0);
	expect(r, j->state == FILLED && j->value == 3 * s->seq && s->in_len == IN_SIZE);
	if (!s->seq)
		hold(r);
	for (volatile unsigned i = 0; i < s->seq % 7 * 500; i++) /* to end out of order */
		;
	memset(s->out, s->in[IN_SIZE - 1], OUT_SIZE);
	s->out_len = OUT_SIZE;
	j->state = WORKED;
	if (r->late)
		code = work_late(r, s, e);
	atomic_fetch_sub(&r->busy[worker % WORKERS_MAX], 1);
	return code                     ? code
	       : s->seq == r->fail_work ? err_set(e, -EBADMSG, "work %d", (int)s->seq)
					: 0;
}

static int drain(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	expect(r, j->state == WORKED && j->value == 3 * s->seq);
	expect(r, s->seq == atomic_load(&r->drained)); /* in order */
	expect(r, s->out_len == OUT_SIZE && s->out[0] == (uint8_t)s->seq &&
			  s->out[OUT_SIZE - 1] == (uint8_t)s->seq);
	if (s->seq == r->fail_drain)
		return err_set(e, -ENOSPC, "drain %d", (int)s->seq);
	j->state = FREE;
	atomic_fetch_add(&r->drained, 1);
	return 0;
}

static int idle(void *arg, struct err *e)
{
	struct run *r = arg;

	atomic_fetch_add(&r->idles, 1);
	return r->idle_code ? err_set(e, r->idle_code, "idle") : 0;
}

static void release(void *user)
{
	struct job *j = user;

	if (j->run)
		atomic_fetch_add(&j->run->released, 1);
	j->run = NULL; /* a second time would not be counted */
}

/* Runs and checks what holds however it ends. */
static int go(struct run *r, struct err *e)
{
	static const struct pipeline_ops ops = { fill, work, drain, idle, release };
	struct pipeline_size size = { r->workers, IN_SIZE, OUT_SIZE, sizeof(struct job) };
	int code;

	*e = (struct err){ "" };
	code = pipeline_run(&ops, r, &size, e);
	assert_int_equal(r->wrong, 0);
	assert_true(r->most <= (r->workers ? r->workers + 4 : 1));
	assert_true(r->slots <= (r->workers ? r->workers + 4 : 1));
	assert_int_equal(r->released, r->slots);
	return code;
}

static void test_order(void **state)
{
	(void)state;
	for (unsigned w = 0; w <= WORKERS_MAX; w++) {
		for (uint64_t n = 0; n < 60; n += n < 5 ? 1 : 11) {
			struct run r = run_of(w, n);
			struct err e;

			assert_int_equal(go(&r, &e), 0);
			assert_true(r.filled == n && r.drained == n);
		}
	}
}

static void test_many_jobs(void **state)
{
	struct run r = run_of(4, 20000);
	struct err e;

	(void)state;
	assert_int_equal(go(&r, &e), 0);
	assert_int_equal(r.drained, 20000);
}

/* While the first job takes its time, the others fill the slots and no more come. */
static void test_bounded(void **state)
{
	(void)state;
	for (unsigned w = 1; w <= WORKERS_MAX; w += 4) {
		struct run r = run_of(w, 100);
		struct err e;

		r.hold_filled = w + 4;
		r.hold_idles = 1; /* time for one too many */
		assert_int_equal(go(&r, &e), 0);
		assert_int_equal(r.most, w + 4);
	}
}

static void test_errors_at_every_stage(void **state)
{
	(void)state;
	for (unsigned w = 0; w <= WORKERS_MAX; w++) {
		for (uint64_t at = 0; at < 40; at += 3) {
			struct run a = run_of(w, 50), b = run_of(w, 50), c = run_of(w, NO);
			struct err e, text;

			a.fail_fill = at;
			assert_int_equal(go(&a, &e), -EIO);
			err_set(&text, 0, "fill %d", (int)at);
			assert_string_equal(e.msg, text.msg);
			assert_true(a.filled == at && a.drained <= at);

			b.fail_work = at;
			assert_int_equal(go(&b, &e), -EBADMSG);
			err_set(&text, 0, "work %d", (int)at);
			assert_string_equal(e.msg, text.msg);
			assert_true(b.drained <= at);

			c.fail_drain = at; /* fill() would go on for ever */
			assert_int_equal(go(&c, &e), -ENOSPC);
			err_set(&text, 0, "drain %d", (int)at);
			assert_string_equal(e.msg, text.msg);
			assert_int_equal(c.drained, at);
		}
	}
}

/* Pairs of which one cannot happen before the other, as slots are few. */
static void test_the_first_error_wins(void **state)
{
	(void)state;
	for (unsigned w = 0; w <= WORKERS_MAX; w++) {
		struct run r = run_of(w, NO);
		struct err e;

		r.fail_work = 10;
		r.fail_fill = 10 + w + 5;
		assert_int_equal(go(&r, &e), -EBADMSG);
		assert_string_equal(e.msg, "work 10");

		r = run_of(w, NO);
		r.fail_drain = 10;
		r.fail_work = 10 + w + 5;
		assert_int_equal(go(&r, &e), -ENOSPC);
		assert_string_equal(e.msg, "drain 10");

		r = run_of(w, NO);
		r.fail_fill = 10;
		r.fail_drain = 10;
		assert_int_equal(go(&r, &e), -EIO);
		assert_string_equal(e.msg, "fill 10");
	}
}

static void test_a_later_error_changes_nothing(void **state)
{
	struct run r = run_of(2, NO);
	struct err e;

	(void)state;
	r.fail_work = 5;
	r.late = true;
	assert_int_equal(go(&r, &e), -EBADMSG);
	assert_string_equal(e.msg, "work 5");
	assert_int_equal(r.begun_late, 1);
}

/* All at once: whichever comes first, code and text belong together. */
static void test_errors_at_once(void **state)
{
	static const struct {
		int code;
		const char *text;
	} ends[] = { { -EIO, "fill 20" }, { -EBADMSG, "work 18" }, { -ENOSPC, "drain 17" } };

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct run r = run_of(1 + round % WORKERS_MAX, NO);
		struct err e;
		int code;

		r.fail_fill = 20;
		r.fail_work = 18;
		r.fail_drain = 17;
		code = go(&r, &e);
		for (unsigned i = 0; i < 3; i++)
			if (code == ends[i].code)
				assert_string_equal(e.msg, ends[i].text);
		assert_true(code == -EIO || code == -EBADMSG || code == -ENOSPC);
	}
}

static void test_idle(void **state)
{
	struct run r = run_of(2, 5);
	struct err e;

	(void)state;
	r.hold_idles = 3;
	assert_int_equal(go(&r, &e), 0);
	assert_true(r.idles >= 3);

	r = run_of(2, NO);
	r.hold_idles = 1;
	r.idle_code = -EINTR; /* a signal asked to stop */
	assert_int_equal(go(&r, &e), -EINTR);
	assert_string_equal(e.msg, "idle");
	assert_int_equal(r.idles, 1);
	assert_int_equal(r.drained, 0);
}

/* idle() and release() may be left out, and the err as well. */
static void test_optional_callbacks(void **state)
{
	static const struct pipeline_ops ops = { fill, work, drain, NULL, NULL };

	(void)state;
	for (unsigned w = 0; w < 3; w++) {
		struct pipeline_size size = { w, IN_SIZE, OUT_SIZE, sizeof(struct job) };
		struct run r = run_of(w, 5);

		assert_int_equal(pipeline_run(&ops, &r, &size, NULL), 0);
		assert_int_equal(r.drained, 5);
		r = run_of(w, NO);
		r.fail_work = 7;
		assert_int_equal(pipeline_run(&ops, &r, &size, NULL), -EBADMSG);
		assert_int_equal(r.wrong, 0);
	}
}

static void test_out_of_memory_is_said(void **state)
{
	static const struct pipeline_ops ops = { fill, work, drain, idle, release };
	struct pipeline_size size = { 3, SIZE_MAX / 2, OUT_SIZE, sizeof(struct job) };
	struct run r = run_of(3, 5);
	struct err e = { "" };

	(void)state;
	if (getenv("SANITIZER")) {
		print_message("sanitizers end a program that asks for so much\n");
		skip();
	}
	assert_int_equal(pipeline_run(&ops, &r, &size, &e), -ENOMEM);
	assert_non_null(strstr(e.msg, "3 workers"));
	assert_int_equal(r.filled, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_many_jobs),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_errors_at_every_stage),
		cmocka_unit_test(test_the_first_error_wins),
		cmocka_unit_test(test_a_later_error_changes_nothing),
		cmocka_unit_test(test_errors_at_once),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_optional_callbacks),
		cmocka_unit_test(test_out_of_memory_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
