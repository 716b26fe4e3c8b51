// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * face.h - who sees what a verb does.  The same code runs for the shell, which
 * prints, and for the screen, which collects: nothing in cmd/ writes to standard
 * output or asks at the terminal but through a face.
 */
#ifndef IMAGER_CMD_FACE_H
#define IMAGER_CMD_FACE_H

#include "common/err.h"
#include "imager/engine/progress.h"
#include "imager/ui/ask.h"

#include <jansson.h>
#include <stdio.h>

/* How a verb ended. */
struct outcome {
	int status;             /* the exit status */
	char text[ERR_MSG_MAX]; /* what was done, or why not; may have lines */
	bool half;              /* the target is left without a valid filesystem */
	json_t *report;         /* as --report has it, the receiver's; NULL: none */
};

struct face {
	FILE *out; /* results, as the table of diff */
	FILE *err; /* messages */
	/*
	 * NULL: progress goes to @err, and signals end the work.  Else both are
	 * the watcher's affair.
	 */
	const struct watcher *watcher;
	/* As ask_yes(), instead of the terminal; with a watcher only. */
	int (*yes)(void *arg, const struct question *q, struct err *e);
	void *arg;               /* of yes() */
	struct outcome *outcome; /* filled at the end of a verb; NULL: nobody asks */
};

/* The one that prints; for the shell. */
struct face face_shell(void);

#endif
