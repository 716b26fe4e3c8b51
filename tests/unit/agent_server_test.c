// SPDX-License-Identifier: GPL-3.0-or-later
/* What comes from the server: jobs, and the vault as a tar. */
#include "tests/unit/scratch.h"

#include "rescue/server/job.h"
#include "rescue/vault/tar.h"

#include <errno.h>

static int parse(const char *text, struct job_order *j, struct err *e)
{
	return job_order_parse(text, strlen(text), j, e);
}

static void a_job(void **state)
{
	struct job_order j;

	(void)state;
	assert_int_equal(parse("{\"id\":7,\"verb\":\"restore\",\"image\":\"room1/a b.slate\","
			       "\"disk\":\"largest\",\"then\":\"local\",\"host\":\"pc01\","
			       "\"token\":\"abc\",\"verify\":\"full\",\"personalise\":false,"
			       "\"password\":\"p w\",\"confirm\":\"pc01\",\"new\":[1]}",
			       &j, NULL),
			 0);
	assert_string_equal(j.verb, "restore");
	assert_string_equal(j.image, "room1/a b.slate");
	assert_string_equal(j.disk, "largest");
	assert_string_equal(j.then, "local");
	assert_string_equal(j.host, "pc01");
	assert_string_equal(j.token, "abc");
	assert_string_equal(j.verify, "full");
	assert_false(j.personalise);
	assert_string_equal(j.password, "p w");
	assert_string_equal(j.confirm, "pc01");
}

static void what_is_left_out(void **state)
{
	struct job_order j;

	(void)state;
	assert_int_equal(parse("{\"verb\":\"save\",\"token\":\"t\"}", &j, NULL), 0);
	assert_string_equal(j.verify, "sample");
	assert_true(j.personalise);
	assert_string_equal(j.disk, "");
	assert_string_equal(j.then, "");
	assert_string_equal(j.confirm, "");
}

static void no_jobs(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{\"verb\":\"save\"}",
		"{\"verb\":\"save\",\"token\":\"\"}",
		"{\"verb\":\"save\",\"token\":\"a b\"}",
		"{\"verb\":7,\"token\":\"t\"}",
		"{\"verb\":\"a\",\"verb\":\"b\",\"token\":\"t\"}",
		"{\"verb\":\"far-too-long-for-a-verb\",\"token\":\"t\"}",
		"{\"verb\":\"save\",\"token\":\"t\",\"then\":\"explode\"}",
		"{\"verb\":\"save\",\"token\":\"t\",\"verify\":\"perhaps\"}",
		"{\"verb\":\"save\",\"token\":\"t\",\"personalise\":\"no\"}",
		"{\"verb\":\"save\",\"token\":\"t\",\"disk\":\"a\\u001bb\"}",
		"{\"verb\":\"save\",\"token\":\"t\\r\\nX: y\"}",
		"{\"verb\":\"save\",\"token\":\"t\",\"host\":\"a\\u0000b\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct job_order j;
		struct err e = { "" };

		assert_int_equal(parse(bad[i], &j, &e), -EPROTO);
		assert_true(e.msg[0]);
	}
}

static void what_comes_then(void **state)
{
	static const char *const texts[][2] = {
		{ "{\"then\":\"poweroff\"}", "poweroff" },
		{ "{\"then\":\"\"}", "" },
		{ "{\"then\":\"rm -rf\"}", "" },
		{ "nothing", "" },
		{ "{\"then\":[]}", "" },
	};
	char then[16];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		job_then_parse(texts[i][0], strlen(texts[i][0]), then);
		assert_string_equal(then, texts[i][1]);
	}
}

static void addresses(void **state)
{
	static const char *const bad[] = { "", "..", "a/../b", "/a", "a//b", "a/", "./a", "." };
	char url[64];

	(void)state;
	assert_int_equal(job_image_url("http://s", "r/a b%\xc3\xbc-._~.slate", url, 64, NULL),
			 0);
	assert_string_equal(url, "http://s/images/r/a%20b%25%C3%BC-._~.slate");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(job_image_url("http://s", bad[i], url, 64, NULL), -EINVAL);
	assert_int_equal(job_image_url("http://s",
				       "0123456789012345678901234567890123456789012"
				       "45678",
				       url, 64, NULL),
			 -EINVAL);
}

