// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * child.h - another program that runs beside the agent, in a session of its own: what it
 * prints comes line by line.  One that is only waited for: common/run_program.h.
 */
#ifndef RESCUE_CHILD_CHILD_H
#define RESCUE_CHILD_CHILD_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILD_LINE_MAX 1024 /* bytes; what is longer is cut */

/* A stream of lines. */
struct child_lines {
	int fd; /* -1: none, or at its end */
	bool cut;
	size_t n;
	char buf[CHILD_LINE_MAX];
};

struct child {
	pid_t pid; /* 0: it does not run */
	struct child_lines out, err;
};

struct child_task {
	const char *const *argv; /* argv[0] is looked for along PATH; NULL ends it */
	const char *variable;    /* "NAME=value" that only it shall see, or NULL */
	bool lines;              /* both streams are read; else they go nowhere */
};

/* Returns 0 or a negative errno; -ENOENT: the program is not there. */
int child_start(const struct child_task *t, struct child *ret, struct err *e);

/* Gets a line, without its end, as plain text; it lives as long as the call. */
typedef void child_take(void *ctx, const char *line);

/* Reads what is there and hands on the lines; at its end the last one, too, and fd is -1. */
void child_read(struct child_lines *l, child_take *take, void *ctx);

/*
 * True once it has ended: @ret_status is its exit status, 128 + N after signal N.  Does not
 * wait.
 */
bool child_ended(struct child *c, int *ret_status);
/* Sends @signal to it and all that it started. */
void child_signal(const struct child *c, int signal);
/* Ends it: asks, waits up to @ms, then by force.  Returns its exit status as above. */
int child_stop(struct child *c, int ms);
/* Closes the streams. */
void child_close(struct child *c);

#endif
