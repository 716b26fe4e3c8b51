// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * fat_place.h - FAT filesystems as mkfs.fat makes them and mtools fill them, or
 * with a boot sector of our own; and how the reader is asked about them.  For
 * fat_test.c and fat_bad_test.c.
 */
#ifndef TESTS_UNIT_FAT_PLACE_H
#define TESTS_UNIT_FAT_PLACE_H

#include "tests/unit/fs_place.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* ---- fixtures ------------------------------------------------------------ */

static inline void make_fat(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0,
			 sh("rm -f %s/files/link; export MTOOLS_SKIP_CHECK=1;"
			    "rm -f %s && truncate -s %s %s && mkfs.fat -n FIXTURE %s %s"
			    " >/dev/null 2>&1 && cd %s/files && mcopy -i %s -sQ f1* f2 sub ::"
			    " </dev/null && mdel -i %s ::f12 ::f15",
			    p->dir, p->image, size, p->image, options, p->image, p->dir,
			    p->image, p->image));
}

/* A boot sector of our own: what mkfs.fat would not make. */
struct form {
	uint32_t sector, cluster, reserved, tables, roots, sectors, table16, table32;
	uint32_t ext_flags, version, root_cluster;
};

static inline void write_form(const struct place *p, uint64_t at, const struct form *b)
{
	uint8_t buf[512] = { 0xeb, 0x58, 0x90 };
	struct wr w = wr_init(buf, sizeof(buf));

	w.pos = 11;
	wr_le16(&w, (uint16_t)b->sector);
	wr_u8(&w, (uint8_t)b->cluster);
	wr_le16(&w, (uint16_t)b->reserved);
	wr_u8(&w, (uint8_t)b->tables);
	wr_le16(&w, (uint16_t)b->roots);
	wr_le16(&w, b->sectors < 65536 ? (uint16_t)b->sectors : 0);
	wr_u8(&w, 0xf8);
	wr_le16(&w, (uint16_t)b->table16);
	wr_zero(&w, 8);
	wr_le32(&w, b->sectors < 65536 ? 0 : b->sectors);
	if (b->table32) {
		wr_le32(&w, b->table32);
		wr_le16(&w, (uint16_t)b->ext_flags);
		wr_le16(&w, (uint16_t)b->version);
		wr_le32(&w, b->root_cluster);
	}
	w.pos = b->table32 ? 66 : 38;
	wr_u8(&w, 0x29);
	w.pos = b->table32 ? 82 : 54;
	wr_bytes(&w, b->table32 ? "FAT32   " : "FAT     ", 8);
	w.pos = 510;
	wr_le16(&w, 0xaa55);
	assert_true(wr_ok(&w));
	poke(p, at, buf, sizeof(buf));
}

/* Its area is all there; the tables begin as they should, with nothing in use. */
static inline uint64_t forge(const struct place *p, const struct form *b)
{
	uint64_t table = (uint64_t)b->reserved * b->sector;
	uint32_t sectors = b->table16 ? b->table16 : b->table32;

	unlink(p->image);
	write_form(p, 0, b);
	assert_int_equal(0, truncate(p->image, (off_t)b->sectors * b->sector));
	for (uint32_t i = 0; i < b->tables; i++)
		poke(p, table + (uint64_t)i * sectors * b->sector,
		     "\xf8\xff\xff\xff\xff\xff\xff\x0f",
		     b->table32        ? 8
		     : b->table16 > 12 ? 4
				       : 3);
	return table;
}

/* Where things are, from the boot sector, for the tests below. */
struct at {
	uint64_t fat1, fat2, data;
	uint32_t cluster, bits, clusters;
};

static inline struct at find(const struct place *p)
{
	uint8_t b[512];
	struct rd r = rd_init(b, sizeof(b));
	uint32_t sector, cluster, reserved, tables, roots, small, table16, sectors, table;
	int fd = open(p->image, O_RDONLY | O_CLOEXEC);
	struct at ret;

	assert_int_equal(512, io_pread(fd, b, sizeof(b), 0));
	close(fd);
	rd_seek(&r, 11);
	sector = rd_le16(&r);
	cluster = rd_u8(&r);
	reserved = rd_le16(&r);
	tables = rd_u8(&r);
	roots = rd_le16(&r);
	small = rd_le16(&r);
	rd_skip(&r, 1);
	table16 = rd_le16(&r);
	rd_skip(&r, 8);
	sectors = rd_le32(&r);
	table = rd_le32(&r);
	table = table16 ? table16 : table;
	sectors = small ? small : sectors;
	ret.fat1 = (uint64_t)reserved * sector;
	ret.fat2 = ret.fat1 + (uint64_t)table * sector;
	ret.data = ret.fat1 + (uint64_t)tables * table * sector + roots * 32;
	ret.cluster = cluster * sector;
	ret.clusters = (uint32_t)(((uint64_t)sectors * sector - ret.data) / ret.cluster);
	ret.bits = !table16 ? 32 : ret.clusters < 4085 ? 12 : 16;
	return ret;
}

/* Writes one entry of both tables. */
static inline void entry(const struct place *p, const struct at *a, uint32_t cluster,
			 uint32_t value)
{
	uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			 (uint8_t)(value >> 24) };

	poke(p, a->fat1 + (uint64_t)cluster * a->bits / 8, b, a->bits / 8);
	poke(p, a->fat2 + (uint64_t)cluster * a->bits / 8, b, a->bits / 8);
}

static inline bool holds(const struct fs_scan *s, const struct at *a, uint32_t cluster)
{
	return extents_touch(&s->used, a->data + (uint64_t)(cluster - 2) * a->cluster,
			     a->cluster);
}

static inline void assert_scan(const struct place *p, const struct fs_options *opt,
			       const char *notice, struct fs_scan *ret)
{
	struct err e;

	if (scan(p, opt, ret, &e))
		fail_msg("refused: %s", e.msg);
	if (ret->ops != &fs_fat)
		fail_msg("raw: %s", ret->info.notice);
	assert_string_equal("", ret->info.problem);
	assert_text(ret->info.notice, notice);
	if (!*notice)
		assert_string_equal("", ret->info.notice);
}

static inline void assert_fat(const struct place *p, const struct fs_options *opt,
			      const char *notice)
{
	struct fs_scan s;

	assert_scan(p, opt, notice, &s);
	fs_scan_free(&s);
}

/* Not with --nocheck either. */
static inline void assert_problem(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_refused(p, &nocheck, text);
	assert_fat(p, &force, "passed over");
}

static inline void assert_minor(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_fat(p, &nocheck, "passed over");
}

static inline void assert_damaged(const struct place *p, const char *text)
{
	assert_refused(p, &plain, text);
	assert_refused(p, &force, text);
}

/* Straight from the reader: libblkid does not take these for FAT. */
static inline int ask(const struct place *p, uint64_t size, struct err *e)
{
	struct extents used = { 0 };
	struct fs_info info = { 0 };
	struct dev d;
	struct area a = { &d, 0, size };
	int r;

	*e = (struct err){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = size ? size : d.size;
	r = fs_fat.used(&a, true, &info, &used, e);
	dev_close(&d);
	extents_free(&used);
	return r;
}

static inline struct form form16(uint32_t clusters, uint32_t table)
{
	return (struct form){ .sector = 512,
			      .cluster = 1,
			      .reserved = 1,
			      .tables = 2,
			      .roots = 16,
			      .table16 = table,
			      .sectors = 1 + 2 * table + 1 + clusters };
}

#endif
