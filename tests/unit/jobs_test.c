// SPDX-License-Identifier: GPL-3.0-or-later
/* Jobs that are taken up again, what they were ordered with; the first database; the vault. */
#include "pxe/store/order.h"
#include "pxe/store/vault.h"
#include "tests/unit/store_place.h"

#include <errno.h>
#include <sqlite3.h>

/* Taken up again, by whoever has the machine's MAC, after a power cut or a lost answer. */
static void test_again(void **state)
{
	struct store *s = open_store(state);
	struct mac mac = mac_of(1);
	struct job j, before;
	int64_t first = add(s, 1, "restore", 0), second = add(s, 1, "save", 0);

	assert_int_equal(store_job_take(s, &mac, 100, &before, NULL), 0);
	assert_int_equal(store_job_spend(s, first, NULL), 0);
	assert_int_equal(store_job_spend(s, first, NULL), -EALREADY);
	assert_int_equal(store_job_sent(s, first, 1000, NULL), 0);
	/* It runs, and the machine asks again: goes before what waits, and lost nothing. */
	assert_int_equal(store_job_next(s, &mac, 150, &j, NULL), 0);
	assert_int_equal(j.id, first);
	assert_int_equal(store_job_take(s, &mac, 200, &j, NULL), 0);
	assert_int_equal(j.id, first);
	assert_int_equal(j.attempts, 2);
	assert_int_equal(j.started, 200);
	assert_string_not_equal(j.token, before.token);
	assert_int_equal(store_job_by_token(s, before.token, &before, NULL), -ENOENT);
	assert_int_equal(store_job_by_token(s, j.token, &before, NULL), 0);
	assert_int_equal(store_job_spend(s, first, NULL), 0);
	assert_int_equal(before.sent, 1000);
	/* It is lost, and the machine comes back. */
	assert_int_equal(store_jobs_lost(s, 201, 300, NULL), 1);
	assert_int_equal(store_jobs(s, false, remember_job, &j, NULL), 0);
	assert_int_equal(j.id, second); /* the last of two: the lost one is still there */
	assert_int_equal(store_job_next(s, &mac, 400, &j, NULL), 0);
	assert_true(j.id == first && j.state == JOB_LOST && job_resumes(&j));
	assert_int_equal(store_job_take(s, &mac, 400, &j, NULL), 0);
	assert_true(j.id == first && j.attempts == 3 && !j.ended && !j.error[0]);
	/* The fifth time is the last. */
	assert_int_equal(store_job_take(s, &mac, 500, &j, NULL), 0);
	assert_int_equal(store_job_take(s, &mac, 600, &j, NULL), 0);
	assert_true(j.id == first && j.attempts == JOB_ATTEMPTS);
	assert_int_equal(store_job_take(s, &mac, 700, &j, NULL), 0);
	assert_int_equal(j.id, second);
	assert_int_equal(store_job_cancel(s, first, 800, NULL), -ENOENT);
	store_close(s);
}

