// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reiserfs_journal.c - is there something to replay?
 *
 * The journal is a ring of transactions: a description, the blocks that were
 * changed, and a commit block that repeats the description's numbers.  The
 * header block after the ring tells the last transaction whose blocks are all
 * in their places, and where the next one begins.
 *
 * Sources: fs/reiserfs/journal.c (journal_read() and what it calls) and
 * reiserfs.h in the kernel.
 */
#include "imager/fs/reiserfs.h"

#include "common/bytes.h"

#include <errno.h>
#include <stdlib.h>

#define DESC_MAGIC    "ReIsErLB"
#define DESC_MAGIC_AT 12 /* bytes before the end of the block */
#define CHUNK         (1U << 20)

/* What description and commit blocks begin with. */
struct transaction {
	uint32_t id, len, mount_id;
};

struct header {
	uint32_t last_id; /* of the last transaction that is done with */
	uint32_t next;    /* where the next one begins, counted from the journal's begin */
	uint32_t mount_id;
};

static struct transaction read_transaction(const uint8_t *block, uint32_t size)
{
	struct rd r = rd_init(block, size);
	struct transaction ret = { .id = rd_le32(&r), .len = rd_le32(&r) };

	ret.mount_id = rd_le32(&r);
	return ret;
}

static int read_at(const struct reiserfs_journal *j, uint64_t no, void *buf, size_t n,
		   struct err *e)
{
	int r = dev_read(j->a->dev, buf, n, j->a->off + (j->first + no) * j->block, e);

	return r ? err_wrap(e, r, "the journal") : 0;
}

/* *@ret: a description at @no, @block, whose commit block is there, too. */
static int is_committed(const struct reiserfs_journal *j, uint64_t no, const uint8_t *block,
			struct transaction *t, bool *ret, struct err *e)
{
	uint8_t commit[12];
	struct transaction c;
	int r;

	*ret = false;
	*t = read_transaction(block, j->block);
	if (memcmp(block + j->block - DESC_MAGIC_AT, DESC_MAGIC, strlen(DESC_MAGIC)) ||
	    !t->len || t->len >= j->size)
		return 0;
	r = read_at(j, (no + t->len + 1) % j->size, commit, sizeof(commit), e);
	if (r)
		return r;
	c = read_transaction(commit, sizeof(commit));
	*ret = c.id == t->id && c.len == t->len;
	return 0;
}

/* Where the header says what comes next. */
static int look_there(const struct reiserfs_journal *j, const struct header *h, uint8_t *buf,
		      bool *ret, struct err *e)
{
	struct transaction t = { 0 };
	int r = read_at(j, h->next, buf, j->block, e);

	if (!r)
		r = is_committed(j, h->next, buf, &t, ret, e);
	/* Older ones are from the last time around. */
	*ret = *ret && t.id > h->last_id && t.mount_id >= h->mount_id;
	return r;
}

/* A header that tells nothing: the journal was never used, or all of it counts. */
static int look_everywhere(const struct reiserfs_journal *j, uint8_t *buf, bool *ret,
			   struct err *e)
{
	uint64_t room = CHUNK / j->block;
	int r = 0;

	for (uint64_t no = 0, n; no < j->size && !*ret && !r; no += n) {
		n = j->size - no < room ? j->size - no : room;
		r = read_at(j, no, buf, (size_t)(n * j->block), e);
		for (uint64_t i = 0; i < n && !*ret && !r; i++) {
			struct transaction t;

			r = is_committed(j, no + i, buf + i * j->block, &t, ret, e);
		}
	}
	return r;
}

int reiserfs_journal_pending(const struct reiserfs_journal *j, bool *ret, struct err *e)
{
	uint8_t *buf = malloc(CHUNK);
	uint8_t block[12];
	struct rd r = rd_init(block, sizeof(block));
	struct header h;
	int res;

	*ret = false;
	if (!buf)
		return err_nomem(e);
	res = read_at(j, j->size, block, sizeof(block), e);
	h.last_id = rd_le32(&r);
	h.next = rd_le32(&r);
	h.mount_id = rd_le32(&r);
	if (!res && h.last_id && h.next < j->size)
		res = look_there(j, &h, buf, ret, e);
	else if (!res)
		res = look_everywhere(j, buf, ret, e);
	free(buf);
	return res;
}
