// SPDX-License-Identifier: GPL-3.0-or-later
/* Devices and files: opening, bounded access, zeroing, reading back. */
#include "tests/unit/pattern.h"
#include "tests/unit/scratch.h"

#include "common/io.h"
#include "imager/disk/dev.h"

#include <errno.h>

static uint64_t bytes_on_disk(const char *path)
{
	struct stat st;

	/* Some filesystems count a write only when it is on its way. */
	assert_int_equal(scratch_run("sync -f %s", path), 0);
	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void assert_source_refused(const char *path, int code, const char *words)
{
	struct err e = { "" };
	struct dev d;

	assert_int_equal(dev_open_source(&d, path, &e), code);
	if (!strstr(e.msg, words) || !strstr(e.msg, path))
		fail_msg("\"%s\" lacks \"%s\" or the name", e.msg, words);
	assert_int_equal(d.fd, -1);
	assert_null(d.path);
	dev_close(&d);
}

static void test_source_refusals(void **state)
{
	struct scratch *s = *state;
	char path[160];

	assert_source_refused(scratch_join(path, s, "none"), -ENOENT, "No such file");
	assert_source_refused("/dev/slate-none", -ENODEV, "no such device");
	assert_source_refused("/dev/slate/none", -ENODEV, "no such device");
	assert_source_refused(s->dir, -EISDIR, "directory");
	assert_source_refused("/dev/null", -ENOTBLK, "neither");
	scratch_file(s, "empty", 0);
	assert_source_refused(scratch_join(path, s, "empty"), -ENODATA, "empty");
	assert_int_equal(mkfifo(scratch_join(path, s, "fifo"), 0600), 0);
	assert_source_refused(path, -ENOTBLK, "neither"); /* and it did not wait for a writer */
}

static void test_source_file(void **state)
{
	struct scratch *s = *state;
	struct stat st;
	struct err e;
	struct dev d;
	char path[160];
	uint8_t buf[1000];

	pattern_file(s, "file", 10000, path);
	assert_int_equal(dev_open_source(&d, path, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(d.size, 10000);
	assert_int_equal(d.sector, 512);
	assert_int_equal(d.physical, 512);
	assert_int_equal(d.id, st.st_dev);
	assert_int_equal(d.ino, st.st_ino);
	assert_false(d.block);
	assert_string_equal(d.path, path);
	assert_int_equal(dev_read(&d, buf, sizeof(buf), 8999, &e), 0);
	assert_pattern(buf, sizeof(buf), 8999);
	assert_int_equal(dev_write(&d, buf, 1, 0, &e), -EBADF);
	assert_true(fcntl(d.fd, F_GETFD) & FD_CLOEXEC);
	dev_close(&d);
	assert_int_equal(d.fd, -1);
	dev_close(&d);
}

static void test_range_checks(void **state)
{
	struct scratch *s = *state;
	_Alignas(4096) uint8_t buf[4096];
	struct extents bad = { 0 };
	struct err e = { "" };
	struct dev d;
	char path[160];
	bool direct;

	assert_int_equal(dev_open_target(&d, scratch_join(path, s, "file"), 8192, &e), 0);
	assert_int_equal(dev_read(&d, buf, 4096, 4096, &e), 0);
	assert_int_equal(dev_read(&d, buf, 4096, 4097, &e), -ERANGE);
	assert_non_null(strstr(e.msg, path));
	assert_int_equal(dev_read(&d, buf, 2, UINT64_MAX, &e), -ERANGE);
	assert_int_equal(dev_read(&d, buf, SIZE_MAX, 1, &e), -ERANGE);
	assert_int_equal(dev_read(&d, buf, 0, 8192, &e), 0);
	assert_int_equal(dev_rescue(&d, buf, 4096, 8000, &bad, &e), -ERANGE);
	assert_int_equal(dev_read_back(&d, buf, 4096, 12288, &direct, &e), -ERANGE);
	assert_int_equal(dev_read_back(&d, buf, 4096, 8192, &direct, &e), 0);
	assert_int_equal(dev_write(&d, buf, 4096, 4097, &e), -ERANGE);
	assert_int_equal(dev_write(&d, buf, 4096, 4096, &e), 0);
	assert_int_equal(dev_zero(&d, 8191, 2, &e), -ERANGE);
	assert_int_equal(dev_zero(&d, 8191, UINT64_MAX, &e), -ERANGE);
	assert_int_equal(dev_zero(&d, 8192, 0, &e), 0);
	assert_int_equal(dev_discard(&d, 8191, 2, &e), -ERANGE);
	assert_int_equal(truncate(path, 5000), 0);
	assert_int_equal(dev_read(&d, buf, 4096, 4096, &e), -EIO);
	assert_non_null(strstr(e.msg, "5000"));
	assert_int_equal(dev_read_back(&d, buf, 4096, 4096, &direct, &e), -EIO);
	assert_int_equal(dev_rescue(&d, buf, 4096, 4096, &bad, &e), -ENODEV);
	assert_int_equal(bad.n, 0);
	dev_close(&d);
}

static void test_target_is_made(void **state)
{
	struct scratch *s = *state;
	struct stat st;
	struct err e;
	struct dev d;
	char path[160];

	assert_int_equal(dev_open_target(&d, scratch_join(path, s, "new"), 64 * MIB, &e), 0);
	assert_int_equal(d.size, 64 * MIB);
	assert_false(d.block || d.exclusive);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 64 * MIB);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	dev_close(&d);

	scratch_file(s, "empty", 0);
	assert_int_equal(dev_open_target(&d, scratch_join(path, s, "empty"), 4096, &e), 0);
	assert_int_equal(d.size, 4096);
	dev_close(&d);

	pattern_file(s, "old", 1000, path);
	assert_int_equal(dev_open_target(&d, path, 4096, &e), 0);
	assert_int_equal(d.size, 1000);
	dev_close(&d);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1000);
}

static void assert_not_made(const char *path, uint64_t size, int code)
{
	struct err e = { "" };
	struct stat st;
	struct dev d;

	assert_int_equal(dev_open_target(&d, path, size, &e), code);
	assert_true(e.msg[0]);
	assert_int_equal(d.fd, -1);
	assert_int_equal(stat(path, &st), -1);
}

static void test_target_is_not_made(void **state)
{
	struct scratch *s = *state;
	char path[160], link[160];

	assert_not_made("/dev/slate-none", 4096, -ENODEV);
	assert_not_made("/dev/slate/none", 4096, -ENODEV);
	assert_not_made("/tmp/..//dev/./slate-none", 4096, -ENODEV);
	assert_int_equal(chdir("/"), 0);
	assert_not_made("dev/slate-none", 4096, -ENODEV);
	assert_int_equal(symlink("/dev", scratch_join(path, s, "devices")), 0);
	assert_not_made(scratch_join(path, s, "devices/slate-none"), 4096, -ENODEV);
	/* A link that leads nowhere could lead into /dev. */
	assert_int_equal(symlink("/dev/slate-none", scratch_join(link, s, "link")), 0);
	assert_not_made(link, 4096, -EEXIST);
	assert_not_made("/dev/slate-none", 4096, -ENODEV);
	assert_not_made(scratch_join(path, s, "a"), 0, -EINVAL);
	assert_not_made(scratch_join(path, s, "b"), UINT64_MAX, -EFBIG);
	assert_not_made(scratch_join(path, s, "c"), INT64_MAX, -EFBIG);
	assert_not_made(scratch_join(path, s, "no/folder"), 4096, -ENOENT);
}

static void test_names_device(void **state)
{
	struct scratch *s = *state;
	char path[160];

	assert_true(dev_names_device("/dev/sdz9"));
	assert_true(dev_names_device("/dev/none/sdz9"));
	assert_true(dev_names_device("/tmp/../dev/sdz9"));
	assert_false(dev_names_device("/dev/shm/file"));
	assert_false(dev_names_device("/devices"));
	assert_false(dev_names_device("file"));
	assert_false(dev_names_device(scratch_join(path, s, "dev/sdz9")));
}

static void test_target_refusals(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	struct dev d;
	char path[160];

	assert_int_equal(dev_open_target(&d, s->dir, 4096, &e), -EISDIR);
	assert_int_equal(dev_open_target(&d, "/dev/null", 4096, &e), -ENOTBLK);
	scratch_file(s, "empty", 0);
	assert_int_equal(dev_open_target(&d, scratch_join(path, s, "empty"), 0, &e), -EINVAL);
}

static void test_close_spares_strangers(void **state)
{
	struct dev d = { .fd = -1 };
	int before = fcntl(0, F_GETFD);

	(void)state;
	dev_close(&d); /* its direct_fd is 0, which is the program's standard input */
	assert_int_equal(fcntl(0, F_GETFD), before);
	assert_int_equal(d.direct_fd, -1);
}

static void test_loop_device(void **state)
{
	struct scratch *s = *state;
	uint8_t buf[3000];
	struct err e = { "" };
	struct dev a, b;
	const char *loop;
	struct stat st;
	char path[160];

	scratch_need_root();
	loop = scratch_loop(s, pattern_file(s, "disk", MIB, path), "--sector-size 4096");
	assert_int_equal(stat(loop, &st), 0);
	assert_int_equal(dev_open_target(&a, loop, 0, &e), 0);
	assert_int_equal(a.size, MIB);
	assert_int_equal(a.sector, 4096);
	assert_true(a.physical >= 4096);
	assert_int_equal(a.id, st.st_rdev);
	assert_true(a.block && a.exclusive);

	assert_int_equal(dev_open_target(&b, loop, 0, &e), -EBUSY);
	assert_non_null(strstr(e.msg, "umount"));
	assert_int_equal(dev_open_source(&b, loop, &e), 0);
	assert_false(b.exclusive);
	assert_int_equal(dev_read(&b, buf, sizeof(buf), 777, &e), 0);
	assert_pattern(buf, sizeof(buf), 777);
	dev_close(&b);

	memset(buf, 'x', sizeof(buf));
	assert_int_equal(dev_write(&a, buf, sizeof(buf), 5000, &e), 0);
	dev_flush_hint(&a, 5000, sizeof(buf));
	dev_flush_hint(&a, UINT64_MAX, 1);
	assert_int_equal(dev_sync(&a, &e), 0);
	dev_close(&a);
	assert_int_equal(dev_open_source(&a, path, &e), 0);
	assert_int_equal(dev_read(&a, buf, sizeof(buf), 5000, &e), 0);
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 'x');
	dev_close(&a);
}

