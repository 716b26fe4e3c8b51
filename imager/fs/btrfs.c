// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs.c - Btrfs on one device: what is used, by the extent tree.
 *
 * Every block of data and metadata has an item there, but for those of a log
 * that is not yet replayed.  Nothing else on the device is used but the
 * superblocks and the first MiB, which the kernel leaves to boot loaders.
 */
#include "imager/fs/btrfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define RESERVED (UINT64_C(1) << 20)

#define KEY_FILE_EXTENT 108
#define KEY_ROOT        132
#define KEY_EXTENT      168
#define KEY_NODE        169

#define EXTENT_IS_DATA 1
#define EXTENT_IS_NODE 2

#define ROOT_ITEM_MIN 239 /* bytes up to its level */

/* ---- superblocks ----------------------------------------------------------- */

static int add_fixed(struct btrfs *b, struct err *e)
{
	static const uint64_t copies[] = { UINT64_C(64) << 20, UINT64_C(256) << 30 };
	int r = extents_add(b->used, 0, RESERVED, e);

	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]) && !r; i++)
		if (copies[i] + BTRFS_SUPER_SIZE <= b->a->size)
			r = extents_add(b->used, copies[i], BTRFS_SUPER_SIZE, e);
	return r;
}

/* ---- roots ------------------------------------------------------------------- */

static int root_get(struct btrfs_root *ret, uint64_t owner, struct rd *item, struct err *e)
{
	struct rd level = *item;

	*ret = (struct btrfs_root){ .owner = owner };
	rd_skip(item, 160); /* inode */
	ret->generation = rd_le64(item);
	rd_skip(item, 8); /* directory */
	ret->at = rd_le64(item);
	rd_skip(&level, ROOT_ITEM_MIN - 1);
	ret->level = rd_u8(&level);
	if (!rd_ok(&level))
		return err_set(e, -EUCLEAN, "the root of a tree is too short; " BTRFS_DAMAGED);
	return 0;
}

static int find_extent_root(void *arg, const struct btrfs_key *k, struct rd *item,
			    struct err *e)
{
	int r;

	if (k->object != BTRFS_EXTENT_TREE || k->type != KEY_ROOT)
		return 0;
	r = root_get(arg, BTRFS_EXTENT_TREE, item, e);
	return r ? r : 1;
}

/* ---- the extent tree --------------------------------------------------------- */

struct used {
	struct btrfs *b;
	uint64_t next; /* end of the extent before */
	uint64_t sum;
	struct extent run; /* extents that follow each other, not yet added */
};

static int flush(struct used *u, struct err *e)
{
	int r = u->run.len ? btrfs_add(u->b, u->run.off, u->run.len, e) : 0;

	u->run.len = 0;
	return r;
}

/* Extents of one chunk that follow each other are added as one, for all copies. */
static int add_extent(struct used *u, uint64_t at, uint64_t len, struct err *e)
{
	int r = 0;

	if (!u->run.len || u->next != at ||
	    !btrfs_chunk_of(&u->b->chunks, u->run.off, u->run.len + len)) {
		r = flush(u, e);
		u->run.off = at;
	}
	u->run.len += len;
	u->next = at + len;
	u->sum += len;
	return r;
}

/* A KEY_NODE has its level where a KEY_EXTENT has its length. */
static bool kind_fits(const struct btrfs_key *k, uint64_t kind, bool node_sized)
{
	if (k->type == KEY_NODE)
		return kind == EXTENT_IS_NODE && k->offset < BTRFS_LEVELS;
	return kind == EXTENT_IS_DATA || (kind == EXTENT_IS_NODE && node_sized);
}

static int take_extent(void *arg, const struct btrfs_key *k, struct rd *item, struct err *e)
{
	struct used *u = arg;
	const struct btrfs_super *s = &u->b->super;
	uint64_t len = k->type == KEY_NODE ? s->node : k->offset, kind, end;

	if (k->type != KEY_EXTENT && k->type != KEY_NODE)
		return 0;
	rd_skip(item, 8 + 8); /* references, generation */
	kind = rd_le64(item) & (EXTENT_IS_DATA | EXTENT_IS_NODE);
	if (!rd_ok(item) || !len || (k->object | len) % s->sector || k->object < u->next ||
	    !add_u64(k->object, len, &end) || !btrfs_chunk_of(&u->b->chunks, k->object, len) ||
	    !kind_fits(k, kind, len == s->node))
		return err_set(e, -EUCLEAN,
			       "the extent %" PRIu64 "+%" PRIu64
			       " is impossible; " BTRFS_DAMAGED,
			       k->object, len);
	return add_extent(u, k->object, len, e);
}

