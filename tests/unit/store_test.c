// SPDX-License-Identifier: GPL-3.0-or-later
/* The lab's database: hosts, jobs, leases; two programs at once, damage, death. */
#include "pxe/store/order.h"
#include "pxe/store/vault.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

static struct mac mac_of(unsigned n)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static struct store *open_store(void **state)
{
	struct scratch *dir = *state;
	struct err e = { "" };
	struct store *s = NULL;

	if (store_open(dir->dir, &s, &e))
		fail_msg("%s", e.msg);
	return s;
}

static struct host host(unsigned n, const char *name, const char *group, uint32_t addr)
{
	struct host h = { .mac = mac_of(n), .addr = addr };

	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.group, sizeof(h.group), "%s", group);
	return h;
}

static void put(struct store *s, unsigned n, const char *name, const char *group, uint32_t addr)
{
	struct host h = host(n, name, group, addr);

	assert_int_equal(store_host_put(s, &h, NULL), 0);
}

static int count_hosts(void *ctx, const struct host *h, struct err *e)
{
	(void)h;
	(void)e;
	++*(unsigned *)ctx;
	return 0;
}

static unsigned hosts(struct store *s, const char *who, bool also_seen)
{
	unsigned n = 0;
	int r = store_hosts(s, who, also_seen, count_hosts, &n, NULL);

	assert_true(r == 0 || (r == -ENOENT && n == 0));
	return n;
}

static void test_hosts(void **state)
{
	struct store *s = open_store(state);
	struct err e = { "" };
	struct host h, found;
	struct mac mac = mac_of(9);

	put(s, 1, "pc01", "room1", 0x0a000001);
	put(s, 2, "pc02", "room1", 0);
	put(s, 3, "pc03", "room2", 0);
	assert_int_equal(hosts(s, "all", false), 3);
	assert_int_equal(hosts(s, "room1", false), 2);
	assert_int_equal(hosts(s, "pc03", false), 1);
	assert_int_equal(hosts(s, "52-54-00-00-00-03", false), 1);
	assert_int_equal(hosts(s, "", false), 0);
	h = host(4, "pc01", "", 0);
	assert_int_equal(store_host_put(s, &h, &e), -EEXIST);
	assert_string_equal(e.msg, "pc01 is the name of 52:54:00:00:00:01 already");
	h = host(4, "pc04", "", 0x0a000001);
	assert_int_equal(store_host_put(s, &h, &e), -EEXIST);
	assert_string_equal(e.msg, "pc01 (52:54:00:00:00:01) has that address already");

	/* One only seen is no host yet; then it is, and what was seen stays. */
	assert_int_equal(store_host_seen(s, &mac, "BIOS PXE", "", 0x0a000009, 100, NULL), 0);
	assert_int_equal(store_host_seen(s, &mac, "iPXE", "u-u", 0, 200, NULL), 0);
	assert_int_equal(hosts(s, "all", false), 3);
	assert_int_equal(hosts(s, "all", true), 4);
	assert_int_equal(hosts(s, "52:54:00:00:00:09", false), 1);
	put(s, 9, "pc09", "", 0);
	assert_int_equal(store_host_by_name(s, "pc09", &found, NULL), 0);
	assert_true(found.known && mac_equal(&found.mac, &mac));
	assert_int_equal(found.first_seen, 100);
	assert_int_equal(found.last_seen, 200);
	assert_int_equal(found.last_addr, 0x0a000009);
	assert_string_equal(found.kind, "iPXE");
	assert_string_equal(found.uuid, "u-u");
	put(s, 9, "pc10", "room2", 0); /* another name for the same machine */
	assert_int_equal(store_host_by_name(s, "pc09", &found, NULL), -ENOENT);
	assert_int_equal(hosts(s, "room2", false), 2);
	assert_int_equal(store_host_remove(s, &mac, NULL), 0);
	assert_int_equal(store_host_remove(s, &mac, NULL), -ENOENT);
	assert_int_equal(store_host_by_mac(s, &mac, &found, NULL), -ENOENT);
	store_close(s);
}

