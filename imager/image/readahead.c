// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * readahead.c
 *
 * The plan is cut into blocks.  Threads take them in order, each into a slot;
 * a slot is free again when all its bytes were read once.  Who waits for a
 * block that no slot is free for lets the oldest complete one be dropped: so
 * nobody waits for ever, whatever the order of reads, and what was dropped is
 * fetched by whoever wants it.
 */
#include "imager/image/readahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	uint8_t *buf; /* READAHEAD_BLOCK bytes */
	size_t block;
	bool used, ready;
	unsigned readers;    /* that wait for it or copy from it */
	struct extents done; /* of the block: what was read, and what is no use */
	int code;            /* of fetch() */
	struct err err;
};

struct block {
	uint64_t off;
	uint32_t len;
	enum { WAITING, HELD, GONE } state;
	struct slot *slot; /* HELD */
};

struct thread {
	struct readahead *ra;
	unsigned number;
	pthread_t id;
};

struct readahead {
	const struct readahead_ops *ops;
	void *arg;
	struct extents plan;
	size_t n_blocks, n_slots;
	struct block *blocks;
	struct thread *threads;
	unsigned n_threads;

	/* Everything below, blocks' states and slots are guarded by @lock. */
	pthread_mutex_t lock;
	pthread_cond_t room;    /* for threads: a slot is free, or may be dropped */
	pthread_cond_t changed; /* for readers: a block is held or ready */
	size_t next;            /* block that is fetched next */
	size_t wanted;          /* somebody waits for the blocks before this one */
	bool stop;              /* no more is fetched: the end, or a failure */
	struct slot slots[READAHEAD_BLOCKS];
};

static uint64_t end_of(const struct block *b)
{
	return b->off + b->len;
}

/* Appends as much of @x as fits into one block; returns that. */
static uint64_t cut(struct readahead *ra, const struct extent *x, size_t *cap, struct err *e)
{
	struct block *b = ra->n_blocks ? &ra->blocks[ra->n_blocks - 1] : NULL;
	uint64_t room;

	if (!b || x->off - end_of(b) > READAHEAD_GAP || x->off - b->off >= READAHEAD_BLOCK) {
		if (ra->n_blocks == *cap) {
			*cap = *cap ? 2 * *cap : 16;
			b = reallocarray(ra->blocks, *cap, sizeof(*b));
			if (!b) {
				err_nomem(e);
				return 0;
			}
			ra->blocks = b;
		}
		b = &ra->blocks[ra->n_blocks++];
		*b = (struct block){ .off = x->off };
	}
	room = READAHEAD_BLOCK - (x->off - b->off);
	if (room > x->len)
		room = x->len;
	b->len = (uint32_t)(x->off + room - b->off);
	return room;
}

static int cut_all(struct readahead *ra, const struct extents *plan, struct err *e)
{
	size_t cap = 0;

	for (size_t i = 0; i < plan->n; i++) {
		struct extent x = plan->v[i];

		if (extents_add(&ra->plan, x.off, x.len, e) < 0)
			return -ENOMEM;
		while (x.len) {
			uint64_t n = cut(ra, &x, &cap, e);

			if (!n)
				return -ENOMEM;
			x.off += n;
			x.len -= n;
		}
	}
	return 0;
}

/* The first block that ends behind @off; n_blocks: there is none. */
static size_t find(const struct readahead *ra, uint64_t off)
{
	size_t low = 0, high = ra->n_blocks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (end_of(&ra->blocks[mid]) > off)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* What lies in a block but not in the plan counts as read. */
static int add_gaps(const struct readahead *ra, struct slot *s, struct err *e)
{
	const struct block *b = &ra->blocks[s->block];
	size_t low = 0, high = ra->plan.n;
	uint64_t at = b->off;
	int code = 0;

	while (low < high) { /* the first range that ends in the block or behind it */
		size_t mid = low + (high - low) / 2;

		if (ra->plan.v[mid].off + ra->plan.v[mid].len > b->off)
			high = mid;
		else
			low = mid + 1;
	}
	for (; low < ra->plan.n && ra->plan.v[low].off < end_of(b) && !code; low++) {
		const struct extent *x = &ra->plan.v[low];

		if (x->off > at)
			code = extents_add(&s->done, at, x->off - at, e);
		at = x->off + x->len;
	}
	return code;
}

static void give_back(struct readahead *ra, struct slot *s)
{
	ra->blocks[s->block].state = GONE;
	ra->blocks[s->block].slot = NULL;
	s->done.n = 0;
	s->used = false;
	pthread_cond_signal(&ra->room);
}

static struct slot *find_room(struct readahead *ra)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < ra->n_slots; i++) {
		struct slot *s = &ra->slots[i];

