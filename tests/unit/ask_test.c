// SPDX-License-Identifier: GPL-3.0-or-later
/* Questions over a real pseudo-terminal, and the answers of -B, --yes and batch mode. */
#include "imager/ui/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct question destroy = {
	.title = "Restore",
	.message = "All data on /dev/sdz is lost. Go on?",
};

static const struct question describe = { .title = "Description", .message = "Description" };

/* A terminal whose keyboard is @master, and what was written to the screen. */
struct tty {
	int master, slave;
	struct ask ask;
	struct err e;
	char *shown;
	size_t size;
};

static int setup(void **state)
{
	struct tty *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	assert_int_equal(openpty(&t->master, &t->slave, NULL, NULL, NULL), 0);
	t->ask = (struct ask){ .may = true, .in_fd = t->slave, .cancel_fd = -1 };
	t->ask.out = open_memstream(&t->shown, &t->size);
	assert_non_null(t->ask.out);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct tty *t = *state;

	fclose(t->ask.out);
	free(t->shown);
	close(t->slave);
	if (t->master >= 0)
		close(t->master);
	free(t);
	return 0;
}

static void type(struct tty *t, const char *keys)
{
	assert_int_equal(write(t->master, keys, strlen(keys)), strlen(keys));
}

static int answer(struct tty *t, const struct question *q, const char *keys)
{
	type(t, keys);
	return ask_yes(&t->ask, q, &t->e);
}

static void test_typed(void **state)
{
	static const char *const yes[] = { "y\n", "Y\n", "yes\n", "YES\n", " Yes \n", "ok\n" };
	static const char *const no[] = {
		"n\n",  "No\n", "cancel\n",  "\n",
		"  \n", "\x04", "y\x04\x04", "maybe\nx\nyes no\n",
	};
	struct tty *t = *state;

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_int_equal(answer(t, &destroy, yes[i]), 0);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(answer(t, &destroy, no[i]), -ECANCELED);
		assert_string_equal(t->e.msg, "Restore: not confirmed");
	}
}

static void test_prompt(void **state)
{
	struct tty *t = *state;
	struct question q = destroy;

	q.message = "Label \"\x1b[2J\": lost\nGo on?";
	assert_int_equal(answer(t, &q, "perhaps\nyes\n"), 0);
	assert_string_equal(t->shown, "Restore: Label \"?[2J\": lost\nGo on? [y/N] "
				      "Please answer yes or no.\n"
				      "Restore: Label \"?[2J\": lost\nGo on? [y/N] ");
}

static void test_enter_is_yes(void **state)
{
	struct tty *t = *state;
	struct question q = destroy;

	q.enter_is_yes = true;
	assert_int_equal(answer(t, &q, "\n"), 0);
	assert_non_null(strstr(t->shown, "[Y/n]"));
	assert_int_equal(answer(t, &q, "n\n"), -ECANCELED);
	assert_int_equal(answer(t, &q, "\x04"), -ECANCELED); /* nobody there is not Enter */
}

static void test_hangup(void **state)
{
	struct tty *t = *state;

	close(t->master);
	t->master = -1;
	assert_int_equal(ask_yes(&t->ask, &destroy, &t->e), -ECANCELED);
}

static void test_unasked(void **state)
{
	struct tty *t = *state;
	struct question q = destroy;
	int p[2];

	/* A pipe is no terminal: what is in it is not for us. */
	assert_int_equal(pipe(p), 0);
	assert_int_equal(write(p[1], "no\n", 3), 3);
	t->ask.in_fd = p[0];
	assert_int_equal(ask_yes(&t->ask, &destroy, &t->e), 0);
	assert_int_equal(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(p[0], (char[8]){ 0 }, 8), 3);
	close(p[0]);
	close(p[1]);

	t->ask.in_fd = t->slave;
	t->ask.may = false;
	assert_int_equal(answer(t, &destroy, "no\n"), 0);
	q.unasked_no = true;
	assert_int_equal(ask_yes(&t->ask, &q, &t->e), -ECANCELED);
	assert_string_equal(t->e.msg,
			    "Restore: nobody to ask: All data on /dev/sdz is lost. Go on?");
	t->ask.yes = true;
	assert_int_equal(ask_yes(&t->ask, &q, &t->e), 0);
	t->ask.may = true;
	assert_int_equal(ask_yes(&t->ask, &destroy, &t->e), 0);
	fflush(t->ask.out);
	assert_int_equal(t->size, 0);
}

