// SPDX-License-Identifier: GPL-3.0-or-later
/* term_internal.h - what the files term*.c share. */
#ifndef IMAGER_SCREEN_TERM_INTERNAL_H
#define IMAGER_SCREEN_TERM_INTERNAL_H

#include "imager/screen/term.h"

#include <curses.h>
#include <pthread.h>
#include <signal.h>

#define TERM_FATAL 6

struct terminal {
	SCREEN *curses;
	bool utf8, colours;
	bool may_suspend; /* who started us can resume us */
	int signal_fd;
	sigset_t before;                    /* the signals that were blocked */
	struct sigaction fatal[TERM_FATAL]; /* what they did before */
	void *stack;                        /* for the handler, as the other may be full */
};

/* Before and after curses: newterm() sets handlers of its own, which never run. */
int term_catch(struct terminal *t, struct err *e);
void term_catch_fatal(struct terminal *t);
void term_release(struct terminal *t);

#endif
