// SPDX-License-Identifier: GPL-3.0-or-later
/* Uploads: who may, what is refused and when, and that only what is whole appears. */
#include "tests/unit/http_place.h"

/* ---- uploads ---------------------------------------------------------------- */

#define PUT(name) "PUT /images/" name " HTTP/1.1\r\nHost: x\r\n"

static void test_upload(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];

	assert_answer(p, PUT("new") AUTH "Content-Length: 3\r\n" CLOSE "abc", "201 ");
	assert_answer(p, "GET /images/new HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
	assert_answer(p, PUT("new") AUTH "Content-Length: 4\r\n" CLOSE "abcd", "204 ");
	assert_answer(p,
		      PUT("new") AUTH "If-None-Match: *\r\nContent-Length: 4\r\n" CLOSE "abcd",
		      "412 ");
	assert_answer(p, PUT("room/new") AUTH "Content-Length: 0\r\n" CLOSE, "201 ");
	/* Connections are kept. */
	ask(p,
	    PUT("a") AUTH "Content-Length: 1\r\n\r\n1" PUT("b") AUTH
	    "Transfer-Encoding: chunked\r\n" CLOSE "2\r\n22\r\n0\r\n\r\n",
	    answer);
	assert_true(begins(answer, "HTTP/1.1 201 "));
	assert_non_null(strstr(answer + 1, "HTTP/1.1 201 "));
	assert_int_equal(count(p, ".upload"), 0);
}

static void test_upload_names(void **state)
{
	static const char *const refused[] = {
		"",
		"..",
		"../new",
		"%2e%2e/new",
		"room/../../new",
		".new",
		"room/.new",
		"/new",
		"room//new",
		"room/",
		"%0anew",
		"n%00ew",
		"ne%5cw",
		"n%ffew",
		"none/new",
		"room",
		"out/new",
		"lynx/new",
		"a/a/a/a/a/a/a/a/a/new",
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"01234567890123456789012345678901234567890123456789012345678",
	};
	struct place *p = *state;
	char request[512], answer[ANSWER], path[160];

	assert_int_equal(symlink("/tmp", scratch_join(path, p->s, "images/out")), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(request, sizeof(request),
			 "PUT /images/%s HTTP/1.1\r\nHost: x\r\n" AUTH
			 "Content-Length: 3\r\n" CLOSE "abc",
			 refused[i]);
		ask(p, request, answer);
		if (!begins(answer, "HTTP/1.1 4"))
			fail_msg("%s: %s", refused[i], answer);
	}
	assert_int_equal(count(p, ".upload"), 0);
	assert_int_equal(count(p, "new"), 0);
}

/* Who does not wait is heard out, and who waits is not asked to send; both hear why. */
static void test_upload_refused(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];

	ask(p, PUT("new") "Content-Length: 3\r\n\r\nabc", answer);
	assert_true(begins(answer, "HTTP/1.1 401 "));
	assert_non_null(strstr(answer, "WWW-Authenticate: Bearer\r\n"));
	assert_non_null(strstr(answer, "the token of a save job is wanted\n"));
	ask(p, PUT("new") "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", answer);
	assert_true(begins(answer, "HTTP/1.1 401 "));
	assert_answer(p, PUT("new") "Authorization: Bearer 0\r\nContent-Length: 0\r\n\r\n",
		      "401 ");
	assert_answer(p, PUT("new") "Authorization: Bearer \r\nContent-Length: 0\r\n\r\n",
		      "401 ");
	assert_answer(p,
		      PUT("new") "Authorization: Basic " TOKEN "\r\nContent-Length: 0\r\n\r\n",
		      "401 ");
	p->lab.quota = 2;
	assert_answer(p, PUT("new") AUTH "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
		      "413 ");
	assert_int_equal(count(p, "new") + count(p, ".upload"), 0);
}

/* The quota in the middle of a body: the answer comes before its end. */
static void test_upload_quota(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];
	int fd = dial(p);

	p->lab.quota = 5;
	say(fd, PUT("new") AUTH "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
	hear(fd, "\r\n\r\n", answer);
	assert_string_equal(answer, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "5\r\n12345\r\n");
	assert_true(comes_to(p, ".upload", 1));
	say(fd, "1\r\n6\r\n");
	hear(fd, "larger than allowed\n", answer);
	assert_true(begins(answer, "HTTP/1.1 413 "));
	assert_int_equal(count(p, ".upload"), 0);
	say(fd, "1\r\n7\r\n");
	close(fd);
	/* As much as is allowed is allowed. */
	assert_answer(p,
		      PUT("new") AUTH "Transfer-Encoding: chunked\r\n" CLOSE
				      "5\r\n12345\r\n0\r\n\r\n",
		      "201 ");
}

