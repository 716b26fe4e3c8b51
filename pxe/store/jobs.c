// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define COLUMNS                                                                                \
	"id, mac, verb, image, disk, next, at, state, created, started, heard, ended, "        \
	"progress, status, error, token, verify, personalise, confirm, password, attempts, sent"

/* In SQL: states, and what may be begun again. */
#define WAITING "0"
#define RUNNING "1"
#define FAILED  "3"
#define LOST    "4"
_Static_assert(JOB_WAITING == 0 && JOB_RUNNING == 1 && JOB_FAILED == 3 && JOB_LOST == 4,
	       "states in SQL");
_Static_assert(JOB_ATTEMPTS == 5, "attempts in SQL");
#define REPEATS "verb IN ('restore', 'save', 'verify', 'wipe')"
#define RESUMES "(" REPEATS " AND attempts < 5)"
/* What runs, or was given up although its machine, silent for too long, is still at it. */
#define GOES_ON "(state IN (" RUNNING ", " LOST ", " FAILED ") AND status < 0)"
/* What its machine is to do next; ?2 is the time. */
#define NEXT                                                                                   \
	"((state = " WAITING " AND at <= ?2) OR (state IN (" RUNNING ", " LOST                 \
	") AND " RESUMES ")) ORDER BY state = " WAITING ", id LIMIT 1"

static void fill(const struct query *q, struct job *ret)
{
	*ret = (struct job){ .id = query_get_int(q, 0),
			     .at = query_get_int(q, 6),
			     .state = (enum job_state)query_get_int(q, 7),
			     .created = query_get_int(q, 8),
			     .started = query_get_int(q, 9),
			     .heard = query_get_int(q, 10),
			     .ended = query_get_int(q, 11),
			     .status = (int)query_get_int(q, 13),
			     .personalise = query_get_int(q, 17) != 0,
			     .attempts = (unsigned)query_get_int(q, 20),
			     .sent = (uint64_t)query_get_int(q, 21) };
	query_get_mac(q, 1, &ret->mac);
	query_get_text(q, 2, ret->verb, sizeof(ret->verb));
	query_get_text(q, 3, ret->image, sizeof(ret->image));
	query_get_text(q, 4, ret->disk, sizeof(ret->disk));
	query_get_text(q, 5, ret->then, sizeof(ret->then));
	query_get_text(q, 12, ret->progress, sizeof(ret->progress));
	query_get_text(q, 14, ret->error, sizeof(ret->error));
	query_get_text(q, 15, ret->token, sizeof(ret->token));
	query_get_text(q, 16, ret->verify, sizeof(ret->verify));
	query_get_text(q, 18, ret->confirm, sizeof(ret->confirm));
	query_get_text(q, 19, ret->password, sizeof(ret->password));
}

const char *job_state_name(enum job_state st)
{
	static const char *const names[] = {
		[JOB_WAITING] = "waiting", [JOB_RUNNING] = "running",
		[JOB_DONE] = "done",       [JOB_FAILED] = "failed",
		[JOB_LOST] = "lost",       [JOB_CANCELLED] = "cancelled",
	};

	return st < sizeof(names) / sizeof(names[0]) ? names[st] : "unknown";
}

