// SPDX-License-Identifier: GPL-3.0-or-later
/* Where images are read from: a file, volumes, a pipe; and pipes they are written to. */
#include "tests/unit/pattern.h"

#include "imager/image/sink.h"
#include "imager/image/source.h"

#include <errno.h>
#include <signal.h>

#define SIZE 1000 /* bytes of all volumes */

/* Three volumes of 400, 1 and 599 bytes. */
static void make_volumes(struct scratch *s)
{
	static const struct {
		const char *name;
		size_t begin, end;
	} v[] = { { "img.000", 0, 400 }, { "img.001", 400, 401 }, { "img.002", 401, SIZE } };
	uint8_t all[SIZE];
	char path[160];

	fill_pattern(all, SIZE, 0);
	for (unsigned i = 0; i < 3; i++) {
		scratch_file(s, v[i].name, 0);
		write_file(scratch_join(path, s, v[i].name), all + v[i].begin,
			   v[i].end - v[i].begin, 0);
	}
}

static int try_source(struct scratch *s, const char *name, struct source **ret, struct err *e)
{
	struct source_options opt = { .cancel_fd = -1 };
	char path[160];

	*e = (struct err){ "" };
	return source_open(ret, scratch_join(path, s, name), &opt, e);
}

static struct source *begin(struct scratch *s, const char *name)
{
	struct source *src = NULL;
	struct err e;

	if (try_source(s, name, &src, &e) < 0)
		fail_msg("%s", e.msg);
	return src;
}

/* Reads @n bytes at @off and expects those that are there. */
static void assert_read(struct source *src, size_t n, uint64_t off)
{
	uint8_t *buf = malloc(n + 1);
	size_t expected = off >= SIZE ? 0 : n < SIZE - off ? n : (size_t)(SIZE - off);
	struct err e;

	assert_non_null(buf);
	assert_int_equal(src->read(src, buf, n, off, &e), expected);
	assert_pattern(buf, expected, off);
	free(buf);
}

static void test_volumes_read_as_one(void **state)
{
	struct scratch *s = *state;
	struct source *src;

	make_volumes(s);
	src = begin(s, "img.000");
	assert_true(src->seekable);
	assert_int_equal(src->size, SIZE);
	assert_int_equal(src->volumes, 3);
	assert_string_equal(src->remark, "");
	assert_non_null(strstr(src->name, "/img.000"));
	for (uint64_t off = 0; off < SIZE + 10; off += 7)
		for (size_t n = 0; n < SIZE + 10; n += 31)
			assert_read(src, n, off);
	for (uint64_t off = 390; off < 410; off++)
		for (size_t n = 0; n < 20; n++)
			assert_read(src, n, off);
	assert_read(src, 10, UINT64_MAX);
	src->close(src);
}

static void test_one_file(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	char path[160];

	pattern_file(s, "img", SIZE, path);
	pattern_file(s, "img.001", SIZE, path); /* no volume of it */
	src = begin(s, "img");
	assert_int_equal(src->size, SIZE);
	assert_int_equal(src->volumes, 0);
	assert_read(src, SIZE + 5, 0);
	assert_read(src, 10, 995);
	src->close(src);
}

