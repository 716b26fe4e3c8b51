// SPDX-License-Identifier: GPL-3.0-or-later
/* Image files and volumes: what is written appears whole under its name or not at all. */
#include "tests/unit/pattern.h"

#include "imager/image/sink.h"
#include "imager/image/source.h"
#include "imager/image/volume.h"

#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>

static const struct sink_options plain = { .cancel_fd = -1 };
static const struct sink_options replace = { .overwrite = true, .cancel_fd = -1 };

static bool exists(const struct scratch *s, const char *name)
{
	char path[160];

	return access(scratch_join(path, s, name), F_OK) == 0;
}

/* The folder's files, all of them, as "a b c". */
static void assert_files(const struct scratch *s, const char *expected)
{
	struct dirent **v;
	char all[512] = "";
	int n = scandir(s->dir, &v, NULL, alphasort);
	size_t len = 0;

	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		if (v[i]->d_name[0] != '.')
			len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
						len ? " " : "", v[i]->d_name);
		free(v[i]);
	}
	free(v);
	assert_string_equal(all, expected);
}

static void put(const struct scratch *s, const char *name, const char *text)
{
	char path[160];

	scratch_file(s, name, 0);
	write_file(scratch_join(path, s, name), text, strlen(text), 0);
}

static void assert_text(const struct scratch *s, const char *name, const char *text)
{
	char path[160];
	char *found = io_slurp(scratch_join(path, s, name), 1000);

	assert_non_null(found);
	assert_string_equal(found, text);
	free(found);
}

/* Opens a sink that must open. */
static struct sink *begin(const struct scratch *s, const char *name,
			  const struct sink_options *opt)
{
	struct err e = { "" };
	struct sink *sink;
	char path[160];

	if (sink_open(&sink, scratch_join(path, s, name), opt, &e) < 0)
		fail_msg("%s", e.msg);
	return sink;
}

static void add(struct sink *sink, const char *text)
{
	struct err e = { "" };

	if (sink->write(sink, text, strlen(text), &e) < 0)
		fail_msg("%s", e.msg);
}

static void publish(struct sink *sink)
{
	struct err e = { "" };

	if (sink->publish(sink, &e) < 0)
		fail_msg("%s", e.msg);
	sink->close(sink);
}

static int try_sink(const struct scratch *s, const char *name, const struct sink_options *opt,
		    struct err *e)
{
	struct sink *sink;
	char path[160];
	int r = sink_open(&sink, scratch_join(path, s, name), opt, e);

	if (!r)
		sink->close(sink);
	return r;
}

static void test_one_file(void **state)
{
	struct scratch *s = *state;
	struct sink *sink = begin(s, "img", &plain);

	add(sink, "hello, ");
	assert_files(s, "img.part");
	add(sink, "");
	add(sink, "slate");
	publish(sink);
	assert_files(s, "img");
	assert_text(s, "img", "hello, slate");
}

static void test_what_is_not_published_disappears(void **state)
{
	static const struct sink_options volumes = { .volume = 4, .cancel_fd = -1 };
	struct scratch *s = *state;
	struct sink *sink = begin(s, "img", &plain);

	add(sink, "half of it");
	sink->close(sink);
	assert_files(s, "");
	sink = begin(s, "img", &volumes);
	add(sink, "half of it");
	assert_files(s, "img.000.part img.001.part img.002.part");
	sink->close(sink);
	assert_files(s, "");
}

static void test_volumes(void **state)
{
	static const char text[] = "0123456789abcdef";

	for (uint64_t size = 1; size <= 17; size++) {
		struct sink_options opt = { .volume = size, .nosync = true, .cancel_fd = -1 };
		struct scratch *s = *state;
		struct sink *sink = begin(s, "img", &opt);
		char name[32], part[32];
		uint64_t n = (16 + size - 1) / size;

		add(sink, "01234567"); /* pieces that are cut and pieces that are not */
		add(sink, "8");
		add(sink, "9abcdef");
		assert_false(exists(s, "img.000"));
		publish(sink);
		for (uint64_t i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "img.%03d", (int)i);
			snprintf(part, sizeof(part), "%.*s", (int)size, text + i * size);
			assert_text(s, name, part);
		}
		snprintf(name, sizeof(name), "img.%03d", (int)n);
		assert_false(exists(s, name));
		assert_false(exists(s, "img") || exists(s, "img.000.part"));
		assert_int_equal(scratch_run("rm %s/img.*", s->dir), 0);
	}
}

