// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reader.h - opens an image and gives its chunks.
 *
 * Two ways through an image.  With an index (a source that can seek, tail in
 * order) any thread fetches any chunk.  Without (a pipe, or a lost tail) one
 * thread walks the records in order, and the index grows as they come.  In
 * both, chunks have ordinals: the n-th window with used bytes over all
 * regions.
 */
#ifndef IMAGER_IMAGE_READER_H
#define IMAGER_IMAGE_READER_H

#include "imager/image/format.h"
#include "imager/image/source.h"
#include "imager/image/stream.h"

struct image {
	struct source *src; /* not owned */
	struct header h;
	uint8_t header_sum[HASH_SIZE];
	uint64_t first;  /* offset of the first record */
	uint64_t chunks; /* windows with used bytes, by the maps; at most CHUNKS_MAX */
	struct entry *v; /* by ordinal; kind CHUNK_MISSING until seen */
	uint64_t n;      /* entries in @v: all when @indexed, else as far as walked */
	bool indexed;    /* @v and @trailer come from a tail whose sums are right */
	bool complete;   /* the trailer was read and fits what is in front of it */
	struct trailer trailer;
	struct err tail; /* seekable but not indexed: why */

	/* The walk: one thread's. */
	struct hash *hash;
	struct stream stream;
	uint32_t region;
	struct window window;
	bool lost; /* behind a damaged place: look for the next record */
};

/*
 * Reads header and maps (-EBADMSG when they are damaged), and of a seekable
 * source the tail.  A damaged tail is no failure here: see @indexed and @tail.
 */
int image_open(struct image *ret, struct source *src, struct err *e);
void image_close(struct image *img);

/* Room for the longest record and its packed chunk. */
size_t image_chunk_max(const struct image *img);

/*
 * With an index: record and packed bytes of chunk @ordinal into @buf, which
 * has room for image_chunk_max().  A SAME chunk's own record.  Any thread.
 */
int64_t image_fetch(const struct image *img, uint64_t ordinal, void *buf, struct err *e);

/*
 * The next chunk of the walk into @buf.  Returns its bytes and sets
 * *ret_ordinal, 0 behind the last chunk, or a negative errno.  After -EBADMSG
 * the walk may go on: it looks for the next record that is in order.
 */
int64_t image_walk(struct image *img, void *buf, uint64_t *ret_ordinal, struct err *e);

/*
 * After the walk has returned 0: reads what is behind the chunks and compares
 * it with what the walk saw.  -EBADMSG when something is missing or wrong.
 */
int image_walk_end(struct image *img, struct err *e);

#endif