/* A folder as netconf's vault has them. */
static void make_vault(const struct scratch *s)
{
	assert_int_equal(scratch_run("cd %s && mkdir -p v/mac-525400123456 v/.old out && "
				     "head -c 1500 /dev/urandom > v/mac-525400123456/key && "
				     "echo id > v/mac-525400123456/machine-id && "
				     ": > v/.old/empty",
				     s->dir),
			 0);
}

static void there_and_back(void **state)
{
	const struct scratch *s = *state;
	char path[160], out[160];
	void *tar, *again;
	size_t n, m;

	make_vault(s);
	assert_int_equal(tar_pack(scratch_join(path, s, "v"), &tar, &n, NULL), 0);
	assert_int_equal(tar_unpack(tar, n, scratch_join(out, s, "out"), NULL), 0);
	assert_int_equal(scratch_run("diff -r %s %s", path, out), 0);
	assert_int_equal(scratch_run("test $(stat -c %%a %s/mac-525400123456/key) = 600", out),
			 0);
	assert_int_equal(tar_pack(out, &again, &m, NULL), 0);
	assert_int_equal(n, m);
	assert_memory_equal(tar, again, n);
	/* Into a folder that has it already: nothing is replaced. */
	assert_true(tar_unpack(tar, n, out, NULL) < 0);
	free(tar);
	free(again);
}

static void nothing_to_pack(void **state)
{
	const struct scratch *s = *state;
	char path[160];
	void *tar = NULL;
	size_t n = 1;

	assert_int_equal(scratch_run("mkdir -p %s/v/empty", s->dir), 0);
	assert_int_equal(tar_pack(scratch_join(path, s, "v"), &tar, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_null(tar);
	assert_int_equal(scratch_run("ln -s /etc/passwd %s/v/link", s->dir), 0);
	assert_true(tar_pack(path, &tar, &n, NULL) < 0);
	assert_int_equal(scratch_run("rm %s/v/link; head -c 1100000 /dev/zero > %s/v/big",
				     s->dir, s->dir),
			 0);
	assert_int_equal(tar_pack(path, &tar, &n, NULL), -EFBIG);
}

/* Whole file of <dir>/@name; the caller frees. */
static void *load(const struct scratch *s, const char *name, size_t *n)
{
	char path[160];
	FILE *f = fopen(scratch_join(path, s, name), "r");
	void *p = malloc(200000);

	assert_non_null(f);
	assert_non_null(p);
	*n = fread(p, 1, 200000, f);
	fclose(f);
	return p;
}

/* What tar(1) makes is read, but for all that a vault does not have. */
static void real_tars(void **state)
{
	static const struct {
		const char *make;
		int result;
	} cases[] = {
		{ "tar -C v --format=ustar -cf t .", 0 },
		{ "tar -C v --format=ustar -cf t mac-525400123456", 0 },
		{ "tar -C v --format=gnu -cf t .", 0 },
		{ "ln -s / v/l; tar -C v -cf t .", -EBADMSG },
		{ "ln v/.old/empty v/l; tar -C v -cf t .", -EBADMSG },
		{ "mkfifo v/l; tar -C v -cf t .", -EBADMSG },
		{ "mkdir w; tar -C w -P -cf t ../v/.old/empty", -EBADMSG },
		{ "tar -P -cf t $PWD/v/.old", -EBADMSG },
		{ "tar -C v -cf t . && truncate -s 1500 t", -EBADMSG },
		{ "tar -C v -cf t . && printf x | dd of=t bs=1 seek=3 conv=notrunc", -EBADMSG },
		{ ": > t", -EBADMSG },
		{ "touch 'v/a b'; tar -C v -cf t .", -EBADMSG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct scratch *s = *state;
		char path[160];
		size_t n;
		void *p;

		assert_int_equal(scratch_run("rm -rf %s/*", s->dir), 0);
		make_vault(s);
		assert_int_equal(scratch_run("cd %s && { %s ; }", s->dir, cases[i].make), 0);
		p = load(s, "t", &n);
		assert_int_equal(tar_unpack(p, n, scratch_join(path, s, "out"), NULL),
				 cases[i].result);
		/* All or nothing, of what does not lie in the folder itself. */
		assert_int_equal(scratch_run("cd %s && [ $(ls -A out | wc -l) %s 0 ]", s->dir,
					     cases[i].result ? "=" : "-gt"),
				 0);
		free(p);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job),     cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(no_jobs),   cmocka_unit_test(what_comes_then),
		cmocka_unit_test(addresses), T(there_and_back),
		T(nothing_to_pack),          T(real_tars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
