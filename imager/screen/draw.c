// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/draw.h"

#include "imager/screen/wide.h"

#include <curses.h>
#include <stdio.h>

#define LINE_MAX_COLUMNS 512

static int within(int x, int w)
{
	int room = COLS - x < LINE_MAX_COLUMNS ? COLS - x : LINE_MAX_COLUMNS;

	return w < room ? w : room;
}

static void blanks(int n)
{
	for (; n > 0; n--)
		addch(' ');
}

static void put(const struct app *a, int y, int x, int w, enum paint look, const char *text,
		bool right)
{
	/* A character may have some that combine with it. */
	wchar_t cells[2 * LINE_MAX_COLUMNS];
	int used;

	w = within(x, w);
	if (w <= 0 || y < 0 || y >= LINES || x < 0)
		return;
	used = (int)wide_take(&text, (size_t)w, cells, sizeof(cells) / sizeof(cells[0]));
	attrset((int)term_attribute(a->term, look));
	move(y, x);
	blanks(right ? w - used : 0);
	addwstr(cells);
	blanks(right ? 0 : w - used);
	attrset(A_NORMAL);
}

void draw_text(const struct app *a, int y, int x, int w, enum paint look, const char *text)
{
	put(a, y, x, w, look, text, false);
}

void draw_right(const struct app *a, int y, int x, int w, enum paint look, const char *text)
{
	put(a, y, x, w, look, text, true);
}

size_t draw_lines(const char *text, int w)
{
	size_t n = 0;

	while (text && w > 1) {
		wide_line(text, (size_t)w, &text);
		n++;
	}
	return n;
}

int draw_wrapped(const struct app *a, struct pane at, enum paint look, const char *text,
		 size_t top)
{
	int y = 0;

	for (size_t i = 0; text && y < at.h && at.w > 1; i++) {
		char line[4 * LINE_MAX_COLUMNS];
		const char *begin = text;
		size_t len = wide_line(text, (size_t)at.w, &text);

		if (i < top)
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)len, begin);
		draw_text(a, at.y + y++, at.x, at.w, look, line);
	}
	return y;
}

struct pane pane_middle(struct pane in, int h, int w)
{
	struct pane r = { .h = h < in.h ? h : in.h, .w = w < in.w ? w : in.w };

	r.y = in.y + (in.h - r.h) / 2;
	r.x = in.x + (in.w - r.w) / 2;
	return r;
}

static void edge(const struct app *a, struct pane at, int y, const enum glyph g[3])
{
	draw_text(a, y, at.x, 1, PAINT_FRAME, term_glyph(a->term, g[0]));
	for (int x = 1; x < at.w - 1; x++)
		draw_text(a, y, at.x + x, 1, PAINT_FRAME, term_glyph(a->term, g[1]));
	draw_text(a, y, at.x + at.w - 1, 1, PAINT_FRAME, term_glyph(a->term, g[2]));
}

struct pane draw_box(const struct app *a, struct pane at, const char *title)
{
	static const enum glyph top[3] = { GLYPH_TL, GLYPH_H, GLYPH_TR };
	static const enum glyph bottom[3] = { GLYPH_BL, GLYPH_H, GLYPH_BR };
	int w = (int)wide_columns(title), room = at.w - 6;

	edge(a, at, at.y, top);
	for (int y = 1; y < at.h - 1; y++) {
		draw_text(a, at.y + y, at.x, at.w, PAINT_BOX, "");
		draw_text(a, at.y + y, at.x, 1, PAINT_FRAME, term_glyph(a->term, GLYPH_V));
		draw_text(a, at.y + y, at.x + at.w - 1, 1, PAINT_FRAME,
			  term_glyph(a->term, GLYPH_V));
	}
	edge(a, at, at.y + at.h - 1, bottom);
	if (w && room > 0) {
		w = w < room ? w : room;
		draw_text(a, at.y, at.x + 2, 1, PAINT_HEAD, " ");
		draw_text(a, at.y, at.x + 3, w, PAINT_HEAD, title);
		draw_text(a, at.y, at.x + 3 + w, 1, PAINT_HEAD, " ");
	}
	return (struct pane){ at.y + 1, at.x + 2, at.h - 2, at.w - 4 };
}
