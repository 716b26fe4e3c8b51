// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * netload - many machines that boot at once, from one network namespace.
 *
 *	netload OPTIONS		prints one JSON object; exit status 1: something failed
 *	netload -m FILE SIZE	makes a file whose bytes -f and -u can check
 *
 *	-n MACHINES -c AT_ONCE -r ROUNDS (each machine so often)   -F new machines each round,
 *	which give their address back   -T SECONDS to the end of all
 *	-i INTERFACE: DHCP   -x as firmware that boots
 *	-s SERVER, then -f FILE (several): TFTP   -b BLKSIZE -w WINDOW -t TIMEOUT -P PORT   -v
 *vanish in the middle   -u PATH -p PORT -l BYTES -S SIZE: HTTP, so much of an image of SIZE -a
 *from the address that DHCP gave
 */
#include "tests/load/netload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS  256
#define LOOK_MS 50 /* how often deadlines are looked at */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the steps of a machine --------------------------------------------------- */

/* NULL: it has been through all of them. */
static const struct step *step_of(const struct client *c)
{
	const struct room *r = c->room;
	unsigned n = c->step;

	if (r->interface && n-- == 0)
		return &step_dhcp;
	if (n < r->n_files)
		return &step_tftp;
	return n == r->n_files && r->url ? &step_http : NULL;
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void next_step(struct client *c)
{
	const struct step *s = step_of(c);

	c->tries = 0;
	if (s)
		s->begin(c);
}

static void start_round(struct client *c)
{
	c->id = (unsigned)(c - c->room->v) + (c->room->fresh ? c->round * c->room->clients : 0);
	if (c->room->fresh)
		c->before = 0;
	c->step = 0;
	next_step(c);
}

/* The next machine takes the place of one that has been through all its rounds. */
static void start_another(struct room *r)
{
	struct client *c;

	if (r->started == r->clients)
		return;
	c = &r->v[r->started++];
	*c = (struct client){ .room = r, .fd = -1, .active = true };
	r->running++;
	start_round(c);
}

static void end_round(struct client *c)
{
	struct room *r = c->room;

	if (r->fresh && c->addr)
		dhcp_release(c);
	c->addr = 0;
	if (++c->round < r->rounds) {
		start_round(c);
		return;
	}
	c->active = false;
	r->running--;
	start_another(r);
}

void client_done(struct client *c)
{
	client_close(c);
	c->step++;
	if (step_of(c))
		next_step(c);
	else
		end_round(c);
}

void client_failed(struct client *c, const char *why)
{
	fprintf(stderr, "machine %u, step %u: %s\n", c->id, c->step, why);
	c->room->failures++;
	client_close(c);
	end_round(c);
}

int client_socket(struct client *c, int type, unsigned port)
{
	struct sockaddr_in own = { .sin_family = AF_INET }, to = own;
	struct epoll_event ev = { .data.ptr = c };
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	/* TCP: until it is connected, which client_reads() then says. */
	ev.events = port ? EPOLLOUT : EPOLLIN;
	own.sin_addr.s_addr = c->room->own_address ? htonl(c->addr) : INADDR_ANY;
	to.sin_addr.s_addr = htonl(c->room->target);
	to.sin_port = htons((uint16_t)port);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&own, sizeof(own)) ||
			(port && connect(fd, (struct sockaddr *)&to, sizeof(to)) &&
			 errno != EINPROGRESS) ||
			epoll_ctl(c->room->epoll, EPOLL_CTL_ADD, fd, &ev))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void client_reads(struct client *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	c->connected = true;
	(void)epoll_ctl(c->room->epoll, EPOLL_CTL_MOD, c->fd, &ev);
}

/* ---- the whole ------------------------------------------------------------------ */

static void look_at_deadlines(struct room *r)
{
	for (unsigned i = 0; i < r->started; i++)
		if (r->v[i].active && r->now >= r->v[i].deadline)
			step_of(&r->v[i])->late(&r->v[i]);
}

static void run(struct room *r, int64_t end)
{
	struct epoll_event events[EVENTS];
	int64_t look = 0;
	int n;

	for (unsigned i = 0; i < r->at_once; i++)
		start_another(r);
	while (r->running && r->now < end) {
		n = epoll_wait(r->epoll, events, EVENTS, LOOK_MS);
		r->now = now_ms();
		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			if (!c)
				dhcp_ready(r);
			else if (c->active && c->fd >= 0)
				step_of(c)->ready(c);
		}
		if (r->now >= look) {
			look_at_deadlines(r);
			look = r->now + LOOK_MS;
		}
	}
}

