// SPDX-License-Identifier: GPL-3.0-or-later
/* The DHCP server: every message in every state of a client (RFC 2131 section 4.3). */
#include "tests/unit/dhcp_place.h"

#define A(...) ((struct ask){ __VA_ARGS__ })

static bool discover(struct place *pl, unsigned who)
{
	return ask(pl, A(.type = DHCP_DISCOVER, .who = who));
}

/* INIT-REBOOT: it had @addr before its start. */
static bool reboot(struct place *pl, unsigned who, uint32_t addr)
{
	return ask(pl, A(.type = DHCP_REQUEST, .who = who, .wants = addr));
}

/* RENEWING: to us alone. */
static bool renew(struct place *pl, unsigned who, uint32_t addr)
{
	return ask(pl, A(.type = DHCP_REQUEST, .who = who, .ciaddr = addr, .to = { SELF, 67 }));
}

static bool rebind(struct place *pl, unsigned who, uint32_t addr)
{
	return ask(pl, A(.type = DHCP_REQUEST, .who = who, .ciaddr = addr));
}

static void is_ack(const struct place *pl, uint32_t addr)
{
	assert_true(pl->sent);
	assert_int_equal(pl->got.type, DHCP_ACK);
	assert_int_equal(pl->got.yiaddr, addr);
}

static void is_nak(const struct place *pl)
{
	assert_true(pl->sent);
	assert_int_equal(pl->got.type, DHCP_NAK);
	assert_int_equal(pl->got.yiaddr, 0);
	assert_int_equal(pl->got.ciaddr, 0);
	assert_int_equal(pl->got.siaddr, 0);
	assert_int_equal(pl->out.to.port, pl->got.giaddr ? 67 : 68);
	assert_int_equal(pl->out.to.addr, pl->got.giaddr ? pl->got.giaddr : ALL);
	has_not(pl, OPT_LEASE_TIME);
	assert_true(pl->got.options[OPT_MESSAGE].len > 0);
}

static void test_four_messages(void **state)
{
	struct place pl;
	const struct lease *l;

	(void)state;
	place_init(&pl);
	pl.c.router = NET(254);
	pl.c.dns[0] = NET(1);
	pl.c.dns[1] = 0x08080808;
	pl.c.n_dns = 2;
	snprintf(pl.c.domain, sizeof(pl.c.domain), "lab.example");
	place_open(&pl);
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 1, .xid = 77)));
	assert_int_equal(pl.got.type, DHCP_OFFER);
	assert_int_equal(pl.got.xid, 77);
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_int_equal(pl.out.from_port, 67);
	assert_int_equal(pl.out.to.addr, ALL);
	assert_int_equal(pl.out.to.port, 68);
	assert_int_equal(pl.store.puts, 0); /* an offer is no lease */
	assert_true(ask(&pl, A(.type = DHCP_REQUEST, .who = 1, .xid = 77, .wants = NET(100),
			       .server = SELF)));
	is_ack(&pl, NET(100));
	assert_int_equal(dhcp_addr(&pl.got, OPT_LEASE_TIME), LEASE);
	assert_int_equal(dhcp_addr(&pl.got, OPT_T1), LEASE / 2);
	assert_int_equal(dhcp_addr(&pl.got, OPT_T2), LEASE / 8 * 7);
	assert_int_equal(dhcp_addr(&pl.got, OPT_MASK), 0xffffff00);
	assert_int_equal(dhcp_addr(&pl.got, OPT_ROUTER), NET(254));
	has_bytes(&pl, OPT_DNS, "\x0a\x4d\0\1\x08\x08\x08\x08", 8);
	has_text(&pl, OPT_DOMAIN, "lab.example");
	assert_int_equal(dhcp_addr(&pl.got, OPT_BROADCAST), NET(255));
	/* An operating system is told nothing to boot, but where the lab's server is. */
	assert_int_equal(pl.boot_asked, 0);
	assert_string_equal(pl.got.file, "");
	assert_int_equal(pl.got.siaddr, SELF);
	has_not(&pl, OPT_BOOTFILE);
	has_not(&pl, OPT_VENDOR_CLASS);
	l = memory_at(&pl.store, NET(100));
	assert_non_null(l);
	assert_int_equal(l->until_wall, pl.now.wall + LEASE);
	assert_int_equal(pl.store.puts, 1);
	/* Once more, late: the same answer. */
	assert_true(ask(&pl, A(.type = DHCP_REQUEST, .who = 1, .xid = 77, .wants = NET(100),
			       .server = SELF)));
	is_ack(&pl, NET(100));
	assert_true(discover(&pl, 1));
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_int_equal(pl.store.n, 1);
	place_close(&pl);
}

