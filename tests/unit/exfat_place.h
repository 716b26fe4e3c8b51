// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * exfat_place.h - exFAT filesystems from mkfs.exfat, and some of our own that it
 * would not make: large sectors, two tables.  For exfat_test.c and
 * exfat_bad_test.c.
 */
#ifndef TESTS_UNIT_EXFAT_PLACE_H
#define TESTS_UNIT_EXFAT_PLACE_H

#include "tests/unit/exfat_seal.h"
#include "tests/unit/fs_place.h"

static const struct fs_options nocheck = { .nocheck = true }, force = { .force = true };

#define END      UINT32_C(0xffffffff) /* of a chain */
#define BAD_MARK UINT32_C(0xfffffff7)

/* Where things are. */
struct at {
	unsigned shift;                  /* of a sector */
	uint64_t size;                   /* of the filesystem */
	uint64_t table[2], heap;         /* bytes */
	uint32_t cluster, clusters;      /* size, number */
	uint32_t bitmap, second, upcase; /* first clusters, as they are made */
	uint32_t root;
	uint64_t map_size; /* bytes */
};

static inline uint64_t cluster_at(const struct at *a, uint32_t cluster)
{
	return a->heap + (uint64_t)(cluster - 2) * a->cluster;
}

static inline uint32_t clusters_of(const struct at *a, uint64_t bytes)
{
	return (uint32_t)((bytes + a->cluster - 1) / a->cluster);
}

/* In both tables, if there are two. */
static inline void entry(const struct place *p, const struct at *a, uint32_t cluster,
			 uint32_t value)
{
	for (int i = 0; i < 2 && a->table[i]; i++)
		poke_number(p, a->table[i] + cluster * UINT64_C(4), 4, value);
}

static inline void set_bit(const struct place *p, const struct at *a, uint32_t map,
			   uint32_t cluster, bool set)
{
	uint64_t at = cluster_at(a, map) + (cluster - 2) / 8;
	unsigned bit = 1U << (cluster - 2) % 8;
	uint64_t old = number(p, at, 1);

	poke_number(p, at, 1, set ? old | bit : old & ~(uint64_t)bit);
}

/* Makes @n clusters from @first on a chain, with all its bits set in both bitmaps. */
static inline void add_chain(const struct place *p, const struct at *a, uint32_t first,
			     uint32_t n)
{
	for (uint32_t c = first; c < first + n; c++) {
		entry(p, a, c, c + 1 < first + n ? c + 1 : END);
		set_bit(p, a, a->bitmap, c, true);
		if (a->second)
			set_bit(p, a, a->second, c, true);
	}
}

/* ---- boot regions -------------------------------------------------------- */

static inline void seal(const struct place *p, const struct at *a)
{
	size_t n = (size_t)12 << a->shift;
	uint8_t *region = malloc(n);

	assert_non_null(region);
	for (int i = 0; i < 2; i++) {
		peek(p, i * n, region, n);
		exfat_seal(region, a->shift);
		poke(p, i * n, region, n);
	}
	free(region);
}

/* A field of both boot sectors. */
static inline void set_field(const struct place *p, const struct at *a, unsigned off, size_t n,
			     uint64_t v)
{
	poke_number(p, off, n, v);
	poke_number(p, (UINT64_C(12) << a->shift) + off, n, v);
	seal(p, a);
}

/* ---- made by mkfs.exfat -------------------------------------------------- */

static inline struct at find(const struct place *p)
{
	struct at a = { .shift = (unsigned)number(p, 108, 1) };

	a.size = number(p, 72, 8) << a.shift;
	a.table[0] = number(p, 80, 4) << a.shift;
	a.heap = number(p, 88, 4) << a.shift;
	a.clusters = (uint32_t)number(p, 92, 4);
	a.root = (uint32_t)number(p, 96, 4);
	a.cluster = 1U << (a.shift + number(p, 109, 1));
	a.map_size = (a.clusters + 7) / 8;
	a.bitmap = 2; /* checked by compare(), as everything hangs on it */
	a.upcase = 2 + clusters_of(&a, a.map_size);
	return a;
}

