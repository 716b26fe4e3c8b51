// SPDX-License-Identifier: GPL-3.0-or-later
/* The lab's database: hosts, jobs, leases; two programs at once, damage, death. */
#include "tests/unit/store_place.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

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
		CASE(test_newer),    CASE(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
