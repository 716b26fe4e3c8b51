// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hfsplus_image.h - makes HFS Plus volumes by TN1150, as Debian 12 has no
 * mkfs.hfsplus: headers, map, extents tree and journal are there, the catalog is
 * an empty one.  For hfsplus_test.c.
 */
#ifndef TESTS_UNIT_HFSPLUS_IMAGE_H
#define TESTS_UNIT_HFSPLUS_IMAGE_H

#include "tests/unit/mutants.h"

#define NODE      512
#define TREE_SIZE 16384 /* bytes of the extents file */
#define CATALOG   8     /* blocks */

/* What is in a volume; hp_defaults() gives a simple one. */
struct volume {
	uint32_t block, blocks;
	uint16_t signature;
	uint32_t attributes;
	struct extent map[24]; /* the allocation file, blocks */
	unsigned n_map;
	uint32_t catalog, tree; /* first blocks */
	uint32_t journal_info;  /* 0: none */
	uint32_t journal_flags;
	uint64_t journal, journal_size; /* bytes */
	uint64_t start, end;            /* in the journal */
	bool little;                    /* its byte order */
	uint64_t wrapper;               /* bytes before the volume, 0: no wrapper */
	uint32_t tail;                  /* bytes after it */
	uint8_t *used;                  /* a byte a block */
};

static inline void hp_use(struct volume *v, uint64_t at, uint64_t n)
{
	assert_true(at + n <= v->blocks);
	memset(v->used + at, 1, n);
}

/*
 * Blocks: headers, map, tree, catalog, 24 of data, and the end.  The caller
 * frees @used.
 */
static inline struct volume hp_defaults(uint32_t block, uint32_t blocks)
{
	struct volume v = { .block = block,
			    .blocks = blocks,
			    .signature = 0x482b,
			    .attributes = 0x100,
			    .n_map = 1,
			    .journal_flags = 1,
			    .journal_size = 8192,
			    .start = 512,
			    .end = 512 };
	uint32_t first = (1536 + block - 1) / block;

	v.used = calloc(1, blocks);
	assert_non_null(v.used);
	v.map[0] = (struct extent){ first, (blocks / 8 + block) / block };
	v.tree = (uint32_t)(v.map[0].off + v.map[0].len);
	v.catalog = v.tree + (TREE_SIZE + block - 1) / block;
	hp_use(&v, 0, v.catalog + CATALOG);
	hp_use(&v, blocks / 2, 24);
	hp_use(&v, blocks - (1024 + block - 1) / block, (1024 + block - 1) / block);
	return v;
}

