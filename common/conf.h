// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * conf.h - INI files (libinih), entry by entry, each with its place.
 *
 * "[section]", "name = value", comments that begin with '#' or ';' at the begin
 * of a line, or with ';' behind a space.  An indented line goes on with the
 * value before it.  What inih would cut or pass over in silence (lines over
 * CONF_LINE_MAX, NUL bytes, long names) is an error here, and the first error is told.  Columns
 * count bytes.
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CONF_LINE_MAX 196
#define CONF_NAME_MAX 48
#define CONF_FILE_MAX (1 << 20) /* bytes; larger files are refused */

struct conf_entry {
	const char *file;      /* for messages */
	unsigned line, column; /* of the value, or of the section's name; from 1 */
	unsigned name_column;
	const char *section;
	const char *name;  /* NULL: the section begins here */
	const char *value; /* white space and comment stripped */
	bool goes_on;      /* an indented line: more of the value of the same name before it */
};

/* What takes the entries; a negative errno ends the parsing.  Strings live as long as the call.
 */
typedef int conf_take(void *ctx, const struct conf_entry *entry, struct err *e);

/* Parses @text, @len bytes; @file is its name for messages.  -EINVAL "FILE:LINE:COLUMN: ...".
 */
int conf_parse(const char *file, const char *text, size_t len, conf_take *take, void *ctx,
	       struct err *e);
/* The same for a file of the running system.  -ENOENT when there is none. */
int conf_read(const char *file, conf_take *take, void *ctx, struct err *e);

/* -EINVAL, "FILE:LINE:COLUMN: ..." for the place @at, a pointer into entry->value (NULL: its
 * begin). */
int conf_error(const struct conf_entry *entry, const char *at, struct err *e, const char *fmt,
	       ...) PRINTF(4, 5);
/* The same for the place of the name. */
int conf_error_name(const struct conf_entry *entry, struct err *e, const char *fmt, ...)
	PRINTF(3, 4);

#endif
