// SPDX-License-Identifier: GPL-3.0-or-later
/* Addresses that are asked by ping before they are offered. */
#include "tests/unit/dhcp_place.h"

static void open_place(struct place *pl)
{
	place_init(pl);
	pl->c.probe = true;
	place_open(pl);
}

static bool discover(struct place *pl, unsigned who, uint32_t xid)
{
	return ask(pl, (struct ask){ .type = DHCP_DISCOVER, .who = who, .xid = xid });
}

static bool tick(struct place *pl)
{
	pl->ping = 0;
	pl->sent = dhcp_tick(pl->d, &pl->now, &pl->out);
	place_look(pl);
	return pl->sent;
}

static bool ponged(struct place *pl, uint32_t addr)
{
	pl->sent = dhcp_ponged(pl->d, addr, &pl->now, &pl->out, &pl->ping);
	place_look(pl);
	return pl->sent;
}

static void test_silence(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_int_equal(dhcp_deadline(pl.d), -1);
	assert_false(discover(&pl, 1, 5));
	assert_int_equal(pl.ping, NET(100));
	assert_int_equal(dhcp_deadline(pl.d), pl.now.ms + 500);
	assert_false(tick(&pl));
	place_pass(&pl, 100);
	assert_false(discover(&pl, 2, 6));
	assert_int_equal(pl.ping, NET(101));
	/* Once more in the meantime: no other ping, and the last one is answered. */
	assert_false(discover(&pl, 1, 7));
	assert_int_equal(pl.ping, 0);
	place_pass(&pl, 399);
	assert_false(tick(&pl));
	place_pass(&pl, 1);
	assert_true(tick(&pl));
	assert_int_equal(pl.got.type, DHCP_OFFER);
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_int_equal(pl.got.xid, 7);
	assert_true(mac_equal(&pl.got.mac, &(struct mac){ { 0x52, 0x54, 0, 0, 0, 1 } }));
	assert_false(tick(&pl));
	assert_int_equal(dhcp_deadline(pl.d), pl.now.ms + 100);
	place_pass(&pl, 100);
	assert_true(tick(&pl));
	assert_int_equal(pl.got.xid, 6);
	assert_int_equal(dhcp_deadline(pl.d), -1);
	/* What was asked need not be asked again. */
	assert_true(discover(&pl, 1, 8));
	assert_int_equal(pl.got.yiaddr, NET(100));
	place_close(&pl);
}

static void test_in_use(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_false(ponged(&pl, NET(100)));
	assert_false(discover(&pl, 1, 5));
	assert_false(ponged(&pl, NET(101))); /* none that was asked */
	assert_int_equal(pl.ping, 0);
	assert_false(ponged(&pl, NET(100)));
	assert_int_equal(pl.ping, NET(101));
	assert_true(memory_at(&pl.store, NET(100))->declined);
	assert_false(ponged(&pl, NET(101)));
	assert_int_equal(pl.ping, NET(102));
	assert_true(memory_at(&pl.store, NET(100))->declined);
	assert_true(memory_at(&pl.store, NET(101))->declined);
	assert_false(ponged(&pl, NET(100))); /* twice is no harm */
	assert_int_equal(pl.ping, 0);
	place_pass(&pl, 500);
	assert_true(tick(&pl));
	assert_int_equal(pl.got.yiaddr, NET(102));
	assert_int_equal(pl.got.xid, 5);
	/* Later both may be tried again. */
	place_pass(&pl, 601000);
	assert_false(discover(&pl, 2, 5));
	assert_true(pl.ping >= NET(100) && pl.ping <= NET(109));
	place_close(&pl);
}

static void test_too_late(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_false(discover(&pl, 1, 5));
	place_pass(&pl, 500);
	assert_true(tick(&pl));
	assert_false(ponged(&pl, NET(100)));
	assert_int_equal(pl.ping, 0);
	assert_true(ask(&pl, (struct ask){ .type = DHCP_REQUEST,
					   .who = 1,
					   .wants = NET(100),
					   .server = SELF }));
	assert_int_equal(pl.got.type, DHCP_NAK);
	place_close(&pl);
}

/* Who has the lease answers the ping itself. */
static void test_own_lease(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_false(discover(&pl, 1, 5));
	place_pass(&pl, 500);
	assert_true(tick(&pl));
	assert_true(ask(&pl, (struct ask){ .type = DHCP_REQUEST,
					   .who = 1,
					   .wants = NET(100),
					   .server = SELF }));
	assert_true(discover(&pl, 1, 6));
	assert_int_equal(pl.got.yiaddr, NET(100));
	assert_false(ponged(&pl, NET(100))); /* nobody asked */
	assert_false(memory_at(&pl.store, NET(100))->declined);
	place_pass(&pl, (LEASE + 60) * 1000LL);
	assert_false(discover(&pl, 1, 7));
	assert_int_equal(pl.ping, NET(100));
	place_close(&pl);
}

static void test_all_in_use(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_false(discover(&pl, 1, 5));
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(pl.ping, NET(100 + i));
		assert_false(ponged(&pl, pl.ping));
	}
	assert_int_equal(pl.ping, 0);
	assert_int_equal(dhcp_deadline(pl.d), -1);
	place_close(&pl);
}

/* It takes another server's while we ask: nothing is offered any more. */
static void test_gone_elsewhere(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl);
	assert_false(discover(&pl, 1, 5));
	assert_false(ask(&pl, (struct ask){ .type = DHCP_REQUEST,
					    .who = 1,
					    .wants = NET(7),
					    .server = NET(2) }));
	assert_int_equal(dhcp_deadline(pl.d), -1);
	place_pass(&pl, 1000);
	assert_false(tick(&pl));
	place_close(&pl);
}

/* More clients than there is room for offers: the newest get theirs. */
static void test_flood(void **state)
{
	struct place pl;
	unsigned offers = 0;

	(void)state;
	place_init(&pl);
	pl.c.mask = 0xffff0000;
	pl.c.first = NET(256);
	pl.c.last = NET(20000);
	pl.c.probe = true;
	place_open(&pl);
	for (unsigned i = 0; i < 3000; i++) {
		assert_false(discover(&pl, i, i));
		assert_true(pl.ping >= NET(256));
	}
	place_pass(&pl, 500);
	while (tick(&pl))
		offers++;
	assert_int_equal(offers, 1024);
	/* One that was pushed out gets an address all the same. */
	assert_true(ask(&pl, (struct ask){ .type = DHCP_REQUEST,
					   .who = 9,
					   .wants = NET(19000),
					   .server = SELF }));
	assert_int_equal(pl.got.type, DHCP_ACK);
	place_close(&pl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence),    cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_too_late),   cmocka_unit_test(test_own_lease),
		cmocka_unit_test(test_all_in_use), cmocka_unit_test(test_gone_elsewhere),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
