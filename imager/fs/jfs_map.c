// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * jfs_map.c - the block allocation map of JFS.
 *
 * The map is a file, inode 2 of the aggregate.  Its first page tells its size;
 * then come pages of three levels that only help to find free space, each
 * before the pages that it sums up; and one page (a dmap) for every 8192
 * blocks, with two bitmaps: the working map, and the persistent map that says
 * what is committed.  On a clean filesystem they are the same.  What either of
 * them says is used counts as used, so that damage to one of them loses
 * nothing; there are no checksums.
 *
 * Source of the on-disk structures: fs/jfs/jfs_dmap.h, jfs_dinode.h and
 * jfs_xtree.h in the kernel.
 */
#include "common/bytes.h"
#include "imager/fs/bitmap.h"
#include "imager/fs/jfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAP_INODE    2
#define AGGREGATE    1 /* di_fileset of the aggregate's own inodes */
#define INODE_BYTES  512
#define TREE_OFF     224 /* of the extent tree's root in an inode */
#define TREE_BYTES   288
#define FIRST_ENTRY  2 /* entries of 16 bytes; the header takes the place of two */
#define ENTRY_BYTES  16
#define ROOT_ENTRIES 18
#define NODE_ENTRIES 256
#define DEPTH_MAX    6 /* nodes have at least 254 / 2 entries */

#define NODE_LEAF     0x02
#define XAD_NOT_THERE 0x0c /* compressed, or never written */

#define DMAP_BLOCKS  8192U
#define DMAP_WORDS   (DMAP_BLOCKS / 32)
#define DMAP_WMAP    2048U /* offsets in the page */
#define DMAP_PMAP    3072U
#define DMAP_LEAVES  256U
#define DMAP_L2      8U
#define DMAP_FIRST   85U
#define DMAP_HEIGHT  4U
#define DMAP_BUDMIN  5U
#define CONTROL_PAGE 0

#define CHUNK_PAGES 256U

/* A walk through the pages of the map's file, in order. */
struct walk {
	struct jfs_map *m;
	uint64_t page;  /* of the file, that comes next */
	uint64_t dmaps; /* how many there are */
	uint64_t next;  /* the number of the dmap that comes next */
	uint64_t total; /* free blocks, as the control page has them */
	uint64_t free;  /* the same, by the maps */
	uint8_t *buf;   /* CHUNK_PAGES pages */
	uint8_t bits[DMAP_BLOCKS / 8];
};

static int damaged(struct err *e, const char *what)
{
	return err_set(e, -EUCLEAN, "%s; " JFS_DAMAGED, what);
}

/* The page of dmap @n: before it are those before, and what sums them up. */
static uint64_t dmap_page(uint64_t n)
{
	return n + (n >> 10) + (n >> 20) + 4;
}

/* ---- pages ---------------------------------------------------------------- */

static int take_control(struct walk *w, const uint8_t *page, struct err *e)
{
	struct rd r = rd_init(page, JFS_BLOCK);
	uint64_t blocks = rd_le64(&r);

	w->total = rd_le64(&r);
	if (blocks != w->m->blocks)
		return err_set(e, -EUCLEAN,
			       "the map is for %" PRIu64
			       " blocks, the superblock counts %" PRIu64 "; " JFS_DAMAGED,
			       blocks, w->m->blocks);
	return 0;
}

/* True when the page is one that maps the @n blocks from @first on. */
static bool is_dmap(struct rd r, uint64_t first, uint32_t n, uint32_t *free_blocks)
{
	uint32_t blocks = rd_le32(&r);
	uint64_t start;

	*free_blocks = rd_le32(&r);
	start = rd_le64(&r);
	return blocks == n && start == first && *free_blocks <= n &&
	       rd_le32(&r) == DMAP_LEAVES && rd_le32(&r) == DMAP_L2 &&
	       rd_le32(&r) == DMAP_FIRST && rd_le32(&r) == DMAP_HEIGHT &&
	       rd_u8(&r) == DMAP_BUDMIN && rd_ok(&r);
}

/*
 * Joins the two maps of a page in w->bits, bit k of the map being bit k % 8 of
 * byte k / 8.  On disk the highest bit of a little-endian word comes first.
 */
