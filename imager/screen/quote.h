// SPDX-License-Identifier: GPL-3.0-or-later
/* quote.h - a command line as one would type it into a shell. */
#ifndef IMAGER_SCREEN_QUOTE_H
#define IMAGER_SCREEN_QUOTE_H

#include <stddef.h>

/*
 * The words with a blank between them, those quoted that need it; what cannot
 * be shown goes as $'\ooo', so that a pasted line has the same bytes.  The caller
 * frees; NULL: out of memory.
 */
char *quote_line(int argc, const char *const *argv);

/*
 * Breaks a word of quote_line() over lines, so that a shell takes them for one word: what
 * of it from @at on goes into the next one of at most @columns (and no blank before it),
 * into @line of @columns + 1 bytes.  Returns where to go on, NULL: that was its end.
 */
const char *quote_break(const char *word, const char *at, char *line, size_t columns);

#endif
