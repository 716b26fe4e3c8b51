// SPDX-License-Identifier: GPL-3.0-or-later
/* The server's log: one line an event, whatever the network says, and not without end. */
#include "pxe/journal/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct log {
	struct journal *j;
	int fd;
	char text[65536];
};

static int setup(void **state)
{
	struct log *l = calloc(1, sizeof(*l));

	*state = l;
	unsetenv("JOURNAL_STREAM");
	l->fd = memfd_create("log", 0);
	return l->fd < 0 || journal_open(l->fd, SAY_INFO, &l->j, NULL);
}

static int teardown(void **state)
{
	struct log *l = *state;

	journal_close(l->j);
	close(l->fd);
	free(l);
	return 0;
}

static const char *text_of(struct log *l)
{
	ssize_t n = pread(l->fd, l->text, sizeof(l->text) - 1, 0);

	assert_true(n >= 0);
	l->text[n] = '\0';
	return l->text;
}

static unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_one_line(void **state)
{
	struct log *l = *state;

	journal_say(l->j, SAY_INFO, "a", "%s asked for %s", "pc\n07", "x\x1b[2Jy\xff");
	assert_string_equal(text_of(l), "pc?07 asked for x?[2Jy?\n");
}

static void test_levels(void **state)
{
	struct log *l = *state;

	journal_say(l->j, SAY_DEBUG, NULL, "too much");
	journal_say(l->j, SAY_ERROR, NULL, "bad");
	assert_string_equal(text_of(l), "bad\n");
	journal_say(NULL, SAY_ERROR, NULL, "nobody listens");
}

static void test_systemd(void **state)
{
	struct log *l = *state;
	struct journal *j;

	setenv("JOURNAL_STREAM", "8:1", 1);
	assert_int_equal(journal_open(l->fd, SAY_INFO, &j, NULL), 0);
	unsetenv("JOURNAL_STREAM");
	journal_say(j, SAY_WARNING, NULL, "hm");
	journal_close(j);
	assert_string_equal(text_of(l), "<4>hm\n");
}

/* One that talks without end is cut; the others are heard. (A minute may begin between: 60.) */
static void test_rate(void **state)
{
	struct log *l = *state;
	unsigned n;

	for (int i = 0; i < 1000; i++)
		journal_say(l->j, SAY_INFO, "52:54:00:00:00:01", "again");
	n = lines(text_of(l));
	assert_true(n >= 30 && n <= 61);
	journal_say(l->j, SAY_INFO, "52:54:00:00:00:02", "somebody else");
	assert_non_null(strstr(text_of(l), "somebody else"));
	for (int i = 0; i < 100; i++)
		journal_say(l->j, SAY_INFO, NULL, "always");
	assert_true(lines(text_of(l)) >= n + 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_systemd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rate, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