static void test_loop_device_refusals(void **state)
{
	struct scratch *s = *state;
	struct extents bad = { 0 };
	struct err e = { "" };
	uint8_t buf[4096];
	const char *loop;
	struct dev d;
	char path[160];

	scratch_need_root();
	loop = scratch_loop(s, pattern_file(s, "disk", MIB, path), "--read-only");
	assert_int_equal(dev_open_target(&d, loop, 0, &e), -EROFS);
	assert_non_null(strstr(e.msg, "write-protected"));
	assert_int_equal(dev_open_source(&d, loop, &e), 0);
	assert_true(d.exclusive);
	/* The disk shrinks: this is no bad sector. */
	assert_int_equal(truncate(path, MIB / 2), 0);
	assert_int_equal(scratch_run("losetup -c %s", loop), 0);
	assert_int_equal(dev_rescue(&d, buf, 4096, MIB / 2, &bad, &e), -ENODEV);
	assert_int_equal(bad.n, 0);
	dev_close(&d);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(scratch_run("losetup -c %s", loop), 0);
	assert_int_equal(dev_open_source(&d, loop, &e), -ENOMEDIUM);
	assert_int_equal(dev_sync(&(struct dev){ .fd = -1, .path = path }, &e), -EBADF);
}

/* Puts @d's range into the page cache, then changes what lies below the cache. */
static void go_stale(const struct dev *d, const char *below, uint8_t *buf, size_t n,
		     uint64_t off)
{
	struct err e;

	assert_int_equal(dev_read(d, buf, n, off, &e), 0);
	assert_pattern(buf, n, off);
	memset(buf, 'n', n);
	write_file(below, buf, n, off);
	assert_int_equal(dev_read(d, buf, n, off, &e), 0);
	assert_pattern(buf, n, off); /* still the cached bytes: otherwise this proves nothing */
}

