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

/* How far one region is; offsets and sizes are bytes. */
struct region_progress {
	uint64_t off, size;   /* its place on the device */
	uint64_t done, total; /* used bytes of it, as far as the phase works on them */
	uint64_t damaged;     /* ... of which were lost, unreadable or different */
	uint32_t part;        /* number of the partition, 0: none */
};

struct progress {
	const char *phase;    /* "save", "restore", "verify", "sync" ... */
	uint64_t done, total; /* used bytes; done <= total; total 0: not known yet */
	uint64_t image;       /* bytes of the image read or written so far */
	/* Of the chunks that this phase is done with, and those it could leave out: */
	struct chunk_counts {
		uint64_t same;    /* had nothing to be moved: there already, repeated, equal */
		uint64_t fetched; /* came out of the image, or were read from the source */
		uint64_t written; /* went to the target, or with their bytes into the image */
	} chunks;
	uint64_t damaged; /* used bytes that were lost, unreadable or different */
	/* The meter's, valid during the call; NULL and 0: the phase has no regions. */
	const struct region_progress *regions;
	uint32_t n_regions;
	double elapsed; /* seconds since the phase began */
	double rate;    /* used bytes a second over the whole phase, 0 at its begin */
	double eta;     /* seconds, or negative where it cannot be told */
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
	struct region_progress *map; /* or NULL */
};

void meter_begin(struct meter *m, const struct watcher *w, const char *phase, uint64_t total);
/* From here on regions are told, too; @map is malloc()ed and the meter's until its end. */
void meter_map(struct meter *m, struct region_progress *map, uint32_t n);
/* What was done with a chunk; shown by the meter_add() that follows. */
struct chunk_done {
	uint32_t region;        /* index in the map */
	uint64_t used, damaged; /* bytes */
	bool same, fetched, written;
};
void meter_chunk(struct meter *m, const struct chunk_done *c);
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
