// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs_tree.c - a walk over all items of a tree of Btrfs.
 *
 * A node is only believed if it is what the node above says: its sum, its own
 * address, the tree, generation, level and first key.  As keys must rise over
 * the whole walk, no node can come twice.
 */
#include "imager/fs/btrfs.h"

#include <errno.h>
#include <inttypes.h>

#define HEADER   101 /* bytes before the items of a node */
#define ITEM     25  /* of an item in a leaf: its key and where its data is */
#define POINTER  33  /* of a pointer to a node below */
#define FSID_LEN 16

struct walk {
	struct btrfs *b;
	uint64_t owner;
	btrfs_item_fn fn;
	void *arg;
	struct btrfs_key last; /* of the item before, if there was one */
	bool begun;
};

/* A node as the one above speaks of it; that at the top has no key to have. */
struct node {
	uint64_t at, generation;
	unsigned level;
	bool top;
	struct btrfs_key first;
};

struct btrfs_key btrfs_key_get(struct rd *r)
{
	struct btrfs_key k;

	k.object = rd_le64(r);
	k.type = rd_u8(r);
	k.offset = rd_le64(r);
	return k;
}

static int compare(const struct btrfs_key *a, const struct btrfs_key *b)
{
	if (a->object != b->object)
		return a->object > b->object ? 1 : -1;
	if (a->type != b->type)
		return a->type > b->type ? 1 : -1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

static int bad_node(const struct walk *w, const struct node *n, struct err *e)
{
	return err_set(e, -EUCLEAN,
		       "the node at %" PRIu64 " of tree %" PRId64 " is bad; " BTRFS_DAMAGED,
		       n->at, (int64_t)w->owner);
}

/* ---- one node ------------------------------------------------------------------ */

static uint8_t *buffer(const struct btrfs *b, unsigned level)
{
	return b->nodes + (size_t)level * b->super.node;
}

/* Whether a copy that was read is the node @n of this tree. */
static bool is_node(const struct walk *w, const struct node *n, const uint8_t *buf)
{
	const struct btrfs *b = w->b;
	struct rd r = rd_init(buf, b->super.node);
	const uint8_t *fsid;
	uint64_t at, generation, owner;

	rd_seek(&r, 0x20);
	fsid = rd_bytes(&r, FSID_LEN);
	at = rd_le64(&r);
	rd_skip(&r, 8 + 16); /* flags, UUID of the chunk tree */
	generation = rd_le64(&r);
	owner = rd_le64(&r);
	rd_skip(&r, 4);
	return !memcmp(fsid, b->super.fsid, FSID_LEN) && at == n->at &&
	       generation == n->generation && owner == w->owner && rd_u8(&r) == n->level &&
	       btrfs_sum_is_right(&b->sums, buf, b->super.node);
}

/* Reads the first good copy of @n into the buffer of its level. */
static int read_node(struct walk *w, const struct node *n, struct err *e)
{
	struct btrfs *b = w->b;
	uint32_t size = b->super.node;
	const struct btrfs_chunk *c = btrfs_chunk_of(&b->chunks, n->at, size);
	int r = 0;

	if (!c || n->at % b->super.sector || !b->nodes_left)
		return bad_node(w, n, e);
	b->nodes_left--;
	for (unsigned i = 0; i < c->copies; i++) {
		r = dev_read(b->a->dev, buffer(b, n->level), size,
			     b->a->off + c->place[i] + (n->at - c->at), e);
		if (!r && is_node(w, n, buffer(b, n->level))) {
			b->mended += i > 0;
			return btrfs_add(b, n->at, size, e);
		}
	}
	return r ? err_wrap(e, r, "tree %" PRId64, (int64_t)w->owner) : bad_node(w, n, e);
}

/* ---- the walk ------------------------------------------------------------------ */

static int walk_leaf(struct walk *w, const struct node *n, struct rd *r, uint32_t count,
		     struct err *e)
{
	for (uint32_t i = 0; i < count; i++) {
		struct btrfs_key k = btrfs_key_get(r);
		uint32_t at = rd_le32(r), len = rd_le32(r);
		struct rd data = rd_init(r->buf, r->len), item;
		int err;

		rd_seek(&data, (uint64_t)HEADER + at);
		item = rd_sub(&data, len);
		if (!rd_ok(&item) || at < count * ITEM ||
		    (w->begun && compare(&k, &w->last) <= 0) ||
		    (!i && !n->top && compare(&k, &n->first)))
			return bad_node(w, n, e);
		w->begun = true;
		w->last = k;
		err = w->fn(w->arg, &k, &item, e);
		if (err)
			return err;
	}
	return 0;
}

static struct node pointer_get(struct rd *r, unsigned level)
{
	struct node n = { .level = level };

	n.first = btrfs_key_get(r);
	n.at = rd_le64(r);
	n.generation = rd_le64(r);
	return n;
}

/* Leaves are all over the device: all those of a node are asked for at once. */
static void hint_leaves(const struct walk *w, struct rd r, uint32_t count)
{
	const struct btrfs *b = w->b;

	while (count--) {
		struct node n = pointer_get(&r, 0);
		const struct btrfs_chunk *c = btrfs_chunk_of(&b->chunks, n.at, b->super.node);

		if (c)
			dev_read_hint(b->a->dev, b->a->off + c->place[0] + (n.at - c->at),
				      b->super.node);
	}
}

static int walk_node(struct walk *w, const struct node *n, struct err *e)
{
	struct rd r = rd_init(buffer(w->b, n->level), w->b->super.node);
	uint32_t count, max;
	int err = read_node(w, n, e);

	if (err)
		return err;
	rd_seek(&r, 0x60);
	count = rd_le32(&r);
	rd_skip(&r, 1); /* level */
	max = (w->b->super.node - HEADER) / (n->level ? POINTER : ITEM);
	if (count > max || (!count && (!n->top || n->level)))
		return bad_node(w, n, e);
	if (!n->level)
		return walk_leaf(w, n, &r, count, e);
	if (n->level == 1)
		hint_leaves(w, r, count);
	for (uint32_t i = 0; i < count && !err; i++) {
		struct node below = pointer_get(&r, n->level - 1);

		if (below.generation > n->generation ||
		    (w->begun && compare(&below.first, &w->last) <= 0) ||
		    (!i && !n->top && compare(&below.first, &n->first)))
			return bad_node(w, n, e);
		err = walk_node(w, &below, e);
	}
	return err;
}

int btrfs_walk(struct btrfs *b, const struct btrfs_root *root, btrfs_item_fn fn, void *arg,
	       struct err *e)
{
	struct walk w = { .b = b, .owner = root->owner, .fn = fn, .arg = arg };
	struct node top = { .at = root->at,
			    .generation = root->generation,
			    .level = root->level,
			    .top = true };

	if (root->level >= BTRFS_LEVELS ||
	    root->generation > b->super.generation + (root->owner == BTRFS_LOG_TREE))
		return bad_node(&w, &top, e);
	return walk_node(&w, &top, e);
}
