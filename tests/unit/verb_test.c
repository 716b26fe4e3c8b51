// SPDX-License-Identifier: GPL-3.0-or-later
/* The command line of a program with verbs. */
#include "common/verb.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct flags {
	bool help, version, loud;
};

struct command {
	struct verb_row verb;
	int id;
};

static const struct opt options[] = {
	{ 'h', "help", NULL, "this", opt_flag, offsetof(struct flags, help), 0 },
	{ 'v', "version", NULL, "which", opt_flag, offsetof(struct flags, version), 0 },
	{ 0, "loud", NULL, "sings louder", opt_flag, offsetof(struct flags, loud), 1 },
	{ 0 },
};

static const struct command commands[] = {
	{ { "sing", "SONG...", "a song", 1, -1, 1 }, 11 },
	{ { "marry", "BRIDE [GROOM]", "them", 1, 2, 4 }, 33 },
	{ { "be", "", "here", 0, 0, 2 }, 22 },
	{ .id = 0 },
};

/* What came of one command line. */
static struct seen {
	char *out, *err;
	int code, id, argc;
	const char *first; /* operand */
} seen;

static void forget(void)
{
	free(seen.out);
	free(seen.err);
	seen = (struct seen){ 0 };
}

/* "be --loud" */
static void call(const char *line)
{
	struct flags f = { 0 };
	const struct verb_table t = { .program = "bard",
				      .does = "does much",
				      .line = "bard",
				      .about = "\nSONG is any.\n",
				      .end = "That is all.\n",
				      .ask = "what then?",
				      .wants = "wants",
				      .options = options,
				      .help = &f.help,
				      .version = &f.version,
				      .rows = commands,
				      .row_size = sizeof(commands[0]) };
	static char text[256];
	char *argv[16] = { text };
	size_t out_len, err_len;
	struct verb_call c = { 0 };
	FILE *out, *err;
	int argc = 1;

	forget();
	out = open_memstream(&seen.out, &out_len);
	err = open_memstream(&seen.err, &err_len);
	snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok_r(text, " ", &argv[15]); w; w = strtok_r(NULL, " ", &argv[15]))
		argv[argc++] = w;
	argv[argc] = NULL;
	seen.code = verb_begin(&t, &f, argc, argv, &c, out, err);
	fclose(out);
	fclose(err);
	seen.argc = c.argc;
	seen.first = c.argc ? c.argv[0] : NULL;
	seen.id = c.verb ? ((const struct command *)c.verb)->id : 0;
}

static void runs(const char *line, int id, int argc, const char *first)
{
	call(line);
	assert_int_equal(seen.code, 1);
	assert_int_equal(seen.id, id);
	assert_int_equal(seen.argc, argc);
	if (first)
		assert_string_equal(seen.first, first);
	assert_string_equal(seen.out, "");
	assert_string_equal(seen.err, "");
}

static void refused(const char *line, const char *words)
{
	char want[256];

	call(line);
	snprintf(want, sizeof(want), "bard: %s\nTry \"bard --help\".\n", words);
	assert_int_equal(seen.code, -EINVAL);
	assert_string_equal(seen.out, "");
	assert_string_equal(seen.err, want);
}

static void test_runs(void **state)
{
	(void)state;
	runs("be", 22, 0, NULL);
	runs("--loud sing a b c", 11, 3, "a");
	runs("sing a --loud", 11, 1, "a");
	runs("marry a", 33, 1, "a");
	runs("marry a b", 33, 2, "a");
	forget();
}

static void test_refuses(void **state)
{
	(void)state;
	refused("", "what then?");
	refused("--loud", "what then?");
	refused("bee", "\"bee\" is no verb of this program");
	refused("b\033e", "\"b?e\" is no verb of this program");
	refused("be --bogus", "unknown option --bogus (see --help)");
	refused("be --loud", "--loud has no meaning for be");
	refused("be here", "be wants no operand, not 1 operand");
	refused("sing", "sing wants SONG..., not 0 operands");
	refused("marry", "marry wants BRIDE [GROOM], not 0 operands");
	refused("marry a b c", "marry wants BRIDE [GROOM], not 3 operands");
	forget();
}

static void test_answers(void **state)
{
	(void)state;
	call("-v -h be here");
	assert_int_equal(seen.code, 0);
	assert_string_equal(seen.out, "bard " VERSION "\n");
	call("-h bee");
	assert_int_equal(seen.code, 0);
	assert_string_equal(seen.out, "bard - does much\n\n"
				      "  bard sing  SONG...        a song\n"
				      "  bard marry BRIDE [GROOM]  them\n"
				      "  bard be                   here\n"
				      "\nSONG is any.\n\n"
				      "Usage: bard [OPTION]... VERB OPERAND...\n\nOptions:\n"
				      "  -h, --help                this\n"
				      "  -v, --version             which\n"
				      "      --loud                sings louder\n"
				      "\nThat is all.\n");
	call("be --help");
	assert_int_equal(seen.code, 0);
	assert_string_equal(seen.err, "");
	assert_non_null(strstr(seen.out, "Usage: bard [OPTION]... be \n"));
	assert_null(strstr(seen.out, "--loud"));
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
