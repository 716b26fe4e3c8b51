// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * pipeline.c
 *
 * Job number s lives in slot s % n.  Three counters say it all:
 *
 *	drained <= taken <= filled <= drained + n
 *
 * Slots [drained, taken) are with workers or done, [taken, filled) wait for a
 * worker, the rest are free for fill().  The ring is the queue, the order and
 * the memory limit at once.
 */
#include "imager/engine/pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define SPARE_SLOTS 4   /* beyond one a worker: being filled, waiting, being drained */
#define IDLE_MS     100 /* between two calls of idle() */
#define ALIGNMENT   4096

struct pipeline {
	const struct pipeline_ops *ops;
	void *arg;

	/* Everything below is guarded by @lock. */
	pthread_mutex_t lock;
	pthread_cond_t room;  /* for fill(): a slot was drained */
	pthread_cond_t jobs;  /* for workers: a slot was filled, or no more come */
	pthread_cond_t ready; /* for drain(): a slot was worked on */
	uint64_t filled, taken, drained;
	bool eof;
	int error; /* first failure; 0 while all is well */
	struct err err;
	bool *done; /* per slot */
	unsigned next_worker;

	struct slot *slots;
	size_t n;
};

/* Keeps the first error only and wakes everybody up.  Call with the lock held. */
static void fail(struct pipeline *p, int r, const struct err *e)
{
	if (!p->error) {
		p->error = r;
		p->err = *e;
	}
	pthread_cond_broadcast(&p->room);
	pthread_cond_broadcast(&p->jobs);
	pthread_cond_broadcast(&p->ready);
}

