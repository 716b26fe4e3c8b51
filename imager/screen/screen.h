// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * screen.h - what `slate' shows when it is started without a verb: a stack of
 * screens, of which the topmost gets the keys.
 *
 * One thread only touches ncurses.  A screen draws from what its init(), key()
 * and tick() have put into its data; draw() computes nothing and changes nothing
 * but where a list is scrolled to.
 */
#ifndef IMAGER_SCREEN_SCREEN_H
#define IMAGER_SCREEN_SCREEN_H

#include "common/err.h"
#include "imager/cmd/command.h"
#include "imager/screen/keys.h"
#include "imager/screen/text.h"

#include <stdbool.h>
#include <stddef.h>

/* A part of the terminal, in cells; y and x count from its upper left corner. */
struct pane {
	int y, x, h, w;
};

struct app;
struct screen;

/* One kind of screen. */
struct screen_ops {
	enum text_id title, help; /* help: what F1 tells */
	bool popup;               /* it lies over the screen below it */
	/* Makes s->data of @arg (what app_push() got); < 0: it is not shown.  May be NULL. */
	int (*init)(struct screen *s, void *arg, struct err *e);
	/* @a: all between the title and the line of keys. */
	void (*draw)(const struct screen *s, struct pane a);
	/* One that is not used (false) may be a key of all screens, as F1. */
	bool (*key)(struct screen *s, const struct event *ev);
	/* The keys that work now, for the last line.  May be NULL. */
	void (*hints)(const struct screen *s, struct hints *h);
	/* Letters go into a field now and are no commands.  NULL: never. */
	bool (*typing)(const struct screen *s);
	/* Something may be new, on any screen of the stack: about twice a second or more. */
	void (*tick)(struct screen *s);
	/* Readable when tick() is wanted at once; -1: none.  May be NULL. */
	int (*fd)(const struct screen *s);
	void (*free)(struct screen *s); /* frees s->data; may be NULL */
};

struct screen {
	const struct screen_ops *ops;
	struct app *app;
	void *data;
	struct screen *below;
};

struct app {
	struct terminal *term;
	struct inventory *inventory;
	bool inventory_new; /* since the last tick() it is another picture */
	struct task *task;
	const char *root; /* "" or, for tests, another machine's folder */
	char *server;     /* the Slate server's address, NULL: none is known */
	char place[4096]; /* where images were looked for last: a folder or a server */
	struct screen *top;
	bool quit;  /* set by app_quit() */
	int signal; /* that ended it, 0: none */
};

/* True when the command line asks for the screen (no verb, on a terminal). */
bool screen_wanted(int argc, char **argv, const char **ret_root);
/* Runs it to the end.  @verbs: main's table.  Returns the exit status. */
int screen_run(const struct command *verbs, const char *root);

/* Shows one more screen; when it cannot, a box tells why, and it returns < 0. */
int app_push(struct app *a, const struct screen_ops *ops, void *arg);
/* Takes the topmost away and frees it: nothing of it may be used any more. */
void app_pop(struct app *a);
/* Takes away all that lies over @s. */
void app_pop_to(struct app *a, const struct screen *s);
void app_quit(struct app *a);

/* A box with a text and one button.  Copied. */
void app_tell(struct app *a, enum text_id title, const char *text);
/*
 * A question with No (chosen at first) and Yes.  @yes gets @arg after the box has
 * gone; on No nothing happens.  @text is copied.
 */
void app_ask(struct app *a, enum text_id title, const char *text,
	     void (*yes)(struct app *a, void *arg), void *arg);

#endif