static inline struct at make_exfat(const struct place *p, const char *size, const char *options)
{
	assert_int_equal(0, sh("rm -f %s; truncate -s %s %s; mkfs.exfat -L fixture %s %s"
			       " >/dev/null 2>&1",
			       p->image, size, p->image, options, p->image));
	return find(p);
}

/* ---- our own ------------------------------------------------------------- */

struct form {
	unsigned shift, spread; /* log2 of bytes a sector, of sectors a cluster */
	uint32_t clusters, tables;
	uint32_t tail; /* sectors behind the last cluster */
};

static inline void write_boot(const struct place *p, const struct form *f, const struct at *a,
			      uint64_t at)
{
	uint8_t buf[512] = { 0xeb, 0x76, 0x90, 'E', 'X', 'F', 'A', 'T', ' ', ' ', ' ' };
	struct wr w = wr_init(buf, sizeof(buf));

	w.pos = 72;
	wr_le64(&w, a->size >> f->shift);
	wr_le32(&w, (uint32_t)(a->table[0] >> f->shift));
	wr_le32(&w, (uint32_t)((a->heap - a->table[0]) / f->tables >> f->shift));
	if (f->tables == 2) {
		w.pos -= 4;
		wr_le32(&w, (uint32_t)((a->table[1] - a->table[0]) >> f->shift));
	}
	wr_le32(&w, (uint32_t)(a->heap >> f->shift));
	wr_le32(&w, f->clusters);
	wr_le32(&w, a->root);
	wr_le32(&w, 0x12345678);
	wr_le16(&w, 0x100);
	wr_le16(&w, 0);
	wr_u8(&w, (uint8_t)f->shift);
	wr_u8(&w, (uint8_t)f->spread);
	wr_u8(&w, (uint8_t)f->tables);
	wr_u8(&w, 0x80);
	wr_u8(&w, 0xff);
	w.pos = 510;
	wr_le16(&w, 0xaa55);
	assert_true(wr_ok(&w));
	poke(p, at, buf, sizeof(buf));
}

static inline void write_root(const struct place *p, const struct at *a)
{
	uint8_t buf[128] = { 0 };
	struct wr w = wr_init(buf, sizeof(buf));

	for (unsigned i = 0; i < (a->second ? 2 : 1); i++) {
		w.pos = i * 32UL;
		wr_u8(&w, 0x81);
		wr_u8(&w, (uint8_t)i);
		w.pos += 18;
		wr_le32(&w, i ? a->second : a->bitmap);
		wr_le64(&w, a->map_size);
	}
	wr_u8(&w, 0x82);
	w.pos += 19;
	wr_le32(&w, a->upcase);
	wr_le64(&w, 60);
	assert_true(wr_ok(&w));
	poke(p, cluster_at(a, a->root), buf, sizeof(buf));
}

/* Bitmap, second bitmap, up-case table, root directory, each after the other. */
static inline struct at forge(const struct place *p, const struct form *f)
{
	uint64_t sector = UINT64_C(1) << f->shift;
	uint64_t table = (f->clusters * UINT64_C(4) + 8 + sector - 1) / sector * sector;
	struct at a = { .shift = f->shift,
			.cluster = 1U << (f->shift + f->spread),
			.clusters = f->clusters,
			.map_size = (f->clusters + 7) / 8,
			.bitmap = 2 };
	uint32_t n = clusters_of(&a, a.map_size);

	a.table[0] = 24 * sector;
	a.table[1] = f->tables == 2 ? a.table[0] + table : 0;
	a.heap = a.table[0] + f->tables * table;
	a.size = a.heap + (uint64_t)f->clusters * a.cluster + f->tail * sector;
	a.second = f->tables == 2 ? a.bitmap + n : 0;
	a.upcase = a.bitmap + f->tables * n;
	a.root = a.upcase + 1;
	unlink(p->image);
	write_boot(p, f, &a, 0);
	write_boot(p, f, &a, 12 * sector);
	assert_int_equal(0, truncate(p->image, (off_t)a.size));
	seal(p, &a);
	entry(p, &a, 0, 0xfffffff8);
	entry(p, &a, 1, END);
	add_chain(p, &a, a.bitmap, n);
	if (a.second)
		add_chain(p, &a, a.second, n);
	add_chain(p, &a, a.upcase, 1);
	add_chain(p, &a, a.root, 1);
	write_root(p, &a);
	return a;
}

