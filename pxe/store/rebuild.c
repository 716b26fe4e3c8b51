// SPDX-License-Identifier: GPL-3.0-or-later
/* Out of a damaged database into a new one: whatever rows can still be read. */
#include "pxe/store/query.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * Copies a table, row by row from both ends: damage in the middle costs what lies there.  Only
 * what cannot be written is a failure.
 */
static int copy(struct store *s, const char *table, const char *columns, const char *order,
		struct err *e)
{
	char sql[512];
	struct query from;
	int r = 0;

	snprintf(sql, sizeof(sql), "SELECT rowid FROM old.%s ORDER BY rowid %s", table, order);
	from = query(s, sql);
	while (r != -ENOSPC && query_row(&from, NULL) > 0) {
		struct query to;

		snprintf(sql, sizeof(sql),
			 "INSERT OR IGNORE INTO main.%s (%s) SELECT %s FROM old.%s WHERE "
			 "rowid = ?",
			 table, columns, columns, table);
		to = query(s, sql);
		query_int(&to, query_get_int(&from, 0));
		r = query_run(&to, e);
	}
	query_end(&from);
	return r == -ENOSPC ? r : 0;
}

static int save_tables(struct store *s, struct err *e)
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

	int r = 0;

	for (size_t i = 0; !r && i < sizeof(tables) / sizeof(tables[0]); i++) {
		r = copy(s, tables[i][0], tables[i][1], "ASC", e);
		if (!r)
			r = copy(s, tables[i][0], tables[i][1], "DESC", e);
	}
	return r;
}

/* A database, its -wal and its -shm belong together; what was at @to goes. */
static int move(const char *from, const char *to, struct err *e)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char old[600], new[600];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(old, sizeof(old), "%s%s", from, ends[i]);
		snprintf(new, sizeof(new), "%s%s", to, ends[i]);
		if (!rename(old, new))
			continue;
		if (errno != ENOENT || !ends[i][0])
			return err_sys(e, "%s", old);
		(void)unlink(new);
	}
	return 0;
}

/* Whoever has it open would go on with the one that is moved aside.  All who do hold a lock of
 * SQLite's on it, in its mode WAL. */
static int refuse_used(const char *db, struct err *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(db, O_RDONLY | O_CLOEXEC), r = 0;

	if (fd < 0 || fcntl(fd, F_GETLK, &lock))
		r = err_sys(e, "%s", db);
	else if (lock.l_type != F_UNLCK)
		r = err_set(
			e, -ECANCELED,
			"%s is in use: stop the server first (systemctl stop slate-pxe), and "
			"start it when this is done",
			db);
	if (fd >= 0)
		close(fd);
	return r;
}

/* A new one, with what can be read of @old. */
static int fill_new(const char *folder, const char *old, struct err *e)
{
	struct store *s;
	struct query q;
	int r = store_open(folder, &s, e);

	if (r)
		return r;
	q = query(s, "ATTACH ? AS old");
	query_text(&q, old);
	/* One that is no database at all cannot be attached: then there is nothing to save. */
	if (!query_run(&q, NULL))
		r = save_tables(s, e);
	store_close(s);
	return r;
}

int store_rebuild(const char *folder, struct err *e)
{
	char db[520], aside[560];
	int r;

	snprintf(db, sizeof(db), "%.500s/lab.db", folder);
	snprintf(aside, sizeof(aside), "%s.damaged-%lld", db, (long long)time(NULL));
	r = refuse_used(db, e);
	if (!r)
		r = move(db, aside, e);
	if (r)
		return r;
	r = fill_new(folder, aside, e);
	if (r)
		(void)move(aside, db, NULL);
	return r;
}