/* What ends without an end: failed after five times, lost for good, in the place of a newer. */
static void test_given_up(void **state)
{
	struct store *s = open_store(state);
	struct mac mac = mac_of(1), other = mac_of(2);
	int64_t id = add(s, 1, "wipe", 0), shell, old;
	struct job j;

	for (int i = 0; i < JOB_ATTEMPTS; i++)
		assert_int_equal(store_job_take(s, &mac, 10 + i, &j, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 100, 200, NULL), 1);
	j = by_id(s, id);
	assert_int_equal(j.state, JOB_FAILED);
	assert_string_equal(j.error, "begun 5 times and never ended");
	assert_int_equal(j.ended, 200);
	assert_int_equal(store_job_next(s, &mac, 300, &j, NULL), -ENOENT);
	/* The same when the machine itself asks. */
	id = add(s, 1, "verify", 0);
	for (int i = 0; i < JOB_ATTEMPTS; i++)
		assert_int_equal(store_job_take(s, &mac, 300 + i, &j, NULL), 0);
	assert_int_equal(store_job_take(s, &mac, 400, &j, NULL), -ENOENT);
	assert_int_equal(by_id(s, id).state, JOB_FAILED);
	/* Never again: not even as long as it runs. */
	shell = add(s, 1, "shell", 0);
	assert_int_equal(store_job_take(s, &mac, 500, &j, NULL), 0);
	assert_int_equal(store_job_next(s, &mac, 500, &j, NULL), -ENOENT);
	assert_int_equal(store_job_take(s, &other, 505, &j, NULL), -ENOENT);
	assert_int_equal(by_id(s, shell).state, JOB_RUNNING);
	assert_int_equal(store_job_take(s, &mac, 510, &j, NULL), -ENOENT);
	j = by_id(s, shell);
	assert_int_equal(j.state, JOB_LOST);
	assert_string_equal(j.error, "the machine began anew");
	assert_false(job_resumes(&j));
	assert_int_equal(store_job_cancel(s, shell, 520, NULL), -ENOENT);
	/* Another machine's ask ends nothing here. */
	old = add(s, 1, "restore", 0);
	assert_int_equal(store_job_take(s, &mac, 600, &j, NULL), 0);
	assert_int_equal(store_job_take(s, &other, 610, &j, NULL), -ENOENT);
	assert_int_equal(by_id(s, old).state, JOB_RUNNING);
	assert_int_equal(store_jobs_supersede(s, &mac, 620, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 700, 700, NULL), 1);
	assert_int_equal(store_jobs_supersede(s, &other, 710, NULL), 0);
	assert_int_equal(store_jobs_supersede(s, &mac, 710, NULL), 1);
	j = by_id(s, old);
	assert_int_equal(j.state, JOB_CANCELLED);
	assert_string_equal(j.error, "a newer job took its place");
	store_close(s);
}

/* Cut off for too long, but at work all the time: what it tells counts. */
static void test_heard_again(void **state)
{
	struct store *s = open_store(state);
	struct mac mac = mac_of(1);
	int64_t id = add(s, 1, "wipe", 0);
	struct job j, heard;

	for (int i = 0; i < JOB_ATTEMPTS; i++) {
		assert_int_equal(store_job_take(s, &mac, 100, &j, NULL), 0);
		assert_int_equal(store_jobs_lost(s, 200, 300, NULL), 1);
		assert_int_equal(store_job_by_token(s, j.token, &heard, NULL), -ENOENT);
		assert_int_equal(store_job_heard(s, j.token, &heard, NULL), 0);
		assert_int_equal(heard.id, id);
		assert_int_equal(store_job_progress(s, id, "{}", 0, 310, NULL), 0);
		heard = by_id(s, id);
		assert_true(heard.state == JOB_RUNNING && !heard.ended && !heard.error[0]);
		assert_int_equal(store_jobs_lost(s, 310, 320, NULL), 0);
	}
	/* Given up for good, and done all the same. */
	assert_int_equal(store_jobs_lost(s, 400, 400, NULL), 1);
	assert_int_equal(by_id(s, id).state, JOB_FAILED);
	assert_int_equal(store_job_end(s, id, 0, "", "{}", 410, NULL), 0);
	assert_int_equal(by_id(s, id).state, JOB_DONE);
	assert_int_equal(store_job_heard(s, j.token, &heard, NULL), -ENOENT);
	/* Not when somebody else decided meanwhile. */
	id = add(s, 1, "verify", 0);
	assert_int_equal(store_job_take(s, &mac, 500, &j, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 600, 600, NULL), 1);
	assert_int_equal(store_job_cancel(s, id, 610, NULL), 0);
	assert_int_equal(store_job_heard(s, j.token, &heard, NULL), -ENOENT);
	assert_int_equal(store_job_progress(s, id, "{}", 0, 620, NULL), -ENOENT);
	assert_int_equal(store_job_end(s, id, 0, "", "{}", 620, NULL), -ENOENT);
	assert_int_equal(by_id(s, id).state, JOB_CANCELLED);
	store_close(s);
}

/* lab.db of the first version, as it was made then, with a job in each state. */
static const char first_version[] =
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
	"CREATE UNIQUE INDEX jobs_token ON jobs (token) WHERE token != '';"
	"INSERT INTO hosts (mac, name, known) VALUES ('52:54:00:00:00:01', 'pc01', 1);"
	"INSERT INTO leases VALUES (167772161, '52:54:00:00:00:01', 5000, 0);"
	"INSERT INTO jobs (id, mac, verb, image, disk, next, at, state, created, started,"
	" token) VALUES (1, '52:54:00:00:00:01', 'restore', 'a', '', '', 0, 4, 1, 2, 'lost'),"
	" (2, '52:54:00:00:00:01', 'restore', 'a', '', '', 0, 0, 1, 0, ''),"
	" (3, '52:54:00:00:00:02', 'save', 'b', 'first', 'reboot', 0, 1, 1, 2, 'runs');"
	"PRAGMA user_version = 1;";

