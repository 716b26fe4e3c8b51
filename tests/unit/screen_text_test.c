// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts in their fields, columns of foreign text, what keys mean. */
#include "imager/screen/keys.h"
#include "imager/screen/wide.h"

#include <curses.h>
#include <libgen.h>
#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What is filled in has room of its own. */
static size_t columns_of(const char *text)
{
	char rest[1024] = "";

	for (const char *p = text; *p; p++) {
		if (*p == '%' && p[1] == 's')
			p++;
		else if (*p == '%' && p[1] == 'l')
			p += 2;
		else
			snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), "%c", *p);
	}
	return wide_columns(rest);
}

static void check_fields(void)
{
	for (int i = 0; i < TEXTS; i++) {
		unsigned room = text_columns((enum text_id)i);

		for (unsigned long n = 1; n < 3; n++)
			if (room && columns_of(tr_n((enum text_id)i, n)) > room)
				fail_msg("'%s' has %u columns", tr_n((enum text_id)i, n), room);
	}
}

static void test_fields(void **state)
{
	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("LANGUAGE");
	assert_true(text_begin());
	assert_string_equal(tr(T_YES), "Yes");
	check_fields();
}

static void test_german(void **state)
{
	char buf[64], exe[2048], folder[4096];
	ssize_t n;

	(void)state;
	/* A locale that a minimal system does not have. */
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	unsetenv("LANGUAGE");
	assert_true(text_begin());
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	assert_true(n > 0);
	exe[n] = 0;
	snprintf(folder, sizeof(folder), "%s/../locale", dirname(exe));
	bindtextdomain("slate", folder);
	assert_string_equal(tr(T_YES), "Ja");
	assert_string_equal(tr_print_n(buf, sizeof(buf), T_N_PARTITIONS, 1), "1 Partition");
	assert_string_equal(tr_print_n(buf, sizeof(buf), T_N_PARTITIONS, 7), "7 Partitionen");
	assert_string_equal(localeconv()->decimal_point, ".");
	check_fields();
	unsetenv("LANGUAGE");
}

static void take(const char *text, size_t columns, const wchar_t *want, size_t used)
{
	wchar_t got[64];

	assert_int_equal(wide_take(&text, columns, got, 64), used);
	if (wcscmp(got, want) != 0)
		fail_msg("%ls, not %ls", got, want);
}

static void test_columns(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C.UTF-8");
	take("abc", 2, L"ab", 2);
	take("日本", 3, L"日", 2); /* half a character is none */
	take("e\xcc\x81x", 1, L"e\u0301", 1);
	take("\xcc\x81x", 5, L"?x", 2);
	take("a\x1b[2J\xff\xc2\x9b", 20, L"a?[2J??", 7);
	take("\xe6\x97", 5, L"??", 2);
	assert_int_equal(wide_columns("日本e\xcc\x81"), 5);
	setlocale(LC_CTYPE, "C");
	take("Grün", 9, L"Gr?n", 4);
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void test_lines(void **state)
{
	const char *next;

	(void)state;
	assert_int_equal(wide_line("one two", 5, &next), 3);
	assert_string_equal(next, "two");
	assert_int_equal(wide_line("onetwo", 4, &next), 4);
	assert_string_equal(next, "wo");
	assert_int_equal(wide_line("a\n\nb", 9, &next), 1);
	assert_string_equal(next, "\nb");
	assert_int_equal(wide_line("b", 9, &next), 1);
	assert_null(next);
}

static void test_keys(void **state)
{
	(void)state;
	assert_int_equal(key_event(true, KEY_UP, true).key, K_UP);
	assert_int_equal(key_event(false, 'k', false).key, K_UP);
	assert_int_equal(key_event(false, 'k', true).key, K_CHAR);
	assert_int_equal(key_event(false, 'k', true).ch, 'k');
	assert_int_equal(key_event(false, 27, true).key, K_BACK);
	assert_int_equal(key_event(true, KEY_F(1), false).key, K_HELP);
	assert_int_equal(key_event(false, 0x9b, false).key, K_NONE);
	assert_int_equal(key_event(false, 0xe4, false).ch, 0xe4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),  cmocka_unit_test(test_german),
		cmocka_unit_test(test_columns), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