struct calls {
	unsigned n;
	unsigned stop_at;
};

static int count_volumes(void *arg, unsigned number, struct err *e)
{
	struct calls *c = arg;

	assert_int_equal(number, ++c->n);
	return number == c->stop_at ? err_set(e, -EINTR, "no more media") : 0;
}

static void test_between_volumes(void **state)
{
	struct scratch *s = *state;
	struct calls c = { .stop_at = 100 };
	struct sink_options opt = {
		.volume = 2, .next_volume = count_volumes, .arg = &c, .cancel_fd = -1
	};
	struct sink *sink = begin(s, "img", &opt);
	struct err e;

	add(sink, "0123");
	assert_int_equal(c.n, 1); /* not before the next one is needed */
	add(sink, "4");
	assert_int_equal(c.n, 2);
	c.stop_at = 3;
	assert_int_equal(sink->write(sink, "56", 2, &e), -EINTR);
	assert_string_equal(e.msg, "no more media");
	sink->close(sink);
	assert_files(s, "");
}

static void test_too_many_volumes(void **state)
{
	static const struct sink_options opt = { .volume = 1, .nosync = true, .cancel_fd = -1 };
	struct scratch *s = *state;
	struct sink *sink = begin(s, "img", &opt);
	char *text = calloc(1, VOLUMES_MAX + 1);
	struct err e;

	assert_non_null(text);
	assert_int_equal(sink->write(sink, text, VOLUMES_MAX, &e), 0);
	assert_int_equal(sink->write(sink, text, 1, &e), -EFBIG);
	assert_non_null(strstr(e.msg, "make them larger"));
	sink->close(sink);
	assert_files(s, "");
	free(text);
}

static void test_nothing_is_replaced_unasked(void **state)
{
	static const struct sink_options volumes = { .volume = 4, .cancel_fd = -1 };
	static const char *const names[] = { "img", "img.000" };
	struct scratch *s = *state;
	struct err e;

	for (unsigned i = 0; i < 2; i++) { /* each name hides the other */
		put(s, names[i], "old");
		assert_int_equal(try_sink(s, "img", &plain, &e), -ECANCELED);
		assert_non_null(strstr(e.msg, "--overwrite"));
		assert_int_equal(try_sink(s, "img", &volumes, &e), -ECANCELED);
		assert_int_equal(try_sink(s, "img.000", &volumes, &e), -ECANCELED);
		assert_files(s, names[i]);
		assert_text(s, names[i], "old");
		assert_int_equal(scratch_run("rm %s/*", s->dir), 0);
	}
}

static void test_overwrite(void **state)
{
	static const struct sink_options volumes = { .volume = 4,
						     .overwrite = true,
						     .cancel_fd = -1 };
	struct scratch *s = *state;
	struct sink *sink;

	put(s, "img", "old");
	sink = begin(s, "img", &replace);
	add(sink, "new one");
	assert_text(s, "img", "old"); /* until all is written */
	sink->close(sink);
	assert_text(s, "img", "old");
	assert_files(s, "img");

	sink = begin(s, "img", &volumes);
	add(sink, "new one");
	assert_text(s, "img", "old");
	publish(sink);
	assert_files(s, "img.000 img.001"); /* and not the file beside them */

	put(s, "img.002", "left over");
	put(s, "img.004", "not in the row: somebody else's");
	sink = begin(s, "img", &volumes);
	add(sink, "tiny");
	publish(sink);
	assert_files(s, "img.000 img.004");
	assert_text(s, "img.000", "tiny");

	sink = begin(s, "img", &replace);
	add(sink, "one file");
	assert_files(s, "img.000 img.004 img.part");
	publish(sink);
	assert_files(s, "img img.004");
}

