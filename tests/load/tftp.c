// SPDX-License-Identifier: GPL-3.0-or-later
/* The TFTP client of a simulated machine (RFC 1350, 2347 to 2349, 7440): reads one file. */
#include "common/bytes.h"
#include "tests/load/netload.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TRIES    10
#define AGAIN_MS 1500
#define BATCH    32

static void wait_more(struct client *c)
{
	c->deadline = c->room->now + (c->room->timeout ? 1000 * c->room->timeout : AGAIN_MS);
}

static struct sockaddr_in port(const struct client *c, unsigned n)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)n),
				     .sin_addr.s_addr = htonl(c->room->target) };
}

static void word(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text) + 1);
}

static void number(struct wr *w, const char *name, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	word(w, name);
	word(w, text);
}

static void request(struct client *c)
{
	const struct room *r = c->room;
	struct sockaddr_in to = port(c, c->room->tftp_port);
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof(buf));
	unsigned file = c->step - (r->interface ? 1 : 0);

	wr_be16(&w, 1);
	word(&w, r->files[file]);
	word(&w, "octet");
	word(&w, "tsize");
	word(&w, "0");
	number(&w, "blksize", r->blksize);
	if (r->window > 1)
		number(&w, "windowsize", r->window);
	if (r->timeout)
		number(&w, "timeout", r->timeout);
	(void)sendto(c->fd, buf, w.pos, 0, (struct sockaddr *)&to, sizeof(to));
	wait_more(c);
}

static void begin(struct client *c)
{
	c->fd = client_socket(c, SOCK_DGRAM, 0);
	c->size = c->at = 0;
	c->block = c->in_window = 0;
	c->window = 1;
	c->connected = c->gap = false;
	if (c->fd < 0)
		client_failed(c, "no socket");
	else
		request(c);
}

static void acknowledge(struct client *c)
{
	uint8_t buf[4] = { 0, 4, (uint8_t)(c->block >> 8), (uint8_t)c->block };

	(void)send(c->fd, buf, 4, 0);
	c->in_window = 0;
}

/* The options that were granted. */
static void take_oack(struct client *c, struct rd *r)
{
	const char *name, *value;

	while ((name = rd_cstr(r)) && (value = rd_cstr(r))) {
		if (!strcmp(name, "tsize"))
			c->size = strtoull(value, NULL, 10);
		else if (!strcmp(name, "windowsize"))
			c->window = (unsigned)strtoul(value, NULL, 10);
		else if (!strcmp(name, "blksize") &&
			 strtoul(value, NULL, 10) != c->room->blksize)
			client_failed(c, "another block size");
	}
	acknowledge(c);
}

/* A block that is missing is told once: what was on its way comes in vain. */
static void tell_gap(struct client *c)
{
	if (!c->gap)
		acknowledge(c);
	c->gap = true;
}

static void take_data(struct client *c, struct rd *r)
{
	uint16_t block = rd_be16(r);
	size_t n = rd_left(r);
	const uint8_t *data = rd_bytes(r, n);

	if (block != (uint16_t)(c->block + 1)) {
		if ((uint16_t)(block - c->block) < 0x8000 && block != (uint16_t)c->block)
			tell_gap(c);
		return;
	}
	c->gap = false;
	if (!pattern_is(c->size, c->at, data, n)) {
		client_failed(c, "wrong bytes");
		return;
	}
	c->block++;
	c->at += n;
	c->tries = 0;
	c->room->bytes += n;
	if (n < c->room->blksize || ++c->in_window == c->window)
		acknowledge(c);
	if (n == c->room->blksize)
		return;
	if (c->at != c->size) {
		client_failed(c, "a file of another size");
		return;
	}
	c->room->transfers++;
	client_done(c);
}

static void take(struct client *c, const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n);
	uint16_t opcode = rd_be16(&r);

	if (opcode == 6 && !c->block)
		take_oack(c, &r);
	else if (opcode == 3)
		take_data(c, &r);
	else if (opcode == 5)
		client_failed(c, n > 4 ? (const char *)data + 4 : "an error");
}

/* The first answer tells the port of the server's side. */
static void join(struct client *c)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint8_t byte;

	if (recvfrom(c->fd, &byte, 1, MSG_PEEK, (struct sockaddr *)&from, &len) >= 0 &&
	    !connect(c->fd, (struct sockaddr *)&from, len))
		c->connected = true;
}

static void ready(struct client *c)
{
	static uint8_t data[BATCH][2048];
	struct mmsghdr m[BATCH];
	struct iovec v[BATCH];
	unsigned step = c->step, round = c->round;
	int n;

	if (!c->connected)
		join(c);
	for (unsigned i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){ data[i], sizeof(data[i]) - 1 };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
	}
	n = recvmmsg(c->fd, m, BATCH, MSG_DONTWAIT, NULL);
	wait_more(c);
	for (int i = 0; i < n && c->active && c->step == step && c->round == round; i++) {
		data[i][m[i].msg_len] = '\0';
		take(c, data[i], m[i].msg_len);
	}
	if (c->room->vanish && c->active && c->step == step && c->block > 4) {
		c->room->vanished++;
		client_done(c);
	}
}

static void late(struct client *c)
{
	c->room->again++;
	if (++c->tries > TRIES) {
		client_failed(c, c->connected ? "TFTP fell silent" : "TFTP does not answer");
	} else if (c->connected) {
		c->gap = false;
		acknowledge(c);
		wait_more(c);
	} else {
		request(c);
	}
}

const struct step step_tftp = { begin, ready, late };
