// SPDX-License-Identifier: GPL-3.0-or-later
/* Renames bridges in a network namespace of the test's own. */
#include "tests/unit/scratch.h"

#include "netconf/apply/live.h"

#include <errno.h>

#define CARDS 4

struct lab {
	struct scratch *s;
	struct rtnl *rt;
	struct err e;
	struct want want[CARDS];
	struct nic nic[CARDS];
	struct choice choice[CARDS];
	struct policy policy;
	const struct nic *strangers[CARDS];
	struct plan plan;
	struct live live;
};

static int index_of(const char *name)
{
	return (int)if_nametoindex(name);
}

/* A new namespace with eth0 .. eth3; @wanted[i] is for ethI, NULL: a stranger. */
static void plant(struct lab *l, void **state, const char *const wanted[CARDS])
{
	*l = (struct lab){ .s = *state };
	if (unshare(CLONE_NEWNET) || scratch_run("ip link add eth0 type bridge")) {
		print_message("needs network namespaces and bridges\n");
		skip();
	}
	l->plan = (struct plan){ .policy = &l->policy,
				 .v = l->choice,
				 .strangers = l->strangers };
	for (int i = 0; i < CARDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "eth%d", i);
		if (i)
			assert_int_equal(scratch_run("ip link add %s type bridge", name), 0);
		l->nic[i].ifindex = index_of(name);
		if (!wanted[i]) {
			l->strangers[l->plan.n_strangers++] = &l->nic[i];
			continue;
		}
		snprintf(l->want[i].name, sizeof(l->want[i].name), "%s", wanted[i]);
		l->choice[l->plan.n++] =
			(struct choice){ .want = &l->want[i], .nic = &l->nic[i] };
	}
	assert_int_equal(rtnl_open(&l->rt, &l->e), 0);
}

static void find(struct lab *l, bool force, size_t n, size_t blocked)
{
	live_free(&l->live);
	assert_int_equal(live_find(l->rt, &l->plan, l->s->dir, force, &l->live, &l->e), 0);
	assert_int_equal(l->live.n, n);
	assert_int_equal(l->live.blocked, blocked);
}

static void make(struct lab *l)
{
	int code = live_make(l->rt, &l->live, &l->e);

	if (code)
		print_error("%s\n", l->e.msg);
	assert_int_equal(code, 0);
}

/* The card that was ethI has the name @names[i] now. */
static void assert_names(const struct lab *l, const char *const names[CARDS])
{
	for (int i = 0; i < CARDS; i++)
		assert_int_equal(index_of(names[i]), l->nic[i].ifindex);
	assert_int_not_equal(scratch_run("ip -o link | grep -E 'nc-|slate'"), 0);
}

static void dig_up(struct lab *l)
{
	live_free(&l->live);
	rtnl_close(l->rt);
}

static void test_permutations(void **state)
{
	static const char *const wanted[][CARDS] = {
		{ "eth0", "eth1", "eth2", "eth3" },
		{ "eth1", "eth0", "eth2", "eth3" },
		{ "eth1", "eth2", "eth0", "eth3" },
		{ "eth1", "eth2", "eth3", "eth0" },
		{ "eth1", "eth0", "eth3", "eth2" },
		{ "eth1", "lan0", "eth0", "wlan7" },
		{ "a-very-long-nam", "eth0", "a-very-long-na2", "eth2" },
	};
	static const size_t wrong[] = { 0, 2, 3, 4, 4, 4, 4 };
	struct lab l;

	scratch_need_root();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		plant(&l, state, wanted[i]);
		find(&l, false, wrong[i], 0);
		make(&l);
		assert_names(&l, wanted[i]);
		find(&l, false, 0, 0);
		dig_up(&l);
	}
}

/* Long names that change places: "nc-" does not fit before them. */
static void test_long_swap(void **state)
{
	static const char *const first[CARDS] = { "a-very-long-nam", "a-very-long-na2", "eth2",
						  "eth3" };
	struct lab l;

	scratch_need_root();
	plant(&l, state, first);
	find(&l, false, 2, 0);
	make(&l);
	memcpy(l.want[0].name, "a-very-long-na2", 16);
	memcpy(l.want[1].name, "a-very-long-nam", 16);
	find(&l, false, 2, 0);
	make(&l);
	assert_names(&l, (const char *const[]){ "a-very-long-na2", "a-very-long-nam", "eth2",
						"eth3" });
	dig_up(&l);
}

