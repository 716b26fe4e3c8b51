// SPDX-License-Identifier: GPL-3.0-or-later
/* f2fs_place.h - F2FS filesystems for the tests of their reader. */
#ifndef TESTS_UNIT_F2FS_PLACE_H
#define TESTS_UNIT_F2FS_PLACE_H

#include "tests/unit/fs_place.h"

#define BLOCK 4096u
#define SEG   512u

/* All that this mkfs.f2fs can switch on, but for zoned devices. */
static const char *const option_sets[] = {
	"",
	"-O extra_attr,inode_checksum,sb_checksum,compression",
	"-O encrypt,quota,extra_attr,project_quota,inode_crtime,lost_found,verity,"
	"flexible_inline_xattr",
	"-O ro",
	"-i",
	"-s 2 -z 2",
	"-O casefold -C utf8",
	"-g android",
};

static inline void mkfs(const struct place *p, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s 128M %s &&"
			       " mkfs.f2fs -q -l fixture %s %s >/dev/null 2>&1",
			       p->image, p->image, options, p->image));
}

static inline void fill(const struct place *p, const char *where)
{
	/* 1: it has mended what mkfs.f2fs forgot. */
	assert_in_range(sh("sload.f2fs -f %s %s %s >/dev/null 2>&1", p->files, where, p->image),
			0, 1);
}

static inline void peek(const struct place *p, uint64_t off, void *buf, size_t n)
{
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(n, io_pread(fd, buf, n, off));
	close(fd);
}

static inline uint64_t number(const struct place *p, uint64_t off, size_t n)
{
	uint8_t b[8] = { 0 };
	struct rd r = rd_init(b, sizeof(b));

	peek(p, off, b, n);
	return rd_le64(&r);
}

static inline void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_f2fs, s.ops);
	assert_string_equal("", s.info.problem);
	if (*part)
		assert_text(s.info.notice, part);
	else
		assert_string_equal("", s.info.notice);
	assert_int_equal(BLOCK, s.info.block);
	fs_scan_free(&s);
}

/* Where the pack number @i is, the newest being number 0. */
static inline uint64_t pack_at(const struct place *p, unsigned i)
{
	uint64_t cp = number(p, 1024 + 76, 4) * BLOCK, other = cp + (uint64_t)SEG * BLOCK;

	return (number(p, other, 8) > number(p, cp, 8)) == !i ? other : cp;
}

/* The block in which the next node of a file would be written. */
static inline uint64_t next_node(const struct place *p)
{
	uint64_t pack = pack_at(p, 0);

	return number(p, 1024 + 92, 4) + number(p, pack + 36 + 4, 4) * SEG +
	       number(p, pack + 68 + 2, 2);
}

#endif
