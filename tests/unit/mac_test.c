// SPDX-License-Identifier: GPL-3.0-or-later
/* Ethernet addresses as people write them. */
#include "common/mac.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *text, const char *want)
{
	char buf[MAC_TEXT_MAX];
	struct mac m;
	struct err e;

	if (mac_parse(text, &m, &e))
		fail_msg("\"%s\": %s", text, e.msg);
	assert_ptr_equal(mac_text(&m, buf), buf);
	assert_string_equal(buf, want);
}

static void refused(const char *text, const char *words)
{
	struct mac m = { { 1, 2, 3, 4, 5, 6 } };
	const struct mac before = m;
	struct err e = { "" };

	assert_int_equal(mac_parse(text, &m, &e), -EINVAL);
	assert_true(mac_equal(&m, &before));
	if (!strstr(e.msg, words))
		fail_msg("\"%s\": got \"%s\", want \"%s\"", text, e.msg, words);
	assert_int_equal(mac_parse(text, &m, NULL), -EINVAL);
}

static void test_forms(void **state)
{
	(void)state;
	expect("52:54:00:12:34:56", "52:54:00:12:34:56");
	expect("AB:cd:EF:0a:1B:9f", "ab:cd:ef:0a:1b:9f");
	expect("52-54-00-12-34-56", "52:54:00:12:34:56");
}

static void test_refused(void **state)
{
	(void)state;
	refused("525400123456", "525400123456: a MAC has colons: 52:54:00:12:34:56");
	refused("", "\"\" is no MAC");
	refused("52:54:00:12:34", "is no MAC, which looks like 52:54:00:12:34:56");
	refused("52:54:00:12:34:", "is no MAC");
	refused("52:54:00:12:34:5", "is no MAC");
	refused("52:54:00:12:34:56:78", "is no MAC");
	refused("52:54:00:12:34:56 ", "is no MAC");
	refused(" 52:54:00:12:34:56", "is no MAC");
	refused("5:54:00:12:34:567", "is no MAC");
	refused("52:54:00:12:34:5g", "is no MAC");
	refused("52.54.00.12.34.56", "is no MAC");
	refused("\033[2J", "\"?[2J\" is no MAC");
	refused("0123456789012345678901234567890123456789abcdef",
		"\"012345678901234567890123456"
		"789012345678\" is no MAC");
}

static void test_valid(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "52:54:00:12:34:56", true },  { "00:00:00:00:00:00", false },
		{ "ff:ff:ff:ff:ff:ff", false }, { "01:00:5e:00:00:01", false },
		{ "00:00:00:00:00:01", true },  { "02:00:00:00:00:00", true },
	};
	struct mac m, other;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(mac_parse(cases[i].text, &m, NULL), 0);
		assert_int_equal(mac_valid(&m), cases[i].valid);
	}
	other = m;
	assert_true(mac_equal(&m, &other));
	other.b[5] ^= 1;
	assert_false(mac_equal(&m, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