static void test_only_what_it_asks_for(void **state)
{
	static const uint8_t wants_dns[] = { 55, 2, 1, 6 };
	struct place pl;

	(void)state;
	place_init(&pl);
	pl.c.router = pl.c.dns[0] = NET(254);
	pl.c.n_dns = 1;
	place_open(&pl);
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .more = wants_dns, .n_more = 4)));
	assert_int_equal(dhcp_addr(&pl.got, OPT_DNS), NET(254));
	has_not(&pl, OPT_ROUTER);
	has_not(&pl, OPT_BROADCAST);
	place_close(&pl);
}

static void test_lease_before_ack(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_true(discover(&pl, 1));
	pl.store.fail_put = -ENOSPC;
	assert_false(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 1, .wants = NET(100), .server = SELF)));
	pl.store.fail_put = 0;
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 1, .wants = NET(100), .server = SELF)));
	is_ack(&pl, NET(100));
	pl.store.fail = -EIO;
	assert_false(renew(&pl, 1, NET(100)));
	assert_false(discover(&pl, 2));
	place_close(&pl);
}

static void test_selecting(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	/* Offers differ, also before anybody took one. */
	assert_true(discover(&pl, 1));
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_true(discover(&pl, 2));
	assert_int_equal(pl.got.yiaddr, NET(101));
	/* What was offered to another. */
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 3, .wants = NET(101), .server = SELF)));
	is_nak(&pl);
	/* It takes another server's: ours is free again, and nothing is said. */
	assert_false(ask(
		&pl, A(.type = DHCP_REQUEST, .who = 1, .wants = NET(50), .server = NET(2))));
	assert_true(discover(&pl, 3));
	assert_int_equal(pl.got.yiaddr, NET(100));
	/* Addresses that are no client's. */
	for (unsigned i = 0; i < 5; i++) {
		static const uint32_t wrong[] = { NET(0), SELF, NET(255), NET(99), 0xc0a80005 };

		ask(&pl, A(.type = DHCP_REQUEST, .who = 4, .wants = wrong[i], .server = SELF));
		is_nak(&pl);
	}
	assert_int_equal(pl.store.puts, 0);
	/* We were started anew and have forgotten the offer; the address is free. */
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 5, .wants = NET(105), .server = SELF)));
	is_ack(&pl, NET(105));
	/* A forged address of another network is sent nothing. */
	assert_true(ask(&pl, A(.type = DHCP_REQUEST, .who = 5, .wants = NET(105),
			       .server = SELF, .ciaddr = 0x08080808)));
	is_ack(&pl, NET(105));
	assert_int_equal(pl.out.to.addr, ALL);
	/* Nothing is wanted. */
	assert_false(ask(&pl, A(.type = DHCP_REQUEST, .who = 6, .server = SELF)));
	place_close(&pl);
}

static void test_offers_end(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_true(discover(&pl, 1));
	place_pass(&pl, 31000);
	assert_true(discover(&pl, 2));
	assert_int_equal(pl.got.yiaddr, NET(100));
	place_close(&pl);
}

static void test_init_reboot(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	assert_true(reboot(&pl, 1, NET(100)));
	is_ack(&pl, NET(100));
	assert_int_equal(pl.out.to.addr, ALL);
	assert_true(reboot(&pl, 1, NET(105))); /* not the one we know */
	is_nak(&pl);
	assert_true(reboot(&pl, 1, 0xc0a80005)); /* comes from another network */
	is_nak(&pl);
	assert_true(reboot(&pl, 2, 0xc0a80005));
	is_nak(&pl);
	assert_false(reboot(&pl, 2, NET(105))); /* another server may know it */
	assert_false(reboot(&pl, 2, NET(20)));
	assert_true(reboot(&pl, 2, NET(100))); /* but this is surely wrong */
	is_nak(&pl);
	assert_true(reboot(&pl, 2, SELF));
	is_nak(&pl);
	/* After its end it is still its own until somebody else gets it. */
	place_pass(&pl, (LEASE + 1) * 1000LL);
	assert_true(reboot(&pl, 1, NET(100)));
	is_ack(&pl, NET(100));
	place_close(&pl);
}

