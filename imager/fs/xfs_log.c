// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * xfs_log.c - is the log of an XFS filesystem clean?
 *
 * The log is a ring of 512-byte blocks, each of which begins with the number of
 * the round ("cycle") it was written in; in the header of a record, which
 * begins with a magic number, that follows as the second word.  So the place
 * where the number changes is where writing stopped.  A clean log has there,
 * as its last record, one that holds nothing but the note of an unmount.
 */
#include "common/bytes.h"
#include "imager/fs/xfs.h"

#include <errno.h>
#include <stdlib.h>

#define LOG_BLOCK     512
#define RECORD_MAGIC  0xfeedbabe
#define OP_UNMOUNT    0x20
#define HEADER_COVERS (32U << 10)  /* bytes of a record that one header block has room for */
#define RECORD_MAX    (256U << 10) /* bytes of a record without its headers */
#define RECORD_BLOCKS (RECORD_MAX / LOG_BLOCK + RECORD_MAX / HEADER_COVERS)
#define ZERO_CHECK    (UINT32_C(1) << 20) /* bytes read at once */
#define OP_FLAGS_AT   9

static const char dirty[] = "its log holds changes that are not yet replayed, or it is mounted "
			    "now";
static const char strange[] = "its log cannot be understood";
static const char foreign[] = "its log belongs to another filesystem";

struct log {
	const struct xfs *x;
	uint32_t blocks;
};

static int read_block(const struct log *l, uint32_t at, uint8_t buf[LOG_BLOCK], struct err *e)
{
	int r = dev_read(l->x->a->dev, buf, LOG_BLOCK,
			 l->x->a->off + l->x->log + (uint64_t)at * LOG_BLOCK, e);

	return r ? err_wrap(e, r, "the log") : 0;
}

static int read_cycle(const struct log *l, uint32_t at, uint32_t *ret, struct err *e)
{
	uint8_t buf[LOG_BLOCK];
	struct rd rd = rd_init(buf, sizeof(buf));
	int r = read_block(l, at, buf, e);

	if (r)
		return r;
	*ret = rd_be32(&rd);
	if (*ret == RECORD_MAGIC)
		*ret = rd_be32(&rd);
	return 0;
}

/* 1: nothing but zeros in all of the log. */
static int is_zero(const struct log *l, struct err *e)
{
	uint64_t off = l->x->a->off + l->x->log, left = (uint64_t)l->blocks * LOG_BLOCK;
	uint8_t *buf = malloc(ZERO_CHECK);
	int r = buf ? 1 : err_nomem(e);

	for (size_t n; left && r > 0; left -= n, off += n) {
		n = left < ZERO_CHECK ? (size_t)left : ZERO_CHECK;
		r = dev_read(l->x->a->dev, buf, n, off, e);
		if (r)
			r = err_wrap(e, r, "the log");
		else
			r = !buf[0] && !memcmp(buf, buf + 1, n - 1);
	}
	free(buf);
	return r;
}

/*
 * The block after the last one written, up to l->blocks; 0: it cannot be found.
 * It and all after it have the number @last, those before it mostly @first.
 */
static int find_head(const struct log *l, uint32_t first, uint32_t last, uint32_t *ret,
		     struct err *e)
{
	uint32_t lo = 0, hi = l->blocks - 1;
	int r = 0;

	*ret = first == last ? l->blocks : 0;
	if (first == last || (last && last != first - 1))
		return 0;
	while (hi - lo > 1 && !r) {
		uint32_t mid = lo + (hi - lo) / 2, cycle = 0;

		r = read_cycle(l, mid, &cycle, e);
		*(cycle == last ? &hi : &lo) = mid;
	}
	*ret = hi;
	return r;
}

