// SPDX-License-Identifier: GPL-3.0-or-later
/* list.h - rows of which one is chosen, scrolled so that it can be seen. */
#ifndef IMAGER_SCREEN_LIST_H
#define IMAGER_SCREEN_LIST_H

#include "imager/screen/draw.h"

struct list {
	size_t n, at; /* rows; the chosen one */
	size_t top;   /* the first that is shown */
	size_t page;  /* how many are shown; set by list_draw() */
};

/* Moves; true when the key is one that moves. */
bool list_key(struct list *l, const struct event *ev);
/* Another number of rows: @at stays inside. */
void list_resize(struct list *l, size_t n);
/*
 * Calls @row for each row that can be seen, with its line: the chosen one has
 * PAINT_CHOSEN, its line is marked with > already, as are more rows above or below.
 */
void list_draw(const struct app *a, struct pane at, struct list *l,
	       void (*row)(const struct app *a, struct pane line, size_t i, enum paint look,
			   const void *arg),
	       const void *arg);
/* The same way for text that is wrapped: scrolls, @top is the first line. */
void list_draw_text(const struct app *a, struct pane at, struct list *l, const char *text);
bool list_scroll(struct list *l, const struct event *ev);

#endif
