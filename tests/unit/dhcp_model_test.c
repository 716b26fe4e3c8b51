// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Thousands of random exchanges of many clients, with lost, late and doubled messages, a clock
 * that is set, restarts of the server and an administrator who changes his mind.  What must
 * always hold is checked at each answer.
 */
#include "tests/unit/dhcp_place.h"

#include <malloc.h>

#define CLIENTS   40
#define EXCHANGES 30000
#define KEPT      64

struct client {
	uint32_t addr; /* 0: none; the one it uses, or used last */
	int64_t until_ms;
	uint32_t offered;
};

struct model {
	struct place pl;
	struct client clients[CLIENTS];
	struct ask kept[KEPT]; /* messages that may come again */
	uint64_t random;
	int64_t jumped_ms; /* no restart until then: see times.h */
	bool restarts;
	unsigned acks, naks, offers;
};

static unsigned pick(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(m->random >> 33) % n;
}

static uint32_t fixed_of(const struct model *m, unsigned who)
{
	for (size_t i = 0; i < m->pl.store.n_hosts; i++)
		if (m->pl.store.hosts[i].mac.b[5] == who)
			return m->pl.store.hosts[i].addr;
	return 0;
}

/* An address was offered, or given, to @who. */
static void judge(struct model *m, unsigned who, uint32_t addr)
{
	const struct dhcp_config *c = &m->pl.c;
	bool in_range = addr >= c->first && addr <= c->last;

	assert_true(addr != SELF && addr != c->router);
	if (!in_range && addr != fixed_of(m, who))
		fail_msg("client %u: an address outside of the range", who);
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (i == who)
			continue;
		if (fixed_of(m, i) == addr)
			fail_msg("client %u gets the fixed address of %u", who, i);
		if (m->clients[i].addr == addr && m->clients[i].until_ms > m->pl.now.ms)
			fail_msg("client %u gets .%u, which %u has", who, addr & 255, i);
	}
}

static void hear(struct model *m, bool late)
{
	unsigned who = m->pl.got.mac.b[5];
	struct client *c = &m->clients[who];

	if (!m->pl.sent)
		return;
	assert_true(m->pl.store.n <= MEMORY_ROWS);
	m->offers += m->pl.got.type == DHCP_OFFER;
	m->acks += m->pl.got.type == DHCP_ACK;
	m->naks += m->pl.got.type == DHCP_NAK;
	if (m->pl.got.yiaddr)
		judge(m, who, m->pl.got.yiaddr);
	if (late)
		return; /* it does not look at that any more */
	if (m->pl.got.type == DHCP_OFFER) {
		c->offered = m->pl.got.yiaddr;
	} else if (m->pl.got.type == DHCP_ACK && m->pl.got.yiaddr) {
		c->addr = m->pl.got.yiaddr;
		c->until_ms = m->pl.now.ms + LEASE * 1000;
	} else if (m->pl.got.type == DHCP_NAK) {
		c->until_ms = 0;
	}
}

static void send_it(struct model *m, struct ask q, bool late)
{
	(void)ask(&m->pl, q);
	hear(m, late);
	while (m->pl.ping) {
		/* At one address of the range sits a machine that nobody knows of. */
		if (m->pl.ping != m->pl.c.first + 3)
			break;
		m->pl.sent =
			dhcp_ponged(m->pl.d, m->pl.ping, &m->pl.now, &m->pl.out, &m->pl.ping);
		place_look(&m->pl);
		hear(m, late);
	}
}

static void ticks(struct model *m)
{
	while ((m->pl.sent = dhcp_tick(m->pl.d, &m->pl.now, &m->pl.out))) {
		m->pl.ping = 0;
		place_look(&m->pl);
		hear(m, false);
	}
}

static bool holds(const struct model *m, const struct client *c)
{
	return c->addr && c->until_ms > m->pl.now.ms;
}

/* What a client does next; by chance. */
static struct ask act(struct model *m, unsigned who)
{
	struct client *c = &m->clients[who];
	struct ask q = { .type = DHCP_DISCOVER, .who = who, .xid = pick(m, 1000) };
	unsigned what = pick(m, 20);

	if (what < 6 && c->offered) {
		q.type = DHCP_REQUEST;
		q.wants = c->offered;
		q.server = pick(m, 10) ? SELF : NET(2);
		c->offered = 0;
	} else if (what < 10 && holds(m, c)) {
		q.type = DHCP_REQUEST;
		q.ciaddr = c->addr;
		q.to = pick(m, 3) ? (struct endpoint){ SELF, 67 } : (struct endpoint){ 0, 0 };
	} else if (what < 12 && c->addr) {
		q.type = DHCP_REQUEST;
		q.wants = c->addr;
	} else if (what == 12 && holds(m, c)) {
		q.type = DHCP_RELEASE;
		q.ciaddr = c->addr;
		q.server = SELF;
		c->until_ms = 0;
	} else if (what == 13 && holds(m, c)) {
		q.type = DHCP_DECLINE;
		q.wants = c->addr;
		q.server = SELF;
		c->until_ms = 0;
	} else if (what == 14) {
		q.type = DHCP_REQUEST; /* a liar, or one that comes from elsewhere */
		q.wants = NET(pick(m, 256));
		q.server = pick(m, 2) ? SELF : 0;
	} else if (what == 15 && holds(m, c)) {
		q.type = DHCP_INFORM;
		q.ciaddr = c->addr;
	} else if (what == 16) {
		q.wants = NET(pick(m, 256));
	}
	return q;
}

