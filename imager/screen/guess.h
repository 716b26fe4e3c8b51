// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * guess.h - how large an image of a device gets with each way to pack it, found out
 * by the task while the user fills in the rest.
 */
#ifndef IMAGER_SCREEN_GUESS_H
#define IMAGER_SCREEN_GUESS_H

#include "imager/screen/task.h"

#define GUESSES 5

enum guess_state {
	GUESS_WAITS, /* for the task, which has something else to do */
	GUESS_RUNS,
	GUESS_KNOWN,
	GUESS_FAILED, /* guess_error() tells why */
};

struct guess;

/* @compress: as after -z; the caller's, for good.  Nothing begins yet. */
int guess_new(struct guess **ret, const char *device, const char *const compress[GUESSES],
	      struct err *e);
/* Stops it; does not wait for its end. */
void guess_free(struct guess *g, struct task *t);

/*
 * Goes on, if @may: begins, when the task is idle, and takes in what it has found.
 * True: something is new.
 */
bool guess_step(struct guess *g, struct task *t, bool may);
/* Stops it, so that the task can do something else; true: the task is free. */
bool guess_stop(struct guess *g, struct task *t);

/* Of the way @i: bytes.  False: not known, or not yet. */
bool guess_bytes(const struct guess *g, size_t i, uint64_t *ret);
/* All that is used, once one way is known. */
uint64_t guess_used(const struct guess *g);
enum guess_state guess_state(const struct guess *g);
const char *guess_error(const struct guess *g);

#endif
