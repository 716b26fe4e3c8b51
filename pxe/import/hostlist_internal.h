// SPDX-License-Identifier: GPL-3.0-or-later
/* hostlist_internal.h - a list while it is read; lines are changed as they are taken apart. */
#ifndef PXE_IMPORT_HOSTLIST_INTERNAL_H
#define PXE_IMPORT_HOSTLIST_INTERNAL_H

#include "pxe/import/hostlist.h"

#define HOSTLIST_COLUMNS_MAX 32

enum hostlist_kind { HOSTLIST_UNKNOWN, HOSTLIST_CSV, HOSTLIST_ETHERS };
enum hostlist_column { COLUMN_OTHER, COLUMN_MAC, COLUMN_NAME, COLUMN_GROUP, COLUMN_ADDRESS };

struct hostlist {
	const char *file;
	struct err *e;
	unsigned line;
	enum hostlist_kind kind;
	char separator;
	enum hostlist_column columns[HOSTLIST_COLUMNS_MAX];
	size_t n_columns;
	struct hostlist_row *rows;
	size_t n, cap;
};

/* -EINVAL "FILE:LINE: ...". */
int hostlist_error(const struct hostlist *p, const char *fmt, ...) PRINTF(2, 3);

/* Whether the line is a head that names a column "mac"; fills the columns in. */
bool hostlist_csv_head(struct hostlist *p, char *line);
int hostlist_csv_check(
	const struct hostlist *p); /* -EINVAL: mac or name is missing, or twice */
int hostlist_csv_row(const struct hostlist *p, char *line, struct hostlist_row *ret);

int hostlist_ethers_row(const struct hostlist *p, char *line, struct hostlist_row *ret);

#endif
