// SPDX-License-Identifier: GPL-3.0-or-later
/* The DHCP client of a simulated machine: DISCOVER, REQUEST, RELEASE (RFC 2131). */
#include "common/bytes.h"
#include "tests/load/netload.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_MS  1000
#define TRIES     20
#define DISCOVER  1
#define OFFER     2
#define REQUEST   3
#define ACK       5
#define NAK       6
#define RELEASE   7
#define MAC_FIRST 0x02 /* locally administered */

int dhcp_open(struct room *r)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(68) };
	int on = 1, room = 8 << 20;

	r->dhcp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->dhcp < 0 ||
	    setsockopt(r->dhcp, SOL_SOCKET, SO_BINDTODEVICE, r->interface,
		       (socklen_t)strlen(r->interface) + 1) ||
	    setsockopt(r->dhcp, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(r->dhcp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(r->dhcp, (struct sockaddr *)&own, sizeof(own))) {
		perror("port 68");
		return -1;
	}
	return 0;
}

static void option(struct wr *w, uint8_t code, const void *p, uint8_t n)
{
	wr_u8(w, code);
	wr_u8(w, n);
	wr_bytes(w, p, n);
}

static void option_u32(struct wr *w, uint8_t code, uint32_t v)
{
	wr_u8(w, code);
	wr_u8(w, 4);
	wr_be32(w, v);
}

/* What OVMF sends, of what servers look at. */
static void add_pxe(struct wr *w)
{
	option(w, 60, "PXEClient:Arch:00007:UNDI:003000", 32);
	option(w, 93, "\0\7", 2);
	option(w, 94, "\1\3\0", 3);
}

static void put_mac(struct wr *w, const struct client *c)
{
	wr_u8(w, MAC_FIRST);
	wr_u8(w, 0x4c);
	wr_be32(w, c->id);
}

static void send_message(struct client *c, uint8_t type)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(67),
				  .sin_addr.s_addr = INADDR_BROADCAST };
	uint8_t buf[576] = { 0 };
	struct wr w = wr_init(buf, sizeof(buf));

	wr_bytes(&w, "\1\1\6", 4); /* request, Ethernet, 6 bytes, no hops */
	wr_be32(&w, c->xid);
	wr_be32(&w, type == RELEASE ? 0 : 0x8000); /* answers by broadcast */
	wr_be32(&w, type == RELEASE ? c->addr : 0);
	wr_zero(&w, 12);
	put_mac(&w, c);
	wr_zero(&w, 236 - w.pos);
	wr_be32(&w, 0x63825363);
	option(&w, 53, &type, 1);
	option(&w, 55, "\1\3\6\17\103", 5);
	if (type == REQUEST)
		option_u32(&w, 50, c->addr);
	if (type != DISCOVER)
		option_u32(&w, 54, c->server);
	if (c->room->pxe && type != RELEASE)
		add_pxe(&w);
	wr_u8(&w, 255);
	(void)sendto(c->room->dhcp, buf, 300, 0, (struct sockaddr *)&to, sizeof(to));
}

static void ask(struct client *c)
{
	send_message(c, c->asks ? REQUEST : DISCOVER);
	c->deadline = c->room->now + AGAIN_MS;
}

static void discover(struct client *c)
{
	c->asks = false;
	c->xid = c->id * 64 + c->round % 64 + 1;
	ask(c);
}

/* An address, from option @code of 4 bytes; 0: none. */
static uint32_t find(const uint8_t *data, size_t n, uint8_t code)
{
	struct rd r = rd_init(data, n);

	rd_seek(&r, 240);
	while (rd_ok(&r)) {
		uint8_t got = rd_u8(&r), len;

		if (got == 0)
			continue;
		if (got == 255)
			return 0;
		len = rd_u8(&r);
		if (got == code)
			return len == 4 ? rd_be32(&r) : len == 1 ? rd_u8(&r) : 0;
		rd_skip(&r, len);
	}
	return 0;
}

static void bound(struct client *c, uint32_t addr)
{
	struct room *r = c->room;
	unsigned *holder = &r->holder[addr & 0xffff];

	if (*holder && *holder != c->id + 1) {
		r->duplicates++;
		fprintf(stderr, "machine %u has %08x, which machine %u has\n", c->id, addr,
			*holder - 1);
	}
	*holder = c->id + 1;
	if (c->before && c->before != addr)
		r->moved++;
	c->before = c->addr = addr;
	r->exchanges++;
	client_done(c);
}

static void take(struct client *c, const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n);
	uint32_t type = find(data, n, 53), addr;

	rd_seek(&r, 16);
	addr = rd_be32(&r);
	if (type == OFFER && !c->asks && addr) {
		c->addr = addr;
		c->server = find(data, n, 54);
		c->asks = true;
		c->tries = 0;
		ask(c);
	} else if (type == ACK && c->asks) {
		bound(c, addr);
	} else if (type == NAK && c->asks) {
		c->room->naks++;
		discover(c);
	}
}

static struct client *whose(struct room *r, uint32_t xid)
{
	unsigned n = (xid - 1) / 64 % r->clients;
	struct client *c = &r->v[n];

	return c->active && c->step == 0 && c->xid == xid ? c : NULL;
}

void dhcp_ready(struct room *r)
{
	uint8_t buf[1500];
	ssize_t n;

	while ((n = recv(r->dhcp, buf, sizeof(buf), 0)) > 0) {
		struct rd in = rd_init(buf, (size_t)n);
		struct client *c;

		rd_seek(&in, 4);
		c = whose(r, rd_be32(&in));
		if (n >= 244 && buf[0] == 2 && c)
			take(c, buf, (size_t)n);
	}
}

static void ready(struct client *c)
{
	(void)c;
}

static void late(struct client *c)
{
	c->room->again++;
	if (++c->tries > TRIES)
		client_failed(c, c->asks ? "no answer to REQUEST" : "no answer to DISCOVER");
	else if (c->asks && c->tries > 4)
		discover(c);
	else
		ask(c);
}

void dhcp_release(struct client *c)
{
	send_message(c, RELEASE);
	c->room->holder[c->addr & 0xffff] = 0;
}

const struct step step_dhcp = { discover, ready, late };
