// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * text.h - a string that grows, for files and packets that are written as text.
 *
 * Adding never fails at once: when memory runs out the text goes bad and stays
 * so, and text_take() or text_ok() tell at the end.  So a renderer is a
 * straight line of additions.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *s; /* NUL-terminated; NULL while nothing was added */
	size_t len, cap;
	bool bad;
};

void text_free(struct text *t);
void text_add(struct text *t, const char *fmt, ...) PRINTF(2, 3);
void text_add_bytes(struct text *t, const void *p, size_t n);
bool text_ok(const struct text *t);
/* The string so far, "" when there is none; belongs to @t. */
const char *text_get(const struct text *t);
/* Gives the string away (the caller frees it) and empties @t; -ENOMEM when it is bad. */
int text_take(struct text *t, char **ret, struct err *e);

#endif
