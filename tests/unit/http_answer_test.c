// SPDX-License-Identifier: GPL-3.0-or-later
/* What is made of the lines that a server sends. */
#include "tests/unit/scratch.h"

#include "imager/image/http_answer.h"
#include "imager/image/remote.h"

#include <errno.h>
#include <stdbool.h>

static struct http_answer answer(const char *const lines[])
{
	struct http_answer a = { 0 };

	for (unsigned i = 0; lines[i]; i++)
		http_answer_line(&a, lines[i], strlen(lines[i]));
	return a;
}

static struct http_answer one(const char *line)
{
	const char *const lines[] = { "HTTP/1.1 206 Partial Content\r\n", line, NULL };

	return answer(lines);
}

static void test_a_part(void **state)
{
	const char *const lines[] = { "HTTP/1.1 206 Partial Content\r\n",
				      "Content-Range: bytes 100-199/1000\r\n",
				      "ETag: \"abc-1\"\r\n",
				      "last-modified:Sat, 01 Jan 2022 00:00:00 GMT\r\n",
				      "Retry-After: 7\r\n",
				      "\r\n",
				      NULL };
	struct http_answer a = answer(lines);

	(void)state;
	assert_int_equal(a.status, 206);
	assert_string_equal(a.reason, "Partial Content");
	assert_true(a.ranged);
	assert_int_equal(a.begin, 100);
	assert_int_equal(a.end, 200);
	assert_int_equal(a.total, 1000);
	assert_string_equal(a.etag, "\"abc-1\"");
	assert_string_equal(a.modified, "Sat, 01 Jan 2022 00:00:00 GMT");
	assert_int_equal(a.retry_after, 7);
}

static void test_only_right_ranges(void **state)
{
	static const char *const wrong[] = {
		"Content-Range: bytes */1000",
		"Content-Range: bytes 0-9/*",
		"Content-Range: bytes 9-0/10",
		"Content-Range: bytes 0-10/10",
		"Content-Range: bytes 0-9/10x",
		"Content-Range: bytes 0-9/10, 11-12/13",
		"Content-Range: bytes -9/10",
		"Content-Range: bytes 0-/10",
		"Content-Range: bytes 0-9/",
		"Content-Range: bytes 0-9",
		"Content-Range: bytes  0-9/10",
		"Content-Range: bytes +0-9/10",
		"Content-Range: lines 0-9/10",
		"Content-Range: bytes 0-9/18446744073709551626",
		"Content-Range: bytes 18446744073709551616-18446744073709551617/20",
		"Content-Range:",
		"X-Content-Range: bytes 0-9/10",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (one(wrong[i]).ranged)
			fail_msg("taken: %s", wrong[i]);
	assert_true(one("CONTENT-RANGE:bytes 0-9/10").ranged);
	assert_true(one("Content-Range: \t bytes 0-0/1 \r\n").ranged);
	assert_true(one("Content-Range: Bytes 0-99/500000000000000000").ranged);
}

static void test_the_last_answer_counts(void **state)
{
	const char *const lines[] = { "HTTP/1.1 301 Moved",
				      "ETag: \"x\"",
				      "Content-Range: bytes 0-9/10",
				      "Retry-After: 9",
				      "",
				      "HTTP/1.0 404",
				      NULL };
	struct http_answer a = answer(lines);

	(void)state;
	assert_int_equal(a.status, 404);
	assert_string_equal(a.reason, "");
	assert_string_equal(a.etag, "");
	assert_false(a.ranged);
	assert_int_equal(a.retry_after, 0);
}

static void test_numbers_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(one("Retry-After: 86400").retry_after, 3600);
	assert_int_equal(one("Retry-After: 99999999999999999999999").retry_after, 0);
	assert_int_equal(one("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT").retry_after, 0);
	assert_int_equal(one("HTTP/1.1 99 x").status, 0);
	assert_int_equal(one("HTTP/1.1 1000 x").status, 0);
	assert_int_equal(one("HTTP/1.1 x").status, 0);
	assert_int_equal(one("HTTP/1.1").status, 0);
}

/* What people see has no control characters, and is cut. */
static void test_texts_are_tame(void **state)
{
	char line[2000] = "ETag: ";
	struct http_answer a = one("HTTP/1.1 500 \033[2Jgone\x9b");

	(void)state;
	assert_string_equal(a.reason, "?[2Jgone?");
	memset(line + 6, 'e', sizeof(line) - 7);
	assert_int_equal(strlen(one(line).etag), sizeof(a.etag) - 1);
}

