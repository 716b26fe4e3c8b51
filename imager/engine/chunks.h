// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * chunks.h - all chunks of an image, decoded and checked by many threads:
 * what restore and verify have in common.
 */
#ifndef IMAGER_ENGINE_CHUNKS_H
#define IMAGER_ENGINE_CHUNKS_H

#include "imager/engine/progress.h"
#include "imager/image/reader.h"

struct chunk {
	uint64_t ordinal;
	struct entry v; /* a copy */
	const struct region *region;
	struct window window;
	uint8_t *raw; /* v's used bytes, window.used of them */
};

/* What an image did not give, in bytes of the device. */
struct losses {
	struct extents v;
	uint64_t chunks;
	struct err first; /* the reason for the first of them */
};

struct chunks_ops {
	/*
	 * A chunk is there with its bytes (NULL: they are not wanted).  Called
	 * by many threads in any order.
	 */
	int (*take)(void *arg, const struct chunk *c, struct err *e);
	/*
	 * In order, by the calling thread, after take() has returned for every
	 * chunk before: @c has the bytes of @same, which are to be had where
	 * take() has put them.  1: they are not there.
	 */
	int (*copy)(void *arg, const struct chunk *c, const struct entry *same, struct err *e);
	/*
	 * The bytes of a chunk that is WANT_LOCAL, into c->raw; false: they must
	 * be fetched.  By many threads, each with its own @worker.
	 */
	bool (*local)(void *arg, unsigned worker, const struct chunk *c);
	/* In order, by the calling thread: the chunk is done.  May be NULL. */
	int (*done)(void *arg, const struct chunk *c, struct err *e);
};

/* What becomes of a chunk. */
enum want {
	WANT_NOT,
	WANT_FETCH, /* from the image */
	WANT_LOCAL, /* ops->local() may have it */
};

struct chunks_options {
	unsigned workers;
	bool keep_going; /* damage ends in @losses instead of stopping */
	const char *phase;
	const struct watcher *watcher;
	const uint8_t *want; /* by ordinal, enum want; NULL: fetch all.  Not in a walk */
};

/*
 * Runs through @img: by its index, or as a walk where it has none.  @ops may be
 * NULL: only checked.  -EBADMSG: damaged (and not @keep_going).
 */
int chunks_run(struct image *img, const struct chunks_options *opt,
	       const struct chunks_ops *ops, void *arg, struct losses *ret_losses,
	       struct err *e);

void losses_free(struct losses *l);

#endif
