// SPDX-License-Identifier: GPL-3.0-or-later
/* The HTTP client of a simulated machine: its share of an image, in ranges of a MiB. */
#include "tests/load/netload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE    (1 << 20)
#define AGAIN_MS 30000

/* @at: of the share; @end: where this range ends; @head_n: of the answer's head so far. */
static uint64_t place(const struct client *c)
{
	return (c->id * c->room->share + c->at) % c->room->image;
}

static void ask(struct client *c)
{
	const struct room *r = c->room;
	uint64_t from = place(c), n = r->share - c->at;
	char text[512];
	int len;

	n = n < PIECE ? n : PIECE;
	n = n < r->image - from ? n : r->image - from;
	c->end = c->at + n;
	c->head_n = 0;
	len = snprintf(text, sizeof(text),
		       "GET %s HTTP/1.1\r\nHost: lab\r\nRange: bytes=%" PRIu64 "-%" PRIu64
		       "\r\n\r\n",
		       r->url, from, from + n - 1);
	c->deadline = r->now + AGAIN_MS;
	if (send(c->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		client_failed(c, "HTTP takes no request");
}

static void begin(struct client *c)
{
	c->at = 0;
	c->connected = false;
	c->fd = client_socket(c, SOCK_STREAM, c->room->port);
	c->deadline = c->room->now + AGAIN_MS;
	if (c->fd < 0)
		client_failed(c, "no connection");
}

static void body(struct client *c, const uint8_t *data, size_t n)
{
	if (n > c->end - c->at || !pattern_is(c->room->image, place(c), data, n)) {
		client_failed(c, "wrong bytes by HTTP");
		return;
	}
	c->at += n;
	c->room->bytes += n;
	if (c->at < c->end)
		return;
	if (c->at < c->room->share) {
		ask(c);
		return;
	}
	c->room->downloads++;
	client_done(c);
}

/* Collects the head; what is behind it is the body. */
static void head(struct client *c, const uint8_t *data, size_t n)
{
	size_t old = c->head_n, take = sizeof(c->head) - 1 - old;
	char *end;

	take = take < n ? take : n;
	memcpy(c->head + old, data, take);
	c->head[old + take] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	c->head_n += take;
	if (!end) {
		if (c->head_n == sizeof(c->head) - 1)
			client_failed(c, "too long a head");
		return;
	}
	if (strncmp(c->head, "HTTP/1.1 206", 12) != 0) {
		*strchr(c->head, '\r') = '\0';
		client_failed(c, c->head);
		return;
	}
	c->head_n = sizeof(c->head);
	take = (size_t)(end + 4 - c->head) - old;
	if (n > take)
		body(c, data + take, n - take);
}

static void ready(struct client *c)
{
	static uint8_t buf[256 << 10];
	ssize_t n;

	if (!c->connected) {
		client_reads(c);
		ask(c);
		return;
	}
	n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_failed(c, "HTTP ended too early");
		return;
	}
	c->deadline = c->room->now + AGAIN_MS;
	if (c->head_n == sizeof(c->head))
		body(c, buf, (size_t)n);
	else
		head(c, buf, (size_t)n);
}

static void late(struct client *c)
{
	client_failed(c, "HTTP fell silent");
}

const struct step step_http = { begin, ready, late };
