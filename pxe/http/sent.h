// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sent.h - how many bytes of images the client of each running job was answered with, in
 * memory: a room asks thousands of times a second, and the database hears of it only when the
 * job reports.  All may be called by any thread.
 */
#ifndef PXE_HTTP_SENT_H
#define PXE_HTTP_SENT_H

#include "pxe/store/store.h"

struct sent;

struct sent *sent_new(void); /* NULL: out of memory */
void sent_free(struct sent *s);

/*
 * From now on @job is counted.  What was counted for the same machine before goes: its job and
 * bytes (0: none) are returned, for the database.
 */
struct sent_part {
	int64_t job;
	uint64_t bytes;
};
struct sent_part sent_begin(struct sent *s, const struct job *job);
/* Adds to the job of @token; false: that is none of those that are counted. */
bool sent_add(struct sent *s, const char *token, uint64_t bytes);
/* What has come together for @job since the last time. */
uint64_t sent_take(struct sent *s, int64_t job);
/* It has ended; what there still is of it. */
uint64_t sent_end(struct sent *s, int64_t job);
/* Any that has something to tell, once; false: none has. */
bool sent_next(struct sent *s, struct sent_part *ret);

#endif
