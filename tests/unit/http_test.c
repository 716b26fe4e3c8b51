// SPDX-License-Identifier: GPL-3.0-or-later
/* Paths, methods and sizes that the web server must not fall for. */
#include "tests/unit/http_place.h"

/* ---- paths --------------------------------------------------------------- */

static void test_paths(void **state)
{
	static const char *const not_there[] = {
		"/images/",
		"/images",
		"/images/none",
		"/images/lynx/",
		"/images/../state/lab.db",
		"/images/%2e%2e/state/lab.db",
		"/images/%2E%2E%2Fstate%2flab.db",
		"/images/room/../../state/lab.db",
		"/images/..%5cstate",
		"/images/room",
		"/images/.upload-1-0",
		"/images/room/.hidden",
		"/images/%2eupload-1-0",
		"/images/lynx%00",
		"/images/%00",
		"/%69mages%00/lynx",
		"/images/out",
		"/images/fifo",
		"/images/loop",
		"/images/absolute",
		"/images//./lynx",
		"/boot/../images/lynx",
		"/",
		"//",
		"*",
		"lynx",
		"/proc/self/environ",
		"/images/%",
		"/images/%2",
		"/images/%zz",
		"/images/\\..\\lynx",
	};
	struct place *p = *state;
	char path[160], request[512], answer[ANSWER];

	write_file(p->s, "images/.upload-1-0", "secret", 0644);
	write_file(p->s, "images/room/.hidden", "secret", 0644);
	assert_int_equal(symlink("../state/lab.db", scratch_join(path, p->s, "images/out")), 0);
	assert_int_equal(symlink("/etc/passwd", scratch_join(path, p->s, "images/absolute")),
			 0);
	assert_int_equal(symlink("loop", scratch_join(path, p->s, "images/loop")), 0);
	assert_int_equal(symlink("lynx", scratch_join(path, p->s, "images/inside")), 0);
	assert_int_equal(mkfifo(scratch_join(path, p->s, "images/fifo"), 0644), 0);
	for (size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++) {
		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n" CLOSE,
			 not_there[i]);
		ask(p, request, answer);
		if (!begins(answer, "HTTP/1.1 404 "))
			fail_msg("%s: %s", not_there[i], answer);
		assert_null(strstr(answer, "secret"));
	}
	assert_answer(p, "GET /images/lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
	assert_answer(p, "GET /images//lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
	assert_answer(p, "GET /images/inside HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
	assert_answer(p, "GET /images/l%79nx?x=%00 HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
}

static void test_list(void **state)
{
	struct place *p = *state;
	char answer[ANSWER], path[160];

	write_file(p->s, "images/room/deep", "abc", 0644);
	write_file(p->s, "images/.upload-1-0", "abc", 0644);
	write_file(p->s, "images/no\xfftext", "abc", 0644);
	assert_int_equal(symlink("/etc/passwd", scratch_join(path, p->s, "images/out")), 0);
	assert_int_equal(symlink(".", scratch_join(path, p->s, "images/again")), 0);
	ask(p, "GET /api/v1/images HTTP/1.1\r\nHost: x\r\n" CLOSE, answer);
	assert_true(begins(answer, "HTTP/1.1 200 "));
	assert_non_null(strstr(answer, "{\"name\":\"lynx\",\"bytes\":10,"));
	assert_non_null(strstr(answer, "{\"name\":\"room/deep\",\"bytes\":3,"));
	assert_null(strstr(answer, "upload"));
	assert_null(strstr(answer, "out"));
	assert_null(strstr(answer, "again"));
	assert_null(strstr(answer, "text\""));
}

/* ---- methods, bodies, limits ---------------------------------------------- */

static void test_methods(void **state)
{
	struct place *p = *state;

	assert_answer(p, "POST /images/lynx HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" CLOSE,
		      "405 ");
	assert_answer(p, "DELETE /images/lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, "405 ");
	assert_answer(p, "GET /api/v1/job HTTP/1.1\r\nHost: x\r\n" CLOSE, "405 ");
	assert_answer(p, "PUT /boot/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n" CLOSE "x",
		      "405 ");
	assert_answer(p, "OPTIONS * HTTP/1.1\r\nHost: x\r\n" CLOSE, "404 ");
	assert_answer(
		p, "GET /images/lynx HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n" CLOSE "abc",
		"200 ");
	assert_answer(
		p, "POST /api/v1/job HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" CLOSE "{}",
		"400 ");
	/* Who waits for it hears at once, and is not asked to send. */
	assert_answer(p,
		      "PUT /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
		      "Content-Length: 99999999\r\n" CLOSE,
		      "404 ");
}

static void test_large_header(void **state)
{
	static const char line[] = "GET /images/lynx HTTP/1.1\r\nHost: x\r\nX: ";
	struct place *p = *state;
	char answer[ANSWER], *request = malloc(100 << 10);

	assert_non_null(request);
	memset(request, 'a', 100 << 10);
	memcpy(request, line, sizeof(line) - 1);
	ask_bytes(p, request, 60 << 10, answer);
	assert_true(begins(answer, "HTTP/1.1 431 ") || begins(answer, "HTTP/1.1 413 "));
	free(request);
	/* It still serves others. */
	assert_answer(p, "GET /images/lynx HTTP/1.1\r\nHost: x\r\n" CLOSE, "200 ");
}

/* A body without an end: the client hears 413 while it still sends. */
static void test_large_body(void **state)
{
	struct place *p = *state;
	char answer[ANSWER], chunk[4096 + 16];
	int fd = dial(p), n = snprintf(chunk, sizeof(chunk), "1000\r\n%04096d\r\n", 0);

	say(fd, "POST /api/v1/end HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (unsigned i = 0; i < 80; i++)
		put(fd, chunk, (size_t)n);
	hear(fd, "at most 262144 bytes\n", answer);
	assert_true(begins(answer, "HTTP/1.1 413 "));
	assert_non_null(strstr(answer, "Connection: close\r\n"));
	/* The rest is taken for a moment, and then it is over. */
	say(fd, "0\r\n\r\n");
	hear(fd, NULL, answer);
	assert_string_equal(answer, "");
	close(fd);
}

/* One client cannot take all connections. */
static void test_many_connections(void **state)
{
	struct place *p = *state;
	int fds[200];
	unsigned open_ones = 0;

	for (size_t i = 0; i < 200; i++)
		fds[i] = dial(p);
	sleep(1);
	for (size_t i = 0; i < 200; i++) {
		char byte;

		open_ones += recv(fds[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
		close(fds[i]);
	}
	assert_in_range(open_ones, 32, 64);
}

static void test_no_start(void **state)
{
	struct place *p = *state;
	struct http_config c = { .lab = &p->lab, .admin_token = TOKEN };
	struct err e = { "" };
	struct http *h = NULL;
	uint16_t port;

	scratch_join(p->lab.boot, p->s, "none");
	c.listen_fd = listen_on(&port);
	assert_int_equal(http_start(&c, &h, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "none"));
	scratch_join(p->lab.boot, p->s, "boot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_paths),        TEST(test_list),       TEST(test_methods),
		TEST(test_large_header), TEST(test_large_body), TEST(test_many_connections),
		TEST(test_no_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
