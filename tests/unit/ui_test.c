// SPDX-License-Identifier: GPL-3.0-or-later
/* Progress as people and programs see it: a real pseudo-terminal, a pipe, JSON lines. */
#include "common/plain.h"
#include "imager/ui/jsonlines.h"
#include "imager/ui/size.h"
#include "imager/ui/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* One end is a watcher's stream; what it wrote is read from the other. */
struct screen {
	int fd;
	FILE *out;
	struct text text;
	struct watcher w;
	size_t n;
	char got[1 << 16];
};

static struct screen *screen_open(int fd, int out_fd)
{
	struct screen *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	s->fd = fd;
	s->out = fdopen(out_fd, "w");
	assert_non_null(s->out);
	s->w = text_watcher(&s->text, s->out, -1);
	return s;
}

static struct screen *terminal(unsigned columns)
{
	struct winsize size = { .ws_row = 25, .ws_col = (unsigned short)columns };
	struct termios raw;
	int fd, out_fd;

	cfmakeraw(memset(&raw, 0, sizeof(raw)));
	assert_int_equal(openpty(&fd, &out_fd, NULL, &raw, &size), 0);
	return screen_open(fd, out_fd);
}

static struct screen *pipeline(void)
{
	int p[2];

	assert_int_equal(pipe(p), 0);
	return screen_open(p[0], p[1]);
}

static void screen_close(struct screen *s)
{
	fclose(s->out);
	close(s->fd);
	free(s);
}

static const char *seen(struct screen *s)
{
	ssize_t n;

	while ((n = read(s->fd, s->got + s->n, sizeof(s->got) - 1 - s->n)) > 0)
		s->n += (size_t)n;
	s->got[s->n] = 0;
	assert_true(s->n < sizeof(s->got) - 1);
	return s->got;
}