static void test_names_that_are_refused(void **state)
{
	struct scratch *s = *state;
	char path[160];
	struct err e;

	assert_int_equal(mkdir(scratch_join(path, s, "folder"), 0700), 0);
	assert_int_equal(try_sink(s, "folder", &replace, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "no regular file"));
	assert_int_equal(mkfifo(scratch_join(path, s, "fifo"), 0600), 0);
	assert_int_equal(try_sink(s, "fifo", &replace, &e), -ECANCELED);
	assert_int_equal(try_sink(s, "nowhere/img", &plain, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "no such directory"));
	put(s, "file", "");
	assert_int_equal(try_sink(s, "file/img", &plain, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "no directory"));
	assert_files(s, "fifo file folder");
}

/* A link under the temporary name must not lead somewhere else. */
static void test_no_links(void **state)
{
	struct scratch *s = *state;
	char path[160], link[160];
	struct err e;

	put(s, "precious", "keep me");
	assert_int_equal(
		symlink(scratch_join(path, s, "precious"), scratch_join(link, s, "img.part")),
		0);
	assert_int_equal(try_sink(s, "img", &plain, &e), -ELOOP);
	assert_text(s, "precious", "keep me");
	assert_files(s, "img.part precious");
}

/* What a crash has left is no obstacle, and nothing of it stays. */
static void test_left_over_part(void **state)
{
	struct scratch *s = *state;
	struct sink *sink;

	put(s, "img.part", "a long text that a crash has left behind");
	sink = begin(s, "img", &plain);
	add(sink, "new");
	publish(sink);
	assert_files(s, "img");
	assert_text(s, "img", "new");
}

/* Locks are between processes. */
static void test_two_writers(void **state)
{
	struct scratch *s = *state;
	struct sink *sink = begin(s, "img", &plain);
	int status;
	pid_t pid;

	add(sink, "the first");
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct err e = { "" };
		int r = try_sink(s, "img", &plain, &e);

		_exit(r == -ECANCELED && strstr(e.msg, "another slate") ? 7 : 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_text(s, "img.part", "the first"); /* neither removed nor emptied */
	publish(sink);
	assert_text(s, "img", "the first");
}

/* A full disk is said, with the name. */
static void test_write_error(void **state)
{
	static const uint8_t much[1 << 20];
	struct scratch *s = *state;
	struct sink *sink;
	char path[160];
	struct err e;

	assert_int_equal(symlink("/dev/full", scratch_join(path, s, "img")), 0);
	assert_int_equal(try_sink(s, "img", &replace, &e), -ECANCELED);
	unlink(path);
	scratch_need_root();
	snprintf(path, sizeof(path), "%s/img",
		 scratch_mount(s, "small", "tmpfs", "tmpfs", MS_NOSUID));
	assert_int_equal(mount("none", s->mounts[0], NULL, MS_REMOUNT, "size=64k"), 0);
	assert_int_equal(sink_open(&sink, path, &plain, &e), 0);
	for (int i = 0; i < 16; i++)
		add(sink, "0123456789abcdef");
	assert_int_equal(sink->write(sink, much, sizeof(much), &e), -ENOSPC);
	assert_non_null(strstr(e.msg, "/small/img: cannot write the image"));
	sink->close(sink);
	assert_files(s, "small");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_file),         TEST(test_what_is_not_published_disappears),
		TEST(test_volumes),          TEST(test_between_volumes),
		TEST(test_too_many_volumes), TEST(test_nothing_is_replaced_unasked),
		TEST(test_overwrite),        TEST(test_names_that_are_refused),
		TEST(test_no_links),         TEST(test_left_over_part),
		TEST(test_two_writers),      TEST(test_write_error),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
