// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading a failing disk.  The test runs itself again under the library of
 * tests/fault/eio.c, which makes chosen bytes unreadable.
 */
#include "tests/unit/pattern.h"
#include "tests/unit/scratch.h"

#include "imager/disk/dev.h"

#include <errno.h>
#include <sys/wait.h>

/*
 * Takes "OFF+LEN,OFF+LEN" apart, without what precedes @from or is beyond the
 * test's disk; returns how many.
 */
static size_t parse_ranges(const char *text, uint64_t from, struct extent *ret)
{
	size_t n = 0;

	while (*text) {
		char *end;
		uint64_t off = strtoull(text, &end, 10),
			 stop = off + strtoull(end + 1, &end, 10);

		text = *end ? end + 1 : end;
		if (off < from)
			off = from;
		if (stop > MIB)
			stop = MIB;
		if (off < stop)
			ret[n++] = (struct extent){ off, stop - off };
	}
	return n;
}

/* Rescues all from @start on, where just @ranges are bad.  0, or what was wrong. */
static int rescue_from(const struct dev *d, size_t start, const char *ranges)
{
	static uint8_t buf[MIB], want[MIB];
	struct extents bad = { 0 };
	struct extent expected[16];
	size_t n = MIB - start, count = parse_ranges(ranges, start, expected);
	struct err e;

	fill_pattern(want, n, start);
	for (size_t i = 0; i < count; i++)
		memset(want + expected[i].off - start, 0, expected[i].len);
	memset(buf, 0xee, n);
	if (dev_read(d, buf, n, start, &e) != -EIO)
		return 11;
	if (dev_rescue(d, buf, n, start, &bad, &e))
		return 12;
	if (bad.n != count || memcmp(bad.v, expected, count * sizeof(*expected)))
		return 13;
	extents_free(&bad);
	return memcmp(buf, want, n) ? 14 : 0;
}

/* What test_rescue's child does, under the library that fails reads. */
static int rescue_child(const char *path, const char *ranges)
{
	static const size_t starts[] = { 0, 4096, 65536 - 512, 1000 };
	struct dev d;
	struct err e;
	int r = dev_open_source(&d, path, &e) ? 10 : 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts) && !r; i++)
		r = rescue_from(&d, starts[i], ranges);
	dev_close(&d);
	return r;
}

static int run_rescue_child(const char *library, const char *path, const char *ranges)
{
	char spec[512];
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		snprintf(spec, sizeof(spec), "%s:%s", path, ranges);
		setenv("SLATE_EIO", spec, 1);
		setenv("LD_PRELOAD", library, 1);
		execl("/proc/self/exe", "rescue_test", "--rescue", path, ranges, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One sector alone, across a block boundary, neighbours, a whole block, the very end. */
#define BAD_RANGES "0+512,65024+1024,131072+65536,300032+512,301056+512,1048064+512"

static void test_rescue(void **state)
{
	const char *library = getenv("SLATE_EIO_LIB");
	struct scratch *s = *state;
	char path[160];

	if (!library) {
		print_message("SLATE_EIO_LIB does not name the library that fails reads\n");
		skip();
	}
	pattern_file(s, "disk", MIB, path);
	assert_int_equal(run_rescue_child(library, path, BAD_RANGES), 0);
	assert_int_equal(run_rescue_child(library, path, "0+1048576"), 0);
	/* The child sees the difference: nothing fails, so its dev_read() succeeds. */
	assert_int_equal(run_rescue_child(library, path, "2097152+512"), 11);
	scratch_need_root();
	assert_int_equal(run_rescue_child(library, scratch_loop(s, path, ""), BAD_RANGES), 0);
}

static void test_rescue_of_good_disk(void **state)
{
	static uint8_t buf[MIB];
	struct scratch *s = *state;
	struct extents bad = { 0 };
	struct err e;
	struct dev d;
	char path[160];

	assert_int_equal(dev_open_source(&d, pattern_file(s, "disk", MIB, path), &e), 0);
	assert_int_equal(dev_rescue(&d, buf, MIB - 1001, 1001, &bad, &e), 0);
	assert_pattern(buf, MIB - 1001, 1001);
	assert_int_equal(bad.n, 0);
	dev_close(&d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rescue),
		TEST(test_rescue_of_good_disk),
	};

	if (argc == 4 && !strcmp(argv[1], "--rescue"))
		return rescue_child(argv[2], argv[3]);
	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
