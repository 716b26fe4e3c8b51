// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * seed.h - chunks that this machine has already, somewhere else than where they
 * belong: in another image, on another device, on the target itself.
 *
 * Nothing is taken on trust: what a seed gives is proven by its hash.
 */
#ifndef IMAGER_ENGINE_SEED_H
#define IMAGER_ENGINE_SEED_H

#include "imager/engine/report.h"
#include "imager/engine/scan.h"

struct seed;

struct seeds {
	const struct image *img;     /* what is to be restored */
	struct seed *target, *other; /* or NULL */
	struct decoder *decoders;    /* one a worker; those of @other */
	uint8_t **in;                /* one a worker: room for a packed chunk of @other */
	unsigned workers;
};

/* For @workers threads; 0 is the calling one. */
int seeds_init(struct seeds *s, const struct image *img, unsigned workers, struct err *e);
void seeds_free(struct seeds *s);

/* The target @dev has this in a place that will be overwritten. */
int seeds_note(struct seeds *s, const struct dev *dev, const struct scanned *found,
	       struct err *e);
/*
 * @path: an image, or a device (or a copy of one) that is laid out like the
 * target; the latter is scanned.  Once.
 */
int seeds_open(struct seeds *s, const char *path, const struct watcher *w, struct report *rep,
	       struct err *e);

/* Somebody says that he has these @used bytes. */
bool seeds_have(const struct seeds *s, uint32_t used, const uint8_t sum[HASH_SIZE]);
/*
 * Puts the bytes of chunk @c to c->raw; false: nobody really has them.  Any
 * thread, by its own @worker.
 */
bool seeds_get(struct seeds *s, unsigned worker, const struct chunk *c);

#endif