/* One gets its name of udev, one finds none there and one finds nonsense. */
static void test_strangers(void **state)
{
	static const char *const wanted[CARDS] = { NULL, NULL, NULL, "eth0" };
	struct lab l;

	scratch_need_root();
	plant(&l, state, wanted);
	assert_int_equal(scratch_run("cd %s && echo E:ID_NET_NAME_PATH=enp0s5 > n%d && "
				     "echo E:ID_NET_NAME_PATH=eth7 > n%d",
				     l.s->dir, l.nic[0].ifindex, l.nic[1].ifindex),
			 0);
	find(&l, false, 4, 0);
	make(&l);
	assert_names(&l, (const char *const[]){ "enp0s5", "other0", "other1", "eth0" });
	dig_up(&l);
	plant(&l, state, wanted);
	l.policy.strangers = STRANGERS_KEEP;
	find(&l, false, 2, 0);
	make(&l);
	assert_names(&l, (const char *const[]){ "enp0s5", "eth1", "eth2", "eth0" });
	dig_up(&l);
}

static void test_up(void **state)
{
	static const char *const wanted[CARDS] = { "eth1", "eth2", "eth0", NULL };
	struct lab l;

	scratch_need_root();
	plant(&l, state, wanted);
	assert_int_equal(scratch_run("ip link set eth0 up && ip link set eth3 up"), 0);
	/* All of the cycle hangs on eth0; eth3 is in nobody's way. */
	find(&l, false, 3, 3);
	assert_non_null(strstr(l.live.v[0].blocked, "ip link set eth0 down"));
	make(&l);
	assert_names(&l, (const char *const[]){ "eth0", "eth1", "eth2", "eth3" });
	find(&l, true, 3, 0);
	make(&l);
	assert_names(&l, (const char *const[]){ "eth1", "eth2", "eth0", "eth3" });
	assert_int_equal(scratch_run("ip -o link show up | grep eth1"), 0);
	assert_int_not_equal(scratch_run("ip -o link show up | grep -E 'eth[02]'"), 0);
	dig_up(&l);
}

/* What is no card keeps its name: a bridge that somebody called eth9. */
static void test_holder_is_no_card(void **state)
{
	static const char *const wanted[CARDS] = { "eth9", "eth0", "eth2", "eth3" };
	struct lab l;

	scratch_need_root();
	plant(&l, state, wanted);
	assert_int_equal(scratch_run("ip link add eth9 type bridge"), 0);
	find(&l, true, 2, 2);
	assert_non_null(strstr(l.live.v[0].blocked, "no network card"));
	make(&l);
	assert_names(&l, (const char *const[]){ "eth0", "eth1", "eth2", "eth3" });
	dig_up(&l);
}

static void test_pulled_out(void **state)
{
	static const char *const wanted[CARDS] = { "eth1", "eth0", "lan0", "eth3" };
	struct lab l;

	scratch_need_root();
	plant(&l, state, wanted);
	find(&l, false, 3, 0);
	assert_int_equal(scratch_run("ip link del eth1"), 0);
	make(&l);
	assert_int_equal(index_of("eth1"), l.nic[0].ifindex);
	assert_int_equal(index_of("lan0"), l.nic[2].ifindex);
	dig_up(&l);
}

/* Somebody takes the name between the two: the old names come back. */
static void test_failure(void **state)
{
	static const char *const wanted[CARDS] = { "eth1", "lan0", "eth2", "eth3" };
	struct lab l;

	scratch_need_root();
	plant(&l, state, wanted);
	find(&l, false, 2, 0);
	assert_int_equal(scratch_run("ip link add lan0 type bridge"), 0);
	assert_int_equal(live_make(l.rt, &l.live, &l.e), -EEXIST);
	assert_non_null(strstr(l.e.msg, "eth1: "));
	assert_names(&l, (const char *const[]){ "eth0", "eth1", "eth2", "eth3" });
	dig_up(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_permutations, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_long_swap, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_strangers, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_up, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_holder_is_no_card, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_pulled_out, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_failure, scratch_setup, scratch_teardown),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
