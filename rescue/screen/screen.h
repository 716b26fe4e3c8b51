// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * screen.h - what the people before the machine see: on every console that the kernel has,
 * monitor and serial line alike.
 *
 * A console that takes nothing (a serial line without a reader) holds nobody up: what does not
 * go out in time is left out.
 */
#ifndef RESCUE_SCREEN_SCREEN_H
#define RESCUE_SCREEN_SCREEN_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct screen;

/*
 * The consoles of @root/sys/class/tty/console/active, as @root/dev/NAME; standard error
 * when there is none.  Only fails by -ENOMEM.
 */
int screen_open(const char *root, struct screen **ret, struct err *e);
void screen_free(struct screen *s);

/* A line of its own, made fit to be shown. */
void screen_say(struct screen *s, const char *fmt, ...) PRINTF(2, 3);

/*
 * The line that moves: rewritten at each call on a monitor, written every few seconds on a
 * serial line, and at once when @now.
 */
void screen_move(struct screen *s, bool now, const char *fmt, ...) PRINTF(3, 4);

/* What has happened, in large letters; all texts are made fit to be shown. */
struct screen_notice {
	const char *headline;          /* at most 13 letters */
	const char *what, *why, *todo; /* any may be NULL or "" */
};

void screen_alarm(struct screen *s, const struct screen_notice *n);

/* The console's folder name ("tty0", "ttyS0"), number @i from 0; NULL: no more. */
const char *screen_console(const struct screen *s, unsigned i);

#endif
