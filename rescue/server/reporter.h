// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * reporter.h - tells the server how far the job is, once a second, in a thread of its own: a
 * server that is away holds up nobody, and is told again when it is back.
 */
#ifndef RESCUE_SERVER_REPORTER_H
#define RESCUE_SERVER_REPORTER_H

#include "common/err.h"

#include <stdbool.h>

struct reporter;

/*
 * All three are copied or opened anew.  It has told for the first time when it returns, if the
 * server was there: reporter_gone() then knows whether this job is still wanted.
 */
int reporter_start(const char *server, const char *cacert, const char *token,
		   struct reporter **ret, struct err *e);
/* Ends it; what was not told yet is not told. */
void reporter_stop(struct reporter *r);

/* The line of JSON that is to be told next; one that was not told yet is forgotten. */
void reporter_line(struct reporter *r, const char *line);

/* Readable once the server has said that the job is no more (410). */
int reporter_gone_fd(const struct reporter *r);
bool reporter_gone(struct reporter *r);
/* Seconds since the server last answered; 0 when it did at the last try. */
unsigned reporter_away(struct reporter *r);

#endif