		if (!s->used)
			return s;
		if (s->ready && !s->readers && (!oldest || s->block < oldest->block))
			oldest = s;
	}
	if (ra->next >= ra->wanted || !oldest)
		return NULL;
	give_back(ra, oldest);
	return oldest;
}

/* The next block's slot; NULL: there is nothing to do any more. */
static struct slot *claim(struct readahead *ra)
{
	struct slot *s = NULL;

	while (!ra->stop && ra->next < ra->n_blocks && !(s = find_room(ra)))
		pthread_cond_wait(&ra->room, &ra->lock);
	if (ra->stop || !s)
		return NULL;
	s->used = true;
	s->ready = false;
	s->code = 0;
	s->block = ra->next++;
	ra->blocks[s->block].state = HELD;
	ra->blocks[s->block].slot = s;
	pthread_cond_broadcast(&ra->changed);
	return s;
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct readahead *ra = t->ra;
	struct slot *s;

	pthread_mutex_lock(&ra->lock);
	while ((s = claim(ra))) {
		const struct block *b = &ra->blocks[s->block];

		pthread_mutex_unlock(&ra->lock);
		s->code = add_gaps(ra, s, &s->err);
		if (!s->code)
			s->code = ra->ops->fetch(ra->arg, t->number, s->buf, b->len, b->off,
						 &s->err);
		pthread_mutex_lock(&ra->lock);
		s->ready = true;
		ra->stop |= s->code < 0;
		pthread_cond_broadcast(&ra->changed);
		pthread_cond_broadcast(&ra->room);
	}
	/* The last word may have been for another thread. */
	pthread_cond_broadcast(&ra->room);
	pthread_cond_broadcast(&ra->changed);
	pthread_mutex_unlock(&ra->lock);
	return NULL;
}

