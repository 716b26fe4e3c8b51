// SPDX-License-Identifier: GPL-3.0-or-later
/* What the fields of a dialogue become: a command line, and that as one types it. */
#include "imager/screen/quote.h"
#include "imager/screen/wishes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* All words, as they would be typed; and what is quoted word by word is the same. */
static void check(struct words *o, const char *want)
{
	char *line = quote_line(o->n, (const char *const *)o->word), words[4096] = "";

	assert_true(words_ok(o));
	assert_non_null(line);
	assert_string_equal(line, want);
	for (int i = 0; i < o->n; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
			 i ? " " : "", o->quoted[i]);
	assert_string_equal(words, want);
	free(line);
	words_free(o);
}

static void test_save(void **state)
{
	struct save_wish w = {
		.device = "/dev/sda", .where = "/mnt", .name = "lynx", .description = ""
	};
	struct words o = { .n = 0 };

	(void)state;
	words_save(&o, &w);
	check(&o, "slate save --nodesc /dev/sda /mnt/lynx.slate");
	w = (struct save_wish){ .device = "/dev/my disk",
				.where = "http://10.0.0.1/",
				.name = "Bob's lynx.slate",
				.description = "it's \"new\"",
				.compress = "zstd:12",
				.volume = "650M",
				.overwrite = true,
				.verify = true,
				.rescue = true };
	words_save(&o, &w);
	check(&o, "slate save --compress=zstd:12 --volume=650M --overwrite --verify --rescue "
		  "'--description=it'\\''s \"new\"' '/dev/my disk' "
		  "http://10.0.0.1/images/Bob%27s%20lynx.slate");
}

static void test_restore(void **state)
{
	struct write_wish w = { .from = "-x.slate", .to = "/dev/sdb", .parts = "" };
	struct words o = { .n = 0 };

	(void)state;
	words_restore(&o, &w);
	check(&o, "slate restore /dev/sdb ./-x.slate");
	w.parts = "1,3";
	w.delta = "--no-delta";
	w.verify = "--verify=sample";
	w.space = "--erase";
	w.grow = w.new_uuids = true;
	words_restore(&o, &w);
	check(&o, "slate restore --part=1,3 --no-delta --verify=sample --erase --grow "
		  "--new-uuids /dev/sdb ./-x.slate");
	words_restore(&o, &w);
	assert_string_equal(words_value(&o, "--part="), "1,3");
	assert_string_equal(words_value(&o, "--seed="), "");
	words_free(&o);
	assert_true(words_listed("", 2) && words_listed("1,3", 3) && words_listed("12", 12));
	assert_false(words_listed("1,3", 2) || words_listed("12", 1) || words_listed("12", 2));
}

static void test_others(void **state)
{
	struct write_wish w = { .from = "/dev/sda", .to = "/dev/sdb", .rescue = true };
	struct words o = { .n = 0 };

	(void)state;
	words_clone(&o, &w);
	check(&o, "slate clone --rescue /dev/sda /dev/sdb");
	w = (struct write_wish){ .from = "/dev/sda", .to = "/dev/sdb", .space = "--discard" };
	words_clone(&o, &w);
	check(&o, "slate clone --discard /dev/sda /dev/sdb");
	words_diff(&o, "stdin", "/dev/sdb", "2");
	check(&o, "slate diff --part=2 ./stdin /dev/sdb");
	words_diff(&o, "/a b", "/dev/sdb", "");
	check(&o, "slate diff '/a b' /dev/sdb");
	words_verify(&o, "http://10.0.0.1/images/a.slate");
	check(&o, "slate verify http://10.0.0.1/images/a.slate");
}

static void image(const char *where, const char *name, const char *want)
{
	char *got = words_image(where, name);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void test_image(void **state)
{
	(void)state;
	image("/mnt", "a", "/mnt/a.slate");
	image("/mnt//", "a.slate", "/mnt/a.slate");
	image("/", ".slate", "/.slate.slate");
	image("", "a", "a.slate");
	image("http://h", "a", "http://h/images/a.slate");
	image("http://h:81/", "room 1/ä", "http://h:81/images/room%201/%C3%A4.slate");
	image("https://h/other/", "a?b", "https://h/other/a%3Fb.slate");
	image("no-such-folder-but-a-host", "a",
	      "http://no-such-folder-but-a-host/images/a.slate");
}

static void name(const char *host, const char *device, const char *want)
{
	char buf[256];

	words_name(buf, sizeof(buf), host, device);
	assert_string_equal(buf, want);
}

static void test_name(void **state)
{
	char host[300], want[128];

	(void)state;
	name("lynx", "/dev/sda2", "lynx-sda2.slate");
	name("a b/../\xff", "disk 1", "a-b-..---disk-1.slate");
	memset(host, 'x', sizeof(host) - 1);
	host[sizeof(host) - 1] = 0;
	snprintf(want, sizeof(want), "%.64s-sda.slate", host);
	name(host, "/dev/sda", want);
}

/* More words than the task takes make it bad, and it stays so until it is begun anew. */
static void test_bad(void **state)
{
	struct words o = { .n = 0 };

	(void)state;
	assert_false(words_ok(&o));
	words_begin(&o, "save");
	for (int i = 2; i < TASK_ARGS; i++)
		words_add(&o, "x");
	assert_true(words_ok(&o));
	words_add(&o, "x");
	assert_false(words_ok(&o));
	assert_int_equal(o.n, TASK_ARGS);
	words_begin(&o, "verify");
	check(&o, "slate verify");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_save),   cmocka_unit_test(test_restore),
		cmocka_unit_test(test_others), cmocka_unit_test(test_image),
		cmocka_unit_test(test_name),   cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
