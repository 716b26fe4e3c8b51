// SPDX-License-Identifier: GPL-3.0-or-later
/* The example of lab.conf that is installed: what it says are the defaults. */
#include "common/io.h"
#include "pxe/config/lab.h"
#include "tests/unit/scratch.h"

#define EXAMPLE "pxe/lab.conf"

static void test_example_is_default(void **state)
{
	char *text = io_slurp(EXAMPLE, 65536);
	struct err e = { "" };
	struct lab said, defaults;

	(void)state;
	assert_non_null(text);
	lab_defaults(&defaults);
	if (lab_parse(EXAMPLE, text, strlen(text), &said, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(said.images, defaults.images);
	assert_string_equal(said.boot, defaults.boot);
	assert_string_equal(said.state, defaults.state);
	assert_string_equal(said.user, defaults.user);
	assert_string_equal(said.interface, "");
	assert_int_equal(said.dhcp, defaults.dhcp);
	assert_int_equal(said.first, 0);
	assert_int_equal(said.lease, defaults.lease);
	assert_int_equal(said.router, 0);
	assert_int_equal(said.n_dns, 0);
	assert_int_equal(said.probe, defaults.probe);
	assert_int_equal(said.known_hosts_only, defaults.known_hosts_only);
	assert_int_equal(said.ipxe_loader, defaults.ipxe_loader);
	assert_int_equal(said.tftp, defaults.tftp);
	assert_int_equal(said.block_max, defaults.block_max);
	assert_int_equal(said.transfers_max, defaults.transfers_max);
	assert_int_equal(said.per_client_max, defaults.per_client_max);
	assert_int_equal(said.http_port, defaults.http_port);
	assert_int_equal(said.http_listen, 0);
	assert_int_equal(said.n_admin, 0);
	assert_int_equal(said.quota, defaults.quota);
	assert_int_equal(said.lost_after, defaults.lost_after);
	assert_string_equal(said.kernel_options, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_is_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