/* Row @want of what a terminal shows after all that was written, blanks at its end cut. */
static char *row(struct screen *s, unsigned want)
{
	static char line[512];
	unsigned at = 0;
	size_t column = 0, len;

	memset(line, ' ', sizeof(line));
	for (const char *c = seen(s); *c; c++) {
		if (*c == '\n')
			at++;
		if (*c == '\n' || *c == '\r')
			column = 0;
		else if (at == want)
			line[column++] = *c;
		assert_true(column < sizeof(line));
	}
	for (len = sizeof(line) - 1; len && line[len - 1] == ' ';)
		len--;
	line[len] = 0;
	return line;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void show(const struct watcher *w, uint64_t done, uint64_t total, double elapsed,
		 bool last)
{
	struct progress p = {
		.phase = "restore",
		.done = done,
		.total = total,
		.image = done / 2,
		.elapsed = elapsed,
		.rate = elapsed > 0 ? (double)done / elapsed : 0,
		.eta = -1,
	};

	if (elapsed > 1 && done)
		p.eta = (double)(total - done) / p.rate;
	w->show(w->arg, &p, last);
}

/* The longest line and the highest percentage of all that were drawn; they never sink. */
static void look(const char *text, size_t *longest, int *percent)
{
	*longest = 0;
	*percent = 0;
	while (*text) {
		size_t len = strcspn(text, "\r\n");
		const char *sign = memchr(text, '%', len);

		if (len > *longest)
			*longest = len;
		if (sign) {
			int now = (int)strtol(sign - 3, NULL, 10);

			assert_true(now >= *percent);
			*percent = now;
		}
		text += len;
		text += *text != 0;
	}
}

static void test_terminal_pace(void **state)
{
	struct screen *s = terminal(80);
	size_t longest;
	int percent;

	(void)state;
	for (unsigned ms = 0; ms < 3000; ms++) {
		show(&s->w, ms * MIB, 3000 * MIB, ms / 1000.0, false);
		seen(s);
	}
	/* All but a byte: rounding must not say 100. */
	show(&s->w, 3000 * MIB - 1, 3000 * MIB, 3.2, false);
	assert_in_range(count(seen(s), "\r"), 28, 32);
	look(seen(s), &longest, &percent);
	assert_int_equal(percent, 99);
	assert_int_equal(count(s->got, "\n"), 0);
	show(&s->w, 3000 * MIB, 3000 * MIB, 3.201, true);
	look(seen(s), &longest, &percent);
	assert_int_equal(percent, 100);
	assert_int_equal(longest, 79);
	assert_int_equal(count(s->got, "\n"), 1);
	assert_string_equal(row(s, 0), "restore 100% [############]    2.9 GiB/2.9 GiB"
				       "  937.2 MiB/s    0:03");
	screen_close(s);
}

static void test_widths(void **state)
{
	static const struct {
		unsigned columns;
		const char *line;
	} cases[] = {
		{ 5, "rest" },
		{ 20, "restore  45%" },
		{ 25, "restore  45% ETA    2:11" },
		{ 40, "restore  45%  115.2 MiB/s ETA    2:11" },
		{ 60, "restore  45%   12.1 GiB/27.0 GiB  115.2 MiB/s ETA    2:11" },
		{ 80, "restore  45% [####-------]   12.1 GiB/27.0 GiB  115.2 MiB/s    1:48"
		      " ETA    2:11" },
		{ 200, "restore  45% [######################----------------------------]"
		       "   12.1 GiB/27.0 GiB  115.2 MiB/s    1:48 ETA    2:11" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct screen *s = terminal(cases[i].columns);

		show(&s->w, 27 * GIB / 20 * 9 + MIB, 27 * GIB, 108, false);
		assert_string_equal(row(s, 0), cases[i].line);
		assert_true(strlen(row(s, 0)) < cases[i].columns);
		screen_close(s);
	}
}

/* Without a size, as on a serial line, COLUMNS tells; without that it is 80. */
static void test_unknown_width(void **state)
{
	struct screen *s = terminal(0);

	(void)state;
	unsetenv("COLUMNS");
	show(&s->w, 0, GIB, 0, false);
	assert_int_equal(strlen(row(s, 0)), 79);
	setenv("COLUMNS", "30", 1);
	show(&s->w, 0, GIB, 1, false);
	unsetenv("COLUMNS");
	assert_string_equal(row(s, 0), "restore   0% ETA    -:--");
	screen_close(s);
}

static void test_pipe(void **state)
{
	struct screen *s = pipeline();

	(void)state;
	for (unsigned ms = 0; ms < 12000; ms += 10)
		show(&s->w, ms * MIB, 20000 * MIB, ms / 1000.0, false);
	show(&s->w, 12000 * MIB, 20000 * MIB, 12, true); /* it failed there */
	assert_string_equal(
		seen(s),
		"restore: 25%, 4.8 GiB of 19.5 GiB, 1000.0 MiB/s, 0:05 elapsed, ETA 0:15\n"
		"restore: 50%, 9.7 GiB of 19.5 GiB, 1000.0 MiB/s, 0:10 elapsed, ETA 0:10\n"
		"restore: 60%, 11.7 GiB of 19.5 GiB, 1000.0 MiB/s, 0:12 elapsed\n");
	screen_close(s);
}

/* A short phase is one line; so is the next. */
static void test_pipe_phases(void **state)
{
	struct screen *s = pipeline();
	struct progress sync = { .phase = "sync", .elapsed = 2.5, .eta = -1 };

	(void)state;
	show(&s->w, 0, MIB, 0, false);
	show(&s->w, MIB, MIB, 0.5, true);
	s->w.show(s->w.arg, &sync, true);
	s->w.notice(s->w.arg, "note");
	assert_string_equal(seen(s),
			    "restore: 100%, 1.0 MiB of 1.0 MiB, 2.0 MiB/s, 0:00 elapsed\n"
			    "sync: 0:02 elapsed\n"
			    "slate: note\n");
	screen_close(s);
}

static void test_unknown_total(void **state)
{
	struct progress sync = { .phase = "sync", .elapsed = 2.5, .eta = -1 };
	struct screen *s = terminal(80);

	(void)state;
	s->w.show(s->w.arg, &sync, false);
	assert_string_equal(row(s, 0), "sync    0:02");
	show(&s->w, 300 * MIB, 0, 10, false);
	assert_string_equal(row(s, 0), "restore  300.0 MiB   30.0 MiB/s    0:10");
	assert_null(strchr(seen(s), '%'));
	screen_close(s);
	s = pipeline();
	show(&s->w, 300 * MIB, 0, 10, true);
	assert_string_equal(seen(s), "restore: 300.0 MiB, 30.0 MiB/s, 0:10 elapsed\n");
	screen_close(s);
}

/* Numbers that an interface should never give still make no nonsense. */
static void test_odd_numbers(void **state)
{
	struct screen *s = terminal(100);
	struct progress p = { .phase = "save", .done = 2 * MIB, .total = MIB, .elapsed = 5 };

	(void)state;
	p.rate = INFINITY;
	p.eta = NAN;
	s->w.show(s->w.arg, &p, false);
	assert_non_null(strstr(row(s, 0), "save 100% [###"));
	assert_non_null(strstr(row(s, 0), "ETA    -:--"));
	p.done = UINT64_MAX - 1;
	p.total = UINT64_MAX;
	p.elapsed = 6;
	p.eta = 1e300;
	s->w.show(s->w.arg, &p, false);
	assert_non_null(strstr(row(s, 0), "save  99% [####"));
	assert_non_null(strstr(row(s, 0), "-]   15.9 EiB/15.9 EiB"));
	assert_non_null(strstr(row(s, 0), "ETA    -:--"));
	screen_close(s);
}

static void test_shorter_line(void **state)
{
	struct screen *s = terminal(80);
	struct winsize narrow = { .ws_row = 25, .ws_col = 20 };

	(void)state;
	show(&s->w, MIB, GIB, 1, false);
	assert_int_equal(ioctl(s->fd, TIOCSWINSZ, &narrow), 0);
	show(&s->w, MIB, GIB, 2, false);
	assert_string_equal(row(s, 0), "restore   0%");
	screen_close(s);
}

static void test_notice(void **state)
{
	struct screen *s = terminal(40);

	(void)state;
	s->w.notice(s->w.arg, "first");
	show(&s->w, 12 * GIB, 24 * GIB, 108, false);
	s->w.notice(s->w.arg, "label \"\x1b[2J\r\n\xff\"");
	assert_string_equal(row(s, 0), "slate: first");
	assert_string_equal(row(s, 1), "slate: label \"?[2J???\"");
	assert_string_equal(row(s, 2), "restore  50%  113.7 MiB/s ETA    1:48");
	show(&s->w, 24 * GIB, 24 * GIB, 216, true);
	s->w.notice(s->w.arg, "behind");
	assert_string_equal(row(s, 2), "restore 100%  113.7 MiB/s");
	assert_string_equal(row(s, 3), "slate: behind");
	assert_string_equal(row(s, 4), "");
	screen_close(s);
}

static void test_break(void **state)
{
	struct screen *s = terminal(20);

	(void)state;
	text_break(&s->text);
	assert_string_equal(seen(s), "");
	show(&s->w, 0, MIB, 0, false);
	text_break(&s->text);
	text_break(&s->text);
	assert_string_equal(seen(s), "\rrestore   0%\n");
	show(&s->w, MIB, MIB, 0.01, true);
	assert_string_equal(row(s, 1), "restore 100%");
	screen_close(s);
}

/* A phase that begins while the one before has not ended is shown at once. */
static void test_phase_change(void **state)
{
	struct screen *s = terminal(20);

	(void)state;
	show(&s->w, MIB, MIB, 60, false);
	show(&s->w, 0, MIB, 0, false);
	assert_int_equal(count(seen(s), "\r"), 2);
	screen_close(s);
}

static json_t *line_of(FILE *f)
{
	char text[4096];
	json_t *o;

	if (!fgets(text, sizeof(text), f))
		return NULL;
	assert_int_equal(text[strlen(text) - 1], '\n');
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	return o;
}

static void expect_event(json_t *o, const char *event)
{
	assert_string_equal(json_string_value(json_object_get(o, "event")), event);
}

static double number(json_t *o, const char *key)
{
	assert_true(json_is_number(json_object_get(o, key)));
	return json_number_value(json_object_get(o, key));
}

static void test_json_progress(void **state)
{
	FILE *f = tmpfile();
	struct jsonlines j;
	struct watcher w = jsonlines_watcher(&j, f, -1);
	unsigned n = 0;
	json_t *o, *last = NULL;

	(void)state;
	assert_int_equal(w.cancel_fd, -1);
	for (unsigned ms = 0; ms < 2000; ms++)
		show(&w, ms * MIB, 2000 * MIB, ms / 1000.0, false);
	show(&w, 2000 * MIB, 2000 * MIB, 2.0005, true);
	rewind(f);
	for (; (o = line_of(f)); last = o, n++) {
		expect_event(o, "progress");
		assert_true(n || json_is_null(json_object_get(o, "eta")));
		json_decref(last);
	}
	assert_in_range(n, 19, 22);
	assert_int_equal(json_object_size(last), 12);
	assert_string_equal(json_string_value(json_object_get(last, "phase")), "restore");
	assert_true(number(last, "done") == 2000.0 * MIB &&
		    number(last, "total") == 2000.0 * MIB);
	assert_true(number(last, "image") == 1000.0 * MIB && number(last, "eta") == 0);
	assert_true(number(last, "elapsed") == 2.0);
	assert_true(json_is_integer(json_object_get(last, "rate")));
	json_decref(last);
	fclose(f);
}

/* Counts are in every line, regions in one of their own behind the last. */
static void test_json_counts(void **state)
{
	struct region_progress map[] = { { .part = 3, .done = 5, .total = 6, .damaged = 1 } };
	struct progress p = { .phase = "save",
			      .chunks = { 1, 2, 3 },
			      .damaged = 4,
			      .regions = map,
			      .n_regions = 1 };
	FILE *f = tmpfile();
	struct jsonlines j;
	struct watcher w = jsonlines_watcher(&j, f, -1);
	json_t *o;

	(void)state;
	w.show(w.arg, &p, false);
	w.show(w.arg, &p, true);
	rewind(f);
	o = line_of(f);
	assert_true(number(o, "same") == 1 && number(o, "fetched") == 2);
	assert_true(number(o, "written") == 3 && number(o, "damaged") == 4);
	assert_null(json_object_get(o, "regions"));
	json_decref(o);
	o = line_of(f);
	expect_event(o, "progress");
	json_decref(o);
	o = line_of(f);
	expect_event(o, "regions");
	assert_int_equal(json_array_size(json_object_get(o, "regions")), 1);
	assert_true(number(json_array_get(json_object_get(o, "regions"), 0), "done") == 5);
	assert_true(number(json_array_get(json_object_get(o, "regions"), 0), "part") == 3);
	json_decref(o);
	fclose(f);
}

static void test_json_notice(void **state)
{
	FILE *f = tmpfile();
	struct jsonlines j;
	struct watcher w = jsonlines_watcher(&j, f, -1);
	json_t *o;

	(void)state;
	w.notice(w.arg, "a \"quoted\" \\ line\nand \xc3\xa4 and \xff");
	rewind(f);
	o = line_of(f);
	expect_event(o, "notice");
	assert_string_equal(json_string_value(json_object_get(o, "text")),
			    "a \"quoted\" \\ line\nand \xc3\xa4 and ?");
	assert_null(line_of(f));
	json_decref(o);
	fclose(f);
}

static void test_json_put(void **state)
{
	json_t *fields = json_pack("{s:I, s:s}", "status", (json_int_t)3, "error", "a\nb");
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n), *full = fopen("/dev/full", "w");
	struct err e;

	(void)state;
	assert_int_equal(jsonlines_put(f, "result", fields, &e), 0);
	assert_string_equal(text, "{\"event\":\"result\",\"status\":3,\"error\":\"a\\nb\"}\n");
	assert_int_equal(json_object_size(fields), 2);
	assert_int_equal(jsonlines_put(f, "end", NULL, &e), 0);
	assert_non_null(strstr(text, "\n{\"event\":\"end\"}\n"));
	assert_int_equal(jsonlines_put(full, "result", fields, &e), -ENOSPC);
	fclose(full);
	fclose(f);
	free(text);
	json_decref(fields);
}

static void test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ MIB - 1, "1023.9 KiB" },
		{ MIB, "1.0 MiB" },
		{ 27 * GIB + 300 * MIB, "27.2 GiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char buf[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(size_text(buf, cases[i].bytes), cases[i].text);
	assert_true(whole(1.9) == 1 && whole(-5) == 0 && whole(NAN) == 0);
	assert_true(whole(INFINITY) == UINT64_C(1) << 62);
}

