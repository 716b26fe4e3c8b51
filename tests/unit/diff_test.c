// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/scratch.h"

#include "netconf/apply/diff.h"
#include "netconf/apply/secrets.h"

#include <errno.h>

static char *diff(const char *before, const char *after)
{
	struct text t = { 0 };
	struct err e;
	char *s;

	assert_int_equal(diff_text("/etc/f", before, after, &t, &e), 0);
	assert_int_equal(text_take(&t, &s, &e), 0);
	return s;
}

static void test_diff(void **state)
{
	static const struct {
		const char *before, *after, *diff;
	} v[] = {
		{ "a\nb\n", "a\nb\n", "" },
		{ "", "", "" },
		{ NULL, "a\n", "--- /dev/null\n+++ b/etc/f\n@@ -0,0 +1,1 @@\n+a\n" },
		{ "a\n", NULL, "--- a/etc/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n" },
		{ "a", "a\n",
		  "--- a/etc/f\n+++ b/etc/f\n@@ -1,1 +1,1 @@\n-a\n"
		  "\\ No newline at end of file\n+a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
		  "--- a/etc/f\n+++ b/etc/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n "
		  "8\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		char *s = diff(v[i].before, v[i].after);

		assert_string_equal(s, v[i].diff);
		free(s);
	}
}

static void write_file(const struct scratch *s, const char *name, const char *text)
{
	char path[160];
	FILE *f = fopen(scratch_join(path, s, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* patch(1) makes the one of the other by it. */
static void test_diff_by_patch(void **state)
{
	const struct scratch *s = *state;
	unsigned seed = 1;

	if (scratch_run("patch --version")) {
		print_message("needs patch\n");
		skip();
	}
	for (int round = 0; round < 60; round++) {
		char a[2048] = "", b[2048] = "";
		char *d;

		for (int i = 0; i < 60; i++) {
			seed = seed * 1103515245 + 12345;
			if (seed >> 16 & 7)
				snprintf(a + strlen(a), 16, "%u\n", seed >> 20 & 15);
			if (seed >> 24 & 15)
				snprintf(b + strlen(b), 16, "%u\n", seed >> 20 & 15);
		}
		d = diff(a, b);
		write_file(s, "a", a);
		write_file(s, "b", b);
		write_file(s, "d", d);
		free(d);
		assert_int_equal(
			scratch_run("cd %s && { [ ! -s d ] || patch a d; } && cmp a b", s->dir),
			0);
	}
}

static void test_large(void **state)
{
	size_t n = 100000;
	char *a = calloc(n, 4), *b = calloc(n, 4), *d;

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	for (size_t i = 0; i < n; i++) {
		memcpy(a + 2 * i, "a\n", 3);
		memcpy(b + 2 * i, "b\n", 3);
	}
	alarm(60);
	d = diff(a, b);
	alarm(0);
	assert_int_equal(strlen(d), strlen("--- a/etc/f\n+++ b/etc/f\n"
					   "@@ -1,100000 +1,100000 @@\n") +
					    2 * 3 * n);
	free(a);
	free(b);
	free(d);
}

static void test_secrets(void **state)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
		{ "", "this one 0" },
		{ "seven77\n", "this one 7" },
		{ "one line too\nmany\n", "one line" },
		{ "tab\there.....\n", "byte 4" },
		{ "gr\xc3\xbc\xc3\x9f dich!\n", "byte 3" },
		{ "0123456789012345678901234567890123456789012345678901234567890123x\n",
		  "this one 65" },
		{ "g123456789012345678901234567890123456789012345678901234567890123\n",
		  "hexadecimal" },
	};
	static const char key[] =
		"A123456789012345678901234567890123456789012345678901234567890123\n";
	char psk[65];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(secret_parse("F", bad[i].text, strlen(bad[i].text), psk, &e),
				 -EINVAL);
		assert_non_null(strstr(e.msg, bad[i].said));
	}
	assert_int_equal(secret_parse("F", "8 chars!\r\n", 10, psk, &e), 0);
	assert_string_equal(psk, "8 chars!");
	assert_int_equal(secret_parse("F", "8 chars!", 8, psk, &e), 0);
	assert_int_equal(secret_parse("F", "8 ch\0rs!", 8, psk, &e), -EINVAL);
	assert_int_equal(secret_parse("F", key, strlen(key), psk, &e), 0);
	assert_int_equal(strlen(psk), 64);
}

/* Files within the root, and how open they lie there. */
static void test_secret_files(void **state)
{
	struct scratch *s = *state;
	struct want want[2] = { { .name = "eth0" },
				{ .name = "wlan0", .role.psk_file = "/etc/psk" } };
	struct policy policy = { .v = want, .n = 2 };
	struct secrets secrets;
	char path[160], warning[200];
	struct root *r;
	struct err e;

	assert_int_equal(scratch_run("mkdir -p %s/etc", s->dir), 0);
	assert_int_equal(root_open(s->dir, &r, &e), 0);
	assert_int_equal(secrets_read(r, &policy, &secrets, warning, sizeof(warning), &e),
			 -ENOENT);
	assert_non_null(strstr(e.msg, "the passphrase of wlan0: "));
	secrets_free(&secrets);
	write_file(s, "etc/psk", "passphrase\n");
	assert_int_equal(chmod(scratch_join(path, s, "etc/psk"), 0644), 0);
	assert_int_equal(secrets_read(r, &policy, &secrets, warning, sizeof(warning), &e), 0);
	assert_int_equal(secrets.n, 2);
	assert_string_equal(secrets.psk[0], "");
	assert_string_equal(secrets.psk[1], "passphrase");
	assert_non_null(strstr(warning, "others can read"));
	secrets_free(&secrets);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(secrets_read(r, &policy, &secrets, warning, sizeof(warning), &e), 0);
	assert_string_equal(warning, "");
	secrets_free(&secrets);
	write_file(s, "etc/psk", "secret\n");
	assert_int_equal(secrets_read(r, &policy, &secrets, warning, sizeof(warning), &e),
			 -EINVAL);
	assert_null(strstr(e.msg, "secret"));
	secrets_free(&secrets);
	root_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff),
		cmocka_unit_test_setup_teardown(test_diff_by_patch, scratch_setup,
						scratch_teardown),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test_setup_teardown(test_secret_files, scratch_setup,
						scratch_teardown),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
