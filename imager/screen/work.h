// SPDX-License-Identifier: GPL-3.0-or-later
/* work.h - runs a command line and shows how it goes, and how it ended. */
#ifndef IMAGER_SCREEN_WORK_H
#define IMAGER_SCREEN_WORK_H

#include "imager/screen/screen.h"

/*
 * argv[0] is "slate", argv[1] the verb; all of it is copied.  What is shown then lies
 * over the screen that called, which is seen again after the end.  A box tells when
 * it cannot begin.
 */
void work_start(struct app *a, int argc, const char *const *argv);

/* What a verb is called, and what an end before its time means for it. */
struct work_verb {
	const char *verb;
	enum text_id name;    /* "Restore" */
	enum text_id stop;    /* what is asked before it is stopped */
	enum text_id stopped; /* what it has left, and how to go on; where it is not half */
};

/* Of what the task does, or did; never NULL. */
const struct work_verb *work_verb(const struct app *a);
/* What a step of the engine ("scan") is called; the step itself where we have no word. */
const char *work_step(const char *phase);
/* The command line of the task; the caller frees; NULL: out of memory. */
char *work_line(const struct app *a);

#endif