static void test_read_back_passes_cache(void **state)
{
	static _Alignas(4096) uint8_t buf[8192], news[8192];
	struct scratch *s = *state;
	struct err e;
	const char *loop;
	struct dev d;
	char path[160];
	bool direct;
	int twin;

	scratch_need_root();
	loop = scratch_loop(s, pattern_file(s, "disk", MIB, path), "");
	assert_int_equal(dev_open_source(&d, loop, &e), 0);
	memset(news, 'n', sizeof(news));
	go_stale(&d, path, buf, sizeof(buf), 65536);
	assert_int_equal(dev_read_back(&d, buf, sizeof(buf), 65536, &direct, &e), sizeof(buf));
	assert_true(direct);
	assert_memory_equal(buf, news, sizeof(news));

	/* Without O_DIRECT, dropping the range from the cache does the same. */
	twin = d.direct_fd;
	d.direct_fd = -1;
	go_stale(&d, path, buf, sizeof(buf), 131072);
	assert_int_equal(dev_read_back(&d, buf, sizeof(buf), 131072, &direct, &e), sizeof(buf));
	assert_false(direct);
	assert_memory_equal(buf, news, sizeof(news));
	d.direct_fd = twin;
	dev_close(&d);
}

static void test_read_back_at_end(void **state)
{
	static _Alignas(4096) uint8_t buf[8192];
	struct scratch *s = *state;
	struct err e;
	struct dev d;
	char path[160];
	bool direct;

	pattern_file(s, "file", 10001, path);
	assert_int_equal(dev_open_source(&d, path, &e), 0);
	assert_int_equal(dev_read_back(&d, buf, 8192, 4096, &direct, &e), 5905);
	assert_pattern(buf, 5905, 4096);
	/* What was appended later is none of the device. */
	assert_int_equal(scratch_run("echo more >> %s", path), 0);
	assert_int_equal(dev_read_back(&d, buf, 4096, 8192, &direct, &e), 1809);
	assert_pattern(buf, 1809, 8192);
	dev_close(&d);
}

