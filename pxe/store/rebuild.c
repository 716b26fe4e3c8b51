// SPDX-License-Identifier: GPL-3.0-or-later
/* Out of a damaged database into a new one: whatever rows can still be read. */
#include "pxe/store/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Copies a table, row by row from both ends: damage in the middle costs what lies there. */
static unsigned copy(struct store *s, const char *table, const char *columns, const char *order)
{
	char sql[512];
	struct query from;
	unsigned n = 0;

	snprintf(sql, sizeof(sql), "SELECT rowid FROM old.%s ORDER BY rowid %s", table, order);
	from = query(s, sql);
	while (query_row(&from, NULL) > 0) {
		struct query to;

		snprintf(sql, sizeof(sql),
			 "INSERT OR IGNORE INTO main.%s (%s) SELECT %s FROM old.%s WHERE "
			 "rowid = ?",
			 table, columns, columns, table);
		to = query(s, sql);
		query_int(&to, query_get_int(&from, 0));
		n += !query_run(&to, NULL);
	}
	query_end(&from);
	return n;
}

static void save_tables(struct store *s)
{
	static const char *const tables[][2] = {
		{ "hosts",
		  "mac, name, grp, addr, known, kind, uuid, first_seen, last_seen, last_addr" },
		{ "leases", "addr, mac, until, declined" },
		{ "jobs",
		  "id, mac, verb, image, disk, next, at, state, created, started, heard, "
		  "ended, progress, status, error, token, spent, receipt, verify, personalise, "
		  "confirm, password, attempts, sent" },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		copy(s, tables[i][0], tables[i][1], "ASC");
		copy(s, tables[i][0], tables[i][1], "DESC");
	}
}

/* lab.db, lab.db-wal and lab.db-shm belong together. */
static int move_aside(const char *folder, const char *aside, struct err *e)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char from[560], to[600];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(from, sizeof(from), "%.500s/lab.db%s", folder, ends[i]);
		snprintf(to, sizeof(to), "%s%s", aside, ends[i]);
		if (rename(from, to) && (errno != ENOENT || !ends[i][0]))
			return err_sys(e, "%s", from);
	}
	return 0;
}

int store_rebuild(const char *folder, struct err *e)
{
	char aside[560];
	struct store *s;
	struct query q;
	int r;

	snprintf(aside, sizeof(aside), "%.500s/lab.db.damaged-%lld", folder,
		 (long long)time(NULL));
	r = move_aside(folder, aside, e);
	if (!r)
		r = store_open(folder, &s, e);
	if (r)
		return r;
	q = query(s, "ATTACH ? AS old");
	query_text(&q, aside);
	/* One that is no database at all cannot be attached: then there is nothing to save. */
	if (!query_run(&q, NULL))
		save_tables(s);
	store_close(s);
	return 0;
}