static void test_given(void **state)
{
	static const struct {
		const char *answers;
		int want;
	} cases[] = {
		{ "*=No", -ECANCELED },
		{ "*=cancel", -ECANCELED },
		{ "*=Yes", 0 },
		{ "*=CONTINUE", 0 },
		{ "*=ok", 0 },
		{ "*=perhaps", -ECANCELED },
		{ "*=", -ECANCELED },
		{ "x=No", 0 },
		{ "", 0 },
		{ "Restore/*=No", -ECANCELED },
		{ "restore/*=No", 0 },              /* globs mind the case */
		{ "Restore*lost*=No", -ECANCELED }, /* flags 0: '*' matches a slash */
		{ "Restore=No", 0 },
		{ "x=y;Rest?re/All*=No;*=Yes", -ECANCELED },
		{ "*=Yes;*=No", 0 },
		{ "*/All*=Yes;", 0 },
	};
	struct tty *t = *state;

	t->ask.may = false;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		t->ask.answers = cases[i].answers;
		assert_int_equal(ask_check_answers(cases[i].answers, &t->e), 0);
		t->ask.yes = false;
		assert_int_equal(ask_yes(&t->ask, &destroy, &t->e), cases[i].want);
		t->ask.yes = true; /* -B says more than --yes */
		assert_int_equal(ask_yes(&t->ask, &destroy, &t->e), cases[i].want);
	}
	t->ask.answers = "*=No";
	ask_yes(&t->ask, &destroy, &t->e);
	assert_string_equal(t->e.msg, "Restore: -B answers \"No\"");
}

static void test_check_answers(void **state)
{
	struct tty *t = *state;

	assert_int_equal(ask_check_answers("x=y", &t->e), 0);
	assert_int_equal(ask_check_answers("a=b=c;d=", &t->e), 0);
	assert_int_equal(ask_check_answers("*=Yes;No", &t->e), -EINVAL);
	assert_string_equal(t->e.msg, "\"No\" has no '=': write GLOB=ANSWER;GLOB=ANSWER...");
	assert_int_equal(ask_check_answers("x", &t->e), -EINVAL);
	assert_int_equal(ask_check_answers(";a=b", &t->e), -EINVAL);
}

static void test_line(void **state)
{
	struct tty *t = *state;
	char buf[16];

	type(t, "Room 12\nnext");
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "Room 12");
	assert_string_equal(t->shown, "Description: ");
	type(t, "\n"); /* what was typed ahead is still there */
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "next");
	type(t, "half\x04\x04");
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "");
	type(t, "123456789012345\n1234567890123456\n");
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "123456789012345");
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), -EINVAL);
	assert_string_equal(t->e.msg, "Description: the answer is longer than 15 bytes");
}

static void test_line_given(void **state)
{
	struct tty *t = *state;
	char buf[16];

	t->ask.may = false;
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "");
	t->ask.answers = "Restore/*=No;Desc*=Room = 12;*=Yes";
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), 0);
	assert_string_equal(buf, "Room = 12");
	t->ask.answers = "*=much longer than it may be";
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), -EINVAL);
}

static void test_cancel(void **state)
{
	struct tty *t = *state;
	char buf[16];
	int p[2];

	assert_int_equal(pipe(p), 0);
	t->ask.cancel_fd = p[0];
	assert_int_equal(answer(t, &destroy, "y\n"), 0);
	assert_int_equal(write(p[1], "", 1), 1);
	assert_int_equal(answer(t, &destroy, "y\n"), -EINTR);
	assert_int_equal(ask_line(&t->ask, &describe, buf, sizeof(buf), &t->e), -EINTR);
	close(p[0]);
	close(p[1]);
}

/* Ctrl-C at a question ends the program as it would end any other. */
static void test_ctrl_c(void **state)
{
	char shown[64];
	int master, status;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		struct ask a = { .may = true, .out = stderr, .in_fd = 0, .cancel_fd = -1 };

		signal(SIGINT, SIG_DFL);
		alarm(20);
		_exit(ask_yes(&a, &destroy, NULL) == 0 ? 1 : 2);
	}
	assert_true(read(master, shown, sizeof(shown)) > 0); /* it asks now */
	assert_int_equal(write(master, "\x03", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(master);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

#define TTY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TTY(test_typed),
		TTY(test_prompt),
		TTY(test_enter_is_yes),
		TTY(test_hangup),
		TTY(test_unasked),
		TTY(test_given),
		TTY(test_line),
		TTY(test_check_answers),
		TTY(test_line_given),
		TTY(test_cancel),
		cmocka_unit_test(test_ctrl_c),
	};

	alarm(20); /* a question nobody answers must not hang the run */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
