// SPDX-License-Identifier: GPL-3.0-or-later
/* Options as people type them, the words of the refusals, and --help. */
#include "common/opt.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAVE = 1, RESTORE = 2 };

struct opts {
	bool erase, batch, overwrite, nodesc, nocheck;
	const char *compress, *answers;
	unsigned jobs, finish;
	uint64_t volume, chunk;
};

static int parse_finish(void *field, const char *text, struct err *e)
{
	uint64_t v;
	int r = opt_number(text, 0, 3, &v, e);

	if (r == 0)
		*(unsigned *)field = (unsigned)v;
	return r;
}

static int parse_mib(void *field, const char *text, struct err *e)
{
	return opt_bytes(text, UINT64_C(1) << 20, field, e);
}

#define AT(f) offsetof(struct opts, f)

/* Given bits in the tests below are places in this table. */
static const struct opt table[] = {
	{ 'z', "compress", "NAME[:LEVEL]", "none gzip zstd", opt_string, AT(compress), SAVE },
	{ 'e', "erase", NULL, "write zeros over free space", opt_flag, AT(erase), RESTORE },
	{ 'b', "batch", NULL, "never ask", opt_flag, AT(batch), 0 },
	{ 'o', "overwrite", NULL, "replace an existing image", opt_flag, AT(overwrite), SAVE },
	{ 'd', "nodesc", NULL, "do not ask for a description", opt_flag, AT(nodesc), 0 },
	{ 'c', "nocheck", NULL, NULL, opt_flag, AT(nocheck), 0 },
	{ 'B', "fully-batch", "GLOB=ANSWER;...", "answers", opt_string, AT(answers), 0 },
	{ 'j', "jobs", "N", "workers", opt_unsigned, AT(jobs), 0 },
	{ 'f', "finish", "N",
	  "what to do at the end:\n0 nothing\n1 halt the machine\n"
	  "and a text that is long enough to need a line more",
	  parse_finish, AT(finish), 0 },
	{ 'V', "volume", "MIB", "cut the image", parse_mib, AT(volume), SAVE },
	{ 0, "chunk-size", "SIZE", "64k to 4M", opt_size, AT(chunk), SAVE },
	{ 0 },
};

struct run {
	struct opts o;
	uint64_t given;
	struct err e;
	char *argv[24];
	int argc, first;
};

/* Parses the words of @line; blanks part them. */
static struct run *run(const char *line)
{
	struct run *r = calloc(1, sizeof(*r));
	char *copy = strdup(line), *save = NULL;

	r->argv[r->argc++] = strdup("slate");
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		r->argv[r->argc++] = strdup(w);
	free(copy);
	r->first = opt_parse(table, &r->o, r->argc, r->argv, &r->given, &r->e);
	return r;
}

static void end(struct run *r)
{
	for (int i = 0; i < r->argc; i++)
		free(r->argv[i]);
	free(r);
}

static void expect_operands(const struct run *r, const char *want)
{
	char got[256] = "";

	assert_true(r->first > 0);
	for (int i = r->first; i < r->argc; i++) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, "%s%s", n ? " " : "", r->argv[i]);
	}
	assert_string_equal(got, want);
	assert_null(r->argv[r->argc]);
}

static void expect_refused(const char *line, const char *words)
{
	struct run *r = run(line);

	assert_int_equal(r->first, -EINVAL);
	if (!strstr(r->e.msg, words))
		fail_msg("\"%s\": got \"%s\", want \"%s\"", line, r->e.msg, words);
	end(r);
}

static void test_partimage_line(void **state)
{
	struct run *r = run("-z1 -d -o -b save /dev/hda1 winxp_lynx -V700 -f3 -Bx=y");

	(void)state;
	expect_operands(r, "save /dev/hda1 winxp_lynx");
	assert_string_equal(r->o.compress, "1");
	assert_true(r->o.nodesc && r->o.overwrite && r->o.batch);
	assert_false(r->o.erase || r->o.nocheck);
	assert_int_equal(r->o.volume, UINT64_C(700) << 20);
	assert_int_equal(r->o.finish, 3);
	assert_string_equal(r->o.answers, "x=y");
	assert_int_equal(r->given, 1 | 4 | 8 | 16 | 64 | 256 | 512);
	end(r);
}

