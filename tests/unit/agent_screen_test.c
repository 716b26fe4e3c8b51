// SPDX-License-Identifier: GPL-3.0-or-later
/* What people see: large letters, the line that moves, every console; and the log. */
#include "tests/unit/scratch.h"

#include "common/text.h"
#include "rescue/screen/font.h"
#include "rescue/screen/progress.h"
#include "rescue/screen/screen.h"
#include "rescue/work/log.h"

static void letters(void **state)
{
	struct text t = { 0 };

	(void)state;
	font_write(&t, "e!", 80);
	assert_string_equal(text_get(&t), "#####   #   \n"
					  "#       #   \n"
					  "#       #   \n"
					  "####    #   \n"
					  "#       #   \n"
					  "#           \n"
					  "#####   #   \n");
	text_free(&t);
	font_write(&t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 79);
	assert_int_equal(t.len, FONT_ROWS * (79 / FONT_COLUMN * FONT_COLUMN + 1));
	text_free(&t);
}

/* Each has a picture of its own. */
static void all_letters(void **state)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!?-. ";
	struct text t[sizeof(known) - 1] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(known) - 1; i++) {
		font_write(&t[i], (char[]){ known[i], '\0' }, 80);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(text_get(&t[i]), text_get(&t[k]));
	}
	for (size_t i = 0; i < sizeof(known) - 1; i++)
		text_free(&t[i]);
}

static void progress(void **state)
{
	struct screen_progress p = { .phase = "restore", .eta = -1 };
	char text[PROGRESS_TEXT_MAX];

	(void)state;
	assert_string_equal(screen_progress_text(&p, text), "restore          0 MiB");
	p = (struct screen_progress){ .phase = "restore",
				      .done = 999999999999,
				      .total = 1000000000000,
				      .rate = 11500000,
				      .eta = 125 };
	assert_string_equal(screen_progress_text(&p, text),
			    "restore     99 %  953674 of 953674 MiB   11.0 MiB/s  2:05 left");
	p.done = p.total;
	assert_non_null(strstr(screen_progress_text(&p, text), "100 %"));
	p = (struct screen_progress){
		.done = UINT64_MAX, .total = 1, .rate = UINT64_MAX, .eta = INT64_MAX
	};
	memset(p.phase, 'x', sizeof(p.phase) - 1);
	assert_true(strlen(screen_progress_text(&p, text)) < PROGRESS_TEXT_MAX);
}

static char *content(const struct scratch *s, const char *name, char buf[4096])
{
	char path[160];
	FILE *f = fopen(scratch_join(path, s, name), "r");

	assert_non_null(f);
	buf[fread(buf, 1, 4095, f)] = '\0';
	fclose(f);
	return buf;
}

static struct screen *open_two(const struct scratch *s)
{
	struct screen *screen;

	assert_int_equal(scratch_run("cd %s && mkdir -p dev sys/class/tty/console && "
				     "echo 'tty0 ttyS0 ../x ttyS9' > "
				     "sys/class/tty/console/active && : > dev/tty0 && "
				     ": > dev/ttyS0 && : > x",
				     s->dir),
			 0);
	assert_int_equal(screen_open(s->dir, &screen, NULL), 0);
	return screen;
}

static void consoles(void **state)
{
	const struct scratch *s = *state;
	struct screen *screen = open_two(s);
	char buf[4096];

	assert_string_equal(screen_console(screen, 0), "tty0");
	assert_string_equal(screen_console(screen, 1), "ttyS0");
	assert_null(screen_console(screen, 2));
	screen_move(screen, false, "one");
	screen_move(screen, false, "two");
	screen_move(screen, true, "three");
	screen_say(screen, "said\x1b[2J");
	screen_free(screen);
	/* The monitor rewrites its line; a serial line gets one now and then. */
	assert_string_equal(content(s, "dev/tty0", buf),
			    "\rone\x1b[K\rtwo\x1b[K\rthree\x1b[K\nsaid?[2J\n");
	assert_string_equal(content(s, "dev/ttyS0", buf), "one\nthree\nsaid?[2J\n");
	assert_string_equal(content(s, "x", buf), "");
}

static void an_alarm(void **state)
{
	const struct scratch *s = *state;
	struct screen *screen = open_two(s);
	const struct screen_notice n = {
		.headline = "NO",
		.what = "word word word word word word word word word word word word word word "
			"word word wordword word",
		.why = "evil\x07",
		.todo = "",
	};
	char buf[4096];

	screen_alarm(screen, &n);
	screen_free(screen);
	content(s, "dev/ttyS0", buf);
	assert_non_null(strstr(buf, "#   #  ###  \n##  # #   # \n"));
	assert_non_null(strstr(buf, "word word\nwordword word\n\nevil?\n"));
}

static void the_log(void **state)
{
	struct log *l = calloc(1, sizeof(*l));
	char line[300];
	json_t *a;

	(void)state;
	assert_non_null(l);
	for (int i = 0; i < 45; i++) {
		memset(line, 'a', sizeof(line));
		snprintf(line, 8, "%d", i);
		line[strlen(line)] = i == 44 ? '\xff' : ' ';
		line[sizeof(line) - 1] = '\0';
		log_add(l, line);
	}
	a = log_json(l);
	assert_int_equal(json_array_size(a), LOG_LINES);
	assert_int_equal(strncmp(json_string_value(json_array_get(a, 0)), "5 ", 2), 0);
	assert_int_equal(strncmp(json_string_value(json_array_get(a, 39)), "44?", 3), 0);
	assert_int_equal(json_string_length(json_array_get(a, 39)), LOG_WIDTH);
	json_decref(a);
	free(l);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters),
		cmocka_unit_test(all_letters),
		cmocka_unit_test(progress),
		T(consoles),
		T(an_alarm),
		cmocka_unit_test(the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