static void world_goes_on(struct model *m)
{
	unsigned what = pick(m, 1000);

	place_pass(&m->pl, what < 500 ? pick(m, 50) : what < 950 ? pick(m, 30000) : 600000);
	if (what == 0) {
		/* Back only a little: leases then last as much longer, and the range is full.
		 */
		int64_t jump = (int64_t)pick(m, 2000000) - 20000;

		m->pl.now.wall += jump;
		m->jumped_ms = m->pl.now.ms + (int64_t)LEASE * 1000;
	} else if (what < 5 && m->restarts && m->pl.now.ms > m->jumped_ms) {
		place_close(&m->pl);
		place_open(&m->pl);
	} else if (what < 8) {
		/* Another client's address is made fixed; nobody has it just now. */
		uint32_t addr = m->pl.c.first + 5 + pick(m, 5);

		for (unsigned i = 0; i < CLIENTS; i++)
			if (m->clients[i].addr == addr && holds(m, &m->clients[i]))
				return;
		m->pl.store.hosts[0].addr = addr;
	}
}

/* When all is quiet for long enough, everybody who is left gets an address. */
static void check_alive(struct model *m)
{
	for (unsigned i = 0; i < 3; i++) {
		place_pass(&m->pl, LEASE * 1000LL + 4000000000LL);
		(void)ask(&m->pl, (struct ask){ .type = DHCP_DISCOVER, .who = 30 });
		ticks(m);
	}
	m->pl.c.probe = false;
	place_close(&m->pl);
	place_open(&m->pl);
	for (unsigned i = 3; i < 20; i++)
		(void)place_lease(&m->pl, i);
}

static void run(uint64_t seed, bool probe, bool restarts)
{
	struct model *m = calloc(1, sizeof(*m));
	struct mallinfo2 before, after;

	assert_non_null(m);
	m->random = seed;
	m->restarts = restarts;
	place_init(&m->pl);
	m->pl.c.probe = probe;
	m->pl.c.last = NET(119);
	m->pl.c.router = NET(112);
	memory_add_host(&m->pl.store, mac_of(0), NET(105), "pc00");
	memory_add_host(&m->pl.store, mac_of(1), NET(20), "pc01");
	memory_add_host(&m->pl.store, mac_of(2), 0, "pc02");
	place_open(&m->pl);
	before = mallinfo2();
	for (unsigned i = 0; i < EXCHANGES; i++) {
		bool late = pick(m, 10) == 0;
		struct ask *kept = &m->kept[pick(m, KEPT)];
		struct ask q = late && kept->type ? *kept : act(m, pick(m, CLIENTS));

		late = late && kept->type;
		/* A late RELEASE does harm that no server can know of. */
		if (q.type == DHCP_DISCOVER || q.type == DHCP_REQUEST)
			*kept = q;
		if (pick(m, 20))
			send_it(m, q, late);
		world_goes_on(m);
		ticks(m);
	}
	after = mallinfo2();
	if (!restarts)
		assert_int_equal(before.uordblks, after.uordblks);
	assert_true(m->acks > EXCHANGES / 30);
	assert_true(m->offers > EXCHANGES / 30);
	assert_true(m->naks > EXCHANGES / 100);
	check_alive(m);
	place_close(&m->pl);
	free(m);
}

static void test_without_ping(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		run(seed, false, seed % 2);
}

static void test_with_ping(void **state)
{
	(void)state;
	for (uint64_t seed = 21; seed <= 24; seed++)
		run(seed, true, seed % 2);
}

/* The clock is set while leases run: nobody's address is given away, and that ends. */
static void test_clock_set(void **state)
{
	static const int64_t jumps[] = { 1700000000, 86400, 7200, -86400 };
	struct place pl;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		place_usual(&pl);
		pl.now.wall = i ? 1700000000 : 10;
		for (unsigned who = 1; who <= 10; who++)
			(void)place_lease(&pl, who);
		place_pass(&pl, 60000);
		pl.now.wall += jumps[i];
		assert_false(ask(&pl, (struct ask){ .type = DHCP_DISCOVER, .who = 11 }));
		place_pass(&pl, (LEASE - 61) * 1000LL);
		assert_false(ask(&pl, (struct ask){ .type = DHCP_DISCOVER, .who = 11 }));
		/* One that was renewed since is judged by the new time. */
		assert_true(ask(&pl, (struct ask){ .type = DHCP_REQUEST,
						   .who = 4,
						   .ciaddr = NET(103),
						   .to = { SELF, 67 } }));
		place_pass(&pl, 62000);
		assert_int_equal(ask(&pl, (struct ask){ .type = DHCP_DISCOVER, .who = 11 }),
				 jumps[i] > 0);
		assert_false(pl.sent && pl.got.yiaddr == NET(103));
		place_close(&pl);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_ping),
		cmocka_unit_test(test_with_ping),
		cmocka_unit_test(test_clock_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
