// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/progress.h"

#include "common/clock.h"
#include "common/err.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A rate over less than this says nothing about the rest of the work. */
#define ETA_AFTER 1.0 /* seconds */

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

	p->elapsed = clock_seconds() - m->started;
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
		.started = clock_seconds(),
	};
	show(m, false);
}

void meter_map(struct meter *m, struct region_progress *map, uint32_t n)
{
	m->map = map;
	m->p.regions = map;
	m->p.n_regions = map ? n : 0;
}

void meter_chunk(struct meter *m, const struct chunk_done *c)
{
	struct region_progress *g = c->region < m->p.n_regions ? &m->map[c->region] : NULL;

	m->p.chunks.same += c->same;
	m->p.chunks.fetched += c->fetched;
	m->p.chunks.written += c->written;
	m->p.damaged += c->damaged;
	if (!g)
		return;
	g->done += c->used < g->total - g->done ? c->used : g->total - g->done;
	g->damaged += c->damaged;
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
	free(m->map);
	meter_map(m, NULL, 0);
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
