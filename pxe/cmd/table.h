// SPDX-License-Identifier: GPL-3.0-or-later
/* table.h - lists with aligned columns; foreign text is made printable. */
#ifndef PXE_CMD_TABLE_H
#define PXE_CMD_TABLE_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
	char **cells; /* row by row; the first row is the head */
	size_t columns, n, cap;
	bool failed; /* out of memory; table_end() tells */
};

/* The head: column names, with '|' between them. */
void table_begin(struct table *t, const char *head);
/* The next cell; "" is shown as "-". */
void table_cell(struct table *t, const char *fmt, ...) PRINTF(2, 3);
void table_free(struct table *t);
/* Prints it and frees all; -ENOMEM. */
int table_end(struct table *t, FILE *out, struct err *e);

#endif
