// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/query.h"

#include <errno.h>
#include <stdio.h>

int store_error(const struct store *s, int status, struct err *e)
{
	static const struct {
		int status, code;
		const char *text;
	} known[] = {
		{ SQLITE_BUSY, -EBUSY, "another program holds it locked" },
		{ SQLITE_LOCKED, -EBUSY, "another program holds it locked" },
		{ SQLITE_CORRUPT, -EUCLEAN,
		  "it is damaged; \"slate-pxe check --rebuild\" saves what can be read" },
		{ SQLITE_NOTADB, -EUCLEAN,
		  "it is damaged; \"slate-pxe check --rebuild\" begins a new one" },
		{ SQLITE_FULL, -ENOSPC, "the disk is full" },
		{ SQLITE_READONLY, -EROFS, "it cannot be written" },
		{ SQLITE_CANTOPEN, -EACCES, "it cannot be opened; is the folder there?" },
		{ SQLITE_CONSTRAINT, -EEXIST, "something else has that already" },
		{ SQLITE_NOMEM, -ENOMEM, "out of memory" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((status & 0xff) == known[i].status)
			return err_set(e, known[i].code, "%s: %s", s->path, known[i].text);
	return err_set(e, -EIO, "%s: %s", s->path, sqlite3_errstr(status));
}

int store_exec(struct store *s, const char *sql, struct err *e)
{
	int status = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return status == SQLITE_OK ? 0 : store_error(s, status, e);
}

struct query query(struct store *s, const char *sql)
{
	struct query q = { .s = s };

	q.status = sqlite3_prepare_v2(s->db, sql, -1, &q.st, NULL);
	return q;
}

void query_int(struct query *q, int64_t v)
{
	if (q->status == SQLITE_OK)
		q->status = sqlite3_bind_int64(q->st, ++q->n, v);
}

void query_text(struct query *q, const char *text)
{
	if (q->status == SQLITE_OK)
		q->status = sqlite3_bind_text(q->st, ++q->n, text, -1, SQLITE_TRANSIENT);
}

void query_mac(struct query *q, const struct mac *mac)
{
	char text[MAC_TEXT_MAX];

	query_text(q, mac_text(mac, text));
}

int query_row(struct query *q, struct err *e)
{
	if (q->status == SQLITE_OK || q->status == SQLITE_ROW)
		q->status = sqlite3_step(q->st);
	if (q->status == SQLITE_ROW)
		return 1;
	return q->status == SQLITE_DONE ? 0 : store_error(q->s, q->status, e);
}

void query_end(struct query *q)
{
	sqlite3_finalize(q->st);
	q->st = NULL;
}

int query_run(struct query *q, struct err *e)
{
	int r;

	do {
		r = query_row(q, e);
	} while (r > 0);
	query_end(q);
	return r;
}

int64_t query_get_int(const struct query *q, int column)
{
	return sqlite3_column_int64(q->st, column);
}

void query_get_text(const struct query *q, int column, char *buf, size_t n)
{
	const unsigned char *text = sqlite3_column_text(q->st, column);

	snprintf(buf, n, "%s", text ? (const char *)text : "");
}

void query_get_mac(const struct query *q, int column, struct mac *ret)
{
	char text[MAC_TEXT_MAX + 1];

	*ret = (struct mac){ { 0 } };
	query_get_text(q, column, text, sizeof(text));
	(void)mac_parse(text, ret, NULL);
}