static void test_upload_cut_off(void **state)
{
	static const char *const begun[] = {
		PUT("new") AUTH "Content-Length: 10\r\n\r\nabc",
		PUT("new") AUTH "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		PUT("new") AUTH "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n",
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(begun) / sizeof(begun[0]); i++) {
		int fd = dial(p);

		say(fd, begun[i]);
		if (i < 2)
			assert_true(comes_to(p, ".upload", 1));
		close(fd);
		assert_true(comes_to(p, ".upload", 0));
	}
	assert_int_equal(count(p, "new"), 0);
}

/* ---- verification ------------------------------------------------------------- */

/* An "imager" that is ready when @file is there, and then does as @end says. */
static void slow_imager(const struct place *p, const char *end)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "#!/bin/bash\n: > %s/begun\nwhile ! test -e %s/go; do sleep 0.05; done\n"
		 "read -r line < \"$3\"\ntest \"$line\" = abc || exit 9\n%s\n",
		 p->s->dir, p->s->dir, end);
	write_file(p->s, "slate", text, 0755);
}

static void wait_for_file(const struct place *p, const char *name)
{
	char path[160];

	scratch_join(path, p->s, name);
	for (int i = 0; i < 400 && access(path, F_OK); i++)
		usleep(50000);
	assert_int_equal(access(path, F_OK), 0);
}

#define ABC "Content-Length: 4\r\n" CLOSE "abc\n"

static void test_verified(void **state)
{
	static const struct {
		const char *end, *status;
		unsigned there;
	} cases[] = {
		{ "exit 4", "HTTP/1.1 422 ", 0 },
		{ "exit 1", "HTTP/1.1 500 ", 0 },
		{ "kill -9 $$", "HTTP/1.1 500 ", 0 },
		{ "exit 0", "HTTP/1.1 201 ", 1 },
	};
	struct place *p = *state;
	char answer[ANSWER];

	write_file(p->s, "go", "", 0644);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		slow_imager(p, cases[i].end);
		ask(p, PUT("new") AUTH ABC, answer);
		if (!begins(answer, cases[i].status))
			fail_msg("%s: %s", cases[i].end, answer);
		assert_int_equal(count(p, "new"), cases[i].there);
		assert_int_equal(count(p, ".upload"), 0);
	}
	p->slate[strlen(p->slate) - 1] = 'x';
	ask(p, PUT("new2") AUTH ABC, answer);
	assert_true(begins(answer, "HTTP/1.1 500 "));
	assert_int_equal(count(p, "new2"), 0);
}

/* Not there before it is verified; other clients are served meanwhile. */
static void test_verified_slowly(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];
	int fd = dial(p);

	slow_imager(p, "exit 0");
	say(fd, PUT("new") AUTH ABC);
	wait_for_file(p, "begun");
	for (unsigned i = 0; i < 20; i++) {
		assert_answer(p, "GET /images/new HTTP/1.1\r\nHost: x\r\n" CLOSE, "404 ");
		assert_answer(p, "GET /images/lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
	}
	write_file(p->s, "go", "", 0644);
	hear(fd, NULL, answer);
	assert_true(begins(answer, "HTTP/1.1 201 "));
	close(fd);
	assert_answer(p, "GET /images/new HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
}

/* Who is first has it; the second one is told, even when it was verified first. */
static void test_same_name(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];
	int first = dial(p), second = dial(p);

	slow_imager(p, "exit 0");
	say(first, PUT("new") AUTH "If-None-Match: *\r\n" ABC);
	say(second, PUT("new") AUTH "If-None-Match: *\r\n" ABC);
	assert_true(comes_to(p, ".upload", 2));
	write_file(p->s, "go", "", 0644);
	hear(first, NULL, answer);
	if (begins(answer, "HTTP/1.1 201 ")) {
		hear(second, NULL, answer);
		assert_true(begins(answer, "HTTP/1.1 412 "));
	} else {
		assert_true(begins(answer, "HTTP/1.1 412 "));
		hear(second, NULL, answer);
		assert_true(begins(answer, "HTTP/1.1 201 "));
	}
	close(first);
	close(second);
	assert_int_equal(count(p, ".upload"), 0);
}