static void test_the_servers_own_words(void **state)
{
	struct http_answer a = one("Content-Type: text/plain; charset=utf-8\r\n");
	char more[600];

	(void)state;
	http_answer_body(&a, "the disk ", 9);
	http_answer_body(&a, "", 0);
	http_answer_body(&a, "is\033full\r\nhelp", 14);
	http_answer_body(&a, "me", 2);
	assert_string_equal(a.says, "the disk is?full");
	a = one("Content-Type: text/html");
	http_answer_body(&a, "<html>", 6);
	assert_string_equal(a.says, "");
	a = one("Content-Type: text/plainer");
	http_answer_body(&a, "no", 2);
	assert_string_equal(a.says, "");
	a = one("content-type: TEXT/PLAIN");
	memset(more, 'm', sizeof(more));
	http_answer_body(&a, more, sizeof(more));
	http_answer_body(&a, more, sizeof(more));
	assert_int_equal(strlen(a.says), 512);
}

static bool same(const char *x, const char *y)
{
	struct http_answer a = one(x), b = one(y);

	return http_answer_same(&a, &b);
}

static void test_the_same_content(void **state)
{
	struct http_answer a = one("ETag: \"1\""), b = one("ETag: \"1\"");

	(void)state;
	assert_true(same("ETag: \"1\"", "ETag: \"1\""));
	assert_false(same("ETag: \"1\"", "ETag: \"2\""));
	assert_false(same("Last-Modified: a", "Last-Modified: b"));
	assert_false(same("Content-Range: bytes 0-1/10", "Content-Range: bytes 0-1/11"));
	assert_true(same("Content-Range: bytes 0-1/10", "Content-Range: bytes 5-6/10"));
	assert_true(same("ETag: \"1\"", "Last-Modified: b")); /* neither says it */
	http_answer_line(&a, "Last-Modified: a", 16);
	http_answer_line(&b, "Last-Modified: b", 16);
	assert_true(http_answer_same(&a, &b)); /* the stronger word counts */
}

static void assert_shown(const char *url, const char *shown, const char *server)
{
	char *u = NULL, *s = NULL;
	struct err e = { "" };

	assert_int_equal(remote_shown(url, &u, &s, &e), 0);
	assert_string_equal(u, shown);
	assert_string_equal(s, server);
	free(u);
	free(s);
}

static void test_addresses_are_shown_without_secrets(void **state)
{
	struct err e = { "" };
	char *u, *s;

	(void)state;
	assert_true(remote_is_url("http://a/b"));
	assert_true(remote_is_url("HTTPS://a/b"));
	assert_false(remote_is_url("ftp://a/b"));
	assert_false(remote_is_url("/http://a/b"));
	assert_shown("http://me:secret@host:8080/a/b?c=d", "http://host:8080/a/b?c=d",
		     "host:8080");
	assert_shown("https://[::1]:80/x", "https://[::1]:80/x", "[::1]:80");
	assert_shown("http://me@host/x", "http://host/x", "host");
	assert_int_equal(remote_shown("http://me:secret@host:port/", &u, &s, &e), -EINVAL);
	assert_null(strstr(e.msg, "secret"));
	assert_int_equal(remote_shown("http://host/a\033b", &u, &s, &e), -EINVAL);
}

static void assert_name(char *name, const char *expected)
{
	assert_non_null(name);
	assert_string_equal(name, expected);
	free(name);
}

static void test_addresses_of_volumes(void **state)
{
	(void)state;
	assert_true(remote_is_first("http://h/a.000"));
	assert_true(remote_is_first("http://h/a.000?key=1"));
	assert_false(remote_is_first("http://h/a?x.000"));
	assert_false(remote_is_first("http://h/a.001"));
	assert_name(remote_volume("http://h/a.000", 12), "http://h/a.012");
	assert_name(remote_volume("http://h/a?b=c", 0), "http://h/a.000?b=c");
	assert_name(remote_volume("http://u:p@h:1/a%20b", 1), "http://u:p@h:1/a%20b.001");
	assert_name(remote_base("http://h/a.000?b=c"), "http://h/a?b=c");
	assert_name(remote_base("http://h/a"), "http://h/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_part),
		cmocka_unit_test(test_only_right_ranges),
		cmocka_unit_test(test_the_last_answer_counts),
		cmocka_unit_test(test_numbers_are_bounded),
		cmocka_unit_test(test_texts_are_tame),
		cmocka_unit_test(test_the_servers_own_words),
		cmocka_unit_test(test_the_same_content),
		cmocka_unit_test(test_addresses_are_shown_without_secrets),
		cmocka_unit_test(test_addresses_of_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
