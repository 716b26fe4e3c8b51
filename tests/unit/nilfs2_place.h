// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nilfs2_place.h - a NILFS2 filesystem straight from mkfs.nilfs2, and how to change
 * it by hand with all checksums made right again.  For nilfs2_*test.c.
 */
#ifndef TESTS_UNIT_NILFS2_PLACE_H
#define TESTS_UNIT_NILFS2_PLACE_H

#include "imager/fs/crc32.h"
#include "tests/unit/mutants.h"

#define SUPER 1024u

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

static inline void mkfs(const struct place *p, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s 160M %s &&"
			       " mkfs.nilfs2 -q -L fixture %s %s >/dev/null 2>&1",
			       p->image, p->image, options, p->image));
}

static inline uint64_t size_of(const struct place *p)
{
	struct stat st;

	assert_int_equal(0, stat(p->image, &st));
	return (uint64_t)st.st_size;
}

static inline void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	assert_passes_as(p, &fs_nilfs2, opt, part);
}

/* ---- changing it by hand ------------------------------------------------- */

static inline uint64_t second(const struct place *p)
{
	return (size_of(p) / 4096 - 1) * 4096;
}

static inline uint64_t block_size(const struct place *p)
{
	return UINT64_C(1024) << number(p, SUPER + 0x14, 4);
}

static inline uint64_t segment_bytes(const struct place *p)
{
	return number(p, SUPER + 0x30, 4) * block_size(p);
}

static inline uint32_t sum_of(const struct place *p, uint64_t off, size_t n, size_t skip)
{
	uint8_t *buf = malloc(n);
	uint32_t seed = (uint32_t)number(p, SUPER + 0x0c, 4), sum;

	assert_non_null(buf);
	peek(p, off, buf, n);
	sum = crc32_seeded(seed, buf + skip, n - skip);
	free(buf);
	return sum;
}

static inline void seal_super(const struct place *p, uint64_t at)
{
	poke_number(p, at + 16, 4, 0);
	poke_number(p, at + 16, 4, sum_of(p, at, number(p, at + 8, 2), 0));
}

/* A number in both superblocks. */
static inline void change(const struct place *p, uint64_t off, size_t n, uint64_t v)
{
	uint64_t at[] = { SUPER, second(p) };

	for (unsigned i = 0; i < 2; i++) {
		poke_number(p, at[i] + off, n, v);
		seal_super(p, at[i]);
	}
}

static inline uint64_t last_log(const struct place *p)
{
	return number(p, SUPER + 0x40, 8) * block_size(p);
}

static inline uint64_t log_bytes(const struct place *p, uint64_t log)
{
	return number(p, log + 40, 4) * block_size(p);
}

static inline uint64_t root_of(const struct place *p, uint64_t log)
{
	return log + log_bytes(p, log) - block_size(p);
}

static inline void seal_log(const struct place *p, uint64_t log)
{
	poke_number(p, log, 4, sum_of(p, log, log_bytes(p, log), 4));
}

static inline void seal(const struct place *p, uint64_t log)
{
	uint64_t root = root_of(p, log);

	poke_number(p, root, 4, sum_of(p, root, number(p, root + 4, 2), 4));
	seal_log(p, log);
}

/* Where number @i of the map of inode @no in the super root is: 0 DAT, 2 SUFILE. */
static inline uint64_t map_at(const struct place *p, uint64_t log, unsigned no, unsigned i)
{
	return root_of(p, log) + 16 + no * 128 + 56 + 8 + 8 * i;
}

/* mkfs.nilfs2 makes a DAT of three blocks, the last one with the entries. */
static inline uint64_t dat_entry(const struct place *p, uint64_t log, uint64_t virtual)
{
	return number(p, map_at(p, log, 0, 2), 8) * block_size(p) + virtual * 32;
}

/* The SUFILE has one block: 24 bytes of header in the place of two entries. */
static inline uint64_t sufile(const struct place *p, uint64_t log)
{
	return number(p, dat_entry(p, log, number(p, map_at(p, log, 2, 0), 8)), 8) *
	       block_size(p);
}

static inline void set_usage(const struct place *p, uint64_t log, uint64_t segment,
			     uint64_t modified, uint32_t blocks, uint32_t flags)
{
	uint64_t at = sufile(p, log), entry = at + (segment + 2) * 16;

	if (flags && !number(p, entry + 12, 4))
		poke_number(p, at, 8, number(p, at, 8) - 1);
	if (flags & 2 && !(number(p, entry + 12, 4) & 2))
		poke_number(p, at + 8, 8, number(p, at + 8, 8) + 1);
	poke_number(p, entry, 8, modified);
	poke_number(p, entry + 8, 4, blocks);
	poke_number(p, entry + 12, 4, flags);
	seal(p, log);
}

static inline struct extent segment(const struct place *p, uint64_t no)
{
	return (struct extent){ no * segment_bytes(p), segment_bytes(p) };
}

/* The first two segments, @n others (not next to each other), the second superblock. */
static inline void assert_used(const struct place *p, const struct fs_options *opt, size_t n,
			       const uint64_t *segments)
{
	struct extent want[10] = { { 0, 2 * segment_bytes(p) } };
	struct fs_scan s;
	struct err e;

	for (size_t i = 0; i < n; i++)
		want[1 + i] = segment(p, segments[i]);
	want[1 + n] = (struct extent){ second(p), size_of(p) - second(p) };
	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_extents(&s.used, n + 2, want);
	fs_scan_free(&s);
}

#endif
