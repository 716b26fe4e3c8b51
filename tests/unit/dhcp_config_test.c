// SPDX-License-Identifier: GPL-3.0-or-later
/* Addresses that do not fit together make no server. */
#include "tests/unit/dhcp_place.h"

static void test_configuration(void **state)
{
	struct place pl;
	struct err e = { "" };

	(void)state;
	place_init(&pl);
	pl.c.first = NET(110);
	assert_int_equal(dhcp_new(&pl.c, &pl.d, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "empty"));
	pl.c.first = 0xc0a80064;
	pl.c.last = 0xc0a80065;
	assert_int_equal(dhcp_new(&pl.c, &pl.d, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "not of the network of 10.77.0.1"));
	place_init(&pl);
	pl.c.mask = 0xff00ff00;
	assert_int_equal(dhcp_new(&pl.c, &pl.d, &e), -EINVAL);
	place_init(&pl);
	pl.c.lease = 0;
	assert_int_equal(dhcp_new(&pl.c, &pl.d, &e), -EINVAL);
	dhcp_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
