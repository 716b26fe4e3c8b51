// SPDX-License-Identifier: GPL-3.0-or-later
/* The meter: what a watcher is told, and how it ends the work. */
#include "imager/engine/progress.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
	struct progress p;
	unsigned calls, lasts;
	char notice[64];
};

static void see(void *arg, const struct progress *p, bool last)
{
	struct seen *s = arg;

	s->p = *p;
	s->calls++;
	s->lasts += last;
}

static void hear(void *arg, const char *text)
{
	struct seen *s = arg;

	snprintf(s->notice, sizeof(s->notice), "%s", text);
}

static struct watcher watcher(struct seen *s)
{
	return (struct watcher){ .show = see, .notice = hear, .arg = s, .cancel_fd = -1 };
}

static void pass(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void test_phase(void **state)
{
	struct seen s = { 0 };
	struct watcher w = watcher(&s);
	struct meter m;

	(void)state;
	meter_begin(&m, &w, "save", 1000);
	assert_string_equal(s.p.phase, "save");
	assert_true(s.calls == 1 && s.p.done == 0 && s.p.total == 1000 && s.p.eta < 0);
	pass(20);
	assert_int_equal(meter_add(&m, 500, 100), 0);
	assert_true(s.p.done == 500 && s.p.image == 100);
	assert_true(s.p.elapsed >= 0.02 && s.p.elapsed < 10);
	assert_true(s.p.rate > 0 && s.p.rate <= 500 / 0.02);
	assert_true(s.p.eta < 0); /* too early to tell */
	assert_int_equal(meter_add(&m, 501, 1), 0);
	assert_true(s.p.done == 1000 && s.p.image == 101); /* never more than all */
	assert_int_equal(meter_add(&m, UINT64_MAX, 0), 0);
	assert_true(s.p.done == 1000 && s.p.eta == 0);
	assert_int_equal(s.lasts, 0);
	meter_end(&m);
	assert_int_equal(s.lasts, 1);
	assert_int_equal(s.calls, 5);
}

static void test_forecast(void **state)
{
	struct seen s = { 0 };
	struct watcher w = watcher(&s);
	struct meter m;

	(void)state;
	meter_begin(&m, &w, "save", 1000);
	pass(1010);
	meter_add(&m, 750, 0);
	assert_true(s.p.eta > 0.3 && s.p.eta < s.p.elapsed / 2.9);
	meter_end(&m);
	assert_true(s.p.done == 750 && s.p.eta > 0); /* a phase that failed stays where it is */
}

static void test_unknown_total(void **state)
{
	struct seen s = { 0 };
	struct watcher w = watcher(&s);
	struct meter m;

	(void)state;
	meter_begin(&m, &w, "verify", 0);
	assert_int_equal(meter_add(&m, 5, 5), 0);
	assert_int_equal(meter_add(&m, 5, 5), 0);
	assert_true(s.p.done == 10 && s.p.total == 0 && s.p.eta < 0);
	meter_add(&m, UINT64_MAX, 0);
	assert_true(s.p.done == UINT64_MAX);
}

static void test_cancel(void **state)
{
	struct seen s = { 0 };
	struct watcher w = watcher(&s);
	struct meter m;
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	w.cancel_fd = p[0];
	meter_begin(&m, &w, "save", 10);
	assert_int_equal(meter_add(&m, 1, 1), 0);
	assert_int_equal(write(p[1], "", 1), 1);
	assert_true(watcher_cancelled(&w));
	assert_int_equal(meter_add(&m, 1, 1), -EINTR);
	assert_int_equal(s.p.done, 2);                 /* counted all the same: it was done */
	assert_int_equal(meter_add(&m, 1, 1), -EINTR); /* nobody reads from it */
	close(p[0]);
	close(p[1]);
}

static void test_notice(void **state)
{
	struct seen s = { 0 };
	struct watcher w = watcher(&s);

	(void)state;
	watcher_notice(&w, "%d sectors of %s", 3, "/dev/sdz");
	assert_string_equal(s.notice, "3 sectors of /dev/sdz");
}

static void test_nobody(void **state)
{
	struct watcher deaf = { .cancel_fd = -1 };
	struct meter m;

	(void)state;
	meter_begin(&m, NULL, "save", 10);
	assert_int_equal(meter_add(&m, 5, 5), 0);
	meter_end(&m);
	assert_int_equal(m.p.done, 5);
	watcher_notice(NULL, "unheard");
	meter_begin(&m, &deaf, "save", 10);
	assert_int_equal(meter_add(&m, 5, 5), 0);
	watcher_notice(&deaf, "unheard");
	assert_false(watcher_cancelled(&deaf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phase),         cmocka_unit_test(test_forecast),
		cmocka_unit_test(test_unknown_total), cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_notice),        cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
