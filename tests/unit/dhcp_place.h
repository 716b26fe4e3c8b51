// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dhcp_place.h - a DHCP server with its leases in memory, clients that ask it, and packets
 * that were captured.  For *_test.c of pxe/dhcp/.
 */
#ifndef TESTS_UNIT_DHCP_PLACE_H
#define TESTS_UNIT_DHCP_PLACE_H

#include "tests/unit/lease_memory.h"

#include "pxe/dhcp/dhcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CAPTURED "tests/fixtures/dhcp/captured.txt"
#define NET(n)   (0x0a4d0000u + (n)) /* 10.77.0.n */
#define SELF     NET(1)
#define ALL      UINT32_MAX
#define LEASE    3600

struct place {
	struct lease_memory store;
	struct dhcp_config c;
	struct dhcp *d;
	struct now now;
	struct boot_answer boot; /* for everybody who asks */
	unsigned boot_asked;
	/* What came of the last request. */
	bool sent;
	struct reply out;
	uint32_t ping;
	struct dhcp_packet got; /* @out, parsed */
};

static inline void place_boot(void *ctx, const struct dhcp_packet *p, enum client_kind kind,
			      struct boot_answer *ret)
{
	struct place *pl = ctx;

	(void)p;
	(void)kind;
	pl->boot_asked++;
	*ret = pl->boot;
}

static inline void place_init(struct place *pl)
{
	memset(pl, 0, sizeof(*pl));
	pl->now = (struct now){ 1000, 1700000000 };
	pl->c = (struct dhcp_config){ .self = SELF,
				      .mask = 0xffffff00,
				      .first = NET(100),
				      .last = NET(109),
				      .lease = LEASE,
				      .store = memory_store(&pl->store),
				      .boot = place_boot,
				      .boot_ctx = pl };
	snprintf(pl->boot.file, sizeof(pl->boot.file), "lpxelinux.0");
}

static inline void place_open(struct place *pl)
{
	struct err e = { "" };

	if (dhcp_new(&pl->c, &pl->d, &e))
		fail_msg("%s", e.msg);
}

static inline void place_close(struct place *pl)
{
	dhcp_free(pl->d);
	pl->d = NULL;
}

/* A server with the usual configuration. */
static inline void place_usual(struct place *pl)
{
	place_init(pl);
	place_open(pl);
}

static inline void place_pass(struct place *pl, int64_t ms)
{
	pl->now.ms += ms;
	pl->now.wall += ms / 1000;
}

/* Whatever is sent must be right in these. */
static inline void place_look(struct place *pl)
{
	struct err e = { "" };

	if (!pl->sent)
		return;
	if (dhcp_parse(pl->out.data, pl->out.len, &pl->got, &e))
		fail_msg("the answer: %s", e.msg);
	assert_in_range(pl->out.len, 300, DATAGRAM_MAX);
	assert_int_equal(pl->got.op, DHCP_OP_REPLY);
	assert_int_equal(dhcp_addr(&pl->got, OPT_SERVER_ID), SELF);
	assert_int_equal(pl->ping, 0);
}

static inline bool place_send(struct place *pl, const uint8_t *data, size_t len,
			      struct endpoint from, struct endpoint to)
{
	struct datagram in = { data, len, from, to };

	pl->sent = dhcp_take(pl->d, &in, &pl->now, &pl->out, &pl->ping);
	place_look(pl);
	return pl->sent;
}

/* A request as clients make it; what is 0 is left out. */
struct ask {
	enum dhcp_type type;
	unsigned who; /* its MAC ends so */
	uint32_t xid, ciaddr, giaddr;
	uint16_t flags;
	uint32_t wants, server;
	struct endpoint from, to; /* 0: 0.0.0.0:68 to 255.255.255.255:67 */
	/* Options in wire form, behind the usual ones. */
	const uint8_t *more;
	size_t n_more;
};

static inline struct mac mac_of(unsigned who)
{
	return (struct mac){ { 0x52, 0x54, 0, 0, (uint8_t)(who >> 8), (uint8_t)who } };
}

static inline void put_addr(struct wr *w, enum dhcp_option o, uint32_t addr)
{
	if (!addr)
		return;
	wr_u8(w, (uint8_t)o);
	wr_u8(w, 4);
	wr_be32(w, addr);
}