static void test_migrates(void **state)
{
	struct scratch *dir = *state;
	struct mac mac = mac_of(1);
	char path[160];
	struct store *s;
	struct host h;
	struct job j;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_join(path, dir, "lab.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first_version, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	s = open_store(state);
	assert_int_equal(store_host_by_name(s, "pc01", &h, NULL), 0);
	j = by_id(s, 2);
	assert_true(j.state == JOB_WAITING && j.personalise && !j.attempts);
	assert_string_equal(j.verify, "sample");
	/* What was lost in the old days does not suddenly go on; what runs may. */
	j = by_id(s, 1);
	assert_false(job_resumes(&j));
	assert_int_equal(store_job_take(s, &mac, 100, &j, NULL), 0);
	assert_int_equal(j.id, 2);
	assert_int_equal(store_job_by_token(s, "runs", &j, NULL), 0);
	assert_true(j.id == 3 && !j.personalise && j.attempts == 1 && !j.verify[0]);
	assert_string_equal(j.disk, "first");
	store_close(s);
	s = open_store(state); /* and once is enough */
	assert_int_equal(by_id(s, 2).attempts, 1);
	store_close(s);
}

static int last_added(void *ctx, const struct job *j, const struct host *h, int cancelled,
		      struct err *e)
{
	(void)h;
	(void)cancelled;
	(void)e;
	*(struct job *)ctx = *j;
	return 0;
}

static struct job_order order(const char *who, const char *verb, const char *image)
{
	struct job_order o = { .job.created = 1000 };

	snprintf(o.who, sizeof(o.who), "%s", who);
	snprintf(o.job.verb, sizeof(o.job.verb), "%s", verb);
	snprintf(o.job.image, sizeof(o.job.image), "%s", image);
	return o;
}

/* The password is for one shell, and gone with it. */
static void test_password(void **state)
{
	struct store *s = open_store(state);
	struct job_order o = order("room1", "shell", "");
	char first[JOB_PASSWORD_MAX];
	struct mac mac = mac_of(2);
	struct job j;
	int64_t id;

	put(s, 1, "pc01", "room1", 0);
	put(s, 2, "pc02", "room1", 0);
	o.password = true;
	assert_int_equal(order_check(&o, NULL), 0);
	assert_int_equal(order_add(s, &o, last_added, &j, NULL), 0);
	id = j.id;
	assert_string_not_equal(by_id(s, id - 1).password, j.password); /* each its own */
	assert_int_equal(strlen(j.password), 8);
	assert_int_equal(strcspn(j.password, "0O1lIio"), 8);
	memcpy(first, j.password, sizeof(first));
	assert_int_equal(store_job_take(s, &mac, 10, &j, NULL), 0);
	assert_string_equal(j.password, first);
	assert_int_equal(store_job_end(s, id, 0, "", "{}", 20, NULL), 0);
	assert_string_equal(by_id(s, id).password, "");
	mac = mac_of(1);
	assert_int_equal(store_job_cancel(s, id - 1, 30, NULL), 0);
	assert_string_equal(by_id(s, id - 1).password, "");
	/* Lost counts as an end, whichever way. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(order_add(s, &o, last_added, &j, NULL), 0);
		id = j.id - 1;
		assert_int_equal(store_job_take(s, &mac, 40, &j, NULL), 0);
		assert_int_equal(j.id, id);
		assert_int_equal(strlen(j.password), 8);
		if (i)
			assert_int_equal(store_jobs_lost(s, 50, 50, NULL), 1);
		else
			assert_int_equal(store_job_take(s, &mac, 50, &j, NULL), -ENOENT);
		assert_string_equal(by_id(s, id).password, "");
	}
	store_close(s);
}

/* Nobody is wiped by a slip of a finger. */
static void test_wipe(void **state)
{
	struct store *s = open_store(state);
	struct job_order o = order("room1", "wipe", "");
	struct mac nameless = mac_of(7);
	struct err e = { "" };
	struct job j;

	put(s, 1, "pc01", "room1", 0);
	put(s, 2, "pc02", "room1", 0);
	assert_int_equal(store_host_seen(s, &nameless, "BIOS PXE", "", 0, 1, NULL), 0);
	assert_int_equal(order_check(&o, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "with --confirm=room1"));
	snprintf(o.confirm, sizeof(o.confirm), "room2");
	assert_int_equal(order_check(&o, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "nothing is done"));
	snprintf(o.confirm, sizeof(o.confirm), "room1");
	assert_int_equal(order_check(&o, &e), 0);
	assert_int_equal(order_add(s, &o, last_added, &j, NULL), 0);
	assert_string_equal(by_id(s, j.id - 1).confirm, "pc01");
	assert_string_equal(by_id(s, j.id).confirm, "pc02");
	o = order("52:54:00:00:00:07", "wipe", "");
	memcpy(o.confirm, o.who, sizeof(o.confirm));
	assert_int_equal(order_check(&o, &e), 0);
	assert_int_equal(order_add(s, &o, last_added, &j, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "without a name"));
	/* What has no meaning is not passed over. */
	o = order("pc01", "restore", "a");
	memcpy(o.confirm, o.who, sizeof(o.confirm));
	assert_int_equal(order_check(&o, &e), -EINVAL);
	o = order("pc01", "save", "a");
	o.no_personalise = true;
	assert_int_equal(order_check(&o, &e), -EINVAL);
	o = order("pc01", "restore", "a");
	assert_int_equal(order_check(&o, &e), 0);
	assert_true(o.job.personalise && !strcmp(o.job.verify, "sample"));
	snprintf(o.job.verify, sizeof(o.job.verify), "most");
	assert_int_equal(order_check(&o, &e), -EINVAL);
	store_close(s);
}

static void test_vault(void **state)
{
	struct scratch *dir = *state;
	struct mac mac = mac_of(1), other = mac_of(2);
	char path[160], *large = calloc(1, STORED_VAULT_MAX + 1), back[8] = "";
	struct err e = { "" };
	struct stat st;
	size_t size;
	int fd;

	assert_non_null(large);
	assert_int_equal(stored_vault_put(dir->dir, &mac, "one", 3, &e), -ENOENT);
	assert_int_equal(mkdir(scratch_join(path, dir, STORED_VAULT_FOLDER), 0700), 0);
	assert_false(stored_vault_exists(dir->dir, &mac));
	assert_int_equal(stored_vault_open(dir->dir, &mac, &size, &e), -ENOENT);
	assert_int_equal(stored_vault_put(dir->dir, &mac, "first", 5, &e), 0);
	assert_int_equal(stored_vault_put(dir->dir, &mac, "two", 3, &e), 0);
	assert_true(stored_vault_exists(dir->dir, &mac));
	assert_false(stored_vault_exists(dir->dir, &other));
	fd = stored_vault_open(dir->dir, &mac, &size, &e);
	assert_true(fd >= 0 && size == 3);
	assert_int_equal(read(fd, back, sizeof(back)), 3);
	assert_string_equal(back, "two");
	close(fd);
	assert_int_equal(
		stat(scratch_join(path, dir, STORED_VAULT_FOLDER "/52-54-00-00-00-01.tar"),
		     &st),
		0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Too large, and one that cannot be written: the old one stays. */
	assert_int_equal(stored_vault_put(dir->dir, &mac, large, STORED_VAULT_MAX + 1, &e),
			 -EMSGSIZE);
	assert_int_equal(scratch_run("mkdir %s/vault/.52-54-00-00-00-01.tar", dir->dir), 0);
	assert_int_equal(stored_vault_put(dir->dir, &mac, "three", 5, &e), -EISDIR);
	assert_true(stored_vault_exists(dir->dir, &mac));
	/* A link leads nowhere. */
	assert_int_equal(
		scratch_run("ln -s /etc/passwd %s/vault/52-54-00-00-00-02.tar", dir->dir), 0);
	assert_int_equal(stored_vault_open(dir->dir, &other, &size, &e), -ELOOP);
	assert_int_equal(stored_vault_remove(dir->dir, &mac, &e), 0);
	assert_int_equal(stored_vault_remove(dir->dir, &mac, &e), -ENOENT);
	assert_int_equal(stored_vault_open(dir->dir, &mac, &size, &e), -ENOENT);
	free(large);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_again),    CASE(test_given_up), CASE(test_heard_again),
		CASE(test_migrates), CASE(test_password), CASE(test_wipe),
		CASE(test_vault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
