// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * wide.h - how many columns text takes on a terminal.
 *
 * Text is UTF-8 everywhere inside; foreign bytes are made fit to be shown first: a
 * control character, a byte that is no UTF-8, and a character that the locale
 * cannot show or does not know, is one '?'.  A combining character belongs to
 * the one before it and is never parted from it.
 */
#ifndef IMAGER_SCREEN_WIDE_H
#define IMAGER_SCREEN_WIDE_H

#include <stddef.h>
#include <wchar.h>

/*
 * Takes characters of *@s until @columns are full or @n - 1 are in @dst, which
 * is ended by 0; moves *@s behind them.  Returns the columns they take.
 */
size_t wide_take(const char **s, size_t columns, wchar_t *dst, size_t n);

/* Columns of all of @s. */
size_t wide_columns(const char *s);

/*
 * Where a line of at most @columns (> 1) columns of @s ends: at a line break, else
 * between words where that is possible.  *@ret_next: where the next one begins,
 * NULL: nowhere.  Returns the line's bytes.
 */
size_t wide_line(const char *s, size_t columns, const char **ret_next);

/* UTF-8 of @c into @dst; returns its bytes, 0 for no character. */
size_t wide_utf8(wchar_t c, char dst[static 5]);

#endif
