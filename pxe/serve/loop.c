// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/loop.h"

#include "common/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS 64

struct loop {
	int fd;
	bool stop;
	struct timer *timers;
	/* Of the round that is worked on: a watch that is removed meanwhile is taken out. */
	struct epoll_event events[EVENTS];
	int n;
};

int loop_new(struct loop **ret, struct err *e)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return err_nomem(e);
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->fd < 0) {
		free(l);
		return err_sys(e, "epoll");
	}
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}

int loop_add(struct loop *l, struct watch *w, struct err *e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

	return epoll_ctl(l->fd, EPOLL_CTL_ADD, w->fd, &ev) ? err_sys(e, "epoll") : 0;
}

void loop_remove(struct loop *l, struct watch *w)
{
	(void)epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = 0; i < l->n; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
}

void loop_add_timer(struct loop *l, struct timer *t)
{
	t->next = l->timers;
	l->timers = t;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

/* Milliseconds until the first timer; -1: none. */
static int tick(struct loop *l)
{
	int64_t now = clock_ms(), first = -1;

	for (struct timer *t = l->timers; t; t = t->next) {
		int64_t at = t->tick(t, now);

		if (at >= 0 && (first < 0 || at < first))
			first = at;
	}
	if (first < 0)
		return -1;
	if (first <= now)
		return 0;
	return first - now > 60000 ? 60000 : (int)(first - now);
}

int loop_run(struct loop *l, struct err *e)
{
	while (!l->stop) {
		int64_t now;

		l->n = epoll_wait(l->fd, l->events, EVENTS, tick(l));
		if (l->n < 0 && errno != EINTR)
			return err_sys(e, "epoll");
		now = clock_ms();
		for (int i = 0; i < l->n; i++) {
			struct watch *w = l->events[i].data.ptr;

			if (w)
				w->ready(w, now);
		}
		l->n = 0;
	}
	return 0;
}
