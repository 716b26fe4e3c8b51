// SPDX-License-Identifier: GPL-3.0-or-later
/* pattern.h - contents for test disks that show when a byte is not in its place. */
#ifndef TESTS_UNIT_PATTERN_H
#define TESTS_UNIT_PATTERN_H

#include "tests/unit/scratch.h"

#include "common/io.h"

#define MIB ((size_t)1024 * 1024)

/* Every byte differs from its neighbours and from that of the next sectors. */
static inline uint8_t pattern(uint64_t off)
{
	return (uint8_t)(1 + (off * 7 + off / 509) % 255);
}

static inline void fill_pattern(uint8_t *buf, size_t n, uint64_t off)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = pattern(off + i);
}

static inline void assert_pattern(const uint8_t *buf, size_t n, uint64_t off)
{
	for (size_t i = 0; i < n; i++) {
		if (buf[i] != pattern(off + i))
			fail_msg("byte %zu of %zu from %llu", i, n, (unsigned long long)off);
	}
}

static inline void assert_zero(const uint8_t *buf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (buf[i])
			fail_msg("byte %zu of %zu is not zero", i, n);
	}
}

static inline void write_file(const char *path, const void *buf, size_t n, uint64_t off)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(io_pwrite(fd, buf, n, off), 0);
	close(fd);
}

/* <dir>/<name>, @size bytes of pattern. */
static inline char *pattern_file(struct scratch *s, const char *name, size_t size, char *path)
{
	uint8_t *buf = malloc(size);

	assert_non_null(buf);
	fill_pattern(buf, size, 0);
	scratch_file(s, name, (off_t)size);
	write_file(scratch_join(path, s, name), buf, size, 0);
	free(buf);
	return path;
}

#endif
