// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/term_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Milliseconds that tell Esc from a key that begins with it; a slow line needs some. */
#define ESCAPE_DELAY 100
#define ESCAPE       27

static const struct {
	short front, back;
	attr_t with, mono;
} looks[PAINTS] = {
	[PAINT_PLAIN] = { -1, -1, 0, 0 },
	[PAINT_TITLE] = { COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
	[PAINT_HEAD] = { COLOR_CYAN, -1, A_BOLD, A_BOLD },
	[PAINT_CHOSEN] = { COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[PAINT_QUIET] = { -1, -1, A_DIM, A_DIM },
	[PAINT_FRAME] = { COLOR_CYAN, -1, 0, 0 },
	[PAINT_FIELD] = { COLOR_WHITE, COLOR_BLUE, 0, A_UNDERLINE },
	[PAINT_BOX] = { -1, -1, 0, 0 },
	[PAINT_WARN] = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[PAINT_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[PAINT_GOOD] = { COLOR_GREEN, -1, A_BOLD, A_BOLD },
};

static const struct {
	const char *utf8, *ascii;
} glyphs[GLYPHS] = {
	[GLYPH_H] = { "─", "-" },    [GLYPH_V] = { "│", "|" },    [GLYPH_TL] = { "┌", "+" },
	[GLYPH_TR] = { "┐", "+" },   [GLYPH_BL] = { "└", "+" },   [GLYPH_BR] = { "┘", "+" },
	[GLYPH_TEE] = { "├", "|" },  [GLYPH_LAST] = { "└", "`" }, [GLYPH_OPEN] = { "-", "-" },
	[GLYPH_SHUT] = { "+", "+" }, [GLYPH_UP] = { "↑", "^" },   [GLYPH_DOWN] = { "↓", "v" },
	[GLYPH_FULL] = { "█", "#" }, [GLYPH_PART] = { "▒", "=" }, [GLYPH_NONE] = { "·", "." },
};

/* What keyboards send that the terminal type may not name, as vt220 on a serial line. */
static const struct {
	const char *bytes;
	int key;
} more_keys[] = {
	{ "\033[Z", KEY_BTAB },  { "\033[H", KEY_HOME },   { "\033OH", KEY_HOME },
	{ "\033[1~", KEY_HOME }, { "\033[F", KEY_END },    { "\033OF", KEY_END },
	{ "\033[4~", KEY_END },  { "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
	{ "\033[3~", KEY_DC },
};

static void start_keys(void)
{
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_DELAY);
	for (size_t i = 0; i < sizeof(more_keys) / sizeof(more_keys[0]); i++)
		define_key(more_keys[i].bytes, more_keys[i].key);
}

static void start_colours(struct terminal *t)
{
	bool own;

	t->colours = has_colors() && start_color() == OK && COLOR_PAIRS > PAINTS;
	own = t->colours && use_default_colors() == OK;
	for (short i = 0; t->colours && i < PAINTS; i++) {
		short front = looks[i].front, back = looks[i].back;

		init_pair((short)(i + 1), front < 0 && !own ? COLOR_WHITE : front,
			  back < 0 && !own ? COLOR_BLACK : back);
	}
}

int term_begin(struct terminal **ret, struct err *e)
{
	struct terminal *t = calloc(1, sizeof(*t));
	const char *type = getenv("TERM");
	int r;

	if (!t)
		return err_set(e, -ENOMEM, "out of memory");
	t->signal_fd = -1;
	t->utf8 = text_begin();
	r = term_catch(t, e);
	/* initscr() would end the program. */
	t->curses = r < 0 ? NULL : newterm(NULL, stdout, stdin);
	if (!r && !t->curses)
		r = err_set(e, -EINVAL,
			    "the terminal type '%s' (TERM) is not known here: try TERM=vt100",
			    type ? type : "");
	if (r < 0) {
		term_release(t);
		free(t);
		return r;
	}
	term_catch_fatal(t);
	start_colours(t);
	raw();
	noecho();
	nonl();
	curs_set(0);
	start_keys();
	*ret = t;
	return 0;
}

void term_end(struct terminal *t)
{
	if (!t)
		return;
	endwin();
	delscreen(t->curses);
	term_release(t);
	free(t);
}

int term_signal_fd(const struct terminal *t)
{
	return t->signal_fd;
}

/* Behind an Esc: takes the rest of a key that nobody knows; it must not be Esc and letters. */
static bool unknown_key(void)
{
	wint_t c;
	int got = get_wch(&c);

	if (got == KEY_CODE_YES)
		ungetch((int)c);
	else if (got == OK && c != '[' && c != 'O')
		unget_wch((wchar_t)c);
	if (got != OK || (c != '[' && c != 'O'))
		return false;
	while (get_wch(&c) != ERR && (c < '@' || c > '~'))
		;
	return true;
}

bool term_key(struct terminal *t, bool typing, struct event *ret)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int there = 0, got, waiting = poll(&in, 1, 0);
	wint_t code;

	(void)t;
	*ret = (struct event){ K_NONE, 0 };
	if (waiting > 0 && (in.revents & (POLLERR | POLLHUP | POLLNVAL)))
		return false;
	if (waiting > 0 && ioctl(STDIN_FILENO, FIONREAD, &there) == 0 && !there)
		return false; /* readable without a byte: its end */
	do
		got = get_wch(&code);
	while (got == OK && code == ESCAPE && unknown_key());
	if (got != ERR)
		*ret = key_event(got == KEY_CODE_YES, code, typing);
	return true;
}

/* With the terminal and signals as a program expects them. */
static int spawn(const struct terminal *t, const char *const argv[], pid_t *ret)
{
	posix_spawnattr_t attr;
	sigset_t all;
	char *words[8] = { NULL };
	int r;

	for (size_t i = 0; i < 7 && argv[i]; i++)
		words[i] = (char *)(uintptr_t)argv[i];
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &t->before);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	r = -posix_spawnp(ret, argv[0], NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	return r;
}

/* Until it has ended; a signal that ends us ends it, too, and stays for our loop. */
static int wait_for(const struct terminal *t, pid_t pid)
{
	int status = 0, fd = pidfd_open(pid, 0);
	struct pollfd on[2] = { { .fd = fd, .events = POLLIN },
				{ .fd = t->signal_fd, .events = POLLIN } };
	sigset_t pending;

	while (fd >= 0 && !(on[0].revents & POLLIN)) {
		poll(on, 2, 1000);
		sigpending(&pending);
		if (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP)) {
			kill(pid, SIGHUP);
			kill(pid, SIGCONT);
			break;
		}
		on[1].fd = -1; /* others wait for our loop and would keep us busy */
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fd >= 0)
		close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* From a shell that was killed: it leaves us in the background, where this would stop us. */
static void take_back(void)
{
	void (*was)(int) = signal(SIGTTOU, SIG_IGN);

	tcsetpgrp(STDIN_FILENO, getpgrp());
	signal(SIGTTOU, was);
}

int term_run(struct terminal *t, const char *const argv[], const char *hello, struct err *e)
{
	pid_t pid;
	int r;

	endwin();
	printf("%s\n", hello);
	fflush(stdout);
	r = spawn(t, argv, &pid);
	if (!r)
		r = wait_for(t, pid);
	else
		err_set(e, r, "%s", strerror(-r));
	take_back();
	term_redraw(t);
	return r;
}

bool term_utf8(const struct terminal *t)
{
	return t->utf8;
}

unsigned long term_attribute(const struct terminal *t, enum paint look)
{
	return t->colours ? COLOR_PAIR((int)look + 1) | looks[look].with : looks[look].mono;
}

const char *term_glyph(const struct terminal *t, enum glyph g)
{
	return t->utf8 ? glyphs[g].utf8 : glyphs[g].ascii;
}