static inline void be(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

static inline void hp_fork(uint8_t *p, uint64_t bytes, const struct extent *x, unsigned n,
			   uint64_t blocks)
{
	be(p, bytes, 8);
	be(p + 12, blocks, 4);
	for (unsigned i = 0; i < n && i < 8; i++) {
		be(p + 16 + 8 * i, x[i].off, 4);
		be(p + 20 + 8 * i, x[i].len, 4);
	}
}

static inline void hp_header(const struct volume *v, uint8_t *p)
{
	struct extent tree = { v->tree, (TREE_SIZE + v->block - 1) / v->block };
	struct extent catalog = { v->catalog, CATALOG };
	uint64_t n_map = 0, n_free = 0;

	for (unsigned i = 0; i < v->n_map; i++)
		n_map += v->map[i].len;
	for (uint32_t i = 0; i < v->blocks; i++)
		n_free += !v->used[i];
	memset(p, 0, 512);
	be(p, v->signature, 2);
	be(p + 2, v->signature == 0x4858 ? 5 : 4, 2);
	be(p + 4, v->attributes, 4);
	memcpy(p + 8, "HFSJ", 4);
	be(p + 12, v->journal_info, 4);
	be(p + 40, v->block, 4);
	be(p + 44, v->blocks, 4);
	be(p + 48, n_free, 4);
	hp_fork(p + 112, n_map * v->block, v->map, v->n_map, n_map);
	hp_fork(p + 192, TREE_SIZE, &tree, 1, tree.len);
	hp_fork(p + 272, (uint64_t)CATALOG * v->block, &catalog, 1, CATALOG);
}

/* Record @no of a leaf: file @id, @x its extents from block @first of the file on. */
static inline void hp_record(uint8_t *node, unsigned no, uint32_t id, uint32_t first,
			     const struct extent *x, unsigned n)
{
	uint8_t fork[80] = { 0 }, *p = node + 14 + 76 * no;

	be(p, 10, 2);
	be(p + 4, id, 4);
	be(p + 8, first, 4);
	hp_fork(fork, 0, x, n, 0);
	memcpy(p + 12, fork + 16, 64);
	be(node + NODE - 2 * (no + 1), 14 + 76 * no, 2);
	be(node + 10, no + 1, 2);
}

/*
 * The header, two leaves, the second first: one of bad blocks and a part of the
 * catalog, one with what does not fit the header and then a user's file.
 */
static inline void hp_tree(const struct volume *v, uint8_t *p)
{
	uint8_t *leaf[] = { p + (size_t)2 * NODE, p + NODE };
	struct extent some = { v->blocks / 2, 1 };
	uint32_t first = 0;

	p[8] = 1;
	be(p + 14 + 2, 2, 4);
	be(p + 14 + 10, 2, 4);
	be(p + 14 + 14, 1, 4);
	be(p + 14 + 18, NODE, 2);
	be(p + 14 + 22, TREE_SIZE / NODE, 4);
	for (int i = 0; i < 2; i++)
		leaf[i][8] = 0xff;
	be(leaf[0], 1, 4);
	hp_record(leaf[0], 0, 4, 8, &some, 1);
	hp_record(leaf[0], 1, 5, 0, &some, 1);
	hp_record(leaf[1], 0, 16, 8, &some, 1);
	for (unsigned i = 0, no = 0; i < v->n_map; i++) {
		if (i >= 8 && i % 8 == 0) {
			unsigned n = v->n_map - i < 8 ? v->n_map - i : 8;

			hp_record(leaf[1], no++, 6, first, v->map + i, n);
			hp_record(leaf[1], no, 16, 8, &some, 1);
		}
		first += (uint32_t)v->map[i].len;
	}
}

static inline void hp_number(const struct volume *v, uint8_t *p, uint64_t n, size_t len)
{
	be(p, n, len);
	for (size_t i = 0; v->little && i < len / 2; i++) {
		uint8_t b = p[i];

		p[i] = p[len - 1 - i];
		p[len - 1 - i] = b;
	}
}

static inline void hp_journal(const struct volume *v, uint8_t *info, uint8_t *p)
{
	uint32_t sum = 0;

	be(info, v->journal_flags, 4);
	be(info + 36, v->journal, 8);
	be(info + 44, v->journal_size, 8);
	hp_number(v, p, 0x4a4e4c78, 4);
	hp_number(v, p + 4, 0x12345678, 4);
	hp_number(v, p + 8, v->start, 8);
	hp_number(v, p + 16, v->end, 8);
	hp_number(v, p + 24, v->journal_size, 8);
	hp_number(v, p + 32, 4096, 4);
	hp_number(v, p + 40, 512, 4);
	for (int i = 0; i < 44; i++)
		sum = (sum << 8) ^ (sum + p[i]);
	hp_number(v, p + 36, ~sum, 4);
}

/* An HFS volume around it, with blocks of 4 KiB from sector 16 on. */
static inline void hp_wrap(const struct volume *v, uint8_t *p, uint64_t size)
{
	be(p + 1024, 0x4244, 2);
	be(p + 1024 + 10, 0x8300, 2);
	be(p + 1024 + 20, 4096, 4);
	be(p + 1024 + 28, 16, 2);
	be(p + 1024 + 124, v->signature, 2);
	be(p + 1024 + 126, (v->wrapper - 8192) / 4096, 2);
	be(p + 1024 + 128, size / 4096, 2);
}

static inline void hp_write(const struct place *p, const struct volume *v)
{
	uint64_t size = (uint64_t)v->block * v->blocks, bit = 0;
	uint64_t all = v->wrapper + size + v->tail;
	uint8_t *image = calloc(1, all), *vol = image + v->wrapper;

	assert_non_null(image);
	assert_true(!v->wrapper || (v->wrapper % 4096 == 0 && size % 4096 == 0));
	hp_header(v, vol + 1024);
	hp_header(v, vol + size - 1024);
	hp_tree(v, vol + (uint64_t)v->tree * v->block);
	if (v->journal_info)
		hp_journal(v, vol + (uint64_t)v->journal_info * v->block, vol + v->journal);
	for (unsigned i = 0; i < v->n_map; i++)
		for (uint64_t k = 0; k < v->map[i].len * v->block * 8; k++, bit++)
			if (bit < v->blocks && v->used[bit])
				vol[v->map[i].off * v->block + k / 8] |= 0x80 >> k % 8;
	if (v->wrapper)
		hp_wrap(v, image, size);
	assert_int_equal(0, sh("rm -f %s", p->image));
	poke(p, 0, image, all);
	free(image);
}

/* What is used by @used, the wrapper and the tail. */
static inline void hp_expected(const struct volume *v, struct extents *ret)
{
	uint64_t end = v->wrapper + (uint64_t)v->block * v->blocks;

	assert_int_equal(0, extents_add(ret, 0, v->wrapper, NULL));
	for (uint32_t i = 0; i < v->blocks; i++)
		if (v->used[i])
			assert_int_equal(0,
					 extents_add(ret, v->wrapper + (uint64_t)i * v->block,
						     v->block, NULL));
	assert_int_equal(0, extents_add(ret, end, v->tail, NULL));
	extents_normalize(ret);
}

#endif
