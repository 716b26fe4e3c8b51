// SPDX-License-Identifier: GPL-3.0-or-later
/* Which bytes of a file a Range header asks for. */
#include "pxe/http/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HUGE 0xfffffffffffffffeULL

static const struct {
	const char *header;
	uint64_t size;
	enum range range;
	uint64_t off, len;
} cases[] = {
	{ NULL, 100, RANGE_NONE, 0, 100 },
	{ "bytes=0-0", 100, RANGE_OK, 0, 1 },
	{ "bytes=0-99", 100, RANGE_OK, 0, 100 },
	{ "bytes=0-100", 100, RANGE_OK, 0, 100 },
	{ "bytes=99-", 100, RANGE_OK, 99, 1 },
	{ "bytes=10-19", 100, RANGE_OK, 10, 10 },
	{ "BYTES=10-19", 100, RANGE_OK, 10, 10 },
	{ "bytes=010-019", 100, RANGE_OK, 10, 10 },
	{ "bytes=-1", 100, RANGE_OK, 99, 1 },
	{ "bytes=-100", 100, RANGE_OK, 0, 100 },
	{ "bytes=-101", 100, RANGE_OK, 0, 100 },
	/* Beyond the end. */
	{ "bytes=100-", 100, RANGE_OUTSIDE, 0, 100 },
	{ "bytes=100-200", 100, RANGE_OUTSIDE, 0, 100 },
	{ "bytes=-0", 100, RANGE_OUTSIDE, 0, 100 },
	{ "bytes=0-0", 0, RANGE_OUTSIDE, 0, 0 },
	{ "bytes=0-", 0, RANGE_OUTSIDE, 0, 0 },
	{ "bytes=-5", 0, RANGE_OUTSIDE, 0, 0 },
	/* Larger than any number: as far as there is something. */
	{ "bytes=5-18446744073709551615", 100, RANGE_OK, 5, 95 },
	{ "bytes=5-18446744073709551616", 100, RANGE_OK, 5, 95 },
	{ "bytes=5-99999999999999999999999999999", 100, RANGE_OK, 5, 95 },
	{ "bytes=-99999999999999999999999999999", 100, RANGE_OK, 0, 100 },
	{ "bytes=99999999999999999999999999999-", 100, RANGE_OUTSIDE, 0, 100 },
	{ "bytes=18446744073709551616-18446744073709551617", 1, RANGE_OUTSIDE, 0, 1 },
	{ "bytes=0-", HUGE, RANGE_OK, 0, HUGE },
	{ "bytes=18446744073709551613-", HUGE, RANGE_OK, HUGE - 1, 1 },
	{ "bytes=-1", HUGE, RANGE_OK, HUGE - 1, 1 },
	/* Not what we know: all of it is right, too (RFC 9110, 14.2). */
	{ "", 100, RANGE_NONE, 0, 100 },
	{ "bytes", 100, RANGE_NONE, 0, 100 },
	{ "bytes=", 100, RANGE_NONE, 0, 100 },
	{ "bytes=-", 100, RANGE_NONE, 0, 100 },
	{ "bytes=5", 100, RANGE_NONE, 0, 100 },
	{ "bytes=9-5", 100, RANGE_NONE, 0, 100 },
	{ "bytes=5-9x", 100, RANGE_NONE, 0, 100 },
	{ "bytes=x5-9", 100, RANGE_NONE, 0, 100 },
	{ "bytes=5--9", 100, RANGE_NONE, 0, 100 },
	{ "bytes=--9", 100, RANGE_NONE, 0, 100 },
	{ "bytes=+5-9", 100, RANGE_NONE, 0, 100 },
	{ "bytes=0x5-9", 100, RANGE_NONE, 0, 100 },
	{ "bytes=0-1,5-9", 100, RANGE_NONE, 0, 100 },
	{ "items=0-1", 100, RANGE_NONE, 0, 100 },
	{ "bytes=5 -9", 100, RANGE_NONE, 0, 100 },
};

static void test_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t off, len;

		print_message("%s\n", cases[i].header ? cases[i].header : "(none)");
		assert_int_equal(range_parse(cases[i].header, cases[i].size, &off, &len),
				 cases[i].range);
		assert_int_equal(off, cases[i].off);
		assert_int_equal(len, cases[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_ranges) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
