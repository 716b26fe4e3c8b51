// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nilfs2_file.c - NILFS2: blocks of its own files, by their block maps.
 *
 * A map is in the inode: six block numbers, or the root of a B-tree with the
 * index of a block in the file as key.  The numbers in the maps of all files
 * but the DAT are virtual; entry n of the DAT says where virtual block n is.
 * Blocks of the DAT are, group by group, a block of bits and then the entries
 * of so many, with a block of counts before as many groups as it has room for.
 *
 * Sources: fs/nilfs2/btree.h, direct.h, alloc.c and dat.c in the kernel.
 */
#include "common/bytes.h"
#include "imager/fs/nilfs2.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define IS_TREE   1 /* bit 0 of the first byte */
#define DIRECT    6
#define NODE_HEAD 8
#define NODE_PAD  8 /* not in the root */
#define ROOT_KEYS 3
#define FOREVER   UINT64_MAX

static int damaged(const struct nilfs_file *f, struct err *e)
{
	return err_set(e, -EUCLEAN, "the tree of the %s is damaged; " NILFS_DAMAGED,
		       f->virtual ? "list of segments" : "block translation");
}

/* @block into the file's place for @level, unless it is there already. */
static int load(struct nilfs *x, struct nilfs_file *f, uint32_t level, uint64_t block,
		struct err *e)
{
	int r;

	if (!f->path[level].buf)
		f->path[level].buf = malloc(nilfs_block_size(x));
	if (!f->path[level].buf)
		return err_nomem(e);
	if (f->path[level].block == block)
		return 0;
	f->path[level].block = 0;
	r = nilfs_read(x, block, f->path[level].buf, e);
	if (!r)
		f->path[level].block = block;
	return r;
}

/* Where entry @n of the DAT is: which block of that file, and which entry in it. */
static uint64_t dat_block(const struct nilfs *x, uint64_t n, uint64_t *entry)
{
	uint64_t size = nilfs_block_size(x), each = size / x->s.dat_entry;
	uint64_t group_entries = size * 8, groups = size / 4;
	uint64_t group_blocks = 1 + (group_entries + each - 1) / each;
	uint64_t group = n / group_entries, in_group = n % group_entries;

	*entry = in_group % each;
	return group / groups * (1 + groups * group_blocks) + 1 +
	       group % groups * group_blocks + 1 + in_group / each;
}

static int translate(struct nilfs *x, const struct nilfs_file *f, uint64_t *block,
		     struct err *e)
{
	const uint8_t *buf;
	uint64_t entry, index, end;
	struct rd r;
	int err;

	if (!f->virtual)
		return 0;
	index = dat_block(x, *block, &entry);
	err = nilfs_file_block(x, &x->dat, index, &buf, e);
	if (err)
		return err;
	r = rd_init(buf, buf ? nilfs_block_size(x) : 0);
	rd_seek(&r, entry * x->s.dat_entry);
	*block = rd_le64(&r);
	rd_skip(&r, 8);
	end = rd_le64(&r); /* the checkpoint that it is no longer in */
	return rd_ok(&r) && *block && end == FOREVER ? 0 : damaged(&x->dat, e);
}

struct node {
	const uint8_t *buf;
	size_t len;
	uint32_t head, places; /* bytes before the keys; room for so many of them */
};

static uint64_t number_at(const struct node *n, uint64_t off)
{
	struct rd r = rd_init(n->buf, n->len);

	rd_seek(&r, off);
	return rd_le64(&r);
}

/*
 * The number that @key stands for: of the child to go on with, whose keys begin
 * at or before it, or on level 1 the block with just this key.  0: there is
 * none.  -EUCLEAN: not a node of @level.
 */
static int search(const struct node *n, uint32_t level, uint64_t key, uint64_t *ret)
{
	struct rd r = rd_init(n->buf, n->len);
	uint32_t lo = 0, hi;

	rd_skip(&r, 1);
	if (rd_u8(&r) != level)
		return -EUCLEAN;
	hi = rd_le16(&r);
	if (!rd_ok(&r) || hi > n->places)
		return -EUCLEAN;
	while (lo < hi) { /* the first key beyond @key */
		uint32_t mid = (lo + hi) / 2;

		if (number_at(n, n->head + mid * 8) <= key)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret = 0;
	if (!lo || (level == 1 && number_at(n, n->head + (lo - 1) * 8) != key))
		return 0;
	*ret = number_at(n, n->head + n->places * 8 + (lo - 1) * 8);
	return *ret ? 0 : -EUCLEAN;
}

static int find_in_tree(struct nilfs *x, struct nilfs_file *f, uint64_t index, uint64_t *block,
			struct err *e)
{
	struct node n = { f->bmap, NILFS_BMAP_BYTES, NODE_HEAD, ROOT_KEYS };
	uint32_t level = f->bmap[1];

	if (!level || level >= NILFS_LEVELS)
		return damaged(f, e);
	for (;; level--) {
		int r = search(&n, level, index, block);

		if (r)
			return damaged(f, e);
		if (!*block)
			return 0;
		r = translate(x, f, block, e);
		if (r || level == 1)
			return r;
		r = load(x, f, level - 1, *block, e);
		if (r)
			return r;
		n = (struct node){ f->path[level - 1].buf, nilfs_block_size(x),
				   NODE_HEAD + NODE_PAD,
				   (nilfs_block_size(x) - NODE_HEAD - NODE_PAD) / 16 };
	}
}

static int find_direct(struct nilfs *x, struct nilfs_file *f, uint64_t index, uint64_t *block,
		       struct err *e)
{
	struct rd r = rd_init(f->bmap, NILFS_BMAP_BYTES);

	*block = 0;
	if (index >= DIRECT)
		return 0;
	rd_seek(&r, 8 + index * 8);
	*block = rd_le64(&r);
	return *block && *block != UINT64_MAX ? translate(x, f, block, e) : 0;
}

int nilfs_file_block(struct nilfs *x, struct nilfs_file *f, uint64_t index, const uint8_t **ret,
		     struct err *e)
{
	uint64_t block;
	int r = f->bmap[0] & IS_TREE ? find_in_tree(x, f, index, &block, e)
				     : find_direct(x, f, index, &block, e);

	*ret = NULL;
	if (r || !block)
		return r;
	r = load(x, f, 0, block, e);
	if (!r)
		*ret = f->path[0].buf;
	return r;
}

void nilfs_file_free(struct nilfs_file *f)
{
	for (size_t i = 0; i < NILFS_LEVELS; i++)
		free(f->path[i].buf);
}
