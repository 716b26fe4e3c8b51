// SPDX-License-Identifier: GPL-3.0-or-later
/* Times as people write them; and the packet that switches a machine on. */
#include "pxe/cmd/when.h"

#include "pxe/wire/wake.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <time.h>

/* Berlin's rules, written out so that no time zone files are needed. */
#define ZONE "CET-1CEST,M3.5.0,M10.5.0/3"

static int64_t at(int year, int month, int day, int hour, int minute)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_min = minute,
			 .tm_isdst = -1 };

	return mktime(&tm);
}

static void means(const char *text, int64_t now, int64_t want)
{
	struct err e = { "" };
	int64_t got = 0;

	if (when_parse(text, now, &got, &e))
		fail_msg("%s: %s", text, e.msg);
	assert_int_equal(got, want);
}

static void refused(const char *text, int64_t now, const char *words)
{
	struct err e = { "" };
	int64_t got = 77;

	assert_int_equal(when_parse(text, now, &got, &e), -EINVAL);
	if (!strstr(e.msg, words))
		fail_msg("%s: \"%s\", not \"%s\"", text, e.msg, words);
}

static void test_clock(void **state)
{
	int64_t noon = at(2026, 11, 26, 12, 0);

	(void)state;
	means("14:30", noon, at(2026, 11, 26, 14, 30));
	means("12:00", noon, noon);
	means("11:59", noon, at(2026, 11, 27, 11, 59));
	means("7:05", noon, at(2026, 11, 27, 7, 5));
	means("00:00", noon, at(2026, 11, 27, 0, 0));
	means("00:00", at(2026, 12, 31, 23, 59), at(2027, 1, 1, 0, 0));
	/* A day of 25 hours: tomorrow at seven is seven. */
	means("07:00", at(2026, 10, 24, 8, 0), at(2026, 10, 25, 7, 0));
	means("07:00", at(2026, 3, 28, 8, 0), at(2026, 3, 29, 7, 0));
	/* The hour that the clocks skip. */
	refused("02:30", at(2026, 3, 28, 12, 0), "no such day or hour");
}

static void test_date(void **state)
{
	int64_t noon = at(2026, 11, 26, 12, 0);

	(void)state;
	means("2026-12-24 07:00", noon, at(2026, 12, 24, 7, 0));
	means("2026-12-24T07:00", noon, at(2026, 12, 24, 7, 0));
	means("2028-02-29 7:00", noon, at(2028, 2, 29, 7, 0));
	refused("2026-11-26 11:59", noon, "2026-11-26 11:59 is over");
	refused("2027-02-29 07:00", noon, "no such day or hour");
	refused("2027-04-31 07:00", noon, "no such day or hour");
	refused("2027-03-28 02:30", noon, "no such day or hour");
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"noon",
		"24:00",
		"12:60",
		"1430",
		"14:30:00",
		"-1:00",
		" 14:30",
		"14:30 ",
		"2026-12-24",
		"2026-13-01 7:00",
		"2026-00-01 7:00",
		"26-12-24 07:00",
		"2026-12-24  07:00",
		"2026-12-24 07:00x",
		"2026-12-24_07:00",
		"9999999999-12-24 07:00",
		"123:00",
		":30",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		refused(texts[i], at(2026, 11, 26, 12, 0), "is no time such as 14:30");
}

static void test_text(void **state)
{
	int64_t noon = at(2026, 11, 26, 12, 0);
	char buf[WHEN_TEXT_MAX];

	(void)state;
	assert_string_equal(when_text(0, noon, buf), "");
	assert_string_equal(when_text(at(2026, 11, 26, 7, 5), noon, buf), "07:05");
	assert_string_equal(when_text(at(2025, 11, 26, 7, 5), noon, buf), "2025-11-26 07:05");
	assert_string_equal(when_age(-5, buf), "0 s");
	assert_string_equal(when_age(119, buf), "119 s");
	assert_string_equal(when_age(120, buf), "2 min");
	assert_string_equal(when_age(7200, buf), "2 h");
	assert_string_equal(when_age(INT64_C(86400) * 100, buf), "100 days");
	assert_string_equal(when_span(65, buf), "1:05");
	assert_string_equal(when_span(7384, buf), "2:03:04");
}

static void test_wake(void **state)
{
	static const struct mac mac = { { 0x52, 0x54, 0, 0x12, 0x34, 0x56 } };
	uint8_t packet[WAKE_LEN + 1];

	(void)state;
	packet[WAKE_LEN] = 0x55;
	wake_packet(&mac, packet);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(packet[i], 0xff);
	for (size_t i = 0; i < 96; i++)
		assert_int_equal(packet[6 + i], mac.b[i % 6]);
	assert_int_equal(packet[WAKE_LEN], 0x55);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),   cmocka_unit_test(test_date),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_text),
		cmocka_unit_test(test_wake),
	};

	setenv("TZ", ZONE, 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
