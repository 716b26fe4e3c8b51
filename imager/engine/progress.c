// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/progress.h"

#include "common/err.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* A rate over less than this says nothing about the rest of the work. */
#define ETA_AFTER 1.0 /* seconds */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double eta(const struct progress *p)
{
	if (p->total && p->done == p->total)
		return 0;
	if (!p->total || p->rate <= 0 || p->elapsed < ETA_AFTER)
		return -1;
	return (double)(p->total - p->done) / p->rate;
}

static void show(struct meter *m, bool last)
{
	struct progress *p = &m->p;

	p->elapsed = now() - m->started;
	p->rate = p->elapsed > 0 ? (double)p->done / p->elapsed : 0;
	p->eta = eta(p);
	if (m->watcher && m->watcher->show)
		m->watcher->show(m->watcher->arg, p, last);
}

void meter_begin(struct meter *m, const struct watcher *w, const char *phase, uint64_t total)
{
	*m = (struct meter){
		.watcher = w,
		.p = { .phase = phase, .total = total },
		.started = now(),
	};
	show(m, false);
}

int meter_add(struct meter *m, uint64_t used_bytes, uint64_t image_bytes)
{
	uint64_t limit = m->p.total ? m->p.total : UINT64_MAX;

	if (used_bytes > limit - m->p.done)
		used_bytes = limit - m->p.done;
	m->p.done += used_bytes;
	m->p.image += image_bytes;
	show(m, false);
	return watcher_cancelled(m->watcher) ? -EINTR : 0;
}

void meter_end(struct meter *m)
{
	show(m, true);
}

bool watcher_cancelled(const struct watcher *w)
{
	struct pollfd p = { .fd = w ? w->cancel_fd : -1, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

void watcher_notice(const struct watcher *w, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	if (!w || !w->notice)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->notice(w->arg, text);
}
