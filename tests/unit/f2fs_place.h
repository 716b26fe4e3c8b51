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

static inline void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	assert_passes_as(p, &fs_f2fs, opt, part);
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