static void test_any_order(void **state)
{
	static const char *const lines[] = {
		"save -z 1 dev - -dob --jobs=4", "--compress 1 save -j4 dev -dob -",
		"-dobj 4 save dev --comp=1 -",   "-d -obz1 -j4 -- save dev -",
		"save dev -dobj4 -z1 -- -",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct run *r = run(lines[i]);

		expect_operands(r, "save dev -");
		assert_string_equal(r->o.compress, "1");
		assert_int_equal(r->o.jobs, 4);
		assert_true(r->o.nodesc && r->o.overwrite && r->o.batch);
		end(r);
	}
}

static void test_posixly_correct(void **state)
{
	struct run *r;

	(void)state;
	setenv("POSIXLY_CORRECT", "1", 1);
	r = run("save dev -b img -z1");
	unsetenv("POSIXLY_CORRECT");
	expect_operands(r, "save dev img");
	assert_true(r->o.batch);
	assert_string_equal(r->o.compress, "1");
	end(r);
}

static void test_end_of_options(void **state)
{
	struct run *r = run("-b save -- -e --erase --");

	(void)state;
	expect_operands(r, "save -e --erase --");
	assert_true(r->o.batch);
	assert_false(r->o.erase);
	end(r);
	r = run("");
	expect_operands(r, "");
	assert_int_equal(r->given, 0);
	end(r);
	r = run("-z -- save"); /* an argument, whatever it looks like */
	expect_operands(r, "save");
	assert_string_equal(r->o.compress, "--");
	end(r);
}

/* The words stay what they were, only their order changes: reports may print them. */
static void test_words_kept(void **state)
{
	static const char *const want[] = { "slate", "-z", "1", "-b", "-j2", "--",
					    "a",     "b",  "c", "d",  "e" };
	struct run *r = run("a b -z 1 c -b -j2 d -- e");

	(void)state;
	assert_int_equal(r->first, 6);
	for (int i = 0; i < r->argc; i++)
		assert_string_equal(r->argv[i], want[i]);
	end(r);
}

static void test_abbreviations(void **state)
{
	struct run *r = run("--era --no-nothing");

	(void)state;
	assert_int_equal(r->first, -EINVAL);
	end(r);
	r = run("--era --comp zstd:3 --nod");
	expect_operands(r, "");
	assert_true(r->o.erase && r->o.nodesc);
	assert_string_equal(r->o.compress, "zstd:3");
	end(r);
	expect_refused("--no", "--no is ambiguous: --nodesc --nocheck");
	expect_refused("--c=3", "--c is ambiguous: --compress --chunk-size");
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refused("save --frobnicate=3", "unknown option --frobnicate (see --help)");
	expect_refused("save a b -q", "unknown option -q in \"-q\"");
	expect_refused("save a -bqd", "unknown option -q in \"-bqd\"");
	expect_refused("save -z", "--compress needs an argument: NAME[:LEVEL]");
	expect_refused("save --jobs", "--jobs needs an argument: N");
	expect_refused("--erase=yes", "--erase takes no argument");
	expect_refused("-j 4x", "--jobs: \"4x\" is not a number from 0 to 4294967295");
	expect_refused("-j 4k", "--jobs: \"4k\" is not a number");
	expect_refused("-j -1", "--jobs: \"-1\" is not a number");
	expect_refused("-j +1", "--jobs: \"+1\" is not a number");
	expect_refused("--jobs=", "--jobs: \"\" is not a number");
	expect_refused("-j 4294967296", "out of range: 0 to 4294967295");
	expect_refused("-j 99999999999999999999", "out of range: 0 to 4294967295");
	expect_refused("-f4", "--finish: 4 is out of range: 0 to 3");
	expect_refused("--chunk-size=4X", "\"4X\" is not a size");
	expect_refused("--chunk-size=4kB", "\"4kB\" is not a size");
	expect_refused("--chunk-size=k", "\"k\" is not a size");
	expect_refused("--chunk-size=-4", "\"-4\" is not a size");
	expect_refused("--chunk-size=16777216T",
		       "too large a size: at most 18446744073709551615");
	expect_refused("-V 17592186044416", "too large a size");
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "64k", 65536 },
		{ "64K", 65536 },
		{ "4m", UINT64_C(4) << 20 },
		{ "4M", UINT64_C(4) << 20 },
		{ "3G", UINT64_C(3) << 30 },
		{ "2t", UINT64_C(2) << 40 },
		{ "16777215T", UINT64_C(16777215) << 40 },
		{ "18446744073709551615", UINT64_MAX },
	};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(opt_size(&v, cases[i].text, NULL), 0);
		assert_true(v == cases[i].want);
	}
	assert_int_equal(opt_bytes("700", 1 << 20, &v, NULL), 0);
	assert_int_equal(v, 700 << 20);
	assert_int_equal(opt_bytes("700k", 1 << 20, &v, NULL), 0);
	assert_int_equal(v, 700 << 10);
	assert_int_equal(opt_number("10", 1, 10, &v, NULL), 0);
	assert_int_equal(v, 10);
	assert_int_equal(opt_number("0", 1, 10, &v, NULL), -EINVAL);
}