/* The header of the record that ends before @head, if it is short enough; 1: found. */
static int find_record(const struct log *l, uint32_t head, uint8_t buf[LOG_BLOCK],
		       uint32_t *ret, struct err *e)
{
	for (uint32_t n = 1; n <= RECORD_BLOCKS && n <= l->blocks; n++) {
		struct rd rd = rd_init(buf, LOG_BLOCK);
		uint32_t at = (head + (l->blocks - n)) % l->blocks;
		int r = read_block(l, at, buf, e);

		if (r)
			return r;
		if (rd_be32(&rd) == RECORD_MAGIC) {
			*ret = at;
			return 1;
		}
	}
	return 0;
}

/* What counts in the header of a record. */
struct record {
	uint32_t version, len, ops, size;
	const uint8_t *uuid;
};

static struct record decode(const uint8_t buf[LOG_BLOCK])
{
	struct rd rd = rd_init(buf, LOG_BLOCK);
	struct record h = { 0 };

	rd_seek(&rd, 8);
	h.version = rd_be32(&rd);
	h.len = rd_be32(&rd);
	rd_seek(&rd, 40);
	h.ops = rd_be32(&rd);
	rd_seek(&rd, 304);
	h.uuid = rd_bytes(&rd, XFS_UUID_SIZE);
	h.size = rd_be32(&rd);
	return h;
}

/* Blocks of the record that are headers. */
static uint32_t headers(const struct record *h)
{
	if (!(h->version & 2) || h->size <= HEADER_COVERS)
		return 1;
	return (h->size + HEADER_COVERS - 1) / HEADER_COVERS;
}

static bool ends_at(const struct log *l, const struct record *h, uint32_t at, uint32_t head)
{
	return h->len <= RECORD_MAX && h->size <= RECORD_MAX &&
	       (at + headers(h) + (h->len + LOG_BLOCK - 1) / LOG_BLOCK) % l->blocks ==
		       head % l->blocks;
}

/* 1: the record at @at, whose header is in @buf, is that of an unmount. */
static int is_unmount(const struct log *l, uint32_t at, uint8_t buf[LOG_BLOCK],
		      const char **ret_why, struct err *e)
{
	static const uint8_t nil[XFS_UUID_SIZE];
	struct record h = decode(buf);
	int r;

	/* IRIX writes no UUID. */
	if (memcmp(h.uuid, l->x->uuid, sizeof(nil)) && memcmp(h.uuid, nil, sizeof(nil))) {
		*ret_why = foreign;
		return 0;
	}
	if (h.ops != 1)
		return 0;
	r = read_block(l, (at + headers(&h)) % l->blocks, buf, e);
	return r ? r : !!(buf[OP_FLAGS_AT] & OP_UNMOUNT);
}

/*
 * 1: the last record is that of an unmount.  One that does not end where writing
 * stopped was cut off, and does not count: the one before it is the last.  The
 * log that xfs_repair makes after a higher cycle looks like that, too.
 */
static int ends_in_unmount(const struct log *l, uint32_t head, const char **ret_why,
			   struct err *e)
{
	uint8_t buf[LOG_BLOCK];
	uint32_t at = 0;

	for (int i = 0; i < 2; i++) {
		int r = find_record(l, head, buf, &at, e);
		struct record h;

		if (r <= 0)
			return r;
		h = decode(buf);
		if (ends_at(l, &h, at, head))
			return is_unmount(l, at, buf, ret_why, e);
		head = at ? at : l->blocks;
	}
	return 0;
}

int xfs_log_clean(const struct xfs *x, const char **ret_why, struct err *e)
{
	struct log l = { x, (uint32_t)((uint64_t)x->log_blocks * x->block / LOG_BLOCK) };
	uint32_t first, last, head;
	int r = read_cycle(&l, 0, &first, e);

	if (!r)
		r = read_cycle(&l, l.blocks - 1, &last, e);
	if (r)
		return r;
	*ret_why = dirty;
	if (!first) { /* never used, or wiped: a mount begins afresh */
		r = is_zero(&l, e);
		if (!r)
			*ret_why = strange;
		return r;
	}
	r = find_head(&l, first, last, &head, e);
	if (r)
		return r;
	if (!head) {
		*ret_why = strange;
		return 0;
	}
	return ends_in_unmount(&l, head, ret_why, e);
}
