// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * query.h - statements on the database, one way to write them:
 *
 *	struct query q = query(s, "SELECT a FROM t WHERE b = ?");
 *	query_text(&q, b);
 *	r = query_row(&q, e);		1: a row, 0: no more, else a negative errno
 *	a = query_get_int(&q, 0);
 *	query_end(&q);
 *
 * What fails before query_row() is kept and told by it.
 */
#ifndef PXE_STORE_QUERY_H
#define PXE_STORE_QUERY_H

#include "pxe/store/store.h"

#include <sqlite3.h>

#define STORE_BUSY_MS 5000 /* how long another writer is waited for */

struct store {
	sqlite3 *db;
	char path[512];
	uint32_t next_free; /* where the search for an address begins; only a hint */
};

struct query {
	struct store *s;
	sqlite3_stmt *st;
	int status; /* SQLITE_OK, or the first failure */
	int n;      /* parameters bound */
};

struct query query(struct store *s, const char *sql);
void query_int(struct query *q, int64_t v);
void query_text(struct query *q, const char *text);
void query_mac(struct query *q, const struct mac *mac);
int query_row(struct query *q, struct err *e);
void query_end(struct query *q);
/* For statements without rows: query_row() until its end, then query_end(). 0 or an errno. */
int query_run(struct query *q, struct err *e);

int64_t query_get_int(const struct query *q, int column);
/* "" for NULL; cut to @n. */
void query_get_text(const struct query *q, int column, char *buf, size_t n);
void query_get_mac(const struct query *q, int column, struct mac *ret);

/* The negative errno for what SQLite says, with a text that names the file and what to do. */
int store_error(const struct store *s, int status, struct err *e);
/* Several statements without parameters or rows. */
int store_exec(struct store *s, const char *sql, struct err *e);

#endif
