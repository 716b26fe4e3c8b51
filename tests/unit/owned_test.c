// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/owned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MARK "# Made by slate-netconf; change the policy, not this file. sha256:"

static char *marked(const char *content)
{
	struct err e;
	char *text = NULL;

	assert_int_equal(owned_mark(content, &text, &e), 0);
	return text;
}

/* The sum as sha256sum(1) has it: others can check it without us. */
static void test_mark(void **state)
{
	char *text = marked("hello\n");

	(void)state;
	assert_string_equal(text, MARK "5891b5b522d5df086d0ff0b110fbd9d2"
				       "1bb4fc7163af34d08286a2e846f6be03\nhello\n");
	assert_int_equal(owned_check(text, strlen(text)), OWNED_OURS);
	free(text);
	text = marked("");
	assert_int_equal(owned_check(text, strlen(text)), OWNED_OURS);
	free(text);
}

static void test_script(void **state)
{
	char *text = marked("#!/bin/sh\nexit 0\n");
	char *mark = strstr(text, MARK);

	(void)state;
	assert_int_equal(strncmp(text, "#!/bin/sh\n" MARK, 10 + strlen(MARK)), 0);
	assert_int_equal(owned_check(text, strlen(text)), OWNED_OURS);
	text[7] = 'z';
	assert_int_equal(owned_check(text, strlen(text)), OWNED_EDITED);
	text[7] = 's';
	assert_int_equal(owned_check(text, strlen(text)), OWNED_OURS);
	mark[0] = ';';
	assert_int_equal(owned_check(text, strlen(text)), OWNED_NOT);
	free(text);
}

static void test_edited(void **state)
{
	char *text = marked("auto eth0\n");
	size_t len = strlen(text);

	(void)state;
	/* Any byte of mark or content that changes is seen. */
	for (size_t i = 0; i < len; i++) {
		enum owned found;

		text[i] ^= 1;
		found = owned_check(text, len);
		assert_int_equal(found, i < strlen(MARK) ? OWNED_NOT : OWNED_EDITED);
		text[i] ^= 1;
	}
	for (size_t n = 0; n < len; n++)
		assert_int_equal(owned_check(text, n),
				 n < strlen(MARK) ? OWNED_NOT : OWNED_EDITED);
	assert_int_equal(owned_check(text, len), OWNED_OURS);
	free(text);
}

static void test_foreign(void **state)
{
	static const char *const texts[] = { "",          "#",         "#!",
					     "#!/bin/sh", "auto lo\n", "# Made by somebody\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(owned_check(texts[i], strlen(texts[i])), OWNED_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_edited),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