static int add_extents(struct btrfs *b, struct fs_info *ret, struct err *e)
{
	struct btrfs_root root = { 0 };
	struct used u = { .b = b };
	int r = btrfs_walk(b, &b->super.root, find_extent_root, &root, e);

	if (!r)
		return err_set(e, -EUCLEAN, "there is no extent tree; " BTRFS_DAMAGED);
	if (r < 0)
		return r;
	r = btrfs_walk(b, &root, take_extent, &u, e);
	if (!r)
		r = flush(&u, e);
	if (r || u.sum == b->super.used || ret->problem[0])
		return r;
	ret->minor = true;
	snprintf(ret->problem, sizeof(ret->problem),
		 "its superblock counts %" PRIu64 " used bytes, its extent tree %" PRIu64
		 ": see what btrfs check says of it; --nocheck trusts the extent tree",
		 b->super.used, u.sum);
	return 0;
}

/* ---- the log ------------------------------------------------------------------- */

struct log {
	struct btrfs *b;
	struct btrfs_root *v; /* one a subvolume */
	size_t n, cap;
};

static int take_log_root(void *arg, const struct btrfs_key *k, struct rd *item, struct err *e)
{
	struct log *l = arg;

	if (k->type != KEY_ROOT)
		return 0;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct btrfs_root *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return err_nomem(e);
		l->v = v;
		l->cap = cap;
	}
	return root_get(&l->v[l->n++], BTRFS_LOG_TREE, item, e);
}

/* Data that was written for an fsync may be known to the log alone. */
static int take_log_item(void *arg, const struct btrfs_key *k, struct rd *item, struct err *e)
{
	uint64_t at, len;
	uint8_t type;

	if (k->type != KEY_FILE_EXTENT)
		return 0;
	rd_skip(item, 20);
	type = rd_u8(item);
	if (rd_ok(item) && !type)
		return 0; /* the data is in the item */
	at = rd_le64(item);
	len = rd_le64(item);
	if (!rd_ok(item))
		return err_set(e, -EUCLEAN, "the log has an extent that is cut short");
	return at ? btrfs_add(arg, at, len, e) : 0; /* 0: a hole */
}

static int add_log(struct btrfs *b, struct err *e)
{
	struct log l = { .b = b };
	int r = btrfs_walk(b, &b->super.log_root, take_log_root, &l, e);

	for (size_t i = 0; i < l.n && !r; i++)
		r = btrfs_walk(b, &l.v[i], take_log_item, b, e);
	free(l.v);
	return r ? err_wrap(e, r, "the log (btrfs rescue zero-log gives it up)") : 0;
}

/* ---- all of it ------------------------------------------------------------------- */

static int add_used(struct btrfs *b, struct fs_info *ret, struct err *e)
{
	int r;

	b->nodes = malloc((size_t)BTRFS_LEVELS * b->super.node);
	if (!b->nodes)
		return err_nomem(e);
	b->nodes_left = b->super.size / b->super.node;
	r = add_fixed(b, e);
	if (!r)
		r = btrfs_chunks_read(b, e);
	if (!r)
		r = add_extents(b, ret, e);
	if (!r && b->super.log_root.at)
		r = add_log(b, e);
	if (!r && b->mended)
		snprintf(ret->notice, sizeof(ret->notice),
			 "%" PRIu64 " damaged blocks of metadata were read from their second "
			 "copies: btrfs scrub mends them",
			 b->mended);
	return r;
}

static int btrfs_used(const struct area *a, bool force, struct fs_info *ret,
		      struct extents *used, struct err *e)
{
	struct btrfs b = { .a = a, .used = used };
	int r = btrfs_super_read(a, &b.super, &b.sums, e);

	if (r)
		goto out;
	ret->block = b.super.sector;
	ret->size = b.super.size;
	btrfs_super_judge(&b.super, ret);
	if (!ret->problem[0] || force)
		r = add_used(&b, ret, e);
out:
	btrfs_sums_close(&b.sums);
	free(b.chunks.v);
	free(b.nodes);
	return r;
}

static const char *const btrfs_types[] = { "btrfs", NULL };

const struct fs_ops fs_btrfs = {
	.name = "btrfs",
	.types = btrfs_types,
	.edges = { .head = BTRFS_SUPER_AT + BTRFS_SUPER_SIZE },
	.used = btrfs_used,
};
