// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ntfs_place.h - volumes from mkntfs, the numbers in them, and how the reader is
 * asked about them.  For ntfs_test.c and ntfs_bad_test.c.
 */
#ifndef TESTS_UNIT_NTFS_PLACE_H
#define TESTS_UNIT_NTFS_PLACE_H

#include "tests/unit/fs_place.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

/* ---- volumes ------------------------------------------------------------- */

static inline void make_volume(const struct place *p, unsigned mib, unsigned cluster,
			       unsigned sector)
{
	assert_int_equal(0, sh("rm -f %s; truncate -s %uM %s; mkntfs -F -Q -q -p 0 -H 0 -S 0"
			       " -L fixture -c %u -s %u %s >/dev/null 2>&1",
			       p->image, mib, p->image, cluster, sector, p->image));
}

static inline void copy_in(const struct place *p, const char *from, const char *to)
{
	assert_int_equal(0, sh("ntfscp %s %s %s >/dev/null 2>&1", p->image, from, to));
}

static inline uint64_t cluster_size(const struct place *p)
{
	uint64_t code = number(p, 13, 1);

	return number(p, 11, 2) * (code > 128 ? UINT64_C(1) << (256 - code) : code);
}

static inline uint64_t record_size(const struct place *p)
{
	uint64_t code = number(p, 0x40, 1);

	return code > 128 ? UINT64_C(1) << (256 - code) : code * cluster_size(p);
}

enum { MFT, MIRROR, LOGFILE, VOLUME, ATTRDEF, ROOT, BITMAP, BOOT };

/* Where record @no of $MFT is, or with @mirror its copy. */
static inline uint64_t record_at(const struct place *p, unsigned no, bool mirror)
{
	return number(p, mirror ? 0x38 : 0x30, 8) * cluster_size(p) + no * record_size(p);
}

/* The attribute of that kind in a record. */
static inline uint64_t attribute_at(const struct place *p, uint64_t record, uint32_t type)
{
	uint64_t at = record + number(p, record + 20, 2);

	while (number(p, at, 4) != type) {
		assert_true(number(p, at, 4) < 0x1000);
		at += number(p, at + 4, 4);
	}
	return at;
}

/* The mapping pairs of a $DATA in one run, and where that run is in bytes. */
static inline uint64_t runs_at(const struct place *p, unsigned no, uint64_t *ret_place)
{
	uint64_t at = attribute_at(p, record_at(p, no, false), 0x80);
	uint64_t code;

	assert_int_equal(1, number(p, at + 8, 1));
	at += number(p, at + 32, 2);
	code = number(p, at, 1);
	if (ret_place)
		*ret_place = number(p, at + 1 + (code & 15), code >> 4) * cluster_size(p);
	return at;
}

/* In a record and in the mirror's copy, if that has one. */
static inline void poke_record(const struct place *p, unsigned no, uint64_t off, const void *b,
			       size_t n)
{
	poke(p, record_at(p, no, false) + off, b, n);
	if (no < 4)
		poke(p, record_at(p, no, true) + off, b, n);
}

static inline void set_flags(const struct place *p, uint16_t flags)
{
	uint64_t record = record_at(p, VOLUME, false), at = attribute_at(p, record, 0x70);

	at += number(p, at + 20, 2) + 10;
	poke_record(p, VOLUME, at - record,
		    (uint8_t[]){ (uint8_t)flags, (uint8_t)(flags >> 8) }, 2);
}

/* ---- asking -------------------------------------------------------------- */

static inline void passes(const struct place *p, const struct fs_options *opt, const char *part)
{
	assert_passes_as(p, &fs_ntfs, opt, part);
}

/* Without libblkid, which looks at some things, too. */
static inline int ask(const struct place *p, struct fs_info *ret, struct extents *used,
		      struct err *e)
{
	struct dev d;
	struct area a = { &d, 0, 0 };
	int r;

	*e = (struct err){ 0 };
	*ret = (struct fs_info){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = d.size;
	r = fs_ntfs.used(&a, true, ret, used, e);
	dev_close(&d);
	return r;
}

static inline void damaged(const struct place *p, const char *part)
{
	struct extents used = { 0 };
	struct fs_info info;
	struct err e;
	int r = ask(p, &info, &used, &e);

	if (r != -EUCLEAN)
		fail_msg("result %d instead of \"%s\": %s", r, part, e.msg);
	assert_text(e.msg, part);
	assert_text(e.msg, "--raw");
	extents_free(&used);
}

static inline void unsupported(const struct place *p, const char *part)
{
	struct extents used = { 0 };
	struct fs_info info;
	struct err e;

	assert_int_equal(-EOPNOTSUPP, ask(p, &info, &used, &e));
	assert_text(e.msg, part);
	extents_free(&used);
}

static inline void hiberfile(const struct place *p, const char *head, unsigned size)
{
	char from[120];

	snprintf(from, sizeof(from), "%s/hiberfil", p->dir);
	make_volume(p, 20, 4096, 512);
	assert_int_equal(0, sh("printf '%s' >%s; truncate -s %u %s", head, from, size, from));
	copy_in(p, from, "hiberfil.sys");
}

/* Two restart pages of $LogFile, of version @major, open, perhaps clean. */
static inline void write_log(const struct place *p, unsigned major, bool in_use, bool clean)
{
	uint8_t page[4096] = { 0 };
	struct wr w = wr_init(page, sizeof(page));
	uint64_t at;

	wr_bytes(&w, "RSTR", 4);
	wr_le16(&w, 30); /* update sequence array: at, number */
	wr_le16(&w, 9);
	wr_le64(&w, 0);
	wr_le32(&w, 4096);
	wr_le32(&w, 4096);
	wr_le16(&w, 48); /* restart area */
	wr_le16(&w, major == 1 ? 1 : 0);
	wr_le16(&w, (uint16_t)major);
	wr_le16(&w, 7); /* update sequence number */
	w.pos = 48;
	wr_le64(&w, 0x100000);
	wr_le16(&w, 1); /* clients: number, first free, first in use */
	wr_le16(&w, in_use ? 0xffff : 0);
	wr_le16(&w, in_use ? 0 : 0xffff);
	wr_le16(&w, clean ? 2 : 0);
	wr_le32(&w, 67 - 22); /* bits of a size of 2 MiB: 22 */
	wr_le16(&w, 0x40 + 160);
	wr_le16(&w, 0x40);
	wr_le64(&w, 2 << 20);
	w.pos = 48 + 0x40 + 16; /* the client: previous and next of it */
	wr_le32(&w, 0xffffffff);
	for (size_t i = 510; i < sizeof(page); i += 512)
		page[i] = 7;
	(void)runs_at(p, LOGFILE, &at);
	poke(p, at, page, sizeof(page));
	poke(p, at + sizeof(page), page, sizeof(page));
}

#endif
