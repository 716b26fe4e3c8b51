// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The longest common subsequence of lines by dynamic programming, on what is left when the
 * equal begin and end are taken away; then hunks with three lines around them.
 */
#include "netconf/apply/diff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT   3
#define CELLS_MAX ((size_t)4 << 20) /* of the table, 4 bytes each */

struct line {
	const char *s;
	size_t n; /* with its end */
};

struct side {
	struct line *v;
	size_t n;
	bool *changed;
};

struct pair {
	struct side a, b;
};

static int split(const char *text, struct side *ret, struct err *e)
{
	size_t n = 0, i = 0;

	for (const char *p = text; *p; p++)
		n += *p == '\n' || !p[1];
	ret->v = calloc(n + 1, sizeof(*ret->v));
	ret->changed = calloc(n + 1, sizeof(*ret->changed));
	if (!ret->v || !ret->changed)
		return err_nomem(e);
	for (; *text; text += ret->v[i++].n) {
		const char *end = strchr(text, '\n');

		ret->v[i] =
			(struct line){ text, end ? (size_t)(end - text) + 1 : strlen(text) };
	}
	ret->n = n;
	return 0;
}

static bool equal(const struct line *a, const struct line *b)
{
	return a->n == b->n && !memcmp(a->s, b->s, a->n);
}

static void mark_all(struct side *s, size_t from, size_t to)
{
	while (from < to)
		s->changed[from++] = true;
}

/* Marks what differs between the lines [from, a_end) and [from, b_end). */
static int compare(struct pair *p, size_t from, size_t a_end, size_t b_end, struct err *e)
{
	size_t rows = a_end - from, columns = b_end - from, width = columns + 1, i = 0, k = 0;
	uint32_t *best;

	if (!rows || !columns || rows + 1 > CELLS_MAX / width) {
		mark_all(&p->a, from, a_end);
		mark_all(&p->b, from, b_end);
		return 0;
	}
	/* best[i][k]: the most equal lines that lines i.. and k.. have. */
	best = calloc((rows + 1) * width, sizeof(*best));
	if (!best)
		return err_nomem(e);
	for (i = rows; i-- > 0;) {
		for (k = columns; k-- > 0;) {
			uint32_t down = best[(i + 1) * width + k];
			uint32_t right = best[i * width + k + 1];

			best[i * width + k] = equal(&p->a.v[from + i], &p->b.v[from + k])
						      ? best[(i + 1) * width + k + 1] + 1
					      : down > right ? down
							     : right;
		}
	}
	for (i = k = 0; i < rows || k < columns;) {
		if (i < rows && k < columns && equal(&p->a.v[from + i], &p->b.v[from + k])) {
			i++;
			k++;
		} else if (i < rows && (k == columns ||
					best[(i + 1) * width + k] >= best[i * width + k + 1])) {
			p->a.changed[from + i++] = true;
		} else {
			p->b.changed[from + k++] = true;
		}
	}
	free(best);
	return 0;
}

static void add_line(struct text *t, char sign, const struct line *l)
{
	text_add(t, "%c", sign);
	text_add_bytes(t, l->s, l->n);
	if (l->s[l->n - 1] != '\n')
		text_add(t, "\n\\ No newline at end of file\n");
}

/* "@@ -3,4 +3,5 @@": an empty range names the line before it. */
static void add_range(struct text *t, char sign, size_t from, size_t to)
{
	text_add(t, " %c%zu,%zu", sign, to == from ? from : from + 1, to - from);
}

/* A walk over both sides at once; equal lines are passed together. */
struct walk {
	size_t i, k;
};

static bool at_change(const struct pair *p, const struct walk *w)
{
	return (w->i < p->a.n && p->a.changed[w->i]) || (w->k < p->b.n && p->b.changed[w->k]);
}

static void pass_changes(const struct pair *p, struct walk *w)
{
	while (w->i < p->a.n && p->a.changed[w->i])
		w->i++;
	while (w->k < p->b.n && p->b.changed[w->k])
		w->k++;
}

/* Where the hunk ends whose first change is at @w: with fewer than 7 equal lines between. */
static struct walk hunk_end(const struct pair *p, struct walk w)
{
	for (;;) {
		struct walk ahead;
		size_t same = 0;

		pass_changes(p, &w);
		ahead = w;
		while (same <= 2 * CONTEXT && ahead.i < p->a.n && !at_change(p, &ahead)) {
			ahead.i++;
			ahead.k++;
			same++;
		}
		if (!at_change(p, &ahead) || same > 2 * CONTEXT) {
			same = same < CONTEXT ? same : CONTEXT;
			return (struct walk){ w.i + same, w.k + same };
		}
		w = ahead;
	}
}

static void add_hunk(struct text *t, const struct pair *p, struct walk from, struct walk to)
{
	text_add(t, "@@");
	add_range(t, '-', from.i, to.i);
	add_range(t, '+', from.k, to.k);
	text_add(t, " @@\n");
	while (from.i < to.i || from.k < to.k) {
		if (from.i < to.i && p->a.changed[from.i]) {
			add_line(t, '-', &p->a.v[from.i++]);
		} else if (from.k < to.k && p->b.changed[from.k]) {
			add_line(t, '+', &p->b.v[from.k++]);
		} else {
			add_line(t, ' ', &p->a.v[from.i++]);
			from.k++;
		}
	}
}

static void add_hunks(struct text *t, const struct pair *p)
{
	struct walk w = { 0, 0 };

	while (w.i < p->a.n || w.k < p->b.n) {
		struct walk from = w, to;
		size_t back;

		if (!at_change(p, &w)) {
			w.i++;
			w.k++;
			continue;
		}
		back = w.i < CONTEXT ? w.i : CONTEXT;
		from.i -= back;
		from.k -= back;
		to = hunk_end(p, w);
		add_hunk(t, p, from, to);
		w = to;
	}
}

int diff_text(const char *path, const char *before, const char *after, struct text *ret,
	      struct err *e)
{
	struct pair p = { 0 };
	size_t from = 0, a_end, b_end;
	int code = split(before ? before : "", &p.a, e);

	if (!code)
		code = split(after ? after : "", &p.b, e);
	if (code)
		goto out;
	a_end = p.a.n;
	b_end = p.b.n;
	while (from < a_end && from < b_end && equal(&p.a.v[from], &p.b.v[from]))
		from++;
	while (a_end > from && b_end > from && equal(&p.a.v[a_end - 1], &p.b.v[b_end - 1])) {
		a_end--;
		b_end--;
	}
	if (from == a_end && from == b_end)
		goto out;
	code = compare(&p, from, a_end, b_end, e);
	if (code)
		goto out;
	text_add(ret, "--- %s%s\n", before ? "a" : "/dev/null", before ? path : "");
	text_add(ret, "+++ %s%s\n", after ? "b" : "/dev/null", after ? path : "");
	add_hunks(ret, &p);
out:
	free(p.a.v);
	free(p.a.changed);
	free(p.b.v);
	free(p.b.changed);
	return code;
}
