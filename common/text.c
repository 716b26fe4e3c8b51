// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

/* Room for @n bytes more and a NUL. */
static bool grow(struct text *t, size_t n)
{
	size_t need, cap = t->cap ? t->cap : 256;
	char *s;

	if (t->bad || n >= SIZE_MAX / 4 - t->len)
		return !(t->bad = true);
	need = t->len + n + 1;
	if (need <= t->cap)
		return true;
	while (cap < need)
		cap *= 2;
	s = realloc(t->s, cap);
	if (!s)
		return !(t->bad = true);
	t->s = s;
	t->cap = cap;
	return true;
}

void text_add_bytes(struct text *t, const void *p, size_t n)
{
	if (!grow(t, n))
		return;
	if (n)
		memcpy(t->s + t->len, p, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !grow(t, (size_t)n)) {
		t->bad = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

bool text_ok(const struct text *t)
{
	return !t->bad;
}

const char *text_get(const struct text *t)
{
	return t->s ? t->s : "";
}

int text_take(struct text *t, char **ret, struct err *e)
{
	text_add_bytes(t, NULL, 0);
	if (t->bad) {
		text_free(t);
		return err_nomem(e);
	}
	*ret = t->s;
	*t = (struct text){ 0 };
	return 0;
}
