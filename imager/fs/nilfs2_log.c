// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nilfs2_log.c - NILFS2: the way along the log to the newest super root.
 *
 * A log is valid when its sequence number, which grows by one from segment to
 * segment, is the expected one and the checksum over all of its blocks is
 * right.  It names the segment that comes next.
 *
 * Source: fs/nilfs2/recovery.c in the kernel.
 */
#include "common/bytes.h"
#include "imager/fs/crc32.h"
#include "imager/fs/nilfs2.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define LOG_MAGIC 0x1eaffa11u
#define HAS_ROOT  0x0004u
#define SUMMARY   64 /* bytes of a summary's header */
#define PIECE     (1u << 20)
#define READ_MAX  (UINT64_C(1) << 30) /* of logs, in all */
#define ROOT_HEAD 16
#define BMAP_AT   56 /* in an inode */

struct log {
	uint64_t at, end; /* blocks [at, end) */
	uint64_t next;    /* a block of the segment that comes after this one */
	bool has_root;
};

struct walk {
	struct nilfs *x;
	uint8_t *buf;  /* PIECE bytes */
	uint64_t read; /* bytes so far */
};

/* The sum of a log leaves out the field that it is in. */
static int sum_log(struct walk *w, uint64_t at, uint64_t bytes, uint32_t *ret, struct err *e)
{
	const struct nilfs *x = w->x;
	uint64_t off = x->a->off + (at << x->s.block_bits);
	uint32_t skip = 4;

	*ret = x->s.crc_seed;
	w->read += bytes;
	if (w->read > READ_MAX)
		return err_set(e, -EUCLEAN,
			       "more was written to it than can be followed since its "
			       "superblock was; " NILFS_DAMAGED);
	while (bytes) {
		uint32_t n = bytes < PIECE ? (uint32_t)bytes : PIECE;
		int r = dev_read(x->a->dev, w->buf, n, off, e);

		if (r)
			return r;
		*ret = crc32_seeded(*ret, w->buf + skip, n - skip);
		skip = 0;
		off += n;
		bytes -= n;
	}
	return 0;
}

/* 1: there is a valid log at block @at. */
static int read_log(struct walk *w, uint64_t at, uint64_t seq, struct log *ret, struct err *e)
{
	const struct nilfs *x = w->x;
	struct rd r = rd_init(w->buf, SUMMARY);
	uint64_t seg_end = (at / x->s.seg_blocks + 1) * x->s.seg_blocks, found_seq;
	uint32_t want, sum, magic, flags, blocks;
	int err = nilfs_read(x, at, w->buf, e);

	if (err)
		return err;
	want = rd_le32(&r);
	rd_skip(&r, 4);
	magic = rd_le32(&r);
	rd_skip(&r, 2);
	flags = rd_le16(&r);
	found_seq = rd_le64(&r);
	rd_skip(&r, 8);
	*ret = (struct log){ .at = at, .next = rd_le64(&r), .has_root = flags & HAS_ROOT };
	blocks = rd_le32(&r);
	ret->end = at + blocks;
	if (magic != LOG_MAGIC || found_seq != seq || !blocks || ret->end > seg_end)
		return 0;
	err = sum_log(w, at, (uint64_t)blocks << x->s.block_bits, &sum, e);
	return err ? err : sum == want;
}

/* The super root is the last block of its log. */
static int read_root(struct walk *w, const struct log *l, struct err *e)
{
	struct nilfs *x = w->x;
	struct nilfs_file *const files[] = { &x->dat, NULL, &x->sufile };
	struct rd r = rd_init(w->buf, nilfs_block_size(x));
	uint32_t sum, bytes;
	int err = nilfs_read(x, l->end - 1, w->buf, e);

	if (err)
		return err;
	sum = rd_le32(&r);
	bytes = rd_le16(&r);
	if (bytes < ROOT_HEAD || bytes > nilfs_block_size(x) ||
	    sum != crc32_seeded(x->s.crc_seed, w->buf + 4, bytes - 4))
		return err_set(e, -EUCLEAN, "its last checkpoint is damaged; " NILFS_DAMAGED);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const uint8_t *bmap;

		rd_seek(&r, ROOT_HEAD + i * x->s.inode_size + BMAP_AT);
		bmap = rd_bytes(&r, NILFS_BMAP_BYTES);
		if (files[i] && bmap)
			memcpy(files[i]->bmap, bmap, NILFS_BMAP_BYTES);
	}
	return 0;
}

/*
 * Follows the logs behind @l as a mount does: to the end of the segment, and
 * then to the next ones until one of them begins with no valid log.
 */
static int walk_on(struct walk *w, struct log l, uint64_t seq, struct log *root, struct err *e)
{
	struct nilfs *x = w->x;
	uint64_t at = l.end, next = l.next;
	bool fresh = false; /* @at begins a segment */
	int r = 0;

	for (;;) {
		struct log found;

		r = at % x->s.seg_blocks || fresh ? read_log(w, at, seq, &found, e) : 0;
		if (r < 0 || (!r && fresh))
			return r;
		if (r) {
			r = nilfs_add_segment_of(x, at, e);
			if (found.has_root)
				*root = found;
			at = found.end;
			next = found.next;
			fresh = false;
		} else {
			if (next / x->s.seg_blocks >= x->s.segments)
				return 0;
			at = next / x->s.seg_blocks * x->s.seg_blocks;
			at = at ? at : x->s.first_data;
			r = nilfs_add_segment_of(x, at, e);
			seq++;
			fresh = true;
		}
		if (r)
			return r;
	}
}

static int find_root(struct walk *w, bool clean, struct err *e)
{
	struct nilfs *x = w->x;
	struct log l, root;
	int r = read_log(w, x->s.last_log, x->s.last_seq, &l, e);

	if (r < 0)
		return r;
	if (!r || !l.has_root)
		return err_set(e, -EUCLEAN,
			       "there is no checkpoint where its superblock says the last one "
			       "is; " NILFS_DAMAGED);
	root = l;
	r = nilfs_add_segment_of(x, l.at, e);
	if (!r)
		r = nilfs_add_segment_of(x, l.next, e);
	if (!r && !clean)
		r = walk_on(w, l, x->s.last_seq, &root, e);
	return r ? r : read_root(w, &root, e);
}

int nilfs_find_root(struct nilfs *x, bool clean, struct err *e)
{
	struct walk w = { .x = x, .buf = malloc(PIECE) };
	int r = w.buf ? find_root(&w, clean, e) : err_nomem(e);

	free(w.buf);
	return r;
}
