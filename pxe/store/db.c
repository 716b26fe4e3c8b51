// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening lab.db, and the form of its tables. */
#include "pxe/store/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* migrations[i] makes version i + 1 of version i.  They are never changed, only added to. */
static const char *const migrations[] = {
	"CREATE TABLE hosts (mac TEXT PRIMARY KEY, name TEXT, grp TEXT NOT NULL DEFAULT '',"
	" addr INTEGER, known INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT '',"
	" uuid TEXT NOT NULL DEFAULT '', first_seen INTEGER NOT NULL DEFAULT 0,"
	" last_seen INTEGER NOT NULL DEFAULT 0, last_addr INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX hosts_name ON hosts (name) WHERE name != '';"
	"CREATE UNIQUE INDEX hosts_addr ON hosts (addr) WHERE addr != 0;"
	"CREATE TABLE leases (addr INTEGER PRIMARY KEY, mac TEXT NOT NULL,"
	" until INTEGER NOT NULL, declined INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX leases_mac ON leases (mac) WHERE declined = 0;"
	"CREATE INDEX leases_until ON leases (until);"
	"CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, mac TEXT NOT NULL,"
	" verb TEXT NOT NULL, image TEXT NOT NULL, disk TEXT NOT NULL, next TEXT NOT NULL,"
	" at INTEGER NOT NULL, state INTEGER NOT NULL, created INTEGER NOT NULL,"
	" started INTEGER NOT NULL DEFAULT 0, heard INTEGER NOT NULL DEFAULT 0,"
	" ended INTEGER NOT NULL DEFAULT 0, progress TEXT NOT NULL DEFAULT '',"
	" status INTEGER NOT NULL DEFAULT -1, error TEXT NOT NULL DEFAULT '',"
	" token TEXT NOT NULL DEFAULT '', spent INTEGER NOT NULL DEFAULT 0,"
	" receipt TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX jobs_mac ON jobs (mac, state);"
	"CREATE INDEX jobs_state ON jobs (state);"
	"CREATE UNIQUE INDEX jobs_token ON jobs (token) WHERE token != '';",
	"ALTER TABLE jobs ADD COLUMN verify TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE jobs ADD COLUMN personalise INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE jobs ADD COLUMN confirm TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE jobs ADD COLUMN password TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE jobs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE jobs ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;"
	"UPDATE jobs SET verify = 'sample', personalise = 1 WHERE verb = 'restore';"
	/* Of what was lost before jobs were taken up again, nobody expects that now. */
	"UPDATE jobs SET attempts = CASE state WHEN 4 THEN 5 ELSE 1 END WHERE started != 0;",
};

#define VERSION_NOW ((int)(sizeof(migrations) / sizeof(migrations[0])))

static int read_version(struct store *s, int *ret, struct err *e)
{
	struct query q = query(s, "PRAGMA user_version");
	int r = query_row(&q, e);

	*ret = r > 0 ? (int)query_get_int(&q, 0) : 0;
	query_end(&q);
	return r < 0 ? r : 0;
}

/* One transaction with the version number, so that an interrupted one did not happen. */
static int migrate_from(struct store *s, int version, struct err *e)
{
	char set[48];
	int r = 0;

	for (; !r && version < VERSION_NOW; version++)
		r = store_exec(s, migrations[version], e);
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", VERSION_NOW);
	return r ? r : store_exec(s, set, e);
}

static int migrate(struct store *s, struct err *e)
{
	int version, r = read_version(s, &version, e);

	if (r || version == VERSION_NOW)
		return r;
	/* Two programs may have come at once: who is second finds it done. */
	r = store_exec(s, "BEGIN IMMEDIATE", e);
	if (r)
		return r;
	r = read_version(s, &version, e);
	if (!r && version > VERSION_NOW)
		r = err_set(e, -ECANCELED,
			    "%s was made by a newer slate-pxe (version %d, this one knows %d): "
			    "use that, or move the file away",
			    s->path, version, VERSION_NOW);
	if (!r)
		r = migrate_from(s, version, e);
	if (!r)
		r = store_exec(s, "COMMIT", e);
	if (r)
		(void)store_exec(s, "ROLLBACK", NULL);
	return r;
}

/* Made by root on behalf of the server, it must be the server's: who owns the folder. */
static void give_to_owner(const struct store *s, const char *folder)
{
	struct stat st;

	if (geteuid() == 0 && !stat(folder, &st) && st.st_uid)
		(void)!chown(s->path, st.st_uid, st.st_gid);
}

static int prepare(struct store *s, const char *folder, struct err *e)
{
	/* FULL: what is committed is on the disk, as an answered lease must be. */
	static const char pragmas[] = "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;"
				      /* pages: the log stays at about a MiB */
				      "PRAGMA wal_autocheckpoint = 256;"
				      "PRAGMA foreign_keys = ON;";
	mode_t mask = umask(0077);
	int status = sqlite3_open_v2(
		s->path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	int r;

	umask(mask);
	if (status != SQLITE_OK)
		return store_error(s, status, e);
	sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	give_to_owner(s, folder);
	r = store_exec(s, pragmas, e);
	return r ? r : migrate(s, e);
}

int store_open(const char *folder, struct store **ret, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_nomem(e);
	if ((size_t)snprintf(s->path, sizeof(s->path), "%s/lab.db", folder) >= sizeof(s->path))
		r = err_set(e, -ENAMETOOLONG, "%s: too long a name", folder);
	else
		r = prepare(s, folder, e);
	if (r)
		store_close(s);
	else
		*ret = s;
	return r;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	free(s);
}

void store_set_patience(struct store *s, unsigned ms)
{
	sqlite3_busy_timeout(s->db, (int)ms);
}

int store_begin(struct store *s, struct err *e)
{
	return store_exec(s, "BEGIN IMMEDIATE", e);
}

int store_commit(struct store *s, struct err *e)
{
	int r = store_exec(s, "COMMIT", e);

	if (r)
		store_rollback(s);
	/* Perhaps it is the log itself that fills the disk: what it holds goes where it
	 * belongs.
	 */
	if (r == -ENOSPC)
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
						NULL);
	return r;
}

void store_rollback(struct store *s)
{
	(void)store_exec(s, "ROLLBACK", NULL);
}

int store_check(struct store *s, struct err *e)
{
	struct query q = query(s, "PRAGMA quick_check(1)");
	char text[64] = "";
	int r = query_row(&q, e);

	if (r > 0)
		query_get_text(&q, 0, text, sizeof(text));
	query_end(&q);
	if (r < 0)
		return r;
	return strcmp(text, "ok") != 0 ? store_error(s, SQLITE_CORRUPT, e) : 0;
}
