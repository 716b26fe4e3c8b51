// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/ask.h"
#include "imager/screen/disks.h"
#include "imager/screen/draw.h"
#include "imager/screen/help.h"
#include "imager/screen/inventory.h"
#include "imager/screen/library.h"
#include "imager/screen/task.h"
#include "imager/screen/wide.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds between two looks at what has no file to wait for. */
#define PULSE 500

bool screen_wanted(int argc, char **argv, const char **ret_root)
{
	bool tests = argc == 2 && strncmp(argv[1], "--sys=", 6) == 0;

	*ret_root = tests ? argv[1] + 6 : "";
	return (argc == 1 || tests) && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int app_push(struct app *a, const struct screen_ops *ops, void *arg)
{
	struct screen *s = calloc(1, sizeof(*s));
	struct err e = { "" };
	int r = s ? 0 : err_set(&e, -ENOMEM, "%s", tr(T_OUT_OF_MEMORY));

	if (s) {
		*s = (struct screen){ .ops = ops, .app = a };
		r = ops->init ? ops->init(s, arg, &e) : 0;
	}
	if (r < 0) {
		free(s);
		/* The box itself may be what does not fit into memory. */
		if (ops != &ask_screen)
			app_tell(a, T_PROBLEM, e.msg);
		return r;
	}
	s->below = a->top;
	a->top = s;
	return 0;
}

void app_pop(struct app *a)
{
	struct screen *s = a->top;

	a->top = s->below;
	if (s->ops->free)
		s->ops->free(s);
	free(s);
}

void app_pop_to(struct app *a, const struct screen *s)
{
	while (a->top && a->top != s)
		app_pop(a);
}

void app_quit(struct app *a)
{
	a->quit = true;
}

static void draw_hints(const struct app *a, const struct screen *s)
{
	struct hints h = { .n = 0 };
	int x = 1, y = LINES - 1;

	draw_text(a, y, 0, COLS, PAINT_TITLE, "");
	hint(&h, "F1", T_KEY_HELP);
	if (s->ops->hints)
		s->ops->hints(s, &h);
	for (size_t i = 0; i < h.n; i++) {
		int key_w = (int)wide_columns(h.hint[i].key);
		int does_w = (int)wide_columns(tr(h.hint[i].does));

		if (x + key_w + 1 + does_w > COLS)
			break;
		draw_text(a, y, x, key_w, PAINT_CHOSEN, h.hint[i].key);
		draw_text(a, y, x + key_w + 1, does_w, PAINT_TITLE, tr(h.hint[i].does));
		x += key_w + does_w + 3;
	}
}

static void draw_title(const struct app *a, const struct screen *s)
{
	char title[256];

	snprintf(title, sizeof(title), " Slate %s  %s", VERSION, tr(s->ops->title));
	draw_text(a, 0, 0, COLS, PAINT_TITLE, title);
}

/* The lowest one first, from the last that fills the terminal on. */
static void draw_stack(const struct app *a, const struct screen *s)
{
	if (s->ops->popup && s->below)
		draw_stack(a, s->below);
	if (!s->ops->popup)
		draw_title(a, s);
	s->ops->draw(s, (struct pane){ 1, 0, LINES - 2, COLS });
}

static void draw_small(const struct app *a)
{
	char text[256], columns[16], rows[16];

	snprintf(columns, sizeof(columns), "%d", TERM_COLUMNS);
	snprintf(rows, sizeof(rows), "%d", TERM_ROWS);
	tr_print(text, sizeof(text), T_TOO_SMALL, columns, rows);
	draw_wrapped(a, (struct pane){ 0, 0, LINES, COLS }, PAINT_PLAIN, text, 0);
}

static bool too_small(void)
{
	return LINES < TERM_ROWS || COLS < TERM_COLUMNS;
}

static void draw(const struct app *a)
{
	erase();
	if (too_small()) {
		draw_small(a);
	} else {
		draw_stack(a, a->top);
		draw_hints(a, a->top);
	}
	refresh();
}

static void leave(struct app *a, void *arg)
{
	(void)arg;
	app_quit(a);
}

/* What a key does on every screen that has no use of its own for it. */
static void common_key(struct app *a, const struct event *ev)
{
	if (ev->key == K_HELP)
		app_push(a, &help_screen, a->top);
	else if (ev->key == K_STOP || (ev->key == K_BACK && !a->top->below))
		app_ask(a, T_MENU_LEAVE, tr(T_ASK_LEAVE), leave, NULL);
	else if (ev->key == K_BACK)
		app_pop(a);
}

static void handle(struct app *a, const struct event *ev)
{
	if (ev->key == K_SUSPEND) {
		term_suspend(a->term);
		inventory_renew(a->inventory);
	} else if (ev->key == K_REDRAW) {
		term_redraw(a->term);
	} else if (!too_small() && !a->top->ops->key(a->top, ev)) {
		common_key(a, ev);
	}
}

static void keys(struct app *a)
{
	struct event ev = { K_CHAR, 0 };

	while (!a->quit && ev.key != K_NONE) {
		const struct screen *s = a->top;

		if (!term_key(a->term, s->ops->typing && s->ops->typing(s), &ev)) {
			a->quit = true;
			return;
		}
		if (ev.key != K_NONE)
			handle(a, &ev);
	}
}

/* All of the stack, as what lies below is seen again. */
static void tick(struct app *a)
{
	a->inventory_new = inventory_refresh(a->inventory);
	/* What was stopped may ring when no screen looks at it any more. */
	task_hush(a->task);
	/* One that takes itself away ends the round: the next one comes at once. */
	for (struct screen *s = a->top; s; s = s->below) {
		const struct screen *top = a->top;

		if (s->ops->tick)
			s->ops->tick(s);
		if (a->top != top)
			break;
	}
}

static void wait_for_news(const struct app *a)
{
	struct pollfd on[16] = { { .fd = STDIN_FILENO, .events = POLLIN },
				 { .fd = term_signal_fd(a->term), .events = POLLIN },
				 { .fd = inventory_fd(a->inventory), .events = POLLIN },
				 { .fd = task_fd(a->task), .events = POLLIN } };
	nfds_t n = 4;

	for (const struct screen *s = a->top; s && n < 16; s = s->below)
		if (s->ops->fd)
			on[n++] = (struct pollfd){ .fd = s->ops->fd(s), .events = POLLIN };
	poll(on, n, PULSE);
}

static void loop(struct app *a)
{
	while (!a->quit) {
		tick(a);
		draw(a);
		wait_for_news(a);
		a->signal = term_signal(a->term);
		if (a->signal)
			a->quit = true;
		else
			keys(a);
	}
}

static char *find_server(const char *root)
{
	char path[4096], line[4096] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/proc/cmdline", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
	return library_server(line, getenv("SLATE_SERVER"));
}

static void first_place(struct app *a)
{
	if (a->server)
		snprintf(a->place, sizeof(a->place), "%s", a->server);
	else if (!getcwd(a->place, sizeof(a->place)))
		snprintf(a->place, sizeof(a->place), "/");
}

int screen_run(const struct command *verbs, const char *root)
{
	struct app a = { .root = root, .server = find_server(root) };
	struct err e = { "" };
	int r = term_begin(&a.term, &e);

	first_place(&a);
	if (!r)
		r = inventory_new(&a.inventory, root, &e);
	if (!r)
		r = task_new(&a.task, verbs, &e);
	if (!r)
		r = app_push(&a, &disks_screen, NULL);
	if (!r)
		loop(&a);
	app_pop_to(&a, NULL);
	task_free(a.task);
	inventory_free(a.inventory);
	term_end(a.term);
	free(a.server);
	if (r < 0)
		fprintf(stderr, "slate: the screen cannot be shown: %s\n", e.msg);
	return r < 0 ? 1 : a.signal ? 128 + a.signal : 0;
}
