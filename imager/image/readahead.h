// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * readahead.h - fetches what will be read before it is asked for, by several
 * threads, in bounded memory.  Knows nothing of servers.
 */
#ifndef IMAGER_IMAGE_READAHEAD_H
#define IMAGER_IMAGE_READAHEAD_H

#include "common/extents.h"

#define READAHEAD_BLOCK   (1 << 20) /* bytes that are fetched at a time, at most */
#define READAHEAD_BLOCKS  16        /* that are kept */
#define READAHEAD_GAP     4096      /* so many useless bytes are cheaper than a request */
#define READAHEAD_THREADS 4

struct readahead_ops {
	/* All @n bytes at @off, or a negative errno.  @thread is 0 .. threads - 1. */
	int (*fetch)(void *arg, unsigned thread, void *buf, size_t n, uint64_t off,
		     struct err *e);
};

struct readahead;

/*
 * Starts to fetch @plan (normalized; copied), in its order.  @threads 0, or no
 * thread can be started: there is no reading ahead.
 */
int readahead_new(struct readahead **ret, const struct extents *plan, unsigned threads,
		  const struct readahead_ops *ops, void *arg, struct err *e);

/*
 * Up to @n bytes at @off; may wait for them.  Returns how many these are, or 0:
 * they are not planned, or no longer here, and the caller has to fetch them
 * itself, the next *@ret_gap (> 0, <= @n) bytes at least.  Nothing is given
 * twice: who reads again did not like what he got.  Any thread.
 */
int64_t readahead_read(struct readahead *ra, void *buf, size_t n, uint64_t off, size_t *ret_gap,
		       struct err *e);

/* Nobody reads any more.  Waits for fetch() to return: the caller makes it do so. */
void readahead_free(struct readahead *ra);

#endif