static void test_times(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{ 0, "0:00" },       { 7.99, "0:07" },       { 3599, "59:59" },
		{ 3600, "1:00:00" }, { 359999, "99:59:59" }, { 360000, "4 days" },
		{ -1, "-:--" },      { NAN, "-:--" },        { INFINITY, "-:--" },
		{ 1e300, "-:--" },
	};
	char buf[SIZE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(time_text(buf, cases[i].seconds), cases[i].text);
}

static void test_share(void **state)
{
	(void)state;
	assert_int_equal(share(0, 0, 100), 0);
	assert_int_equal(share(1, 3, 100), 33);
	assert_int_equal(share(299, 300, 100), 99);
	assert_int_equal(share(300, 300, 100), 100);
	assert_int_equal(share(9, 3, 100), 100);
	assert_int_equal(share(UINT64_MAX - 1, UINT64_MAX, 100), 99);
	assert_int_equal(share(UINT64_MAX / 2, UINT64_MAX, 10), 4);
}

static void test_plain(void **state)
{
	static const struct {
		const char *src, *want;
	} cases[] = {
		{ "Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\tb\nc\x7f", "a?b\nc?" },
		{ "\xc2\x9b[2J", "?[2J" },      /* C1 CSI */
		{ "\xc0\xaf", "??" },           /* overlong */
		{ "\xed\xa0\x80", "???" },      /* half of a surrogate pair */
		{ "\xf4\x90\x80\x80", "????" }, /* past U+10FFFF */
		{ "\xe2\x82", "??" },           /* cut short */
		{ "\xe2\x28\xa1", "?(?" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(plain_text(buf, sizeof(buf), cases[i].src, "\n"),
				    cases[i].want);
	assert_string_equal(plain_text(buf, 5, "abcdef", ""), "abcd");
	assert_string_equal(plain_text(buf, 5, "abc\xc3\xa9", ""), "abc");
	assert_string_equal(plain_text(buf, 1, "abc", ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal_pace), cmocka_unit_test(test_widths),
		cmocka_unit_test(test_unknown_width), cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_pipe_phases),   cmocka_unit_test(test_unknown_total),
		cmocka_unit_test(test_odd_numbers),   cmocka_unit_test(test_shorter_line),
		cmocka_unit_test(test_notice),        cmocka_unit_test(test_break),
		cmocka_unit_test(test_phase_change),  cmocka_unit_test(test_json_progress),
		cmocka_unit_test(test_json_counts),   cmocka_unit_test(test_json_notice),
		cmocka_unit_test(test_json_put),      cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_times),         cmocka_unit_test(test_share),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
