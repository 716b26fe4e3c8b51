// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * netload.h - what the files of netload share: a room of simulated machines, each of which
 * goes through the same steps (an address, files by TFTP, a piece of an image by HTTP).
 *
 * Addresses are in host byte order.  Times are milliseconds of CLOCK_MONOTONIC.
 */
#ifndef TESTS_LOAD_NETLOAD_H
#define TESTS_LOAD_NETLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_MAX 8

struct room;

/* One simulated machine. */
struct client {
	struct room *room;
	unsigned id; /* its MAC; another one after each round of new machines */
	unsigned round;
	unsigned step; /* of steps_of() */
	bool active;
	unsigned tries;   /* of what it waits for */
	int64_t deadline; /* when it asks again */
	int fd;           /* of TFTP or HTTP; -1 */
	/* DHCP */
	uint32_t xid, addr, server, before;
	bool asks; /* has an offer */
	/* TFTP and HTTP: size of the whole (0: not known yet), what was got of it */
	uint64_t size, at, end;
	unsigned block, window, in_window;
	bool connected, gap;
	char head[1024];
	size_t head_n;
};

struct room {
	/* what is done */
	const char *interface, *url, *files[FILES_MAX];
	unsigned n_files, clients, at_once, rounds, blksize, window, timeout, port, tftp_port,
		seconds;
	uint32_t target;
	uint64_t share, image;
	bool fresh, pxe, own_address, vanish;
	/* what came of it */
	unsigned long exchanges, transfers, downloads, failures, duplicates, moved, naks, again;
	unsigned long vanished;
	uint64_t bytes;
	/* while it runs */
	struct client *v;
	unsigned started, running;
	unsigned *holder; /* by the low 16 bits of an address: id + 1 of who has it */
	int epoll, dhcp;
	int64_t now;
};

/* One kind of step. Each calls client_done() or client_failed() at its end. */
struct step {
	void (*begin)(struct client *c);
	void (*ready)(struct client *c);
	void (*late)(struct client *c); /* the deadline has come */
};
extern const struct step step_dhcp, step_tftp, step_http;

int dhcp_open(struct room *r);
void dhcp_ready(struct room *r);
void dhcp_release(struct client *c);

void client_done(struct client *c);
void client_failed(struct client *c, const char *why);
/* The socket of @c: connected to @port of the target, from its own address if so wanted. */
int client_socket(struct client *c, int type, unsigned port);
/* It is connected, and waits for what comes. */
void client_reads(struct client *c);
void client_close(struct client *c);

/* Are these the bytes of a file of @size bytes at @off?  And the file itself. */
bool pattern_is(uint64_t size, uint64_t off, const uint8_t *data, size_t n);
int pattern_make(const char *file, uint64_t size);

#endif
