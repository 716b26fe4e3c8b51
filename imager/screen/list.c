// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/list.h"

/* Where a key leads from @at of @n, by pages of @page; false: it does not move. */
static bool step(enum key key, size_t page, size_t last, size_t *at)
{
	page = page > 1 ? page - 1 : 1;
	if (key == K_UP)
		*at -= *at > 0;
	else if (key == K_DOWN)
		*at += *at < last;
	else if (key == K_PAGE_UP)
		*at -= *at < page ? *at : page;
	else if (key == K_PAGE_DOWN)
		*at = last - *at < page ? last : *at + page;
	else if (key == K_HOME)
		*at = 0;
	else if (key == K_END)
		*at = last;
	else
		return false;
	return true;
}

bool list_key(struct list *l, const struct event *ev)
{
	return step(ev->key, l->page, l->n ? l->n - 1 : 0, &l->at);
}

void list_resize(struct list *l, size_t n)
{
	l->n = n;
	if (l->at >= n)
		l->at = n ? n - 1 : 0;
}

static void see(struct list *l, size_t page)
{
	l->page = page;
	if (l->at < l->top)
		l->top = l->at;
	if (page && l->at >= l->top + page)
		l->top = l->at - page + 1;
	if (l->top + page > l->n)
		l->top = l->n > page ? l->n - page : 0;
}

/* In the last column, that there is more above and below. */
static void more(const struct app *a, struct pane at, const struct list *l)
{
	if (l->top)
		draw_text(a, at.y, at.x + at.w - 1, 1, PAINT_FRAME,
			  term_glyph(a->term, GLYPH_UP));
	if (l->top + l->page < l->n)
		draw_text(a, at.y + at.h - 1, at.x + at.w - 1, 1, PAINT_FRAME,
			  term_glyph(a->term, GLYPH_DOWN));
}

void list_draw(const struct app *a, struct pane at, struct list *l,
	       void (*row)(const struct app *a, struct pane line, size_t i, enum paint look,
			   const void *arg),
	       const void *arg)
{
	see(l, at.h > 0 ? (size_t)at.h : 0);
	for (size_t i = l->top; i < l->n && i < l->top + l->page; i++) {
		struct pane line = { at.y + (int)(i - l->top), at.x + 1, 1, at.w - 2 };
		enum paint look = i == l->at ? PAINT_CHOSEN : PAINT_PLAIN;

		draw_text(a, line.y, at.x, at.w - 1, look, i == l->at ? ">" : "");
		row(a, line, i, look, arg);
	}
	more(a, at, l);
}

void list_draw_text(const struct app *a, struct pane at, struct list *l, const char *text)
{
	l->n = draw_lines(text, at.w - 2);
	l->page = at.h > 0 ? (size_t)at.h : 0;
	if (l->top + l->page > l->n)
		l->top = l->n > l->page ? l->n - l->page : 0;
	draw_wrapped(a, (struct pane){ at.y, at.x, at.h, at.w - 2 }, PAINT_BOX, text, l->top);
	more(a, at, l);
}

bool list_scroll(struct list *l, const struct event *ev)
{
	return step(ev->key, l->page, l->n > l->page ? l->n - l->page : 0, &l->top);
}