static int open_room(struct room *r)
{
	struct epoll_event ev = { .events = EPOLLIN };

	r->v = calloc(r->clients, sizeof(*r->v));
	r->holder = calloc(65536, sizeof(*r->holder));
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!r->v || !r->holder || r->epoll < 0)
		return -1;
	if (!r->interface)
		return 0;
	return dhcp_open(r) ? -1 : epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->dhcp, &ev);
}

static void close_room(struct room *r)
{
	free(r->v);
	free(r->holder);
	close(r->epoll);
	if (r->dhcp >= 0)
		close(r->dhcp);
}

static int report(const struct room *r, int64_t took)
{
	unsigned long failures = r->failures + r->running;

	printf("{\"machines\": %u, \"exchanges\": %lu, \"transfers\": %lu, \"downloads\": %lu, "
	       "\"failures\": %lu, \"duplicates\": %lu, \"moved\": %lu, \"naks\": %lu, "
	       "\"again\": %lu, \"vanished\": %lu, \"bytes\": %llu, \"seconds\": %.3f}\n",
	       r->clients, r->exchanges, r->transfers, r->downloads, failures, r->duplicates,
	       r->moved, r->naks, r->again, r->vanished, (unsigned long long)r->bytes,
	       (double)took / 1000);
	return failures || r->duplicates;
}

static int usage(void)
{
	fprintf(stderr, "netload: see the head of tests/load/main.c\n");
	return 2;
}

static int set_number(struct room *r, int letter, const char *text)
{
	const struct {
		int letter;
		unsigned *value;
	} numbers[] = { { 'n', &r->clients }, { 'c', &r->at_once },   { 'r', &r->rounds },
			{ 'b', &r->blksize }, { 'w', &r->window },    { 't', &r->timeout },
			{ 'p', &r->port },    { 'P', &r->tftp_port }, { 'T', &r->seconds } };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].letter == letter) {
			*numbers[i].value = (unsigned)strtoul(text, NULL, 10);
			return 0;
		}
	return -1;
}

static int set_option(struct room *r, int letter, const char *text)
{
	struct in_addr addr;

	if (letter == 'i')
		r->interface = text;
	else if (letter == 's' && inet_pton(AF_INET, text, &addr) == 1)
		r->target = ntohl(addr.s_addr);
	else if (letter == 'f' && r->n_files < FILES_MAX)
		r->files[r->n_files++] = text;
	else if (letter == 'u')
		r->url = text;
	else if (letter == 'l')
		r->share = strtoull(text, NULL, 10);
	else if (letter == 'S')
		r->image = strtoull(text, NULL, 10);
	else if (letter == 'F')
		r->fresh = true;
	else if (letter == 'x')
		r->pxe = true;
	else if (letter == 'a')
		r->own_address = true;
	else if (letter == 'v')
		r->vanish = true;
	else
		return set_number(r, letter, text);
	return 0;
}

int main(int argc, char **argv)
{
	struct room r = { .clients = 1,
			  .rounds = 1,
			  .blksize = 1408,
			  .window = 1,
			  .port = 80,
			  .tftp_port = 69,
			  .seconds = 600,
			  .dhcp = -1 };
	int64_t begin = now_ms();
	int letter, status;

	if (argc == 4 && !strcmp(argv[1], "-m"))
		return pattern_make(argv[2], strtoull(argv[3], NULL, 10));
	while ((letter = getopt(argc, argv, "n:c:r:T:i:s:f:b:w:t:u:p:P:l:S:Fxav")) > 0)
		if (set_option(&r, letter, optarg))
			return usage();
	if (!r.clients || !r.rounds || !r.blksize || (r.url && (!r.share || !r.image)))
		return usage();
	if (!r.at_once || r.at_once > r.clients)
		r.at_once = r.clients;
	if (open_room(&r)) {
		perror("netload");
		return 2;
	}
	r.now = begin;
	run(&r, begin + 1000 * (int64_t)r.seconds);
	status = report(&r, now_ms() - begin);
	close_room(&r);
	return status;
}
