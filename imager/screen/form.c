// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/form.h"

#include "imager/screen/wide.h"

#include <stdio.h>
#include <string.h>

static bool usable(const struct form *f, size_t i)
{
	return i < f->n && !f->fields[i].off;
}

/* The next usable field that way; where there is none, it stays. */
static void go(struct form *f, bool back)
{
	size_t i = f->at;

	for (size_t tries = 0; tries < f->n; tries++) {
		i = back ? (i + f->n - 1) % f->n : (i + 1) % f->n;
		if (usable(f, i)) {
			f->at = i;
			return;
		}
	}
}

void form_begin(struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->fields[i].kind == FIELD_TEXT)
			f->fields[i].cursor = strlen(f->fields[i].text);
	f->at = f->top = 0;
	if (!usable(f, 0))
		go(f, false);
}

/* Bytes of the character before or after the cursor. */
static size_t before(const struct field *d)
{
	size_t n = 0;

	while (n < d->cursor && ((unsigned char)d->text[d->cursor - ++n] & 0xc0) == 0x80)
		;
	return n;
}

static size_t after(const struct field *d)
{
	size_t n = d->text[d->cursor] != 0;

	while (n && ((unsigned char)d->text[d->cursor + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Takes away @n bytes at @from. */
static void cut(struct field *d, size_t from, size_t n)
{
	memmove(d->text + from, d->text + from + n, strlen(d->text + from + n) + 1);
	d->cursor = from;
}

static void insert(struct field *d, wchar_t c)
{
	char bytes[5];
	size_t n = wide_utf8(c, bytes), len = strlen(d->text);

	if (!n || len + n >= d->size)
		return;
	memmove(d->text + d->cursor + n, d->text + d->cursor, len - d->cursor + 1);
	memcpy(d->text + d->cursor, bytes, n);
	d->cursor += n;
}

static enum form_did text_key(struct field *d, const struct event *ev)
{
	enum key k = ev->key;

	if (k == K_LEFT)
		d->cursor -= before(d);
	else if (k == K_RIGHT)
		d->cursor += after(d);
	else if (k == K_HOME || k == K_END)
		d->cursor = k == K_HOME ? 0 : strlen(d->text);
	else if (k == K_RUBOUT)
		cut(d, d->cursor - before(d), before(d));
	else if (k == K_DELETE)
		cut(d, d->cursor, after(d));
	else if (k == K_CLEAR)
		cut(d, 0, strlen(d->text));
	else if (k == K_CHAR)
		insert(d, ev->ch);
	else
		return FORM_UNUSED;
	return k == K_LEFT || k == K_RIGHT || k == K_HOME || k == K_END ? FORM_MOVED
									: FORM_CHANGED;
}

static enum form_did field_key(struct field *d, const struct event *ev)
{
	bool pushed = ev->key == K_SPACE || ev->key == K_ENTER;

	if (d->kind == FIELD_TEXT && ev->key == K_ENTER)
		return FORM_PRESSED;
	if (d->kind == FIELD_TEXT)
		return text_key(d, ev);
	if (d->kind == FIELD_BUTTON)
		return pushed ? FORM_PRESSED : FORM_UNUSED;
	if (d->kind == FIELD_CHECK && pushed) {
		d->on = !d->on;
		return FORM_CHANGED;
	}
	if (d->kind != FIELD_CHOICE || !d->n)
		return FORM_UNUSED;
	if (ev->key == K_LEFT)
		d->chosen = (d->chosen + d->n - 1) % d->n;
	else if (pushed || ev->key == K_RIGHT)
		d->chosen = (d->chosen + 1) % d->n;
	else
		return FORM_UNUSED;
	return FORM_CHANGED;
}

/* Enter in a text is for the next button. */
static void to_button(struct form *f)
{
	for (size_t i = f->at; i < f->n; i++)
		if (f->fields[i].kind == FIELD_BUTTON && usable(f, i)) {
			f->at = i;
			return;
		}
}

enum form_did form_key(struct form *f, const struct event *ev)
{
	enum form_did did = f->n ? field_key(&f->fields[f->at], ev) : FORM_UNUSED;
	enum key k = ev->key;

	if (did == FORM_PRESSED)
		to_button(f);
	if (did != FORM_UNUSED)
		return did == FORM_PRESSED && f->fields[f->at].kind != FIELD_BUTTON ? FORM_MOVED
										    : did;
	if (k == K_NEXT || k == K_DOWN || k == K_RIGHT)
		go(f, false);
	else if (k == K_PREVIOUS || k == K_UP || k == K_LEFT)
		go(f, true);
	else
		return FORM_UNUSED;
	return FORM_MOVED;
}

bool form_typing(const struct form *f)
{
	return f->at < f->n && f->fields[f->at].kind == FIELD_TEXT;
}

void form_hints(const struct form *f, struct hints *h)
{
	enum field_kind kind = f->at < f->n ? f->fields[f->at].kind : FIELD_BUTTON;

	hint(h, "Tab", T_KEY_NEXT);
	if (kind == FIELD_CHECK)
		hint(h, "Space", T_KEY_ON_OFF);
	else if (kind == FIELD_CHOICE)
		hint(h, "Space", T_KEY_CHANGE);
	else
		hint(h, "Enter", T_KEY_CHOOSE);
}

/* True when field @i stands on the line of the one before. */
static bool joins(const struct form *f, size_t i)
{
	return i && f->fields[i].kind == FIELD_BUTTON && f->fields[i - 1].kind == FIELD_BUTTON;
}

int form_lines(const struct form *f)
{
	int n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !joins(f, i);
	return n;
}

static enum paint look_of(const struct form *f, size_t i, enum paint other)
{
	return f->fields[i].off ? PAINT_QUIET : i == f->at ? PAINT_CHOSEN : other;
}

static int columns_of(const char *s, const char *end)
{
	char part[4096];

	snprintf(part, sizeof(part), "%.*s", (int)(end - s), s);
	return (int)wide_columns(part);
}

/* The part of the text around the cursor, which looks like other fields, and is _ at the end.
 */
static void draw_value(const struct app *a, struct pane at, const struct field *d, bool here)
{
	char shown[4096];
	const char *from = shown;
	size_t cursor = d->cursor;
	int w = at.w > 2 ? at.w - 2 : 1;

	snprintf(shown, sizeof(shown) - 1, "%s", d->text);
	if (d->secret)
		memset(shown, '*', strlen(shown));
	if (cursor > strlen(shown))
		cursor = strlen(shown);
	if (here && !shown[cursor])
		memcpy(shown + cursor, "_", 2);
	while (here && (int)wide_columns(from) > w && columns_of(from, shown + cursor) >= w)
		do
			from++;
		while (((unsigned char)*from & 0xc0) == 0x80);
	draw_text(a, at.y, at.x, at.w, here ? PAINT_CHOSEN : PAINT_FIELD, from);
	if (here)
		draw_text(a, at.y, at.x + columns_of(from, shown + cursor),
			  columns_of(shown + cursor, shown + cursor + after(d)), PAINT_FIELD,
			  shown + cursor);
}

static void draw_field(const struct app *a, struct pane at, const struct form *f, size_t i,
		       int label_w)
{
	const struct field *d = &f->fields[i];
	struct pane value = { at.y, at.x + label_w, 1, at.w - label_w };
	enum paint look = look_of(f, i, PAINT_BOX);
	char text[512];

	if (d->kind == FIELD_CHECK) {
		snprintf(text, sizeof(text), "[%c] %s", d->on ? 'x' : ' ', tr(d->label));
		draw_text(a, at.y, at.x, at.w, look, text);
		return;
	}
	draw_text(a, at.y, at.x, label_w, d->off ? PAINT_QUIET : PAINT_BOX, tr(d->label));
	if (d->kind == FIELD_TEXT) {
		draw_value(a, value, d, i == f->at);
		return;
	}
	snprintf(text, sizeof(text), "< %s >", d->n ? d->words[d->chosen] : "");
	draw_text(a, at.y, value.x, value.w, look, text);
}

/* A button; returns the columns it takes. */
static int draw_button(const struct app *a, int y, int x, const struct form *f, size_t i)
{
	char text[256];
	int w;

	snprintf(text, sizeof(text), i == f->at ? "[>%s<]" : "[ %s ]", tr(f->fields[i].label));
	w = (int)wide_columns(text);
	draw_text(a, y, x, w, look_of(f, i, PAINT_BOX), text);
	return w + 2;
}

/* The line field @i stands on, from 0. */
static int line_of(const struct form *f, size_t i)
{
	int n = -1;

	for (size_t k = 0; k <= i && k < f->n; k++)
		n += !joins(f, k);
	return n;
}

void form_draw(const struct app *a, struct pane at, struct form *f, int label_w)
{
	int here = line_of(f, f->at), x = 0, y = -1;

	if (here < f->top)
		f->top = here;
	if (here >= f->top + at.h)
		f->top = here - at.h + 1;
	for (size_t i = 0; i < f->n; i++) {
		x = joins(f, i) ? x : 0;
		y += !joins(f, i);
		if (y < f->top || y >= f->top + at.h)
			continue;
		if (f->fields[i].kind == FIELD_BUTTON)
			x += draw_button(a, at.y + y - f->top, at.x + x, f, i);
		else
			draw_field(a, (struct pane){ at.y + y - f->top, at.x, 1, at.w }, f, i,
				   label_w);
	}
}
