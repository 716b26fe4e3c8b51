// SPDX-License-Identifier: GPL-3.0-or-later
/* INI files: what comes out, and that every mistake has its place. */
#include "common/conf.h"
#include "common/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "LINE:COLUMN section.name=value;" of each entry; '+' for one that goes on. */
static int note(void *ctx, const struct conf_entry *en, struct err *e)
{
	if (!en->name)
		text_add(ctx, "%u:%u [%s];", en->line, en->column, en->value);
	else
		text_add(ctx, "%u:%u/%u %s.%s%s%s;", en->line, en->name_column, en->column,
			 en->section, en->name, en->goes_on ? "+" : "=", en->value);
	if (en->name && !strcmp(en->name, "bad"))
		return conf_error(en, strchr(en->value, '!'), e, "bad %s", en->value);
	if (en->name && !strcmp(en->name, "unknown"))
		return conf_error_name(en, e, "no %s", en->name);
	return 0;
}

static void expect_n(const char *text, size_t len, const char *want)
{
	struct text got = { 0 };
	struct err e = { "" };

	if (conf_parse("f", text, len, note, &got, &e))
		fail_msg("\"%s\": %s", text, e.msg);
	assert_string_equal(text_get(&got), want);
	text_free(&got);
}

static void expect(const char *text, const char *want)
{
	expect_n(text, strlen(text), want);
}

static void refused_n(const char *text, size_t len, const char *words)
{
	struct text got = { 0 };
	struct err e = { "" };

	assert_int_equal(conf_parse("f", text, len, note, &got, &e), -EINVAL);
	text_free(&got);
	if (strncmp(e.msg, words, strlen(words)) != 0)
		fail_msg("\"%s\": got \"%s\", want \"%s\"", text, e.msg, words);
}

static void refused(const char *text, const char *words)
{
	refused_n(text, strlen(text), words);
}

static void test_entries(void **state)
{
	(void)state;
	expect("[a]\nx = 1\ny: two words\n[b]\nx=3", "1:2 [a];2:1/5 a.x=1;3:1/4 a.y=two words;"
						     "4:2 [b];5:1/3 b.x=3;");
	expect("", "");
	expect("\n\n# c\n ; c\n", "");
	expect("[a]\r\nx = 1\r\n", "1:2 [a];2:1/5 a.x=1;");
	expect("[a] ; c\n[b]  # c\n[c c]", "1:2 [a];2:2 [b];3:2 [c c];");
	expect("x = 1", "1:1/5 .x=1;");
	expect("[a]\nx =\n", "1:2 [a];2:1/4 a.x=;");
}

/* The same text stands more than once in a line; a value begins like what parts them. */
static void test_columns(void **state)
{
	(void)state;
	expect("[a]\nmatch = match", "1:2 [a];2:1/9 a.match=match;");
	expect("[a]\na  =    a", "1:2 [a];2:1/9 a.a=a;");
	expect("[a]\nx ==", "1:2 [a];2:1/4 a.x==;");
	expect("[a]\nx = = y", "1:2 [a];2:1/5 a.x== y;");
	expect("[a]\nx = mac:1 ; mac:1", "1:2 [a];2:1/5 a.x=mac:1;");
	expect("[a]\nx = a;b ;c", "1:2 [a];2:1/5 a.x=a;b;");
	expect("[a]\n  y y = y\n", "1:2 [a];2:3/9 a.y y=y;");
	expect("\xef\xbb\xbf[a]\nx=1", "1:2 [a];2:1/3 a.x=1;");
	expect("\xef\xbb\xbf\xef\xbb\xbf[a]", "1:2 [a];");
}

static void test_continuation(void **state)
{
	(void)state;
	expect("[a]\nx = 1\n  2 ; two\n\n\t3", "1:2 [a];2:1/5 a.x=1;3:3/3 a.x+2;5:2/2 a.x+3;");
	expect("[a]\nx = 1\n  y = x = 1", "1:2 [a];2:1/5 a.x=1;3:3/3 a.x+y = x = 1;");
	expect("[a]\nx = 1\n[b]\n y = 2\n z = 3",
	       "1:2 [a];2:1/5 a.x=1;3:2 [b];4:2/6 b.y=2;5:2/2 b.y+z = 3;");
	expect("[a]\nx = 1\n ; no\n # no\n 2", "1:2 [a];2:1/5 a.x=1;5:2/2 a.x+2;");
}