/* Machines that were only seen are forgotten, the oldest first; known ones never. */
static void test_forget(void **state)
{
	struct store *s = open_store(state);
	struct host found;

	put(s, 1, "pc01", "", 0);
	for (unsigned n = 10; n < 20; n++) {
		struct mac mac = mac_of(n);

		assert_int_equal(store_host_seen(s, &mac, "BIOS PXE", "", 0, n, NULL), 0);
	}
	assert_int_equal(store_hosts_forget(s, 3, NULL), 0);
	assert_int_equal(hosts(s, "all", true), 4);
	for (unsigned n = 17; n < 20; n++) {
		struct mac mac = mac_of(n);

		assert_int_equal(store_host_by_mac(s, &mac, &found, NULL), 0);
	}
	store_close(s);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "",    "-a",  "a-",   "a b", "a.b",
					   "all", "a;b", "\xff", "a\n" };
	struct store *s = open_store(state);
	struct host h;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		h = host(1, bad[i], "", 0);
		assert_int_equal(store_host_put(s, &h, NULL), -EINVAL);
	}
	h = host(1, "ok", "no good", 0);
	assert_int_equal(store_host_put(s, &h, NULL), -EINVAL);
	h = host(1, "ok", "", 0);
	h.mac.b[0] = 1; /* a group address */
	assert_int_equal(store_host_put(s, &h, NULL), -EINVAL);
	assert_int_equal(hosts(s, "all", true), 0);
	store_close(s);
}

static int64_t add(struct store *s, unsigned n, const char *verb, int64_t at)
{
	struct job j = { .mac = mac_of(n), .at = at, .created = 1000 };
	int64_t id;

	snprintf(j.verb, sizeof(j.verb), "%s", verb);
	snprintf(j.image, sizeof(j.image), "lynx.slate");
	snprintf(j.then, sizeof(j.then), "reboot");
	assert_int_equal(store_job_add(s, &j, &id, NULL), 0);
	return id;
}

static int remember_job(void *ctx, const struct job *j, struct err *e)
{
	(void)e;
	*(struct job *)ctx = *j;
	return 0;
}

static int remember_result(void *ctx, const struct job *j, const char *receipt, struct err *e)
{
	(void)e;
	(void)j;
	snprintf(ctx, 64, "%s", receipt);
	return 0;
}

static void test_job_life(void **state)
{
	struct store *s = open_store(state), *other = open_store(state);
	struct mac mac = mac_of(1);
	char receipt[64] = "";
	struct job j, twice;
	struct err e = { "" };
	int64_t id = add(s, 1, "restore", 0), later = add(s, 1, "verify", 5000);

	assert_int_equal(store_job_next(s, &mac, 2000, &j, NULL), 0);
	assert_int_equal(j.id, id);
	assert_string_equal(j.token, "");
	assert_int_equal(store_job_take(s, &mac, 2000, &j, NULL), 0);
	assert_int_equal(j.id, id);
	assert_string_equal(j.verb, "restore");
	assert_string_equal(j.image, "lynx.slate");
	assert_int_equal(strlen(j.token), 64);
	assert_int_equal(j.attempts, 1);
	assert_int_equal(store_job_by_token(other, j.token, &twice, NULL), 0);
	assert_int_equal(twice.id, id);
	assert_int_equal(store_job_by_token(other, "", &twice, NULL), -ENOENT);
	assert_int_equal(store_job_by_token(other, "nonsense", &twice, NULL), -ENOENT);
	assert_int_equal(store_job_progress(s, id, "{\"done\":1}", 700, 2100, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 2100, 3000, NULL), 0);
	assert_int_equal(store_job_end(s, id, 0, "", "{\"status\":0}", 2200, NULL), 0);
	assert_int_equal(store_job_end(s, id, 1, "again", "{}", 2300, NULL), -ENOENT);
	assert_int_equal(store_job_progress(s, id, "{}", 0, 2300, NULL), -ENOENT);
	assert_int_equal(store_job_by_token(s, j.token, &twice, NULL), -ENOENT);
	assert_int_equal(store_results(s, &mac, 5, remember_result, receipt, NULL), 0);
	assert_string_equal(receipt, "{\"status\":0}");
	assert_int_equal(store_jobs(s, true, remember_job, &j, NULL), 0);
	assert_int_equal(j.id, later);

	/* The second one, whose time comes, and whose machine dies. */
	assert_int_equal(store_job_take(s, &mac, 4999, &j, NULL), -ENOENT);
	assert_int_equal(store_job_take(s, &mac, 5000, &j, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 5000, 5000, NULL), 0);
	assert_int_equal(store_jobs_lost(s, 5001, 6000, NULL), 1);
	assert_int_equal(store_jobs(s, true, remember_job, &j, NULL), 0);
	assert_int_equal(j.state, JOB_LOST);
	assert_int_equal(j.ended, 6000);
	assert_string_equal(job_state_name(j.state), "lost");
	assert_int_equal(store_job_cancel(s, later, 7000, NULL), 0); /* it would go on */
	assert_int_equal(store_job_cancel(s, later, 7000, &e), -ENOENT);
	id = add(s, 1, "shell", 0);
	assert_int_equal(store_job_cancel(s, id, 7000, NULL), 0);
	assert_int_equal(store_job_take(s, &mac, 9000, &j, NULL), -ENOENT);
	store_close(s);
	store_close(other);
}

