// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/http_answer.h"

#include <string.h>
#include <strings.h>

/* What is left of a line. */
struct text {
	const char *p;
	size_t n;
};

static void skip(struct text *t, size_t n)
{
	t->p += n;
	t->n -= n;
}

/* Skips @word, in any case, if the text begins with it. */
static bool take_word(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if (t->n < n || strncasecmp(t->p, word, n) != 0)
		return false;
	skip(t, n);
	return true;
}

static void skip_blanks(struct text *t)
{
	while (t->n && (*t->p == ' ' || *t->p == '\t'))
		skip(t, 1);
}

/* A decimal number of at least one digit, below 2^59. */
static bool take_number(struct text *t, uint64_t *ret)
{
	uint64_t v = 0;
	size_t digits = 0;

	for (; t->n && *t->p >= '0' && *t->p <= '9'; digits++) {
		v = 10 * v + (uint64_t)(*t->p - '0');
		if (v >> 59)
			return false;
		skip(t, 1);
	}
	*ret = v;
	return digits > 0;
}

static bool take_char(struct text *t, char c)
{
	if (!t->n || *t->p != c)
		return false;
	skip(t, 1);
	return true;
}

static void copy(char *dst, size_t room, struct text t)
{
	size_t n = t.n < room - 1 ? t.n : room - 1;

	for (size_t i = 0; i < n; i++)
		dst[i] = t.p[i];
	dst[n] = 0;
	for (size_t i = 0; i < n; i++)
		if (dst[i] < ' ' || dst[i] > '~')
			dst[i] = '?';
}

/* "bytes BEGIN-LAST/TOTAL"; anything else is as if it were not there. */
static void take_range(struct http_answer *a, struct text t)
{
	uint64_t begin, last, total;

	a->ranged = take_word(&t, "bytes ") && take_number(&t, &begin) && take_char(&t, '-') &&
		    take_number(&t, &last) && take_char(&t, '/') && take_number(&t, &total) &&
		    !t.n && begin <= last && last < total;
	if (!a->ranged)
		return;
	a->begin = begin;
	a->end = last + 1;
	a->total = total;
}

static void take_status(struct http_answer *a, struct text t)
{
	uint64_t status = 0;

	*a = (struct http_answer){ 0 };
	while (t.n && *t.p != ' ') /* the version */
		skip(&t, 1);
	skip_blanks(&t);
	if (!take_number(&t, &status) || status < 100 || status > 999)
		return;
	a->status = (unsigned)status;
	skip_blanks(&t);
	copy(a->reason, sizeof(a->reason), t);
}

void http_answer_line(struct http_answer *a, const char *line, size_t n)
{
	struct text t = { line, n };
	uint64_t seconds;

	while (t.n && strchr(" \t\r\n", t.p[t.n - 1]))
		t.n--;
	if (t.n >= 5 && !memcmp(t.p, "HTTP/", 5)) {
		take_status(a, t);
	} else if (take_word(&t, "content-range:")) {
		skip_blanks(&t);
		take_range(a, t);
	} else if (take_word(&t, "etag:")) {
		skip_blanks(&t);
		copy(a->etag, sizeof(a->etag), t);
	} else if (take_word(&t, "last-modified:")) {
		skip_blanks(&t);
		copy(a->modified, sizeof(a->modified), t);
	} else if (take_word(&t, "retry-after:")) {
		skip_blanks(&t);
		if (take_number(&t, &seconds) && !t.n)
			a->retry_after = seconds < 3600 ? (unsigned)seconds : 3600;
	} else if (take_word(&t, "content-type:")) {
		skip_blanks(&t);
		a->text = take_word(&t, "text/plain") && (!t.n || strchr("; \t", *t.p));
	}
}

void http_answer_body(struct http_answer *a, const char *p, size_t n)
{
	size_t have = strlen(a->says);
	const char *end = n ? memchr(p, '\n', n) : NULL;
	struct text t = { p, end ? (size_t)(end - p) : n };

	if (!a->text || a->said)
		return;
	if (end && t.n && t.p[t.n - 1] == '\r')
		t.n--;
	if (t.n)
		copy(a->says + have, sizeof(a->says) - have, t);
	a->said = end != NULL;
}

bool http_answer_same(const struct http_answer *a, const struct http_answer *b)
{
	if (a->ranged && b->ranged && a->total != b->total)
		return false;
	if (a->etag[0] && b->etag[0])
		return !strcmp(a->etag, b->etag);
	return !a->modified[0] || !b->modified[0] || !strcmp(a->modified, b->modified);
}
