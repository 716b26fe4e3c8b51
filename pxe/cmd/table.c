// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/table.h"

#include "common/plain.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX 400
#define GAP      2

static void add(struct table *t, const char *text)
{
	char clean[CELL_MAX];

	if (!t->failed && t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		char **more = reallocarray(t->cells, cap, sizeof(*more));

		if (more) {
			t->cells = more;
			t->cap = cap;
		} else {
			t->failed = true;
		}
	}
	if (t->failed)
		return;
	t->cells[t->n] = strdup(plain_text(clean, sizeof(clean), *text ? text : "-", ""));
	if (t->cells[t->n])
		t->n++;
	else
		t->failed = true;
}

void table_begin(struct table *t, const char *head)
{
	char name[CELL_MAX];

	*t = (struct table){ .columns = 0 };
	for (size_t n = strcspn(head, "|"); n; n = strcspn(head, "|")) {
		snprintf(name, sizeof(name), "%.*s", (int)n, head);
		add(t, name);
		t->columns++;
		head += n + (head[n] == '|');
	}
}

void table_cell(struct table *t, const char *fmt, ...)
{
	char text[CELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(t, text);
}

/* In characters: the bytes that begin one. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t most = 0;

	for (size_t i = column; i < t->n; i += t->columns)
		if (width(t->cells[i]) > most)
			most = width(t->cells[i]);
	return most;
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){ .columns = 0 };
}

int table_end(struct table *t, FILE *out, struct err *e)
{
	size_t *widths = calloc(t->columns + 1, sizeof(*widths));
	int r = t->failed || !widths ? err_nomem(e) : 0;

	for (size_t c = 0; !r && c < t->columns; c++)
		widths[c] = column_width(t, c);
	for (size_t i = 0; !r && i < t->n; i++) {
		size_t c = i % t->columns;
		bool last = c + 1 == t->columns;

		fprintf(out, "%s%*s", t->cells[i],
			last ? 0 : (int)(widths[c] - width(t->cells[i]) + GAP), "");
		if (last)
			fputc('\n', out);
	}
	table_free(t);
	free(widths);
	return r;
}
