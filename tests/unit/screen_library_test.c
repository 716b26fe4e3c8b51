// SPDX-License-Identifier: GPL-3.0-or-later
/* The images of a folder, of a server's answer, and where that server is told. */
#include "imager/screen/library.h"

#include "imager/engine/catalog.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void wait_for(struct library *l, bool (*ready)(struct library *l))
{
	for (int i = 0; i < 100 && !ready(l); i++) {
		struct pollfd p = { .fd = library_fd(l), .events = POLLIN };

		poll(&p, 1, 100);
		library_refresh(l);
	}
	assert_true(ready(l));
}

static bool listed(struct library *l)
{
	const char *why;

	return !library_listing(l, &why);
}

static bool first_known(struct library *l)
{
	size_t n;

	return library_books(l, &n)->state > BOOK_OPENS;
}

static void test_folder(void **state)
{
	char root[] = "/tmp/slate-library-XXXXXX", line[512];
	struct library *l = NULL;
	const struct book *b;
	const char *why;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(root));
	/* The head of an image and nothing behind it: it is listed, and broken. */
	snprintf(
		line, sizeof(line),
		"cd %s && echo no > text && mkfifo pipe && mkdir d && "
		"printf '\\127\\052\\115\\030\\100\\000\\000\\000SLATEIMG0123456789' > b.slate",
		root);
	assert_int_equal(system(line), 0);
	assert_int_equal(library_new(&l, root, NULL), 0);
	wait_for(l, listed);
	b = library_books(l, &n);
	assert_int_equal(n, 1);
	assert_string_equal(b->name, "b.slate");
	assert_int_equal(b->state, BOOK_NEW);
	library_want(l, 7); /* there is none */
	library_want(l, 0);
	wait_for(l, first_known);
	b = library_books(l, &n);
	assert_int_equal(b->state, BOOK_BROKEN);
	assert_true(strlen(b->error) > 0);
	library_free(l);
	snprintf(line, sizeof(line), "%s/none", root);
	assert_int_equal(library_new(&l, line, NULL), 0);
	wait_for(l, listed);
	library_listing(l, &why);
	assert_non_null(strstr(why, "No such file"));
	library_free(l);
	snprintf(line, sizeof(line), "rm -r %s", root);
	assert_int_equal(system(line), 0);
}

static void test_answer(void **state)
{
	static const char good[] =
		"{\"images\":[{\"name\":\"room 1/\xc3\xa4.slate\",\"bytes\":7,"
		"\"changed\":9},{\"name\":\"\"},{\"bytes\":1},7,"
		"{\"name\":\"x\",\"bytes\":-1},{\"name\":\"y\"}]}";
	static const char *const bad[] = { "", "[]", "{}", "{\"images\":{}}", "\xff" };
	struct catalog c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(catalog_parse(&c, "http://h", good, strlen(good), 10, &e), 0);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.v[0].image, "http://h/images/room%201/%C3%A4.slate");
	assert_string_equal(c.v[0].name, "room 1/\xc3\xa4.slate");
	assert_int_equal(c.v[0].bytes, 7);
	catalog_free(&c);
	assert_int_equal(catalog_parse(&c, "http://h", good, strlen(good), 1, &e), 0);
	assert_int_equal(c.n, 1);
	catalog_free(&c);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(catalog_parse(&c, "h", bad[i], strlen(bad[i]), 9, &e),
				 -EPROTO);
		catalog_free(&c);
	}
}

static void told(const char *cmdline, const char *env, const char *want)
{
	char *got = library_server(cmdline, env);

	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	free(got);
}

static void test_server(void **state)
{
	(void)state;
	told("quiet slate.server=http://10.0.0.1:8080 x\n", "other", "http://10.0.0.1:8080");
	told("slate.server=a", NULL, "a");
	told("xslate.server=a slate.server=", "env", "env");
	told("", "", NULL);
	told(NULL, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
