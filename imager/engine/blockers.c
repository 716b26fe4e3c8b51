// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/blockers.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX (sizeof(((struct blockers *)0)->text) / sizeof(char *))

void blockers_add(struct blockers *b, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (b->n < MAX)
		b->text[b->n++] = text; /* NULL still blocks */
	else
		free(text);
}

void blockers_free(struct blockers *b)
{
	for (unsigned i = 0; i < b->n; i++)
		free(b->text[i]);
	b->n = 0;
}

int blockers_verdict(const struct blockers *b, const char *what, struct err *e)
{
	size_t n;

	if (!b->n)
		return 0;
	err_set(e, -ECANCELED, "%s; nothing was touched:", what);
	for (unsigned i = 0; e && i < b->n; i++) {
		n = strlen(e->msg);
		snprintf(e->msg + n, sizeof(e->msg) - n, "\n  - %s",
			 b->text[i] ? b->text[i] : "out of memory");
	}
	return -ECANCELED;
}
