// SPDX-License-Identifier: GPL-3.0-or-later
/* What quote_line() gives must be the same words again, in a real shell. */
#include "imager/screen/quote.h"

#include "common/run_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_looks(void **state)
{
	static const char *const argv[] = { "slate", "save", "/dev/sda1", "my image.slate",
					    "it's",  "",     "\xc3\xa4\n" };
	char *line = quote_line(7, argv);

	(void)state;
	assert_string_equal(line, "slate save /dev/sda1 'my image.slate' 'it'\\''s' '' "
				  "$'\\303\\244\\012'");
	free(line);
}

/* Every byte there is, in the shell. */
static void test_shell(void **state)
{
	char odd[256], script[4096], *line;
	const char *argv[] = { "printf", "%s|", odd, "$HOME", "`x`", "a\\b'c", "!x", "~", "#" };
	const char *sh[] = { "bash", "-c", script, NULL };
	char want[1024];
	struct output out;

	(void)state;
	for (int i = 1; i < 256; i++)
		odd[i - 1] = (char)i;
	odd[255] = 0;
	line = quote_line(9, argv);
	snprintf(script, sizeof(script), "LC_ALL=C; %s | od -An -v -tx1 | tr -d ' \\n'", line);
	free(line);
	assert_int_equal(program_run(sh, NULL, &out, NULL), 0);
	snprintf(want, sizeof(want), "%s|$HOME|`x`|a\\b'c|!x|~|#|", odd);
	assert_int_equal(strlen(out.text), 2 * strlen(want));
	for (size_t i = 0; want[i]; i++) {
		char hex[3] = { out.text[2 * i], out.text[2 * i + 1], 0 };

		assert_int_equal(strtol(hex, NULL, 16), (unsigned char)want[i]);
	}
}

/* However wide the lines are, a shell puts them together again. */
static void test_break(void **state)
{
	static const char *const words[] = { "/a/long-one.slate", "it's 'a' \\ b",
					     "\xc3\xa4'1\\ 2" };
	struct output out;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t columns = 8; columns < 40; columns++) {
			char *word = quote_line(1, &words[i]), line[64], script[512];
			const char *sh[] = { "bash", "-c", script, NULL }, *at = word;
			size_t n = (size_t)snprintf(script, sizeof(script), "printf %%s ");

			while (at) {
				at = quote_break(word, at, line, columns);
				assert_true(strlen(line) <= columns);
				n += (size_t)snprintf(script + n, sizeof(script) - n, "%s%s",
						      line, at ? "\n" : "");
			}
			assert_int_equal(program_run(sh, NULL, &out, NULL), 0);
			assert_string_equal(out.text, words[i]);
			free(word);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_break),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