static void test_last_one_counts(void **state)
{
	struct run *r = run("-z1 -j3 -z2 --jobs 5");

	(void)state;
	expect_operands(r, "");
	assert_string_equal(r->o.compress, "2");
	assert_int_equal(r->o.jobs, 5);
	end(r);
}

static void test_verbs(void **state)
{
	struct run *r = run("save dev img -e -b");

	(void)state;
	assert_int_equal(opt_check(table, r->given, RESTORE, "restore", &r->e), 0);
	assert_int_equal(opt_check(table, r->given, SAVE, "save", &r->e), -EINVAL);
	assert_string_equal(r->e.msg, "--erase has no meaning for save");
	assert_int_equal(opt_check(table, 0, SAVE, "save", &r->e), 0);
	end(r);
}

/* Bit 63 is the last there is; an entry more is the programmer's fault, and told. */
static void test_full_table(void **state)
{
	static char names[OPT_MAX + 1][8];
	struct opt full[OPT_MAX + 2] = { 0 };
	char *argv[] = { (char[]){ "slate" }, (char[]){ "--o63" }, NULL };
	uint64_t given;
	struct err e;
	bool set = false;

	(void)state;
	for (int i = 0; i <= OPT_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "o%d", i);
		full[i] = (struct opt){ .long_name = names[i], .parse = opt_flag };
	}
	assert_int_equal(opt_parse(full, &set, 2, argv, &given, &e), -E2BIG);
	full[OPT_MAX].long_name = NULL;
	assert_int_equal(opt_parse(full, &set, 2, argv, &given, &e), 2);
	assert_true(set && given == UINT64_C(1) << 63);
}

static char *help(unsigned verb)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	opt_help(f, table, "slate [options] save DEVICE IMAGE", verb);
	fclose(f);
	return text;
}

static void test_help(void **state)
{
	char *all = help(0), *save = help(SAVE);

	(void)state;
	assert_ptr_equal(strstr(all, "Usage: slate [options] save DEVICE IMAGE\n\nOptions:\n"),
			 all);
	assert_non_null(strstr(all, "\n  -z, --compress=NAME[:LEVEL]\n"
				    "                            none gzip zstd\n"));
	assert_non_null(
		strstr(all, "\n  -e, --erase               write zeros over free space\n"));
	assert_non_null(strstr(all, "\n      --chunk-size=SIZE     64k to 4M\n"));
	assert_non_null(strstr(all, "at the end:\n                            0 nothing\n"));
	assert_null(strstr(all, "nocheck"));
	assert_null(strstr(save, "--erase"));
	assert_non_null(strstr(save, "--batch"));
	free(all);
	free(save);
}

/* Words that fit to the last column, and one that does not. */
static void test_help_width(void **state)
{
	static const struct opt wide[] = {
		{ 'w', "wide", NULL, "1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 x",
		  opt_flag, 0, 0 },
		{ 'm', "more", NULL, "1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 12 x",
		  opt_flag, 0, 0 },
		{ 0 },
	};
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	opt_help(f, wide, "x", 0);
	fclose(f);
	assert_string_equal(text, "Usage: x\n\nOptions:\n"
				  "  -w, --wide                "
				  "1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1\n"
				  "                            x\n"
				  "  -m, --more                "
				  "1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9 1 3 5 7 9\n"
				  "                            12 x\n");
	assert_int_equal(strcspn(strstr(text, "  -w"), "\n"), 79);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partimage_line),  cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_posixly_correct), cmocka_unit_test(test_end_of_options),
		cmocka_unit_test(test_words_kept),      cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_refusals),        cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_last_one_counts), cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_full_table),      cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