static void test_renewing(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	place_pass(&pl, LEASE * 500LL);
	assert_true(renew(&pl, 1, NET(100)));
	is_ack(&pl, NET(100));
	assert_int_equal(pl.got.ciaddr, NET(100));
	assert_int_equal(pl.out.to.addr, NET(100));
	assert_int_equal(pl.out.to.port, 68);
	assert_int_equal(memory_at(&pl.store, NET(100))->until_wall, pl.now.wall + LEASE);
	assert_true(renew(&pl, 2, NET(100)));
	is_nak(&pl);
	assert_true(renew(&pl, 1, 0xc0a80005));
	is_nak(&pl);
	/* The database was lost: who asks only us was our client. */
	assert_true(renew(&pl, 3, NET(107)));
	is_ack(&pl, NET(107));
	assert_true(renew(&pl, 4, NET(50)));
	is_nak(&pl);
	place_close(&pl);
}

static void test_rebinding(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	assert_true(rebind(&pl, 1, NET(100)));
	is_ack(&pl, NET(100));
	assert_int_equal(pl.out.to.addr, NET(100));
	assert_false(rebind(&pl, 2, NET(107))); /* another server's */
	assert_true(rebind(&pl, 2, NET(100)));
	is_nak(&pl);
	place_close(&pl);
}

static void test_release(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	/* Not its own; not at this server; somebody else's. */
	assert_false(ask(
		&pl, A(.type = DHCP_RELEASE, .who = 1, .ciaddr = NET(101), .server = SELF)));
	assert_false(ask(
		&pl, A(.type = DHCP_RELEASE, .who = 1, .ciaddr = NET(100), .server = NET(2))));
	assert_false(ask(&pl, A(.type = DHCP_RELEASE, .who = 1, .ciaddr = NET(100))));
	assert_false(ask(
		&pl, A(.type = DHCP_RELEASE, .who = 2, .ciaddr = NET(100), .server = SELF)));
	assert_int_equal(memory_at(&pl.store, NET(100))->until_wall, pl.now.wall + LEASE);
	assert_false(ask(
		&pl, A(.type = DHCP_RELEASE, .who = 1, .ciaddr = NET(100), .server = SELF)));
	assert_int_equal(memory_at(&pl.store, NET(100))->until_wall, pl.now.wall);
	/* Others get addresses that nobody had; it gets its own again. */
	assert_int_equal(place_lease(&pl, 2), NET(101));
	assert_int_equal(place_lease(&pl, 1), NET(100));
	place_close(&pl);
}

static void test_decline(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	assert_int_equal(place_lease(&pl, 2), NET(101));
	assert_false(
		ask(&pl, A(.type = DHCP_DECLINE, .who = 1, .wants = NET(101), .server = SELF)));
	assert_false(ask(
		&pl, A(.type = DHCP_DECLINE, .who = 1, .wants = NET(100), .server = NET(2))));
	assert_false(memory_at(&pl.store, NET(100))->declined);
	assert_false(memory_at(&pl.store, NET(101))->declined);
	assert_false(
		ask(&pl, A(.type = DHCP_DECLINE, .who = 1, .wants = NET(100), .server = SELF)));
	assert_true(memory_at(&pl.store, NET(100))->declined);
	assert_int_equal(place_lease(&pl, 1), NET(102));
	assert_false(
		ask(&pl, A(.type = DHCP_DECLINE, .who = 1, .wants = NET(102), .server = SELF)));
	/* Both are left alone, for a while. */
	assert_true(memory_at(&pl.store, NET(100))->declined);
	assert_true(memory_at(&pl.store, NET(102))->declined);
	assert_int_equal(place_lease(&pl, 1), NET(103));
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 3, .wants = NET(100), .server = SELF)));
	is_nak(&pl);
	place_pass(&pl, 601000);
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 3, .wants = NET(100), .server = SELF)));
	is_ack(&pl, NET(100));
	place_close(&pl);
}

static void test_inform(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_true(ask(&pl, A(.type = DHCP_INFORM, .who = 1, .ciaddr = NET(20))));
	is_ack(&pl, 0);
	assert_int_equal(pl.got.ciaddr, NET(20));
	assert_int_equal(pl.out.to.addr, NET(20));
	assert_int_equal(pl.out.to.port, 68);
	has_not(&pl, OPT_LEASE_TIME);
	has_not(&pl, OPT_T1);
	assert_int_equal(dhcp_addr(&pl.got, OPT_MASK), 0xffffff00);
	assert_false(ask(&pl, A(.type = DHCP_INFORM, .who = 1, .ciaddr = 0xc0a80005)));
	assert_false(ask(&pl, A(.type = DHCP_INFORM, .who = 1)));
	assert_int_equal(pl.store.puts, 0);
	place_close(&pl);
}