int store_job_add(struct store *s, const struct job *j, int64_t *ret_id, struct err *e)
{
	struct query q = query(s, "INSERT INTO jobs (mac, verb, image, disk, next, at, state, "
				  "created, verify, personalise, confirm, password) "
				  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	int r;

	query_mac(&q, &j->mac);
	query_text(&q, j->verb);
	query_text(&q, j->image);
	query_text(&q, j->disk);
	query_text(&q, j->then);
	query_int(&q, j->at);
	query_int(&q, JOB_WAITING);
	query_int(&q, j->created);
	query_text(&q, j->verify);
	query_int(&q, j->personalise);
	query_text(&q, j->confirm);
	query_text(&q, j->password);
	r = query_run(&q, e);
	if (!r && ret_id)
		*ret_id = sqlite3_last_insert_rowid(s->db);
	return r;
}

/* The one row of a query, or -ENOENT with @none. */
static int one(struct query *q, const char *none, struct job *ret, struct err *e)
{
	int r = query_row(q, e);

	if (r > 0)
		fill(q, ret);
	query_end(q);
	if (!r)
		return err_set(e, -ENOENT, "%s", none);
	return r < 0 ? r : 0;
}

bool job_resumes(const struct job *j)
{
	static const char *const repeats[] = { "restore", "save", "verify", "wipe" };

	if (j->state != JOB_LOST || j->attempts >= JOB_ATTEMPTS)
		return false;
	for (size_t i = 0; i < sizeof(repeats) / sizeof(repeats[0]); i++)
		if (!strcmp(j->verb, repeats[i]))
			return true;
	return false;
}

int store_job_next(struct store *s, const struct mac *mac, int64_t now, struct job *ret,
		   struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM jobs WHERE mac = ?1 AND " NEXT);

	query_mac(&q, mac);
	query_int(&q, now);
	return one(&q, "no job is waiting for this machine", ret, e);
}

static int make_token(char token[65], struct err *e)
{
	uint8_t b[32];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_sys(e, "no random numbers");
	for (size_t i = 0; i < sizeof(b); i++)
		snprintf(token + 2 * i, 3, "%02x", b[i]);
	return 0;
}

/*
 * Ends running jobs that are not begun again, of the machine that asks for work or of those
 * not heard of since @before.
 */
#define END_SET                                                                                \
	"ended = ?1, password = '', state = CASE WHEN " REPEATS                                \
	" AND attempts >= 5 THEN " FAILED " ELSE " LOST " END, error = CASE WHEN " REPEATS     \
	" AND attempts >= 5 "                                                                  \
	"THEN 'begun 5 times and never ended' ELSE "

static int end_what_runs(struct store *s, const struct mac *mac, int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET " END_SET
				  "'the machine began anew' END WHERE state = " RUNNING
				  " AND mac = ?2 AND NOT " RESUMES);

	query_int(&q, now);
	query_mac(&q, mac);
	return query_run(&q, e);
}

/* One statement finds and takes it, so that two connections cannot take the same. */
int store_job_take(struct store *s, const struct mac *mac, int64_t now, struct job *ret,
		   struct err *e)
{
	char token[65];
	struct query q;
	int r = make_token(token, e);

	if (!r)
		r = end_what_runs(s, mac, now, e);
	if (r)
		return r;
	q = query(s,
		  "UPDATE jobs SET state = " RUNNING ", started = ?2, heard = ?2, token = ?3, "
		  "attempts = attempts + 1, spent = 0, ended = 0, status = -1, error = '', "
		  "progress = '' WHERE id = (SELECT id FROM jobs WHERE mac = ?1 AND " NEXT
		  ") RETURNING " COLUMNS);
	query_mac(&q, mac);
	query_int(&q, now);
	query_text(&q, token);
	return one(&q, "no job is waiting for this machine", ret, e);
}

int store_job_by_token(struct store *s, const char *token, struct job *ret, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM jobs WHERE token = ? AND "
				  "token != '' AND state = " RUNNING);

	query_text(&q, token);
	return one(&q, "no running job has this token", ret, e);
}

int store_job_heard(struct store *s, const char *token, struct job *ret, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM jobs WHERE token = ? AND "
				  "token != '' AND " GOES_ON);

	query_text(&q, token);
	return one(&q, "no job that goes on has this token", ret, e);
}

bool store_job_is_cancelled(struct store *s, int64_t id)
{
	struct query q = query(s, "SELECT 1 FROM jobs WHERE id = ? AND state = ?");
	bool is;

	query_int(&q, id);
	query_int(&q, JOB_CANCELLED);
	is = query_row(&q, NULL) > 0;
	query_end(&q);
	return is;
}

/* What an UPDATE of one running job has found. */
static int changed_one(struct store *s, struct query *q, struct err *e)
{
	int r = query_run(q, e);

	if (!r && !sqlite3_changes(s->db))
		return err_set(e, -ENOENT, "that job does not run");
	return r;
}

int store_job_spend(struct store *s, int64_t id, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET spent = 1 WHERE id = ? AND spent = 0");
	int r;

	query_int(&q, id);
	r = query_run(&q, e);
	if (!r && !sqlite3_changes(s->db))
		return err_set(e, -EALREADY, "this job has uploaded its image already");
	return r;
}