static inline size_t ask_render(const struct ask *a, uint8_t *buf, size_t n)
{
	struct wr w = wr_init(buf, n);
	struct mac mac = mac_of(a->who);

	wr_bytes(&w, "\1\1\6", 4);
	wr_be32(&w, a->xid);
	wr_be16(&w, 0);
	wr_be16(&w, a->flags);
	wr_be32(&w, a->ciaddr);
	wr_zero(&w, 8);
	wr_be32(&w, a->giaddr);
	wr_bytes(&w, mac.b, 6);
	wr_zero(&w, 10 + 64 + 128);
	wr_be32(&w, 0x63825363);
	if (a->type) {
		wr_bytes(&w, "\x35\1", 2);
		wr_u8(&w, (uint8_t)a->type);
	}
	put_addr(&w, OPT_REQUESTED_ADDR, a->wants);
	put_addr(&w, OPT_SERVER_ID, a->server);
	wr_bytes(&w, a->more, a->n_more);
	wr_u8(&w, OPT_END);
	assert_true(wr_ok(&w));
	return w.pos;
}

static inline bool ask(struct place *pl, struct ask a)
{
	uint8_t buf[1400];
	size_t n = ask_render(&a, buf, sizeof(buf));

	if (!a.from.port)
		a.from = (struct endpoint){ a.ciaddr, 68 };
	if (!a.to.port)
		a.to = (struct endpoint){ ALL, 67 };
	return place_send(pl, buf, n, a.from, a.to);
}

/* DISCOVER and REQUEST: the address that client @who has then. */
static inline uint32_t place_lease(struct place *pl, unsigned who)
{
	uint32_t addr;

	assert_true(ask(pl, (struct ask){ .type = DHCP_DISCOVER, .who = who }));
	assert_int_equal(pl->got.type, DHCP_OFFER);
	addr = pl->got.yiaddr;
	assert_true(ask(
		pl, (struct ask){
			    .type = DHCP_REQUEST, .who = who, .wants = addr, .server = SELF }));
	assert_int_equal(pl->got.type, DHCP_ACK);
	assert_int_equal(pl->got.yiaddr, addr);
	return addr;
}

/* A packet of CAPTURED, by its name. */
struct captured {
	uint8_t data[600];
	size_t len;
	struct endpoint from, to;
};

static inline struct endpoint captured_endpoint(char *text)
{
	struct endpoint ep = { 0 };
	char *colon = strchr(text, ':');

	assert_non_null(colon);
	*colon = '\0';
	assert_int_equal(addr_parse(text, &ep.addr, NULL), 0);
	ep.port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return ep;
}

static inline void captured_hex(struct captured *c, const char *line)
{
	for (; line[0] && line[1] && line[0] != '\n'; line += 2) {
		char pair[3] = { line[0], line[1], '\0' };

		assert_true(c->len < sizeof(c->data));
		c->data[c->len++] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static inline struct captured captured(const char *name)
{
	struct captured c = { .len = 0 };
	char line[200], what[64], from[64], to[64];
	FILE *f = fopen(CAPTURED, "r");
	bool inside = false;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '\n')
			inside = false;
		else if (inside)
			captured_hex(&c, line);
		else if (sscanf(line, "%63s %63s %63s", what, from, to) == 3 &&
			 !strcmp(what, name)) {
			inside = true;
			c.from = captured_endpoint(from);
			c.to = captured_endpoint(to);
		}
	}
	fclose(f);
	if (!c.len)
		fail_msg("%s is not in %s", name, CAPTURED);
	return c;
}

static inline bool replay(struct place *pl, const char *name)
{
	struct captured c = captured(name);

	return place_send(pl, c.data, c.len, c.from, c.to);
}

/* Option @o of the answer is these bytes. */
static inline void has_bytes(const struct place *pl, enum dhcp_option o, const void *p,
			     size_t n)
{
	const struct dhcp_value *v = &pl->got.options[o];

	if (v->len != n || !v->data || memcmp(v->data, p, n))
		fail_msg("option %d has %zu bytes, not the expected %zu ones", (int)o, v->len,
			 n);
}

static inline void has_text(const struct place *pl, enum dhcp_option o, const char *text)
{
	has_bytes(pl, o, text, strlen(text));
}

static inline void has_not(const struct place *pl, enum dhcp_option o)
{
	if (pl->got.options[o].data)
		fail_msg("option %d is there", (int)o);
}

#endif