static void join_maps(struct walk *w, const uint8_t *page)
{
	struct rd working = rd_init(page + DMAP_WMAP, DMAP_WORDS * 4);
	struct rd persistent = rd_init(page + DMAP_PMAP, DMAP_WORDS * 4);

	for (size_t i = 0; i < sizeof(w->bits); i += 4) {
		uint32_t a = rd_le32(&working), b = rd_le32(&persistent), word = a | b;

		w->m->differs |= a != b;
		w->bits[i] = (uint8_t)(word >> 24);
		w->bits[i + 1] = (uint8_t)(word >> 16);
		w->bits[i + 2] = (uint8_t)(word >> 8);
		w->bits[i + 3] = (uint8_t)word;
	}
	bitmap_reverse(w->bits, sizeof(w->bits));
}

static int take_dmap(struct walk *w, const uint8_t *page, struct err *e)
{
	uint64_t first = w->next * DMAP_BLOCKS, left = w->m->blocks - first, set = 0;
	uint32_t n = left < DMAP_BLOCKS ? (uint32_t)left : DMAP_BLOCKS, free_blocks;
	int r;

	if (!is_dmap(rd_init(page, JFS_BLOCK), first, n, &free_blocks))
		return err_set(e, -EUCLEAN,
			       "the part for blocks from %" PRIu64
			       " on is not there; " JFS_DAMAGED,
			       first);
	join_maps(w, page);
	if (!first &&
	    bitmap_next(w->bits, 0, JFS_FIXED / JFS_BLOCK, false) < JFS_FIXED / JFS_BLOCK)
		return damaged(e, "the superblock's own blocks are marked free");
	r = bitmap_add(w->bits, n, first * JFS_BLOCK, JFS_BLOCK, w->m->used, &set, e);
	w->free += n - set;
	w->m->differs |= n - set != free_blocks;
	w->next++;
	return r;
}

/* @n pages of the file, of which w->page is the first. */
static int take_pages(struct walk *w, uint32_t n, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++, w->page++) {
		const uint8_t *page = w->buf + (size_t)i * JFS_BLOCK;

		if (w->page == CONTROL_PAGE)
			r = take_control(w, page, e);
		else if (w->next < w->dmaps && w->page == dmap_page(w->next))
			r = take_dmap(w, page, e);
	}
	return r;
}

/* ---- the tree of extents --------------------------------------------------- */

struct entry {
	uint8_t flag;
	uint64_t page; /* of the file */
	struct jfs_pxd x;
};

static struct entry read_entry(struct rd *r)
{
	struct entry ret = { .flag = rd_u8(r) };
	uint32_t word;

	rd_skip(r, 2);
	ret.page = (uint64_t)rd_u8(r) << 32;
	ret.page |= rd_le32(r);
	word = rd_le32(r);
	ret.x.len = word & 0xffffff;
	ret.x.at = (uint64_t)(word >> 24) << 32;
	ret.x.at |= rd_le32(r);
	return ret;
}

static bool is_inside(const struct walk *w, const struct jfs_pxd *x)
{
	return x->len && x->at < w->m->blocks && x->len <= w->m->blocks - x->at;
}

static int add_blocks(struct walk *w, const struct jfs_pxd *x, struct err *e)
{
	return extents_add(w->m->used, x->at * JFS_BLOCK, (uint64_t)x->len * JFS_BLOCK, e);
}

static int read_extent(struct walk *w, const struct entry *x, struct err *e)
{
	uint64_t at = w->m->a->off + x->x.at * JFS_BLOCK;
	int r;

	if (x->page != w->page || x->flag & XAD_NOT_THERE)
		return damaged(e, "a part of it is missing");
	r = add_blocks(w, &x->x, e);
	for (uint32_t done = 0, n; done < x->x.len && w->next < w->dmaps && !r; done += n) {
		n = x->x.len - done < CHUNK_PAGES ? x->x.len - done : CHUNK_PAGES;
		r = dev_read(w->m->a->dev, w->buf, (size_t)n * JFS_BLOCK,
			     at + (uint64_t)done * JFS_BLOCK, e);
		if (!r)
			r = take_pages(w, n, e);
	}
	return r;
}

