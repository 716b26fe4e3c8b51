// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * tftpget.c - reads a file by TFTP (RFC 1350, 2347, 2348, 7440), N times at once, and throws
 * it away.
 *
 *	tftpget ADDRESS NAME BYTES BLKSIZE WINDOWSIZE N
 *
 * BYTES is what each transfer must have brought.  A server that does not know windowsize leaves
 * it out of its answer, and gets an ACK for each block.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 1000 /* ms until a packet is sent again */
#define TRIES    20

struct get {
	int fd, tries;
	bool done, begun; /* begun: the server's port is known */
	bool told;        /* of a gap, once */
	uint64_t bytes;
	uint16_t last; /* block that came in order */
	unsigned block, window, unacked;
	int64_t deadline;
};

struct order {
	struct sockaddr_in server;
	const char *name;
	uint64_t bytes;
	unsigned block, window;
};

static void end(const char *why)
{
	fprintf(stderr, "tftpget: %s\n", why);
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void request(const struct order *o, struct get *g)
{
	char packet[512];
	int n = 2;

	packet[0] = 0;
	packet[1] = 1;
	n += snprintf(packet + n, sizeof(packet) - (size_t)n, "%s%coctet%cblksize%c%u", o->name,
		      0, 0, 0, o->block) +
	     1;
	if (o->window > 1)
		n += snprintf(packet + n, sizeof(packet) - (size_t)n, "windowsize%c%u", 0,
			      o->window) +
		     1;
	(void)!sendto(g->fd, packet, (size_t)n, 0, (const void *)&o->server, sizeof(o->server));
}

static void ack(struct get *g)
{
	const uint8_t packet[4] = { 0, 4, (uint8_t)(g->last >> 8), (uint8_t)g->last };

	(void)!send(g->fd, packet, sizeof(packet), 0);
	g->unacked = 0;
}

/* What the server has agreed to. */
static void agree(struct get *g, const char *p, size_t n)
{
	const char *limit = p + n;

	if (!n || limit[-1])
		end("an OACK without an end");
	while (p < limit) {
		const char *value = p + strlen(p) + 1;

		if (value >= limit)
			end("an OACK without a value");
		if (!strcmp(p, "blksize"))
			g->block = (unsigned)strtoul(value, NULL, 10);
		if (!strcmp(p, "windowsize"))
			g->window = (unsigned)strtoul(value, NULL, 10);
		p = value + strlen(value) + 1;
	}
	ack(g);
}

static void take_data(const struct order *o, struct get *g, uint16_t number, size_t n)
{
	if (number != (uint16_t)(g->last + 1)) {
		if (!g->told)
			ack(g);
		g->told = true;
		return;
	}
	g->told = false;
	g->last = number;
	g->bytes += n;
	g->done = n < g->block;
	if (g->done || ++g->unacked == g->window)
		ack(g);
	if (g->done && g->bytes != o->bytes)
		end("not as many bytes as there should be");
}

static void take(const struct order *o, struct get *g)
{
	char packet[65536];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n;

	/* Once connected, other ports are not heard. */
	n = recvfrom(g->fd, packet, sizeof(packet), MSG_DONTWAIT, (void *)&from, &len);
	if (n < 4)
		return;
	if (!g->begun && connect(g->fd, (const void *)&from, len))
		end("connect");
	g->begun = true;
	g->deadline = now() + PATIENCE;
	g->tries = 0;
	if (packet[1] == 5)
		end(packet + 4);
	if (packet[1] == 6)
		agree(g, packet + 2, (size_t)n - 2);
	if (packet[1] == 3)
		take_data(o, g, (uint16_t)((uint8_t)packet[2] << 8 | (uint8_t)packet[3]),
			  (size_t)n - 4);
}

static void look_at_time(const struct order *o, struct get *g, int64_t t)
{
	if (t < g->deadline)
		return;
	if (++g->tries > TRIES)
		end("the server is silent");
	g->deadline = t + PATIENCE;
	if (g->begun)
		ack(g);
	else
		request(o, g);
}

static void run(const struct order *o, struct get *gets, struct pollfd *fds, size_t n)
{
	size_t left = n;

	while (left) {
		int64_t t;

		if (poll(fds, n, 100) < 0)
			end("poll");
		t = now();
		for (size_t i = 0; i < n; i++) {
			if (gets[i].done)
				continue;
			if (fds[i].revents)
				take(o, &gets[i]);
			else
				look_at_time(o, &gets[i], t);
			if (!gets[i].done)
				continue;
			fds[i].fd = -1;
			left--;
		}
	}
}

int main(int argc, char **argv)
{
	struct order o = { .server = { .sin_family = AF_INET, .sin_port = htons(69) } };
	struct pollfd *fds;
	struct get *gets;
	size_t n;

	if (argc != 7 || inet_pton(AF_INET, argv[1], &o.server.sin_addr) != 1)
		end("ADDRESS NAME BYTES BLKSIZE WINDOWSIZE N");
	o.name = argv[2];
	o.bytes = strtoull(argv[3], NULL, 10);
	o.block = (unsigned)strtoul(argv[4], NULL, 10);
	o.window = (unsigned)strtoul(argv[5], NULL, 10);
	n = strtoul(argv[6], NULL, 10);
	gets = calloc(n, sizeof(*gets));
	fds = calloc(n, sizeof(*fds));
	if (!gets || !fds)
		end("out of memory");
	for (size_t i = 0; i < n; i++) {
		gets[i] = (struct get){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
					.block = 512,
					.window = 1,
					.deadline = now() + PATIENCE };
		fds[i] = (struct pollfd){ .fd = gets[i].fd, .events = POLLIN };
		if (gets[i].fd < 0)
			end("socket");
		request(&o, &gets[i]);
	}
	run(&o, gets, fds, n);
	return 0;
}
