// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * http_place.h - the web server in a test's process, asked over loopback, byte by byte: what no
 * well-behaved client sends.  The "imager" that verifies uploads is a script.
 */
#ifndef TESTS_UNIT_HTTP_PLACE_H
#define TESTS_UNIT_HTTP_PLACE_H

#include "pxe/http/http.h"
#include "pxe/store/store.h"
#include "tests/unit/scratch.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define TOKEN  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define AUTH   "Authorization: Bearer " TOKEN "\r\n"
#define CLOSE  "Connection: close\r\n\r\n"
#define IMAGE  "0123456789"
#define ANSWER (64 << 10)

struct place {
	struct scratch *s;
	struct lab lab;
	struct http *http;
	uint16_t port;
	char slate[160];
};

static inline void write_file(const struct scratch *s, const char *name, const char *text,
			      mode_t mode)
{
	char path[160];
	int fd = open(scratch_join(path, s, name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline int listen_on(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const void *)&in, n), 0);
	assert_int_equal(listen(fd, 100), 0);
	assert_int_equal(getsockname(fd, (void *)&in, &n), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

static inline void start(struct place *p)
{
	struct http_config c = { .lab = &p->lab, .admin_token = TOKEN, .slate = p->slate };
	struct err e = { "" };

	c.listen_fd = listen_on(&p->port);
	if (http_start(&c, &p->http, &e))
		fail_msg("%s", e.msg);
}

static inline void stop(struct place *p)
{
	http_stop(p->http);
	p->http = NULL;
}

static inline int setup(void **state)
{
	static const char *const folders[] = { "images", "images/room", "boot", "state" };
	struct place *p = calloc(1, sizeof(*p));
	char path[160];

	if (!p || scratch_setup((void **)&p->s))
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(scratch_join(path, p->s, folders[i]), 0700), 0);
	lab_defaults(&p->lab);
	scratch_join(p->lab.images, p->s, "images");
	scratch_join(p->lab.boot, p->s, "boot");
	scratch_join(p->lab.state, p->s, "state");
	write_file(p->s, "images/lynx", IMAGE, 0644);
	write_file(p->s, "slate", "#!/bin/sh\nexit 0\n", 0755);
	scratch_join(p->slate, p->s, "slate");
	start(p);
	*state = p;
	return 0;
}

static inline int teardown(void **state)
{
	struct place *p = *state;
	int r;

	stop(p);
	r = scratch_teardown((void **)&p->s);
	free(p);
	return r;
}

/* ---- one client --------------------------------------------------------- */

static inline int dial(const struct place *p)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(p->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const void *)&in, sizeof(in)), 0);
	return fd;
}

static inline void put(int fd, const void *data, size_t n)
{
	assert_int_equal(send(fd, data, n, MSG_NOSIGNAL), n);
}

static inline void say(int fd, const char *text)
{
	put(fd, text, strlen(text));
}

/* All until the server closes, or @until is there; fails after 20 s. */
static inline void hear(int fd, const char *until, char answer[ANSWER])
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t n = 0;
	ssize_t got;

	do {
		assert_true(poll(&poll_fd, 1, 20000) == 1);
		got = recv(fd, answer + n, ANSWER - 1 - n, 0);
		if (got > 0)
			n += (size_t)got;
		answer[n] = '\0';
	} while (got > 0 && n < ANSWER - 1 && !(until && strstr(answer, until)));
}

static inline void ask_bytes(const struct place *p, const char *request, size_t n,
			     char answer[ANSWER])
{
	int fd = dial(p);

	put(fd, request, n);
	hear(fd, NULL, answer);
	close(fd);
}

static inline void ask(const struct place *p, const char *request, char answer[ANSWER])
{
	ask_bytes(p, request, strlen(request), answer);
}

static inline bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

#define assert_answer(p, request, with)                                                        \
	do {                                                                                   \
		char heard[ANSWER];                                                            \
		ask(p, request, heard);                                                        \
		if (!begins(heard, "HTTP/1.1 " with))                                          \
			fail_msg("%s: %s", request, heard);                                    \
	} while (0)

/* Files in images/ whose names begin so. */
static inline unsigned count(const struct place *p, const char *prefix)
{
	DIR *d = opendir(p->lab.images);
	const struct dirent *entry;
	unsigned n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += begins(entry->d_name, prefix);
	closedir(d);
	return n;
}

/* The server learns in its own time that a client is gone. */
static inline bool comes_to(const struct place *p, const char *prefix, unsigned n)
{
	for (int i = 0; i < 400 && count(p, prefix) != n; i++)
		usleep(50000);
	return count(p, prefix) == n;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