static void test_previous_and_wished_address(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 1, .wants = NET(107))));
	assert_int_equal(pl.got.yiaddr, NET(107));
	assert_int_equal(place_lease(&pl, 1), NET(107));
	/* What is not of the range, or another's, is no wish we grant. */
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 2, .wants = NET(107))));
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 3, .wants = NET(20))));
	assert_int_equal(pl.got.yiaddr, NET(101));
	/* Long after its end: the same again; its own goes before its wish. */
	place_pass(&pl, (LEASE + 3600) * 1000LL);
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 1, .wants = NET(105))));
	assert_int_equal(pl.got.yiaddr, NET(107));
	place_close(&pl);
}

static void test_range_full(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(place_lease(&pl, i + 1), NET(100 + i));
	assert_false(discover(&pl, 11));
	/* The one that ended first is the next to be given. */
	place_pass(&pl, 1000);
	for (unsigned i = 0; i < 10; i++)
		if (i != 4)
			assert_true(renew(&pl, i + 1, NET(100 + i)));
	place_pass(&pl, (LEASE - 1) * 1000LL);
	assert_int_equal(place_lease(&pl, 11), NET(104));
	assert_false(discover(&pl, 5));
	place_close(&pl);
}

/* Own address, router and the network's own lie inside of the range. */
static void test_range_of_a_whole_network(void **state)
{
	struct place pl;
	bool given[16] = { false };

	(void)state;
	place_init(&pl);
	pl.c.mask = 0xfffffff0;
	pl.c.first = NET(0);
	pl.c.last = NET(15);
	pl.c.router = NET(14);
	place_open(&pl);
	for (unsigned i = 1; i <= 12; i++)
		given[place_lease(&pl, i) - NET(0)] = true;
	assert_false(discover(&pl, 13));
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(given[i], i != 0 && i != 1 && i != 14 && i != 15);
	place_close(&pl);
}

static void test_fixed(void **state)
{
	struct place pl;

	(void)state;
	place_init(&pl);
	memory_add_host(&pl.store, mac_of(1), NET(100), "pc01");
	memory_add_host(&pl.store, mac_of(2), NET(20), "pc02");
	memory_add_host(&pl.store, mac_of(3), 0, "pc03");
	place_open(&pl);
	/* Never to another, asked for or not. */
	assert_int_equal(place_lease(&pl, 9), NET(101));
	assert_true(ask(&pl, A(.type = DHCP_DISCOVER, .who = 8, .wants = NET(100))));
	assert_int_equal(pl.got.yiaddr, NET(102));
	assert_true(reboot(&pl, 7, NET(20)));
	is_nak(&pl);
	/* Nor another to it, before it ever came. */
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 1, .wants = NET(105), .server = SELF)));
	is_nak(&pl);
	/* Inside and outside of the range; the name is told. */
	assert_int_equal(place_lease(&pl, 1), NET(100));
	has_text(&pl, OPT_HOSTNAME, "pc01");
	assert_int_equal(place_lease(&pl, 2), NET(20));
	assert_true(reboot(&pl, 2, NET(20)));
	is_ack(&pl, NET(20));
	assert_true(reboot(&pl, 2, NET(105)));
	is_nak(&pl);
	assert_true(
		ask(&pl, A(.type = DHCP_REQUEST, .who = 2, .wants = NET(105), .server = SELF)));
	is_nak(&pl);
	assert_int_equal(place_lease(&pl, 3), NET(103));
	/* It is made fixed while it has another: it is told when it renews. */
	pl.store.hosts[2].addr = NET(30);
	assert_true(renew(&pl, 3, NET(103)));
	is_nak(&pl);
	assert_int_equal(place_lease(&pl, 3), NET(30));
	place_close(&pl);
}