/* ---- asking -------------------------------------------------------------- */

static inline bool holds(const struct fs_scan *s, const struct at *a, uint32_t cluster)
{
	return extents_touch(&s->used, cluster_at(a, cluster), a->cluster);
}

static inline void assert_scan(const struct place *p, const struct fs_options *opt,
			       const char *notice, struct fs_scan *ret)
{
	struct err e;

	if (scan(p, opt, ret, &e))
		fail_msg("refused: %s", e.msg);
	if (ret->ops != &fs_exfat)
		fail_msg("raw: %s", ret->info.notice);
	assert_string_equal("", ret->info.problem);
	assert_text(ret->info.notice, notice);
	if (!*notice)
		assert_string_equal("", ret->info.notice);
}

static inline void passes(const struct place *p, const struct fs_options *opt,
			  const char *notice)
{
	struct fs_scan s;

	assert_scan(p, opt, notice, &s);
	fs_scan_free(&s);
}

/* Straight from the reader, and with --force. */
static inline int ask(const struct place *p, struct err *e)
{
	struct extents used = { 0 };
	struct fs_info info = { 0 };
	struct dev d;
	struct area a = { &d, 0, 0 };
	int r;

	*e = (struct err){ 0 };
	assert_int_equal(0, dev_open_source(&d, p->image, e));
	a.size = d.size;
	r = fs_exfat.used(&a, true, &info, &used, e);
	dev_close(&d);
	extents_free(&used);
	return r;
}

static inline void damaged(const struct place *p, const char *part)
{
	struct err e;
	int r = ask(p, &e);

	if (r != -EUCLEAN)
		fail_msg("result %d instead of \"%s\": %s", r, part, e.msg);
	assert_text(e.msg, part);
	assert_text(e.msg, "--raw");
}

/* All before the clusters, those with a bit in @map, and all behind them. */
static inline void expected(const struct place *p, const struct at *a, const uint8_t *map,
			    struct extents *ret)
{
	uint64_t end = cluster_at(a, a->clusters + 2);
	struct stat st;

	assert_int_equal(0, stat(p->image, &st));
	assert_int_equal(0, extents_add(ret, 0, a->heap, NULL));
	for (uint32_t i = 0; i < a->clusters; i++)
		if (map[i / 8] >> i % 8 & 1)
			assert_int_equal(
				0, extents_add(ret, cluster_at(a, i + 2), a->cluster, NULL));
	assert_int_equal(0, extents_add(ret, end, (uint64_t)st.st_size - end, NULL));
	extents_normalize(ret);
}

/* By the first bitmap, which must be in one piece. */
static inline void compare(const struct place *p, const struct at *a)
{
	uint8_t *map = malloc(a->map_size);
	struct extents want = { 0 };
	struct fs_scan s;

	assert_non_null(map);
	peek(p, cluster_at(a, a->bitmap), map, a->map_size);
	expected(p, a, map, &want);
	assert_scan(p, &plain, "", &s);
	assert_int_equal(a->cluster, s.info.block);
	assert_int_equal(a->size, s.info.size);
	assert_extents(&s.used, want.n, want.v);
	fs_scan_free(&s);
	extents_free(&want);
	free(map);
}

#endif
