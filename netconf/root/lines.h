// SPDX-License-Identifier: GPL-3.0-or-later
/* lines.h - a foreign text, line by line and word by word, bounded. */
#ifndef NETCONF_ROOT_LINES_H
#define NETCONF_ROOT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_LEN                                                                           \
	1024 /* bytes of a line that are looked at; the rest of it is passed over */

struct lines {
	const char *next, *end;
	unsigned number;         /* of the line, from 1 */
	char line[LINE_MAX_LEN]; /* without its end; NUL bytes become '?' */
};

void lines_begin(struct lines *l, const char *text, size_t len);
/* False at the end. */
bool lines_next(struct lines *l);

/*
 * The next word at *@at, ended by white space, which becomes a NUL; a word that begins with
 * '"' ends with the next '"'.  NULL: there is none.  *@at goes behind it.
 */
char *line_word(char **at);
/* Cuts white space off both ends, in place; returns the begin. */
char *line_strip(char *text);

#endif