static int walk_node(struct walk *w, struct rd node, uint32_t room, unsigned depth,
		     struct err *e);

static int walk_child(struct walk *w, const struct jfs_pxd *x, unsigned depth, struct err *e)
{
	uint8_t *page;
	int r;

	if (depth == DEPTH_MAX || x->len != 1)
		return damaged(e, "the tree of its extents is broken");
	page = malloc(JFS_BLOCK);
	if (!page)
		return err_nomem(e);
	r = dev_read(w->m->a->dev, page, JFS_BLOCK, w->m->a->off + x->at * JFS_BLOCK, e);
	if (!r)
		r = add_blocks(w, x, e);
	if (!r)
		r = walk_node(w, rd_init(page, JFS_BLOCK), NODE_ENTRIES, depth + 1, e);
	free(page);
	return r;
}

/* Every node gives a page of the map or ends the walk, so that they cannot be too many. */
static int walk_node(struct walk *w, struct rd node, uint32_t room, unsigned depth,
		     struct err *e)
{
	struct rd header = node;
	uint8_t flag;
	uint32_t end;
	int r = 0;

	rd_skip(&header, 16); /* neighbours */
	flag = rd_u8(&header);
	rd_skip(&header, 1);
	end = rd_le16(&header);
	if (end <= FIRST_ENTRY || end > room)
		return damaged(e, "the tree of its extents is broken");
	rd_seek(&node, FIRST_ENTRY * ENTRY_BYTES);
	for (uint32_t i = FIRST_ENTRY; i < end && w->next < w->dmaps && !r; i++) {
		struct entry x = read_entry(&node);

		if (!rd_ok(&node) || !is_inside(w, &x.x))
			r = damaged(e, "an extent of it lies outside the filesystem");
		else if (flag & NODE_LEAF)
			r = read_extent(w, &x, e);
		else
			r = walk_child(w, &x.x, depth, e);
	}
	return r;
}

/* ---- the file -------------------------------------------------------------- */

/* The root of the extent tree, if this is the map's inode and has @pages pages. */
static bool find_tree(struct rd r, uint64_t pages, struct rd *tree)
{
	uint32_t fileset, number;
	uint64_t size;

	rd_skip(&r, 4); /* stamp */
	fileset = rd_le32(&r);
	number = rd_le32(&r);
	rd_skip(&r, 12); /* generation, extent of inodes */
	size = rd_le64(&r);
	rd_seek(&r, TREE_OFF);
	*tree = rd_sub(&r, TREE_BYTES);
	return rd_ok(&r) && fileset == AGGREGATE && number == MAP_INODE &&
	       size / JFS_BLOCK >= pages;
}

static int walk_file(struct walk *w, struct err *e)
{
	uint64_t pages = dmap_page(w->dmaps - 1) + 1;
	uint8_t inode[INODE_BYTES];
	struct rd tree;
	int r = dev_read(w->m->a->dev, inode, sizeof(inode),
			 w->m->a->off + JFS_INODES + MAP_INODE * INODE_BYTES, e);

	if (r)
		return err_wrap(e, r, "the inode of the block map");
	if (!find_tree(rd_init(inode, sizeof(inode)), pages, &tree))
		return damaged(e, "its inode is overwritten");
	r = walk_node(w, tree, ROOT_ENTRIES, 0, e);
	if (!r && w->next < w->dmaps)
		r = damaged(e, "its end is missing");
	if (!r)
		w->m->differs |= w->free != w->total;
	return r;
}

int jfs_map_read(struct jfs_map *m, struct err *e)
{
	struct walk *w = calloc(1, sizeof(*w));
	int r = -ENOMEM;

	m->differs = false;
	if (w)
		w->buf = malloc((size_t)CHUNK_PAGES * JFS_BLOCK);
	if (!w || !w->buf) {
		r = err_nomem(e);
		goto out;
	}
	w->m = m;
	w->dmaps = (m->blocks + DMAP_BLOCKS - 1) / DMAP_BLOCKS;
	r = walk_file(w, e);
out:
	if (w)
		free(w->buf);
	free(w);
	return r;
}