/* ramfs has neither O_DIRECT nor holes nor fallocate(). */
static void test_poor_filesystem(void **state)
{
	static _Alignas(4096) uint8_t buf[300000];
	struct scratch *s = *state;
	struct extents data = { 0 };
	struct err e = { "" };
	struct dev d;
	char path[160];
	bool direct = true;

	scratch_need_root();
	scratch_mount(s, "ram", "none", "ramfs", 0);
	pattern_file(s, "ram/file", 400000, path);
	assert_int_equal(dev_open_target(&d, path, 0, &e), 0);
	assert_int_equal(d.direct_fd, -1);
	assert_int_equal(dev_read_back(&d, buf, 8192, 4096, &direct, &e), 8192);
	assert_false(direct);
	assert_pattern(buf, 8192, 4096);

	assert_int_equal(dev_data(&d, &data, &e), 0);
	assert_int_equal(data.n, 1);
	assert_int_equal(extents_total(&data), 400000);
	extents_free(&data);

	assert_int_equal(dev_discard(&d, 0, 8192, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.msg, path));
	assert_int_equal(dev_zero(&d, 777, 299000, &e), 0);
	assert_int_equal(dev_read(&d, buf, 300000, 0, &e), 0);
	assert_pattern(buf, 777, 0);
	assert_zero(buf + 777, 299000);
	assert_pattern(buf + 299777, 223, 299777);
	dev_close(&d);
}

static void test_zero_and_discard_file(void **state)
{
	static uint8_t buf[MIB];
	struct scratch *s = *state;
	struct err e;
	uint64_t before;
	struct dev d;
	char path[160];

	pattern_file(s, "file", MIB, path);
	assert_int_equal(dev_open_target(&d, path, 0, &e), 0);
	before = bytes_on_disk(path);
	assert_int_equal(dev_zero(&d, 1001, 512 * 1024, &e), 0);
	assert_int_equal(dev_read(&d, buf, MIB, 0, &e), 0);
	assert_pattern(buf, 1001, 0);
	assert_zero(buf + 1001, 512 * 1024);
	assert_pattern(buf + 1001 + 512 * 1024, MIB - 1001 - 512 * 1024, 1001 + 512 * 1024);
	assert_true(bytes_on_disk(path) + 500 * 1024 < before);

	before = bytes_on_disk(path);
	assert_int_equal(dev_discard(&d, MIB - 256 * 1024, 256 * 1024, &e), 0);
	assert_true(bytes_on_disk(path) + 200 * 1024 < before);
	assert_int_equal(lseek(d.fd, 0, SEEK_END), MIB);
	dev_close(&d);
}

/* Zeroes every combination of ends on, before and after a sector boundary. */
static void test_zero_block_edges(void **state)
{
	static const int shift[] = { 0, 1, 511, 512, 513 };
	static uint8_t buf[MIB];
	struct scratch *s = *state;
	struct err e;
	struct dev d;
	char path[160];

	scratch_need_root();
	assert_int_equal(
		dev_open_target(&d, scratch_loop(s, pattern_file(s, "disk", MIB, path), ""), 0,
				&e),
		0);
	for (size_t i = 0; i < 25; i++) {
		size_t from = 65536 + (size_t)shift[i / 5], to = 131072 + (size_t)shift[i % 5];

		fill_pattern(buf, MIB, 0);
		assert_int_equal(dev_write(&d, buf, MIB, 0, &e), 0);
		assert_int_equal(dev_zero(&d, from, to - from, &e), 0);
		assert_int_equal(dev_sync(&d, &e), 0);
		assert_int_equal(posix_fadvise(d.fd, 0, 0, POSIX_FADV_DONTNEED), 0);
		assert_int_equal(dev_read(&d, buf, MIB, 0, &e), 0);
		assert_pattern(buf, from, 0);
		assert_zero(buf + from, to - from);
		assert_pattern(buf + to, MIB - to, to);
	}
	fill_pattern(buf, MIB, 0);
	assert_int_equal(dev_write(&d, buf, MIB, 0, &e), 0);
	assert_int_equal(dev_zero(&d, 1000, 20, &e), 0); /* inside one sector */
	assert_int_equal(dev_read(&d, buf, MIB, 0, &e), 0);
	assert_pattern(buf, 1000, 0);
	assert_zero(buf + 1000, 20);
	assert_pattern(buf + 1020, MIB - 1020, 1020);
	dev_close(&d);
}