int store_job_progress(struct store *s, int64_t id, const char *json, uint64_t sent,
		       int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET progress = ?, heard = ?, sent = sent + ?, "
				  "state = " RUNNING ", ended = 0, error = '' "
				  "WHERE id = ? AND " GOES_ON);

	/* Only news: that of a whole room must not wait for the disk each second. */
	int r = store_exec(s, "PRAGMA synchronous = NORMAL", e), again;

	if (r) {
		query_end(&q);
		return r;
	}
	query_text(&q, json);
	query_int(&q, now);
	query_int(&q, (int64_t)sent);
	query_int(&q, id);
	r = changed_one(s, &q, e);
	again = store_exec(s, "PRAGMA synchronous = FULL", r ? NULL : e);
	return r ? r : again;
}

int store_job_sent(struct store *s, int64_t id, uint64_t bytes, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET sent = sent + ? WHERE id = ?");

	query_int(&q, (int64_t)bytes);
	query_int(&q, id);
	return query_run(&q, e);
}

int store_job_end(struct store *s, int64_t id, int status, const char *error,
		  const char *receipt, int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET state = ?, status = ?, error = ?, "
				  "receipt = ?, heard = ?5, ended = ?5, password = '' "
				  "WHERE id = ?6 AND " GOES_ON);

	query_int(&q, status ? JOB_FAILED : JOB_DONE);
	query_int(&q, status);
	query_text(&q, error);
	query_text(&q, receipt);
	query_int(&q, now);
	query_int(&q, id);
	return changed_one(s, &q, e);
}

int store_job_cancel(struct store *s, int64_t id, int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET state = ?, ended = ?, password = '' WHERE "
				  "id = ? AND (state IN (" WAITING ", " RUNNING ") OR "
				  "(state = " LOST " AND " RESUMES "))");
	int r;

	query_int(&q, JOB_CANCELLED);
	query_int(&q, now);
	query_int(&q, id);
	r = query_run(&q, e);
	if (!r && !sqlite3_changes(s->db))
		return err_set(e, -ENOENT, "job %lld is not waiting and does not run",
			       (long long)id);
	return r;
}

int store_jobs_supersede(struct store *s, const struct mac *mac, int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET state = ?, ended = ?, "
				  "error = 'a newer job took its place' WHERE mac = ? AND "
				  "state = " LOST " AND " RESUMES);
	int r;

	query_int(&q, JOB_CANCELLED);
	query_int(&q, now);
	query_mac(&q, mac);
	r = query_run(&q, e);
	return r ? r : sqlite3_changes(s->db);
}

int store_jobs_lost(struct store *s, int64_t before, int64_t now, struct err *e)
{
	struct query q = query(s, "UPDATE jobs SET " END_SET
				  "'the machine was not heard of any more' END "
				  "WHERE state = " RUNNING " AND heard < ?2");
	int r;

	query_int(&q, now);
	query_int(&q, before);
	r = query_run(&q, e);
	return r ? r : sqlite3_changes(s->db);
}

int store_jobs(struct store *s, bool also_ended, job_each *each, void *ctx, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS " FROM jobs WHERE ?1 OR state <= ?2 "
				  "OR (state = " LOST " AND " RESUMES ") ORDER BY id");
	struct job j;
	int r;

	query_int(&q, also_ended);
	query_int(&q, JOB_RUNNING);
	while ((r = query_row(&q, e)) > 0) {
		fill(&q, &j);
		r = each(ctx, &j, e);
		if (r)
			break;
	}
	query_end(&q);
	return r;
}

int store_results(struct store *s, const struct mac *mac, unsigned most, result_each *each,
		  void *ctx, struct err *e)
{
	struct query q = query(s, "SELECT " COLUMNS ", receipt FROM jobs WHERE state > ? AND "
				  "(? OR mac = ?) ORDER BY ended DESC, id DESC LIMIT ?");
	struct mac none = { { 0 } };
	struct job j;
	int r;

	query_int(&q, JOB_RUNNING);
	query_int(&q, !mac);
	query_mac(&q, mac ? mac : &none);
	query_int(&q, most);
	while ((r = query_row(&q, e)) > 0) {
		const unsigned char *receipt = sqlite3_column_text(q.st, 22);

		fill(&q, &j);
		r = each(ctx, &j, receipt ? (const char *)receipt : "", e);
		if (r)
			break;
	}
	query_end(&q);
	return r;
}