/* As partimage's users write it: with the number or without, and it is said. */
static void test_the_other_name(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	char path[160];
	struct err e;

	make_volumes(s);
	src = begin(s, "img");
	assert_int_equal(src->size, SIZE);
	assert_non_null(strstr(src->name, "/img.000"));
	assert_non_null(strstr(src->remark, "not there"));
	src->close(src);
	pattern_file(s, "other", SIZE, path);
	src = begin(s, "other.000");
	assert_int_equal(src->size, SIZE);
	assert_non_null(strstr(src->remark, "not there"));
	src->close(src);
	assert_int_equal(try_source(s, "third", &src, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/third: no such image"));
}

static void test_missing_volume(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	char path[160];
	struct err e;

	make_volumes(s);
	unlink(scratch_join(path, s, "img.001"));
	assert_int_equal(try_source(s, "img.000", &src, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "/img.001 is missing"));
	assert_non_null(strstr(e.msg, "/img.002 is there"));
	make_volumes(s);
	unlink(scratch_join(path, s, "img.002")); /* the last: the reader of the image sees */
	src = begin(s, "img.000");
	assert_int_equal(src->size, 401);
	src->close(src);
}

static void test_no_image_files(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	char path[160];
	struct err e;

	assert_int_equal(mkdir(scratch_join(path, s, "folder"), 0700), 0);
	assert_int_equal(try_source(s, "folder", &src, &e), -EISDIR);
	pattern_file(s, "file", SIZE, path);
	assert_int_equal(try_source(s, "file/img", &src, &e), -ENOTDIR);
}

/* A volume that shrinks while it is read gives fewer bytes, not those of the next. */
static void test_volume_that_shrinks(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	char path[160];
	uint8_t buf[SIZE];
	struct err e;

	make_volumes(s);
	src = begin(s, "img.000");
	assert_int_equal(truncate(scratch_join(path, s, "img.000"), 300), 0);
	assert_int_equal(src->read(src, buf, SIZE, 100, &e), 200);
	assert_pattern(buf, 200, 100);
	src->close(src);
}

static void test_pipe(void **state)
{
	struct source *src;
	uint8_t out[SIZE], in[SIZE + 1];
	struct err e;
	int p[2];

	(void)state;
	fill_pattern(out, SIZE, 0);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(source_pipe_open(&src, p[0], "the pipe", -1, &e), 0);
	assert_false(src->seekable);
	assert_int_equal(io_write(p[1], out, SIZE), 0);
	assert_int_equal(src->read(src, in, 10, 0, &e), 10);
	assert_int_equal(src->read(src, in + 10, 0, 10, &e), 0);
	assert_int_equal(src->read(src, in + 10, 500, 10, &e), 500);
	assert_int_equal(src->read(src, in, 1, 0, &e), -ESPIPE);
	assert_non_null(strstr(e.msg, "the pipe"));
	close(p[1]);
	assert_int_equal(src->read(src, in + 510, SIZE, 510, &e), SIZE - 510);
	assert_pattern(in, SIZE, 0);
	assert_int_equal(src->read(src, in, 1, SIZE, &e), 0);
	src->close(src);
	assert_int_equal(close(p[0]), -1); /* the source has closed it */
}

static void test_named_pipe(void **state)
{
	struct scratch *s = *state;
	struct source *src;
	uint8_t in[4];
	char path[160];
	struct err e;

	assert_int_equal(mkfifo(scratch_join(path, s, "fifo"), 0600), 0);
	assert_int_equal(scratch_run("printf abcd > %s/fifo & :", s->dir), 0);
	src = begin(s, "fifo");
	assert_false(src->seekable);
	assert_int_equal(src->read(src, in, 4, 0, &e), 4);
	assert_memory_equal(in, "abcd", 4);
	assert_int_equal(src->read(src, in, 4, 4, &e), 0);
	src->close(src);
}

/* Nobody writes, nobody reads: a signal ends the wait all the same. */
static void test_cancelled_pipes(void **state)
{
	struct sink_options opt = { .nosync = true };
	static uint8_t much[1 << 20];
	struct source *src;
	struct sink *sink;
	int p[2], q[2];
	uint8_t in;
	struct err e;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(q), 0);
	opt.cancel_fd = q[0];
	assert_int_equal(source_pipe_open(&src, p[0], "pipe", q[0], &e), 0);
	assert_int_equal(sink_pipe_open(&sink, p[1], &opt, &e), 0);
	assert_int_equal(sink->write(sink, "x", 1, &e), 0);
	assert_int_equal(src->read(src, &in, 1, 0, &e), 1);
	assert_int_equal(io_write(q[1], "", 1), 0);
	assert_int_equal(src->read(src, &in, 1, 1, &e), -EINTR);
	assert_int_equal(sink->write(sink, much, sizeof(much), &e), -EINTR);
	sink->close(sink);
	src->close(src);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}

static void test_sink_pipe(void **state)
{
	static const struct sink_options opt = { .cancel_fd = -1 };
	static const struct sink_options volumes = { .volume = 100, .cancel_fd = -1 };
	struct scratch *s = *state;
	uint8_t out[SIZE * 20];
	struct sink *sink;
	char path[160];
	struct err e;
	int fd, p[2];

	/* Standard output may be a file. */
	fill_pattern(out, sizeof(out), 0);
	fd = open(scratch_join(path, s, "out"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(sink_pipe_open(&sink, fd, &opt, &e), 0);
	assert_int_equal(sink->write(sink, out, sizeof(out), &e), 0);
	assert_int_equal(sink->publish(sink, &e), 0);
	sink->close(sink);
	memset(out, 0, sizeof(out));
	assert_int_equal(io_pread(fd, out, sizeof(out), 0), sizeof(out));
	assert_pattern(out, sizeof(out), 0);
	assert_int_equal(sink_pipe_open(&sink, fd, &volumes, &e), -EINVAL);
	close(fd);

	assert_int_equal(pipe(p), 0); /* a pipe that nobody reads from any more */
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(sink_pipe_open(&sink, p[1], &opt, &e), 0);
	assert_int_equal(sink->write(sink, out, 1, &e), -EPIPE);
	assert_non_null(strstr(e.msg, "standard output"));
	sink->close(sink);
	close(p[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_volumes_read_as_one),
		TEST(test_one_file),
		TEST(test_the_other_name),
		TEST(test_missing_volume),
		TEST(test_no_image_files),
		TEST(test_volume_that_shrinks),
		TEST(test_pipe),
		TEST(test_named_pipe),
		TEST(test_cancelled_pipes),
		TEST(test_sink_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