static void test_discard_block(void **state)
{
	struct scratch *s = *state;
	uint8_t buf[2048];
	struct err e = { "" };
	uint64_t before;
	struct dev d;
	char path[160];

	scratch_need_root();
	assert_int_equal(
		dev_open_target(&d, scratch_loop(s, pattern_file(s, "disk", MIB, path), ""), 0,
				&e),
		0);
	before = bytes_on_disk(path);
	assert_int_equal(dev_discard(&d, 65536 - 1, 512 * 1024 + 2, &e), 0);
	assert_true(bytes_on_disk(path) + 500 * 1024 < before);
	assert_int_equal(dev_read(&d, buf, 1024, 65536 - 1024, &e), 0);
	assert_pattern(buf, 1024, 65536 - 1024); /* only whole sectors went */
	assert_int_equal(dev_discard(&d, 1000, 20, &e), 0);
	assert_int_equal(dev_read(&d, buf, 2048, 0, &e), 0);
	assert_pattern(buf, 2048, 0);
	dev_close(&d);

	scratch_mount(s, "ram", "none", "ramfs", 0);
	pattern_file(s, "ram/disk", MIB, path);
	assert_int_equal(dev_open_target(&d, scratch_loop(s, path, ""), 0, &e), 0);
	assert_int_equal(dev_discard(&d, 0, 65536, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.msg, d.path));
	assert_int_equal(dev_zero(&d, 0, 65536, &e), 0);
	assert_int_equal(dev_read(&d, buf, 2048, 65536 - 1024, &e), 0);
	assert_zero(buf, 1024);
	assert_pattern(buf + 1024, 1024, 65536);
	dev_close(&d);
}

static void test_data_of_file(void **state)
{
	struct scratch *s = *state;
	struct extents x = { 0 };
	uint8_t buf[65536];
	struct err e;
	struct dev d;
	char path[160];

	memset(buf, 1, sizeof(buf));
	scratch_file(s, "file", 10 * MIB + 100);
	scratch_join(path, s, "file");
	assert_int_equal(dev_open_source(&d, path, &e), 0);
	assert_int_equal(dev_data(&d, &x, &e), 0);
	assert_int_equal(x.n, 0);
	write_file(path, buf, sizeof(buf), MIB);
	write_file(path, buf, 100, 10 * MIB);
	write_file(path, buf, 1000, 10 * MIB); /* grown: the device has not */
	assert_int_equal(dev_data(&d, &x, &e), 0);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.v[0].off, MIB);
	assert_int_equal(x.v[0].len, sizeof(buf));
	assert_int_equal(x.v[1].off, 10 * MIB);
	assert_int_equal(x.v[1].len, 100);
	extents_free(&x);
	dev_close(&d);

	scratch_need_root();
	assert_int_equal(truncate(path, 10 * MIB), 0);
	assert_int_equal(dev_open_source(&d, scratch_loop(s, path, ""), &e), 0);
	assert_int_equal(dev_data(&d, &x, &e), 0);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.v[0].len, 10 * MIB);
	extents_free(&x);
	dev_close(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_source_refusals),
		TEST(test_source_file),
		TEST(test_range_checks),
		TEST(test_target_is_made),
		TEST(test_target_is_not_made),
		TEST(test_names_device),
		TEST(test_target_refusals),
		TEST(test_close_spares_strangers),
		TEST(test_loop_device),
		TEST(test_loop_device_refusals),
		TEST(test_read_back_passes_cache),
		TEST(test_read_back_at_end),
		TEST(test_poor_filesystem),
		TEST(test_zero_and_discard_file),
		TEST(test_zero_block_edges),
		TEST(test_discard_block),
		TEST(test_data_of_file),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
