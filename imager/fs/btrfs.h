// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * btrfs.h - what the parts of the Btrfs reader share.
 *
 * Trees name places by logical addresses; the chunks say where on the device
 * those are.  "at" is always a logical address here, "place" one on the device.
 * All offsets, lengths and sizes are bytes.
 *
 * Sources: <linux/btrfs_tree.h>, <linux/btrfs.h>, "On-disk Format" in the
 * documentation of btrfs-progs, and for what must agree with what the kernel's
 * fs/btrfs/tree-checker.c.
 */
#ifndef IMAGER_FS_BTRFS_H
#define IMAGER_FS_BTRFS_H

#include "common/bytes.h"
#include "common/hash.h"
#include "imager/fs/fs.h"

#include <stdbool.h>
#include <stdint.h>

#define BTRFS_SUPER_AT   (UINT64_C(64) << 10)
#define BTRFS_SUPER_SIZE 4096
#define BTRFS_CHUNKS_MAX 2048 /* bytes of chunks in the superblock */
#define BTRFS_LEVELS     8

#define BTRFS_ROOT_TREE   1
#define BTRFS_EXTENT_TREE 2
#define BTRFS_CHUNK_TREE  3
#define BTRFS_LOG_TREE    UINT64_C(-6)

#define BTRFS_WAY_OUT "; --force trusts the map as it is, --raw takes every byte"
#define BTRFS_DAMAGED                                                                          \
	"its trees are damaged: see what btrfs check says of it, or take every byte with --raw"
#define BTRFS_SEVERAL                                                                          \
	"the filesystem lies on several devices, and one of them alone is of no use: unmount " \
	"it and image each of them with --raw, or remove the others with btrfs device remove"

/* ---- checksums ----------------------------------------------------------- */

struct btrfs_sums {
	unsigned type; /* number in the superblock */
	struct hash *sha;
};

/* -EOPNOTSUPP: a type that is not known. */
int btrfs_sums_open(struct btrfs_sums *s, unsigned type, struct err *e);
void btrfs_sums_close(struct btrfs_sums *s);
/* Whether the sum in the first bytes of @block is right; @n is a multiple of 32. */
bool btrfs_sum_is_right(const struct btrfs_sums *s, const uint8_t *block, size_t n);

/* ---- the superblock ------------------------------------------------------ */

/* The top of a tree.  Its nodes say which tree and generation they are of. */
struct btrfs_root {
	uint64_t at, generation, owner;
	uint8_t level;
};

struct btrfs_super {
	uint8_t fsid[16]; /* that of the nodes */
	uint64_t flags, incompat, compat_ro;
	uint64_t generation;
	uint64_t size; /* of the filesystem on this device */
	uint64_t used; /* in extents, each counted once */
	uint64_t devices, device;
	uint32_t sector, node;
	struct btrfs_root root, chunk_root, log_root; /* log_root.at 0: there is none */
	uint8_t chunks[BTRFS_CHUNKS_MAX];
	uint32_t chunks_size;
};

/*
 * Reads and checks the superblock.  Opens @sums, which the caller closes even
 * after an error.
 */
int btrfs_super_read(const struct area *a, struct btrfs_super *ret, struct btrfs_sums *sums,
		     struct err *e);
/* What is against imaging it as it is: fills ret->problem and ret->minor. */
void btrfs_super_judge(const struct btrfs_super *s, struct fs_info *ret);

/* ---- chunks and trees ---------------------------------------------------- */

struct btrfs_chunk {
	uint64_t at, length;
	uint64_t type;
	uint64_t place[2];
	unsigned copies; /* of the same, 1 or 2 */
};

struct btrfs_chunks {
	struct btrfs_chunk *v; /* by address, without overlaps */
	size_t n, cap;
};

struct btrfs_key {
	uint64_t object, offset;
	uint8_t type;
};

/* One filesystem that is being read. */
struct btrfs {
	const struct area *a;
	struct btrfs_super super;
	struct btrfs_sums sums;
	struct btrfs_chunks chunks;
	struct extents *used; /* every node that was read is added */
	uint8_t *nodes;       /* a buffer for each level */
	uint64_t nodes_left;  /* that may still be read: no loop is endless */
	uint64_t mended;      /* nodes of which only the second copy is good */
};

/* Fills b->chunks, first from the superblock, then from the chunk tree. */
int btrfs_chunks_read(struct btrfs *b, struct err *e);
/* The chunk that has all of [@at, @at + @len), or NULL. */
const struct btrfs_chunk *btrfs_chunk_of(const struct btrfs_chunks *c, uint64_t at,
					 uint64_t len);
/* Adds all copies of [@at, @at + @len) to b->used; -EUCLEAN: no chunk has it. */
int btrfs_add(struct btrfs *b, uint64_t at, uint64_t len, struct err *e);

struct btrfs_key btrfs_key_get(struct rd *r);

/*
 * Called for each item of a tree, in order; @item is what belongs to @key.
 * Anything but 0 ends the walk and is its result.
 */
typedef int (*btrfs_item_fn)(void *arg, const struct btrfs_key *key, struct rd *item,
			     struct err *e);

/* Not from inside a btrfs_item_fn: there is one buffer a level. */
int btrfs_walk(struct btrfs *b, const struct btrfs_root *root, btrfs_item_fn fn, void *arg,
	       struct err *e);

#endif