/* Many processes want the jobs of one machine at once: each is given once. */
static void test_take_at_once(void **state)
{
	enum { JOBS = 16, TAKERS = 4 };
	struct store *s = open_store(state);
	struct mac mac = mac_of(1);
	unsigned taken = 0;
	int status;
	struct job j;

	/* Such as are not begun again. */
	for (int i = 0; i < JOBS; i++)
		add(s, 1, "shell", 0);
	for (int i = 0; i < TAKERS; i++) {
		if (fork() != 0)
			continue;
		struct store *mine = open_store(state);
		unsigned n = 0;

		while (!store_job_take(mine, &mac, 1, &j, NULL))
			n++;
		store_close(mine);
		_exit((int)n);
	}
	for (int i = 0; i < TAKERS; i++) {
		assert_true(wait(&status) > 0 && WIFEXITED(status));
		taken += (unsigned)WEXITSTATUS(status);
	}
	assert_int_equal(taken, JOBS);
	store_close(s);
}

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

static int find_that(void *ctx, const struct job *j, struct err *e)
{
	struct job *want = ctx;

	(void)e;
	if (j->id == want->id)
		*want = *j;
	return 0;
}

static struct job by_id(struct store *s, int64_t id)
{
	struct job j = { .id = id };

	assert_int_equal(store_jobs(s, true, find_that, &j, NULL), 0);
	return j;
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
	"INSERT INTO jobs (id, mac, verb, image, disk, next, at, state, created, started, token)"
	" VALUES (1, '52:54:00:00:00:01', 'restore', 'a', '', '', 0, 4, 1, 2, 'lost'),"
	" (2, '52:54:00:00:00:01', 'restore', 'a', '', '', 0, 0, 1, 0, ''),"
	" (3, '52:54:00:00:00:02', 'save', 'b', 'first', 'reboot', 0, 1, 1, 2, 'runs');"
	"PRAGMA user_version = 1;";

static void test_migrates(void **state)
{
	struct scratch *dir = *state;
	struct mac mac = mac_of(1);
	char path[160];
	struct store *s;
	struct job j;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_join(path, dir, "lab.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first_version, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	s = open_store(state);
	assert_int_equal(hosts(s, "all", false), 1);
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

static bool is_that(void *ctx, uint32_t addr)
{
	return addr == *(const uint32_t *)ctx;
}

static int pick_but(struct store *s, const uint32_t range[2], int64_t now, uint32_t held,
		    uint32_t *ret)
{
	const struct store_pick p = { range[0], range[1], now, is_that, &held };

	return store_lease_pick(s, &p, ret, NULL);
}

/* What is held back is passed over, among the unused ones and among those that ended. */
static void test_held(void **state)
{
	struct store *s = open_store(state);
	const uint32_t range[2] = { 0x0a000064, 0x0a000066 };
	uint32_t addr;

	assert_int_equal(pick_but(s, range, 100, range[0], &addr), 0);
	assert_int_equal(addr, range[0] + 1);
	for (uint32_t a = range[0]; a <= range[1]; a++) {
		struct mac m = mac_of(a - range[0] + 1);

		assert_int_equal(store_lease_put(s, a, &m, 200 + (a - range[0]), false, NULL),
				 0);
	}
	assert_int_equal(pick_but(s, range, 300, range[0], &addr), 0);
	assert_int_equal(addr, range[0] + 1);
	assert_int_equal(pick_but(s, range, 200, range[0], &addr), -ENOENT);
	assert_int_equal(pick_but(s, range, 300, 0, &addr), 0);
	assert_int_equal(addr, range[0]);
	store_close(s);
}

static void test_leases(void **state)
{
	struct store *s = open_store(state);
	struct mac a = mac_of(1), b = mac_of(2), who;
	uint32_t addr, first = 0x0a000064, last = first + 3, range[2] = { first, last };
	int64_t until;
	bool declined;

	put(s, 7, "fixed", "", first + 1);
	assert_int_equal(store_lease_by_mac(s, &a, &addr, &until, &declined, NULL), -ENOENT);
	for (int i = 0; i < 3; i++) {
		struct mac m = mac_of(10 + (unsigned)i);

		assert_int_equal(pick_but(s, range, 100, 0, &addr), 0);
		assert_true(addr >= first && addr <= last && addr != first + 1);
		assert_int_equal(store_lease_by_addr(s, addr, &who, &until, &declined, NULL),
				 -ENOENT);
		assert_int_equal(store_lease_put(s, addr, &m, 200 + 10 * i, false, NULL), 0);
	}
	/* All are out; then the one that ended first. */
	assert_int_equal(pick_but(s, range, 199, 0, &addr), -ENOENT);
	assert_int_equal(pick_but(s, range, 300, 0, &addr), 0);
	assert_int_equal(store_lease_by_addr(s, addr, &who, &until, &declined, NULL), 0);
	assert_int_equal(until, 200);
	/* A machine has one address, an address one machine. */
	assert_int_equal(store_lease_put(s, addr, &a, 500, false, NULL), 0);
	assert_int_equal(store_lease_put(s, last, &a, 600, false, NULL), 0);
	assert_int_equal(store_lease_by_mac(s, &a, &addr, &until, &declined, NULL), 0);
	assert_int_equal(addr, last);
	assert_int_equal(store_lease_put(s, last, &b, 700, false, NULL), 0);
	assert_int_equal(store_lease_by_mac(s, &a, &addr, &until, &declined, NULL), -ENOENT);
	/* A declined address is nobody's lease. */
	assert_int_equal(store_lease_put(s, first, &b, 900, true, NULL), 0);
	assert_int_equal(store_lease_by_mac(s, &b, &addr, &until, &declined, NULL), 0);
	assert_int_equal(addr, last);
	assert_int_equal(store_lease_by_addr(s, first, &who, &until, &declined, NULL), 0);
	assert_true(declined);
	store_close(s);
}

/* Killed at any moment: what was put is there, what is half done is not. */
static void test_killed(void **state)
{
	struct scratch *dir = *state;
	struct store *s = open_store(state);
	int told[2], status;
	uint32_t said = 0, addr;
	int64_t until;
	bool declined;
	struct mac who;

	store_close(s);
	assert_int_equal(pipe(told), 0);
	for (int round = 0; round < 5; round++) {
		pid_t pid = fork();

		if (!pid) {
			struct store *mine = NULL;

			if (store_open(dir->dir, &mine, NULL))
				_exit(1);
			for (uint32_t n = said + 1;; n++) {
				struct mac m = mac_of(n);

				if (store_lease_put(mine, n, &m, n, false, NULL) ||
				    write(told[1], &n, sizeof(n)) != sizeof(n))
					_exit(1);
			}
		}
		usleep(20000 + 7000 * (useconds_t)round);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		fcntl(told[0], F_SETFL, O_NONBLOCK);
		while (read(told[0], &addr, sizeof(addr)) == sizeof(addr))
			said = addr;
		s = open_store(state);
		assert_int_equal(store_check(s, NULL), 0);
		for (uint32_t n = 1; n <= said; n++) {
			assert_int_equal(
				store_lease_by_addr(s, n, &who, &until, &declined, NULL), 0);
			assert_int_equal(until, n);
		}
		store_close(s);
	}
	assert_true(said > 0);
	close(told[0]);
	close(told[1]);
}

static void overwrite(const struct scratch *dir, off_t from, off_t to)
{
	char path[160];
	int fd = open(scratch_join(path, dir, "lab.db"), O_WRONLY);

	assert_true(fd >= 0);
	for (off_t at = from; at < to; at += 4)
		assert_int_equal(pwrite(fd, "\xde\xad\xbe\xef", 4, at), 4);
	close(fd);
}

static void test_damaged(void **state)
{
	struct scratch *dir = *state;
	struct store *s = open_store(state);
	struct err e = { "" };
	char path[160];
	struct stat st;

	assert_int_equal(store_begin(s, NULL), 0);
	for (unsigned n = 1; n <= 2000; n++) {
		char name[16];

		snprintf(name, sizeof(name), "pc%04u", n);
		put(s, n, name, "", 0);
	}
	assert_int_equal(store_commit(s, NULL), 0);
	store_close(s);
	assert_int_equal(stat(scratch_join(path, dir, "lab.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* In the middle: most of it can be saved. */
	overwrite(dir, st.st_size / 2 & ~4095, (st.st_size / 2 & ~4095) + 8192);
	s = open_store(state);
	assert_int_equal(store_check(s, &e), -EUCLEAN);
	assert_non_null(strstr(e.msg, "check --rebuild"));
	store_close(s);
	assert_int_equal(store_rebuild(dir->dir, &e), 0);
	s = open_store(state);
	assert_int_equal(store_check(s, &e), 0);
	assert_true(hosts(s, "all", true) > 1000);
	store_close(s);
	/* No database at all: a new one, and the old file is still there. */
	overwrite(dir, 0, 4096);
	assert_int_equal(store_open(dir->dir, &s, &e), -EUCLEAN);
	assert_int_equal(store_rebuild(dir->dir, &e), 0);
	s = open_store(state);
	assert_int_equal(hosts(s, "all", true), 0);
	store_close(s);
	assert_int_equal(scratch_run("ls %s | grep -c damaged | grep -q 2", dir->dir), 0);
}

static void test_newer(void **state)
{
	struct scratch *dir = *state;
	struct err e = { "" };
	struct store *s = open_store(state);

	store_close(s);
	assert_int_equal(scratch_run("perl -e 'open F, \"+<\", shift; seek F, 60, 0; "
				     "print F pack \"N\", 99' %s/lab.db",
				     dir->dir),
			 0);
	assert_int_equal(store_open(dir->dir, &s, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "made by a newer slate-pxe (version 99, this one knows"));
}

static void test_no_folder(void **state)
{
	struct err e = { "" };
	struct store *s;

	(void)state;
	assert_int_equal(store_open("/nonexistent", &s, &e), -EACCES);
	assert_non_null(strstr(e.msg, "/nonexistent/lab.db"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_hosts),    CASE(test_forget),       CASE(test_names),
		CASE(test_job_life), CASE(test_take_at_once), CASE(test_leases),
		CASE(test_held),     CASE(test_killed),       CASE(test_damaged),
		CASE(test_again),    CASE(test_given_up),     CASE(test_migrates),
		CASE(test_password), CASE(test_wipe),         CASE(test_vault),
		CASE(test_newer),    CASE(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