static void test_refused(void **state)
{
	(void)state;
	refused("[a]\nxyz", "f:2:1: neither");
	refused("[a]\n  xyz", "f:2:3: neither");
	refused("[a]\nx ;= 1", "f:2:1: neither");
	refused("[a]\n= 1", "f:2:1: no name before");
	refused("[a", "f:1:1: a '[' without");
	refused("[a]\nx = 1\n[b ; c]\n 2", "f:3:1: a '[' without");
	refused("x = 1\n\n [a]", "f:3:2: a section begins");
	refused("\f[a]", "f:1:2: a section begins");
	refused("[]", "f:1:2: the name of a section");
	refused("[a] x", "f:1:5: behind a [section]");
	refused("[123456789 123456789 123456789 123456789 123456789]", "f:1:2: the name of a");
	refused("[a]\nx123456789 123456789 123456789 123456789 12345678 = 1",
		"f:2:1: a name of more than 48");
	refused("[a]\n x123456789 123456789 123456789 123456789 12345678 = 1",
		"f:2:2: a name of more than 48");
	refused_n("[a]\nx = \0\n", 10, "f:2:5: a NUL byte");
	/* The first mistake is told, whoever finds it. */
	refused("[a]\nx\nbad = 1", "f:2:1: neither");
	refused("[a]\nbad = 1\nx", "f:2:7: bad 1");
}

static void test_callers_errors(void **state)
{
	(void)state;
	refused("[a]\nbad = one !two ; !", "f:2:11: bad one !two");
	refused("[a]\nbad = 1 !\n", "f:2:9: bad");
	refused("[a]\nx = 1\n\n unknown = 1\nunknown = 2", "f:5:1: no unknown");
	refused("[a]\n unknown = 1", "f:2:2: no unknown");
	refused("[a]\nbad = \033[2J", "f:2:7: bad ?[2J");
}

/* A value of @n bytes all in all: fits to the last byte, and one more does not. */
static void test_long_lines(void **state)
{
	struct text t = { 0 }, want = { 0 };
	char fill[CONF_LINE_MAX];

	(void)state;
	memset(fill, 'v', sizeof(fill));
	text_add(&t, "[a]\nx=%.*s\ny=1", CONF_LINE_MAX - 2, fill);
	text_add(&want, "1:2 [a];2:1/3 a.x=%.*s;3:1/3 a.y=1;", CONF_LINE_MAX - 2, fill);
	expect(text_get(&t), text_get(&want));
	text_free(&t);
	text_free(&want);
	text_add(&t, "[a]\nx=%.*s\ny=1", CONF_LINE_MAX - 1, fill);
	refused(text_get(&t), "f:2:197: a line of more than 196");
	text_free(&t);
}

static void test_too_large(void **state)
{
	char *text = calloc(1, CONF_FILE_MAX + 1);
	struct err e;

	(void)state;
	memset(text, '\n', CONF_FILE_MAX);
	assert_int_equal(conf_parse("f", text, CONF_FILE_MAX, note, NULL, &e), 0);
	assert_int_equal(conf_parse("f", text, CONF_FILE_MAX + 1, note, NULL, &e), -EINVAL);
	assert_string_equal(e.msg, "f: too large for a configuration file");
	free(text);
}

static void test_files(void **state)
{
	struct text got = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(conf_read("/nowhere/slate.conf", note, &got, &e), -ENOENT);
	assert_string_equal(e.msg, "/nowhere/slate.conf: No such file or directory");
	assert_int_equal(conf_read("/", note, &got, &e), -EISDIR);
	assert_int_equal(conf_read("/dev/zero", note, &got, &e), -EFBIG);
	assert_string_equal(text_get(&got), "");
	text_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),        cmocka_unit_test(test_columns),
		cmocka_unit_test(test_continuation),   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_callers_errors), cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_too_large),      cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
