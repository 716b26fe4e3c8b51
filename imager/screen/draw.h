// SPDX-License-Identifier: GPL-3.0-or-later
/* draw.h - text and boxes on the terminal. */
#ifndef IMAGER_SCREEN_DRAW_H
#define IMAGER_SCREEN_DRAW_H

#include "imager/screen/screen.h"
#include "imager/screen/term.h"

/*
 * @text in exactly @w columns from there: cut or padded.  Never beyond the
 * terminal.  draw_right() puts the blanks before it.
 */
void draw_text(const struct app *a, int y, int x, int w, enum paint look, const char *text);
void draw_right(const struct app *a, int y, int x, int w, enum paint look, const char *text);

/* Lines that @text takes in @w columns. */
size_t draw_lines(const char *text, int w);
/* Wrapped into @at, from its line @top on.  Returns the lines drawn. */
int draw_wrapped(const struct app *a, struct pane at, enum paint look, const char *text,
		 size_t top);

/* @h lines and @w columns in the middle of @in, less where that has less. */
struct pane pane_middle(struct pane in, int h, int w);
/* A frame around and blanks in @at; returns what is inside, with a column free at both sides.
 */
struct pane draw_box(const struct app *a, struct pane at, const char *title);

#endif
