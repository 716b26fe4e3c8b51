// SPDX-License-Identifier: GPL-3.0-or-later
/* The second phase of a rename: operands, waiting for a name, and who did not give it up. */
#include "netconf/helper/rename.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static void test_operands(void **state)
{
	static const struct {
		const char *index, *name, *said;
	} bad[] = {
		{ "", "eth0", "no index" },
		{ "0", "eth0", "no index" },
		{ "-1", "eth0", "no index" },
		{ " 1", "eth0", "no index" },
		{ "1x", "eth0", "no index" },
		{ "2147483648", "eth0", "no index" },
		{ "99999999999999999999", "eth0", "no index" },
		{ "1", "", "no name" },
		{ "1", "eth%d", "no name" },
		{ "1", "a/b", "no name" },
		{ "1", "a b", "no name" },
		{ "1", "..", "no name" },
		{ "1", "a-name-of-16-chr", "no name" },
	};
	struct err e;
	int ifindex = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rename_operands(bad[i].index, bad[i].name, &ifindex, &e),
				 -EINVAL);
		assert_non_null(strstr(e.msg, bad[i].said));
	}
	assert_int_equal(rename_operands("2147483647", "a-name-of-15-ch", &ifindex, &e), 0);
	assert_int_equal(ifindex, 2147483647);
}

/* Two cards, eth0 and nc-eth0, in a network namespace of the test's own. */
static struct rtnl *two_cards(void)
{
	struct err e = { "" };
	struct rtnl *r = NULL;

	scratch_need_root();
	if (unshare(CLONE_NEWNET)) {
		print_message("needs network namespaces\n");
		skip();
	}
	assert_int_equal(scratch_run("ip link add eth0 type veth peer name nc-eth0"), 0);
	assert_int_equal(rtnl_open(&r, &e), 0);
	return r;
}

static void test_waits(void **state)
{
	struct rtnl *r = two_cards();
	int ifindex = (int)if_nametoindex("nc-eth0");
	struct err e = { "" };

	(void)state;
	assert_int_equal(scratch_run("(sleep 0.3; ip link set eth0 name ens5) & true"), 0);
	assert_int_equal(rename_wait(r, ifindex, "eth0", 100, &e), 0);
	assert_int_equal(if_nametoindex("eth0"), ifindex);
	assert_int_not_equal(if_nametoindex("ens5"), 0);
	/* Once more: it has the name, and is in use by now. */
	assert_int_equal(scratch_run("ip link set eth0 up"), 0);
	assert_int_equal(rename_wait(r, ifindex, "eth0", 0, &e), 0);
	rtnl_close(r);
}

static void test_stays(void **state)
{
	struct rtnl *r = two_cards();
	int ifindex = (int)if_nametoindex("nc-eth0");
	struct err e = { "" };

	(void)state;
	assert_int_equal(rename_wait(r, ifindex, "eth0", 2, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "eth0 stays nc-eth0: interface "));
	assert_non_null(strstr(e.msg, "did not give the name up"));
	assert_int_equal(if_nametoindex("nc-eth0"), ifindex);
	assert_int_equal(scratch_run("ip link set eth0 name ens5; "
				     "ip link property add dev ens5 altname eth0"),
			 0);
	assert_int_equal(rename_wait(r, ifindex, "eth0", 2, &e), -EEXIST);
	assert_non_null(strstr(e.msg, "a second one of another interface"));
	rtnl_close(r);
}

static void test_gone(void **state)
{
	struct rtnl *r = two_cards();
	struct err e = { "" };

	(void)state;
	assert_int_equal(rename_wait(r, 4000, "eth7", 2, &e), -ENODEV);
	assert_non_null(strstr(e.msg, "no interface 4000 any more"));
	rtnl_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
