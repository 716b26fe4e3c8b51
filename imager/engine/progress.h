// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * progress.h - what the engine tells while it works.
 *
 * The engine fills a snapshot and calls the watcher from the thread that
 * called the engine; it never prints.  The user interfaces in ui/ implement
 * struct watcher and never compute.
 */
#ifndef IMAGER_ENGINE_PROGRESS_H
#define IMAGER_ENGINE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *phase;    /* "save", "restore", "verify", "sync" ... */
	uint64_t done, total; /* used bytes; done <= total; total 0: not known yet */
	uint64_t image;       /* bytes of the image read or written so far */
	double elapsed;       /* seconds since the phase began */
	double rate;          /* used bytes a second over the whole phase, 0 at its begin */
	double eta;           /* seconds, or negative where it cannot be told */
};

struct watcher {
	/*
	 * Called often; the watcher decides how often it shows something, but
	 * shows the @last snapshot of a phase always.
	 */
	void (*show)(void *arg, const struct progress *p, bool last);
	/* One sentence worth knowing that stops nothing, without a final newline. */
	void (*notice)(void *arg, const char *text);
	void *arg;
	/*
	 * Readable (poll) as soon as the work shall stop, e.g. a signalfd;
	 * -1: nothing stops it.  The engine never reads from it.
	 */
	int cancel_fd;
};

/* Keeps the time of one phase and calls the watcher. */
struct meter {
	const struct watcher *watcher;
	struct progress p;
	double started;
};

void meter_begin(struct meter *m, const struct watcher *w, const char *phase, uint64_t total);
/* Adds and shows.  -EINTR when the watcher wants an end. */
int meter_add(struct meter *m, uint64_t used_bytes, uint64_t image_bytes);
/* Shows the last snapshot; call it also for a phase that failed. */
void meter_end(struct meter *m);
/* True when the watcher wants an end. */
bool watcher_cancelled(const struct watcher *w);
/* printf to watcher->notice(). */
void watcher_notice(const struct watcher *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
