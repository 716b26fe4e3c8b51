// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * term.h - the terminal: begin and end, what it can show, signals.
 *
 * It is put back in order on every way out, also by the handler of fatal signals.
 */
#ifndef IMAGER_SCREEN_TERM_H
#define IMAGER_SCREEN_TERM_H

#include "common/err.h"
#include "imager/screen/keys.h"

#include <stdbool.h>

#define TERM_ROWS    24 /* the least that all screens fit in */
#define TERM_COLUMNS 80

/* What a piece of the screen is; colours, or attributes where there are none. */
enum paint {
	PAINT_PLAIN,
	PAINT_TITLE,  /* the first and the last line */
	PAINT_HEAD,   /* the head of a table, a caption */
	PAINT_CHOSEN, /* where the keys work */
	PAINT_QUIET,  /* of less importance, or not possible now */
	PAINT_FRAME,
	PAINT_FIELD, /* where one can type */
	PAINT_BOX,   /* text in a popup */
	PAINT_WARN,
	PAINT_BAD,
	PAINT_GOOD,
	PAINTS
};

/* Drawn with lines where the locale is UTF-8, else with ASCII. */
enum glyph {
	GLYPH_H,
	GLYPH_V,
	GLYPH_TL,
	GLYPH_TR,
	GLYPH_BL,
	GLYPH_BR,
	GLYPH_TEE,  /* a branch of a tree */
	GLYPH_LAST, /* its last one */
	GLYPH_OPEN,
	GLYPH_SHUT,
	GLYPH_UP,
	GLYPH_DOWN,
	GLYPH_FULL, /* of bars and maps */
	GLYPH_PART,
	GLYPH_NONE,
	GLYPHS
};

struct terminal;

/* Sets the locale, catches signals (they are blocked in all threads made later), starts curses.
 */
int term_begin(struct terminal **ret, struct err *e);
/* Puts all back, screen and signals. */
void term_end(struct terminal *t);

/* Readable when term_signal() has something. */
int term_signal_fd(const struct terminal *t);
/*
 * A signal that asks for the end, 0: none.  What changes the size, suspends or
 * resumes is done here.
 */
int term_signal(struct terminal *t);
/* False when the terminal has gone.  *ret: K_NONE when there is no key left. */
bool term_key(struct terminal *t, bool typing, struct event *ret);
/* Back to the shell that started us, until it resumes us. */
void term_suspend(struct terminal *t);
/* Draws everything anew. */
void term_redraw(struct terminal *t);

/*
 * Runs a program on the whole terminal and waits for it.  Returns its exit status,
 * or < 0.
 */
int term_run(struct terminal *t, const char *const argv[], const char *hello, struct err *e);

bool term_utf8(const struct terminal *t);
/* For curses' attrset() and UTF-8 text. */
unsigned long term_attribute(const struct terminal *t, enum paint look);
const char *term_glyph(const struct terminal *t, enum glyph g);

#endif
