// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * minix_files.c - does the map of zones have what the files of Minix need?
 *
 * Nothing in a Minix filesystem tells of a bit that is lost in the map: there is
 * no checksum, and nobody counts free zones.  So every inode is looked at.  Its
 * first seven zones stand in it, the others in blocks of numbers (indirect), of
 * numbers of such blocks, and from version 2 on of numbers of these.  Each zone has
 * one owner, which limits how many of such blocks there can be.
 *
 * Linux counts blocks where MINIX counts zones of several blocks; of which kind a
 * filesystem with such zones is cannot be told, and its files are not looked at.
 *
 * Sources: include/uapi/linux/minix_fs.h, fs/minix/itree_common.c in the kernel.
 */
#include "imager/fs/minix.h"

#include "common/bytes.h"
#include "imager/fs/bitmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DIRECT 7
#define LEVELS 3
#define CHUNK  8192U /* inodes */

struct inodes {
	const struct minix *m;
	const struct extents *used;
	uint32_t size, zone_at;  /* bytes of an inode, before its first zone */
	uint32_t number, levels; /* bytes of a zone's number; how far indirect */
	uint64_t left;           /* so many blocks of numbers can there still be */
	uint8_t *table;          /* of CHUNK inodes */
	uint8_t *bits;           /* which of them are in use */
	uint8_t *blocks;         /* one block of numbers a level */
};

static int damaged(struct err *e, uint64_t zone)
{
	return err_set(e, -EUCLEAN, "zone %" PRIu64 " of a file is marked free; " MINIX_DAMAGED,
		       zone);
}

static uint64_t read_number(const struct inodes *x, struct rd *r)
{
	return x->number == 2 ? rd_le16(r) : rd_le32(r);
}

/* @level: 0 for data, else a block of numbers of @level - 1. */
static int check_zone(struct inodes *x, uint64_t zone, unsigned level, struct err *e)
{
	const struct minix *m = x->m;
	uint8_t *buf;
	struct rd r;
	int ret = 0;

	if (!zone) /* a hole */
		return 0;
	if (zone < m->first || zone >= m->zones ||
	    !extents_touch(x->used, zone * m->zone, m->zone))
		return damaged(e, zone);
	if (!level)
		return 0;
	if (!x->left--)
		return err_set(e, -EUCLEAN,
			       "its files use zones more than once; " MINIX_DAMAGED);
	buf = x->blocks + (size_t)(level - 1) * m->block;
	ret = dev_read(m->a->dev, buf, m->block, m->a->off + zone * m->zone, e);
	r = rd_init(buf, m->block);
	while (rd_left(&r) && !ret)
		ret = check_zone(x, read_number(x, &r), level - 1, e);
	return ret;
}

static bool has_zones(const struct inodes *x, struct rd r)
{
	unsigned mode = rd_le16(&r), links = rd_le16(&r);

	if (x->m->version == 1) {
		rd_skip(&r, 9);
		links = rd_u8(&r);
	}
	return links && (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode));
}

static int check_inode(struct inodes *x, struct rd r, struct err *e)
{
	int ret = 0;

	if (!has_zones(x, r))
		return 0;
	rd_skip(&r, x->zone_at);
	for (unsigned i = 0; i < DIRECT + x->levels && !ret; i++)
		ret = check_zone(x, read_number(x, &r), i < DIRECT ? 0 : i - DIRECT + 1, e);
	return ret;
}

/* Inodes [@first, @first + @n), counted from 0; in the map, bit 0 is none of them. */
static int check_chunk(struct inodes *x, uint64_t first, uint32_t n, struct err *e)
{
	const struct minix *m = x->m;
	uint64_t table = m->a->off + (MINIX_INODE_MAP + (uint64_t)m->imap + m->zmap) * m->block;
	uint64_t map = m->a->off + MINIX_INODE_MAP * (uint64_t)m->block;
	int r = dev_read(m->a->dev, x->bits, n / 8 + 1, map + first / 8, e);

	if (r || bitmap_next(x->bits, 1, n + 1, true) == n + 1)
		return r;
	r = dev_read(m->a->dev, x->table, (size_t)n * x->size, table + first * x->size, e);
	for (uint64_t i = bitmap_next(x->bits, 1, n + 1, true); i <= n && !r;
	     i = bitmap_next(x->bits, i + 1, n + 1, true))
		r = check_inode(x, rd_init(x->table + (i - 1) * x->size, x->size), e);
	return r;
}

int minix_check_files(const struct minix *m, const struct extents *used, struct err *e)
{
	bool one = m->version == 1;
	struct inodes x = {
		.m = m,
		.used = used,
		.size = one ? 32 : 64,
		.zone_at = one ? 14 : 24,
		.number = one ? 2 : 4,
		.levels = one ? LEVELS - 1 : LEVELS,
		.left = m->zones,
	};
	int r = 0;

	if (m->zone != m->block)
		return 0;
	x.table = malloc((size_t)CHUNK * x.size);
	x.bits = malloc(CHUNK / 8 + 1);
	x.blocks = malloc((size_t)LEVELS * m->block);
	if (!x.table || !x.bits || !x.blocks)
		r = err_nomem(e);
	for (uint64_t i = 0; i < m->inodes && !r; i += CHUNK)
		r = check_chunk(&x, i,
				m->inodes - i < CHUNK ? (uint32_t)(m->inodes - i) : CHUNK, e);
	free(x.table);
	free(x.bits);
	free(x.blocks);
	return r;
}