static void *fill_main(void *arg)
{
	struct pipeline *p = arg;
	struct err e = { "" };
	int r = 1;

	pthread_mutex_lock(&p->lock);
	while (r > 0) {
		while (!p->error && p->filled == p->drained + p->n)
			pthread_cond_wait(&p->room, &p->lock);
		if (p->error)
			break;
		struct slot *s = &p->slots[p->filled % p->n];
		s->seq = p->filled;
		pthread_mutex_unlock(&p->lock);
		r = p->ops->fill(p->arg, s, &e);
		pthread_mutex_lock(&p->lock);
		if (r < 0) {
			fail(p, r, &e);
		} else if (r == 0) {
			p->eof = true;
			pthread_cond_broadcast(&p->jobs);
			pthread_cond_broadcast(&p->ready);
		} else {
			p->filled++;
			pthread_cond_signal(&p->jobs);
		}
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void *worker_main(void *arg)
{
	struct pipeline *p = arg;
	struct err e = { "" };

	pthread_mutex_lock(&p->lock);
	unsigned self = p->next_worker++;
	for (;;) {
		while (!p->error && !p->eof && p->taken == p->filled)
			pthread_cond_wait(&p->jobs, &p->lock);
		if (p->error || p->taken == p->filled)
			break;
		uint64_t seq = p->taken++;
		size_t i = seq % p->n;
		pthread_mutex_unlock(&p->lock);
		int r = p->ops->work(p->arg, self, &p->slots[i], &e);
		pthread_mutex_lock(&p->lock);
		if (r < 0)
			fail(p, r, &e);
		p->done[i] = true;
		if (seq == p->drained)
			pthread_cond_signal(&p->ready);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool slot_ready(const struct pipeline *p)
{
	return p->done[p->drained % p->n] || (p->eof && p->drained == p->filled);
}

/* Waits until a slot can be drained or all is over, calling idle() meanwhile. */
static void wait_ready(struct pipeline *p)
{
	while (!p->error && !slot_ready(p)) {
		struct timespec t;
		struct err e = { "" };
		int r = 0;

		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += IDLE_MS * 1000000L;
		t.tv_sec += t.tv_nsec / 1000000000L;
		t.tv_nsec %= 1000000000L;
		if (pthread_cond_timedwait(&p->ready, &p->lock, &t) != ETIMEDOUT ||
		    !p->ops->idle)
			continue;
		pthread_mutex_unlock(&p->lock);
		r = p->ops->idle(p->arg, &e);
		pthread_mutex_lock(&p->lock);
		if (r < 0)
			fail(p, r, &e);
	}
}

static void drain_loop(struct pipeline *p)
{
	struct err e = { "" };

	pthread_mutex_lock(&p->lock);
	for (;;) {
		size_t i = p->drained % p->n;

		wait_ready(p);
		if (p->error || !p->done[i])
			break;
		pthread_mutex_unlock(&p->lock);
		int r = p->ops->drain(p->arg, &p->slots[i], &e);
		pthread_mutex_lock(&p->lock);
		if (r < 0)
			fail(p, r, &e);
		p->done[i] = false;
		p->drained++;
		pthread_cond_signal(&p->room);
	}
	pthread_mutex_unlock(&p->lock);
}

static int run_serial(struct pipeline *p, struct err *e)
{
	struct slot *s = &p->slots[0];
	int r;

	for (s->seq = 0; (r = p->ops->fill(p->arg, s, e)) > 0; s->seq++) {
		r = p->ops->work(p->arg, 0, s, e);
		if (r >= 0)
			r = p->ops->drain(p->arg, s, e);
		if (r < 0)
			break;
	}
	return r;
}

static int run_threads(struct pipeline *p, unsigned workers, struct err *e)
{
	pthread_t *t = calloc(workers + 1, sizeof(*t));
	sigset_t all, old;
	unsigned n;
	int r = 0;

	if (!t)
		return err_nomem(e);

	/* Signals belong to the caller's thread: helpers inherit this mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (n = 0; n <= workers && !r; n++)
		r = pthread_create(&t[n], NULL, n ? worker_main : fill_main, p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);

	if (r) {
		struct err no;

		n--;
		pthread_mutex_lock(&p->lock);
		fail(p, err_set(&no, -r, "cannot start a thread"), &no);
		pthread_mutex_unlock(&p->lock);
	}
	drain_loop(p);
	while (n--)
		pthread_join(t[n], NULL);
	free(t);
	if (p->error && e)
		*e = p->err;
	return p->error;
}

static void free_slots(struct pipeline *p)
{
	for (size_t i = 0; p->slots && i < p->n; i++) {
		if (p->ops->release && p->slots[i].user)
			p->ops->release(p->slots[i].user);
		free(p->slots[i].in);
		free(p->slots[i].out);
		free(p->slots[i].user);
	}
	free(p->slots);
	free(p->done);
}

static void *buffer(size_t n)
{
	return aligned_alloc(ALIGNMENT, (n + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
}

static int alloc_slots(struct pipeline *p, size_t n, const struct pipeline_size *size)
{
	p->n = n;
	p->slots = calloc(n, sizeof(*p->slots));
	p->done = calloc(n, sizeof(*p->done));
	if (!p->slots || !p->done)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct slot *s = &p->slots[i];

		s->in = buffer(size->in);
		s->out = buffer(size->out);
		s->user = calloc(1, size->user + 1);
		if (!s->in || !s->out || !s->user)
			return -ENOMEM;
	}
	return 0;
}

int pipeline_run(const struct pipeline_ops *ops, void *arg, const struct pipeline_size *size,
		 struct err *e)
{
	struct pipeline p = { .ops = ops, .arg = arg };
	pthread_condattr_t monotonic;
	int r = alloc_slots(&p, size->workers ? size->workers + SPARE_SLOTS : 1, size);

	if (r < 0) {
		free_slots(&p);
		return err_set(e, r, "out of memory for %u workers", size->workers);
	}
	pthread_mutex_init(&p.lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p.room, NULL);
	pthread_cond_init(&p.jobs, NULL);
	pthread_cond_init(&p.ready, &monotonic);
	r = size->workers ? run_threads(&p, size->workers, e) : run_serial(&p, e);
	pthread_cond_destroy(&p.room);
	pthread_cond_destroy(&p.jobs);
	pthread_cond_destroy(&p.ready);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_destroy(&p.lock);
	free_slots(&p);
	return r;
}