/* A fixed address that somebody still has: never twice, and the other one has to go. */
static void test_fixed_but_taken(void **state)
{
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_int_equal(place_lease(&pl, 9), NET(100));
	memory_add_host(&pl.store, mac_of(1), NET(100), "pc01");
	assert_int_equal(place_lease(&pl, 1), NET(101));
	assert_true(renew(&pl, 1, NET(101)));
	is_ack(&pl, NET(101));
	assert_true(renew(&pl, 9, NET(100)));
	is_nak(&pl);
	assert_int_equal(place_lease(&pl, 9), NET(102));
	assert_true(renew(&pl, 1, NET(101)));
	is_nak(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	/* Declined: one of the range until that is over. */
	assert_false(
		ask(&pl, A(.type = DHCP_DECLINE, .who = 1, .wants = NET(100), .server = SELF)));
	assert_int_equal(place_lease(&pl, 1), NET(101));
	place_pass(&pl, 601000);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	place_close(&pl);
}

static void test_known_hosts_only(void **state)
{
	struct place pl;

	(void)state;
	place_init(&pl);
	pl.c.known_hosts_only = true;
	memory_add_host(&pl.store, mac_of(1), 0, "pc01");
	place_open(&pl);
	assert_int_equal(place_lease(&pl, 1), NET(100));
	assert_false(discover(&pl, 2));
	assert_false(reboot(&pl, 2, NET(100)));
	assert_false(ask(&pl, A(.type = DHCP_INFORM, .who = 2, .ciaddr = NET(20))));
	place_close(&pl);
}

static void test_relay(void **state)
{
	static const uint8_t relay[] = { 82, 4, 1, 2, 7, 9 };
	struct ask q = { .type = DHCP_DISCOVER,
			 .who = 1,
			 .giaddr = NET(2),
			 .more = relay,
			 .n_more = sizeof(relay) };
	struct place pl;

	(void)state;
	place_usual(&pl);
	assert_true(ask(&pl, q));
	assert_int_equal(pl.out.to.addr, NET(2));
	assert_int_equal(pl.out.to.port, 67);
	assert_int_equal(pl.got.giaddr, NET(2));
	has_bytes(&pl, OPT_RELAY, relay + 2, 4);
	q.type = DHCP_REQUEST;
	q.wants = NET(50);
	q.server = SELF;
	assert_true(ask(&pl, q));
	is_nak(&pl);
	assert_int_equal(pl.got.flags, DHCP_BROADCAST);
	has_bytes(&pl, OPT_RELAY, relay + 2, 4);
	q.giaddr = 0xc0a80001;
	assert_false(ask(&pl, q));
	place_close(&pl);
}

static void test_nothing_of_ours(void **state)
{
	static const uint8_t offer_type[] = { 53, 1, 2 };
	static uint8_t huge[1600];
	struct place pl;
	uint8_t buf[400];
	struct ask q = { .who = 1 };
	size_t n;

	(void)state;
	place_usual(&pl);
	assert_false(ask(&pl, q)); /* BOOTP */
	for (unsigned type = 0; type < 256; type++) {
		if (type == DHCP_DISCOVER)
			continue;
		q.type = type;
		assert_false(ask(&pl, q));
	}
	/* A reply, such as another server's. */
	q = (struct ask){ .who = 1, .more = offer_type, .n_more = 3 };
	n = ask_render(&q, buf, sizeof(buf));
	buf[0] = DHCP_OP_REPLY;
	buf[DHCP_HEAD + 2] = DHCP_DISCOVER;
	assert_false(place_send(&pl, buf, n, (struct endpoint){ NET(2), 67 },
				(struct endpoint){ ALL, 67 }));
	buf[0] = DHCP_OP_REQUEST;
	assert_true(place_send(&pl, buf, n, (struct endpoint){ 0, 68 },
			       (struct endpoint){ ALL, 67 }));
	/* Longer than a frame. */
	memcpy(huge, buf, n);
	assert_false(place_send(&pl, huge, 1473, (struct endpoint){ 0, 68 },
				(struct endpoint){ ALL, 67 }));
	assert_false(place_send(&pl, huge, 0, (struct endpoint){ 0, 68 },
				(struct endpoint){ ALL, 67 }));
	place_close(&pl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_four_messages),
		cmocka_unit_test(test_only_what_it_asks_for),
		cmocka_unit_test(test_lease_before_ack),
		cmocka_unit_test(test_selecting),
		cmocka_unit_test(test_offers_end),
		cmocka_unit_test(test_init_reboot),
		cmocka_unit_test(test_renewing),
		cmocka_unit_test(test_rebinding),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_decline),
		cmocka_unit_test(test_inform),
		cmocka_unit_test(test_previous_and_wished_address),
		cmocka_unit_test(test_range_full),
		cmocka_unit_test(test_range_of_a_whole_network),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_fixed_but_taken),
		cmocka_unit_test(test_known_hosts_only),
		cmocka_unit_test(test_relay),
		cmocka_unit_test(test_nothing_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