/* All of it had come: the image is whole and is kept. */
static void test_gone_while_verified(void **state)
{
	struct place *p = *state;
	int fd = dial(p);

	slow_imager(p, "exit 0");
	say(fd, PUT("new") AUTH ABC);
	wait_for_file(p, "begun");
	close(fd);
	write_file(p->s, "go", "", 0644);
	assert_true(comes_to(p, "new", 1));
	assert_true(comes_to(p, ".upload", 0));
	assert_answer(p, "GET /images/new HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
}

/* Whoever cancels the job wants the image of that name to stay, however far the new one is. */
static void test_cancelled_while_verified(void **state)
{
	struct place *p = *state;
	struct job j = { .mac = { { 0x52, 0x54, 0, 0, 0, 1 } },
			 .verb = "save",
			 .image = "lynx" },
		   taken;
	char request[512], answer[ANSWER];
	struct store *s;
	int fd = dial(p);

	slow_imager(p, "exit 0");
	assert_int_equal(store_open(p->lab.state, &s, NULL), 0);
	assert_int_equal(store_job_add(s, &j, NULL, NULL), 0);
	assert_int_equal(store_job_take(s, &j.mac, 1000, &taken, NULL), 0);
	snprintf(request, sizeof(request), PUT("lynx") "Authorization: Bearer %s\r\n" ABC,
		 taken.token);
	say(fd, request);
	wait_for_file(p, "begun");
	assert_int_equal(store_job_cancel(s, taken.id, 1001, NULL), 0);
	store_close(s);
	write_file(p->s, "go", "", 0644);
	hear(fd, NULL, answer);
	assert_true(begins(answer, "HTTP/1.1 410 "));
	close(fd);
	assert_int_equal(count(p, ".upload"), 0);
	ask(p, "GET /images/lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, answer);
	assert_non_null(strstr(answer, IMAGE));
}

/* The server ends during a verification (its signals blocked, as ours are in serve). */
static void test_stopped_while_verified(void **state)
{
	struct place *p = *state;
	char answer[ANSWER];
	struct timespec begin, end;
	sigset_t all, before;
	int fd, idle;

	sigfillset(&all);
	stop(p);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	start(p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	slow_imager(p, "exit 0");
	fd = dial(p);
	idle = dial(p);
	say(idle, PUT("other") AUTH "Content-Length: 9\r\n\r\nabc");
	say(fd, PUT("new") AUTH ABC);
	wait_for_file(p, "begun");
	assert_true(comes_to(p, ".upload", 2));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	stop(p);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 10);
	assert_int_equal(count(p, ".upload"), 0);
	assert_int_equal(count(p, "new"), 0);
	/* Its answer may be lost, but it is no success. */
	hear(fd, NULL, answer);
	assert_true(!answer[0] || begins(answer, "HTTP/1.1 503 "));
	close(fd);
	close(idle);
	start(p);
}

/* Uploads that end while the server does: each is there and whole, or is not there. */
struct uploader {
	struct place *p;
	unsigned i, done;
};

static void *upload_on(void *ctx)
{
	struct uploader *u = ctx;
	char request[512], answer[ANSWER];
	struct pollfd poll_fd = { .events = POLLIN };

	for (unsigned n = 0; n < 1000; n++) {
		struct sockaddr_in in = { .sin_family = AF_INET,
					  .sin_port = htons(u->p->port),
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ssize_t got = -1;

		snprintf(request, sizeof(request),
			 "PUT /images/n%u-%u HTTP/1.1\r\nHost: x\r\n" AUTH ABC, u->i, n);
		if (!connect(fd, (const void *)&in, sizeof(in)) &&
		    send(fd, request, strlen(request), MSG_NOSIGNAL) > 0) {
			poll_fd.fd = fd;
			poll(&poll_fd, 1, 20000);
			got = recv(fd, answer, sizeof(answer) - 1, 0);
		}
		close(fd);
		if (got <= 0)
			break;
		answer[got] = '\0';
		u->done += begins(answer, "HTTP/1.1 201 ");
	}
	return NULL;
}

static void test_stopped_in_a_crowd(void **state)
{
	struct place *p = *state;
	struct uploader uploaders[8];
	pthread_t threads[8];
	unsigned done = 0;

	for (unsigned i = 0; i < 8; i++) {
		uploaders[i] = (struct uploader){ p, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, upload_on, &uploaders[i]),
				 0);
	}
	assert_true(comes_to(p, "n7-9", 1));
	stop(p);
	for (unsigned i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		done += uploaders[i].done;
	}
	assert_int_equal(count(p, ".upload"), 0);
	/* An answer can be lost, never an image that was promised. */
	assert_true(count(p, "n") >= done && done > 8);
	start(p);
}

static void test_sweep(void **state)
{
	struct place *p = *state;
	char path[160];

	stop(p);
	write_file(p->s, "images/.upload-77-0", "abc", 0644);
	write_file(p->s, "images/.other", "abc", 0644);
	assert_int_equal(mkdir(scratch_join(path, p->s, "images/room/deeper"), 0700), 0);
	write_file(p->s, "images/room/deeper/.upload-77-1", "abc", 0644);
	start(p);
	assert_int_equal(count(p, ".upload"), 0);
	assert_int_equal(count(p, ".other"), 1);
	assert_int_equal(count(p, "lynx"), 1);
	scratch_join(path, p->s, "images/room/deeper/.upload-77-1");
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_upload),
		TEST(test_upload_names),
		TEST(test_upload_refused),
		TEST(test_upload_quota),
		TEST(test_upload_cut_off),
		TEST(test_verified),
		TEST(test_verified_slowly),
		TEST(test_same_name),
		TEST(test_gone_while_verified),
		TEST(test_cancelled_while_verified),
		TEST(test_stopped_while_verified),
		TEST(test_stopped_in_a_crowd),
		TEST(test_sweep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
