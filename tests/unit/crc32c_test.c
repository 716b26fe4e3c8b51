// SPDX-License-Identifier: GPL-3.0-or-later
/* CRC-32C against the examples of RFC 3720 and against libext2fs. */
#include "common/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ext2fs/ext2fs.h>

static uint32_t sum(const void *p, size_t n)
{
	return ~crc32c(~0U, p, n);
}

static void test_known(void **state)
{
	uint8_t buf[32];

	(void)state;
	assert_int_equal(0, sum("", 0));
	assert_int_equal(0xc1d04330, sum("a", 1));
	assert_int_equal(0xe3069283, sum("123456789", 9));
	memset(buf, 0, sizeof(buf));
	assert_int_equal(0x8a9136aa, sum(buf, sizeof(buf)));
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(0x62a8ab43, sum(buf, sizeof(buf)));
	for (uint8_t i = 0; i < 32; i++)
		buf[i] = i;
	assert_int_equal(0x46dd794e, sum(buf, sizeof(buf)));
	for (uint8_t i = 0; i < 32; i++)
		buf[i] = 31 - i;
	assert_int_equal(0x113fdb5c, sum(buf, sizeof(buf)));
}

static void test_running(void **state)
{
	uint8_t buf[97];

	(void)state;
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(i * i + 7 * i);
	for (size_t i = 0; i <= sizeof(buf); i++)
		assert_int_equal(crc32c(5, buf, sizeof(buf)),
				 crc32c(crc32c(5, buf, i), buf + i, sizeof(buf) - i));
}

/* Any length, any address, any value to begin with. */
static void test_other_implementation(void **state)
{
	uint8_t buf[600];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(buf); i++) {
		seed = seed * 1664525 + 1013904223;
		buf[i] = (uint8_t)(seed >> 24);
	}
	for (size_t n = 0; n < 512; n++) {
		seed = seed * 1664525 + 1013904223;
		assert_int_equal(ext2fs_crc32c_le(seed, buf + n % 11, n),
				 crc32c(seed, buf + n % 11, n));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_running),
		cmocka_unit_test(test_other_implementation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
