// SPDX-License-Identifier: GPL-3.0-or-later
/* ask.h - requests to a server that may be restarted at any time. */
#ifndef RESCUE_WORK_ASK_H
#define RESCUE_WORK_ASK_H

#include "rescue/work/work.h"

/*
 * Tries until there is an answer that is no trouble of the server's own, with longer and longer
 * pauses, for @seconds; says on the consoles that it waits.  As client_call(); -EAGAIN: all in
 * vain.
 */
int ask_server(struct agent *a, const struct client_request *q, unsigned seconds,
	       struct client_answer *ret, struct err *e);

/* The job that waits for this machine.  1: there is one, 0: none. */
int ask_job(struct agent *a, unsigned seconds, struct err *e);

/*
 * Tells the server how the job ended.  What it wants to be done now goes into a->job.then; that
 * stays when the server does not know the job any more, as after an answer that was lost.
 */
int ask_end(struct agent *a, const struct outcome *o, struct err *e);

#endif
