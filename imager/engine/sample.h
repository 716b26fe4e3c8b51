// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sample.h - which chunks are read back when that is not to take as long as
 * reading them all: those that must be, and a random share of the others.
 */
#ifndef IMAGER_ENGINE_SAMPLE_H
#define IMAGER_ENGINE_SAMPLE_H

#include "imager/image/reader.h"

/* Of the others: one of so many, and at least so many; all where there are fewer. */
#define SAMPLE_SHARE 16
#define SAMPLE_LEAST 64

/* How much is read back. */
enum verify {
	VERIFY_NONE,
	VERIFY_SAMPLE,
	VERIFY_FULL,
};

enum look {
	LOOK_NOT,
	LOOK_MAYBE, /* it is one of those from which is drawn */
	LOOK_SURELY,
};

typedef enum look look_at(void *arg, const struct region *g, const struct window *w);

struct sample {
	uint8_t *want;       /* by ordinal: WANT_FETCH or WANT_NOT (chunks.h) */
	uint64_t chosen, of; /* chunks; of: all but those that are LOOK_NOT */
	uint64_t bytes;      /* used ones of those chosen */
};

/*
 * Asks @look about every chunk of @img and draws, each time others.  What it
 * drew from getrandom(2) is the only reason to fail but for memory.
 */
int sample_draw(struct sample *ret, const struct image *img, look_at *look, void *arg,
		struct err *e);
/* Also after a failure. */
void sample_free(struct sample *s);

#endif
