// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * background.h - things that may take long, done by threads while the screen
 * goes on.  A thread that a dying disk or a dead server keeps waiting holds up
 * neither the others nor the end of the program.
 */
#ifndef IMAGER_SCREEN_BACKGROUND_H
#define IMAGER_SCREEN_BACKGROUND_H

#include "common/err.h"

#include <stdbool.h>

/* The first member of the caller's struct. */
struct chore {
	struct chore *next;
	void (*work)(struct chore *c, int cancel_fd); /* by a thread */
	void (*free)(struct chore *c);
};

struct background;

int background_new(struct background **ret, unsigned threads, struct err *e);
/* Drops what was not begun and waits for the rest, a second at most. */
void background_free(struct background *b);
/* Readable when background_done() has something; that makes it quiet. */
int background_fd(const struct background *b);
/* Takes @c over; @first: before all others. */
void background_add(struct background *b, struct chore *c, bool first);
/* One that is done, the caller's again; NULL: none. */
struct chore *background_done(struct background *b);
/* Nothing is begun any more, until @hold is false; waits for what was, a second at most. */
void background_hold(struct background *b, bool hold);

#endif
