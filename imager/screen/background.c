// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/background.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 1 /* seconds */

struct list {
	struct chore *first, **last;
};

/* Kept by its owner and by each thread: who goes last frees it. */
struct background {
	pthread_mutex_t lock;
	pthread_cond_t more, less; /* there is work; there is less of it */
	struct list todo, done;
	unsigned users, busy;
	bool hold, quit;
	int done_fd, cancel_fd;
	unsigned started;
	pthread_t threads[];
};

static void put(struct list *l, struct chore *c, bool first)
{
	if (first) {
		c->next = l->first;
		l->first = c;
		if (!c->next)
			l->last = &c->next;
		return;
	}
	c->next = NULL;
	*l->last = c;
	l->last = &c->next;
}

static struct chore *get(struct list *l)
{
	struct chore *c = l->first;

	if (!c)
		return NULL;
	l->first = c->next;
	if (!l->first)
		l->last = &l->first;
	return c;
}

static void clear(struct list *l)
{
	struct chore *c;

	while ((c = get(l)))
		c->free(c);
}

/* Called with the lock, which is gone afterwards. */
static void leave(struct background *b)
{
	bool last = --b->users == 0;

	pthread_cond_broadcast(&b->less);
	pthread_mutex_unlock(&b->lock);
	if (!last)
		return;
	clear(&b->todo);
	clear(&b->done);
	if (b->done_fd >= 0)
		close(b->done_fd);
	if (b->cancel_fd >= 0)
		close(b->cancel_fd);
	pthread_cond_destroy(&b->more);
	pthread_cond_destroy(&b->less);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static void *work(void *arg)
{
	struct background *b = arg;
	uint64_t one = 1;

	pthread_mutex_lock(&b->lock);
	while (!b->quit) {
		struct chore *c = b->hold ? NULL : get(&b->todo);

		if (!c) {
			pthread_cond_wait(&b->more, &b->lock);
			continue;
		}
		b->busy++;
		pthread_mutex_unlock(&b->lock);
		c->work(c, b->cancel_fd);
		pthread_mutex_lock(&b->lock);
		b->busy--;
		put(&b->done, c, false);
		(void)!write(b->done_fd, &one, sizeof(one));
		pthread_cond_broadcast(&b->less);
	}
	leave(b);
	return NULL;
}

static int start(struct background *b, struct err *e)
{
	sigset_t all, before;
	int r;

	sigfillset(&all); /* signals are for the screen's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	b->users++;
	r = pthread_create(&b->threads[b->started], NULL, work, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!r) {
		b->started++;
		return 0;
	}
	b->users--;
	return err_set(e, -r, "cannot start a thread: %s", strerror(r));
}

int background_new(struct background **ret, unsigned threads, struct err *e)
{
	struct background *b = calloc(1, sizeof(*b) + threads * sizeof(b->threads[0]));
	int r = 0;

	if (!b)
		return err_nomem(e);
	b->todo.last = &b->todo.first;
	b->done.last = &b->done.first;
	b->users = 1;
	b->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->more, NULL);
	pthread_cond_init(&b->less, NULL);
	if (b->done_fd < 0 || b->cancel_fd < 0)
		r = err_sys(e, "cannot make an event descriptor");
	pthread_mutex_lock(&b->lock);
	for (unsigned i = 0; i < threads && !r; i++)
		r = start(b, e);
	pthread_mutex_unlock(&b->lock);
	if (r < 0)
		background_free(b);
	else
		*ret = b;
	return r;
}

static struct timespec deadline(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += PATIENCE;
	return t;
}

void background_free(struct background *b)
{
	struct timespec until = deadline();
	uint64_t one = 1;
	bool stuck;
	int r = 0;

	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->quit = true;
	(void)!write(b->cancel_fd, &one, sizeof(one));
	pthread_cond_broadcast(&b->more);
	while (b->users > 1 && !r)
		r = pthread_cond_timedwait(&b->less, &b->lock, &until);
	stuck = b->users > 1;
	pthread_mutex_unlock(&b->lock);
	for (unsigned i = 0; i < b->started; i++) {
		if (stuck)
			pthread_detach(b->threads[i]);
		else
			pthread_join(b->threads[i], NULL);
	}
	pthread_mutex_lock(&b->lock);
	leave(b);
}

int background_fd(const struct background *b)
{
	return b->done_fd;
}

void background_add(struct background *b, struct chore *c, bool first)
{
	pthread_mutex_lock(&b->lock);
	put(&b->todo, c, first);
	pthread_cond_signal(&b->more);
	pthread_mutex_unlock(&b->lock);
}

struct chore *background_done(struct background *b)
{
	struct chore *c;
	uint64_t n;

	pthread_mutex_lock(&b->lock);
	c = get(&b->done);
	if (!b->done.first)
		(void)!read(b->done_fd, &n, sizeof(n));
	pthread_mutex_unlock(&b->lock);
	return c;
}

void background_hold(struct background *b, bool hold)
{
	struct timespec until = deadline();
	int r = 0;

	pthread_mutex_lock(&b->lock);
	b->hold = hold;
	if (!hold)
		pthread_cond_broadcast(&b->more);
	while (hold && b->busy && !r)
		r = pthread_cond_timedwait(&b->less, &b->lock, &until);
	pthread_mutex_unlock(&b->lock);
}
