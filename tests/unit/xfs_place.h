// SPDX-License-Identifier: GPL-3.0-or-later
/* xfs_place.h - XFS filesystems to change by hand, for xfs_test.c and xfs_log_test.c. */
#ifndef TESTS_UNIT_XFS_PLACE_H
#define TESTS_UNIT_XFS_PLACE_H

#include "common/crc32c.h"
#include "tests/unit/fs_place.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* Offsets of checksums in the sectors and blocks that have one. */
enum { SB_CRC = 224, AGF_CRC = 216, NODE_CRC = 52 };

/* mkfs.xfs makes nothing below 300 MiB but for the tests of XFS itself. */
static inline void mkfs(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s && truncate -s %s %s &&"
			       " TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1"
			       " mkfs.xfs -q -f -L fixture %s %s >%s/mkfs.log 2>&1 ||"
			       " { cat %s/mkfs.log; false; }",
			       p->image, size, p->image, options, p->image, p->dir, p->dir));
}

/* 600 files of one to 36 blocks; every second of them then becomes free space. */
static inline void mkfs_used(const struct place *p, const char *size, const char *options)
{
	char more[512];

	assert_int_equal(
		0, sh("cd %s && [ -e proto ] || { mkdir small && echo / >proto &&"
		      " echo 0 0 >>proto && echo d--755 0 0 >>proto &&"
		      " for i in $(seq 600); do head -c $((i * 29 + 1)) /dev/zero >small/s$i;"
		      " echo s$i ---644 0 0 %s/small/s$i; done >>proto && echo '$' >>proto; }",
		      p->dir, p->dir));
	snprintf(more, sizeof(more), "%s -p %s/proto", options, p->dir);
	mkfs(p, size, more);
	assert_int_equal(0, sh("xfs_db -r -c 'path /' -c ls %s | awk '$6 ~ /^s/ && NR %% 2"
			       " { printf \"inode %%d\\nwrite core.mode 0\\n\", $2 }' >%s/cmds"
			       " && [ $(wc -l <%s/cmds) = 600 ] &&"
			       " xfs_db -x %s <%s/cmds >/dev/null 2>&1 &&"
			       " xfs_repair -o force_geometry %s >/dev/null 2>&1",
			       p->image, p->dir, p->dir, p->image, p->dir, p->image));
}

/* A number that xfs_db prints last for @commands, in whatever base. */
static inline uint64_t field(const struct place *p, const char *commands)
{
	int64_t v = 0;
	char cmd[400];
	FILE *f;

	snprintf(cmd, sizeof(cmd), "xfs_db -r %s %s 2>/dev/null | tail -n 1 | sed 's/.*= //'",
		 commands, p->image);
	f = popen(cmd, "r");
	assert_non_null(f);
	assert_int_equal(1, fscanf(f, "%" SCNi64, &v));
	assert_int_equal(0, pclose(f));
	return (uint64_t)v;
}

static inline uint64_t super(const struct place *p, const char *name)
{
	char commands[100];

	snprintf(commands, sizeof(commands), "-c 'sb 0' -c 'print %s'", name);
	return field(p, commands);
}

/* Makes the checksum at @at of the @n bytes from @off on right again. */
static inline void seal(const struct place *p, uint64_t off, size_t n, size_t at)
{
	uint8_t *buf = malloc(n);
	uint32_t crc;

	assert_non_null(buf);
	peek(p, off, buf, n);
	memset(buf + at, 0, 4);
	crc = ~crc32c(~0U, buf, n);
	for (int i = 0; i < 4; i++)
		buf[at + (size_t)i] = (uint8_t)(crc >> 8 * i);
	poke(p, off + at, buf + at, 4);
	free(buf);
}

static inline void poke_be(const struct place *p, uint64_t off, uint64_t v, size_t bytes)
{
	uint8_t b[8];

	for (size_t i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
	poke(p, off, b, bytes);
}

static inline void poke_super(const struct place *p, uint64_t off, uint64_t v, size_t bytes)
{
	poke_be(p, off, v, bytes);
	seal(p, 0, 512, SB_CRC);
}

/* The reader alone: libblkid does not take every superblock for one of XFS. */
static inline int ask(const struct place *p, bool forced, struct fs_info *info, struct err *e)
{
	struct extents used = { 0 };
	struct dev d;
	struct area a = { .dev = &d };
	int r;

	*info = (struct fs_info){ 0 };
	*e = (struct err){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = d.size;
	r = fs_xfs.used(&a, forced, info, &used, e);
	dev_close(&d);
	extents_free(&used);
	return r;
}

static inline void assert_says(const struct place *p, int code, const char *text)
{
	struct fs_info info;
	struct err e;

	assert_int_equal(code, ask(p, true, &info, &e));
	assert_text(e.msg, text);
}

/* Saved, with that for a notice. */
static inline void assert_fine(const struct place *p, const struct fs_options *opt,
			       const char *notice)
{
	struct fs_scan s;
	struct err e;

	if (scan(p, opt, &s, &e))
		fail_msg("refused: %s", e.msg);
	assert_ptr_equal(&fs_xfs, s.ops);
	assert_string_equal("", s.info.problem);
	if (*notice)
		assert_text(s.info.notice, notice);
	else
		assert_string_equal("", s.info.notice);
	assert_true(s.used.n > 0);
	fs_scan_free(&s);
}

#endif