/* Signals belong to the caller's thread: helpers inherit this mask. */
static void start(struct readahead *ra, unsigned threads)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (unsigned i = 0; i < threads; i++) {
		struct thread *t = &ra->threads[i];

		*t = (struct thread){ .ra = ra, .number = i };
		if (pthread_create(&t->id, NULL, thread_main, t) != 0)
			break;
		ra->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int readahead_new(struct readahead **ret, const struct extents *plan, unsigned threads,
		  const struct readahead_ops *ops, void *arg, struct err *e)
{
	struct readahead *ra = calloc(1, sizeof(*ra));
	int r;

	if (!ra)
		return err_nomem(e);
	ra->ops = ops;
	ra->arg = arg;
	pthread_mutex_init(&ra->lock, NULL);
	pthread_cond_init(&ra->room, NULL);
	pthread_cond_init(&ra->changed, NULL);
	ra->threads = calloc(threads + 1, sizeof(*ra->threads));
	r = ra->threads ? cut_all(ra, plan, e) : err_nomem(e);
	while (!r && ra->n_slots < READAHEAD_BLOCKS && ra->n_slots < ra->n_blocks) {
		ra->slots[ra->n_slots].buf = malloc(READAHEAD_BLOCK);
		if (!ra->slots[ra->n_slots++].buf)
			r = err_nomem(e);
	}
	if (r < 0) {
		readahead_free(ra);
		return r;
	}
	start(ra, threads < ra->n_blocks ? threads : (unsigned)ra->n_blocks);
	*ret = ra;
	return 0;
}

/* Worth to wait for?  A block far ahead would push out all in between. */
static bool is_coming(const struct readahead *ra, size_t i)
{
	if (ra->blocks[i].state != WAITING)
		return ra->blocks[i].state == HELD;
	return ra->n_threads && !ra->stop && i < ra->next + READAHEAD_BLOCKS;
}

/* How much from @off on is not coming, or was read already. */
static size_t gap(const struct readahead *ra, size_t i, size_t n, uint64_t off)
{
	const struct block *b = &ra->blocks[i];

	if (i < ra->n_blocks && b->off <= off && b->state == HELD)
		return (size_t)extents_run(&b->slot->done, off, n, true);
	while (i < ra->n_blocks && ra->blocks[i].off < off + n) {
		if (ra->blocks[i].off > off && is_coming(ra, i))
			return (size_t)(ra->blocks[i].off - off);
		i++;
	}
	return n;
}

/* Waits for a block; its slot, with the caller as one of its readers, or NULL. */
static struct slot *await(struct readahead *ra, size_t i)
{
	const struct block *b = &ra->blocks[i];

	while (is_coming(ra, i) && b->state == WAITING) {
		if (ra->wanted <= i)
			ra->wanted = i + 1;
		pthread_cond_broadcast(&ra->room);
		pthread_cond_wait(&ra->changed, &ra->lock);
	}
	if (b->state != HELD)
		return NULL;
	b->slot->readers++;
	while (!b->slot->ready)
		pthread_cond_wait(&ra->changed, &ra->lock);
	return b->slot;
}

/* Copies without the lock: a slot with readers stays.  0: not for the first time. */
static int64_t copy(struct readahead *ra, struct slot *s, void *buf, size_t n, uint64_t off,
		    struct err *e)
{
	const struct block *b = &ra->blocks[s->block];
	int code = s->code;

	if (n > end_of(b) - off)
		n = (size_t)(end_of(b) - off);
	n = (size_t)extents_run(&s->done, off, n, false);
	if (code < 0) {
		*e = s->err;
	} else if (n) {
		pthread_mutex_unlock(&ra->lock);
		memcpy(buf, s->buf + (off - b->off), n);
		pthread_mutex_lock(&ra->lock);
		code = extents_add(&s->done, off, n, e);
		extents_normalize(&s->done);
	}
	s->readers--;
	if (extents_total(&s->done) == b->len && !s->readers)
		give_back(ra, s);
	else if (ra->next < ra->wanted)
		pthread_cond_broadcast(&ra->room);
	return code < 0 ? code : (int64_t)n;
}

int64_t readahead_read(struct readahead *ra, void *buf, size_t n, uint64_t off, size_t *ret_gap,
		       struct err *e)
{
	struct slot *s = NULL;
	int64_t r = 0;
	size_t i;

	pthread_mutex_lock(&ra->lock);
	i = find(ra, off);
	if (i < ra->n_blocks && ra->blocks[i].off <= off)
		s = await(ra, i);
	if (s)
		r = copy(ra, s, buf, n, off, e);
	if (!r)
		*ret_gap = gap(ra, i, n, off);
	pthread_mutex_unlock(&ra->lock);
	return r;
}

void readahead_free(struct readahead *ra)
{
	if (!ra)
		return;
	pthread_mutex_lock(&ra->lock);
	ra->stop = true;
	pthread_cond_broadcast(&ra->room);
	pthread_mutex_unlock(&ra->lock);
	for (unsigned i = 0; i < ra->n_threads; i++)
		pthread_join(ra->threads[i].id, NULL);
	for (size_t i = 0; i < ra->n_slots; i++) {
		extents_free(&ra->slots[i].done);
		free(ra->slots[i].buf);
	}
	pthread_cond_destroy(&ra->changed);
	pthread_cond_destroy(&ra->room);
	pthread_mutex_destroy(&ra->lock);
	extents_free(&ra->plan);
	free(ra->threads);
	free(ra->blocks);
	free(ra);
}
