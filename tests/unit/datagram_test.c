// SPDX-License-Identifier: GPL-3.0-or-later
/* Addresses as text. */
#include "pxe/wire/datagram.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_there_and_back(void **state)
{
	static const struct {
		const char *text;
		uint32_t addr;
	} good[] = {
		{ "0.0.0.0", 0 },
		{ "192.168.67.1", 0xc0a84301 },
		{ "10.0.200.30", 0x0a00c81e },
		{ "255.255.255.255", 0xffffffff },
	};
	char buf[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint32_t addr = 1;

		assert_int_equal(addr_parse(good[i].text, &addr, NULL), 0);
		assert_int_equal(addr, good[i].addr);
		assert_string_equal(addr_text(addr, buf), good[i].text);
	}
}

static void test_no_addresses(void **state)
{
	static const char *const bad[] = {
		"",          "1.2.3",      "1.2.3.",         "1.2.3.4.",
		"1.2.3.4.5", "1.2.3.256",  "1.2.3.999",      "1.2.3.0004",
		"1.2.3.04",  "010.0.0.1",  "10.1",           "0x0a000001",
		"1.2.3.-4",  "1.2.3.+4",   " 1.2.3.4",       "1.2.3.4 ",
		"1..3.4",    "1.2.3.4/24", "a.b.c.d",        "1,2,3,4",
		"1.2.3.1e0", "::1",        "pc07",           "1.2.3.4\n",
		".1.2.3.4",  "4294967296", "1.2.3.\xd9\xa4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { "" };
		uint32_t addr = 7;

		if (addr_parse(bad[i], &addr, &e) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(addr, 7);
		assert_non_null(strstr(e.msg, "192.168.67.1"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
