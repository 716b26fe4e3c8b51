// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * journal.h - what the administrator reads: one line an event, in plain words.
 *
 * Goes to a file descriptor (stderr; under systemd with "<3>" in front, as sd-daemon(3)
 * wants it).  Text from the network is made printable.  Lines with the same key (a client's
 * MAC, say) come at most 30 in a minute; then one line says how many were left out.
 * May be called by any thread.
 */
#ifndef PXE_JOURNAL_JOURNAL_H
#define PXE_JOURNAL_JOURNAL_H

#include "common/err.h"

#include <stdbool.h>

enum level { SAY_ERROR = 3, SAY_WARNING = 4, SAY_NOTICE = 5, SAY_INFO = 6, SAY_DEBUG = 7 };

struct journal;

int journal_open(int fd, enum level most, struct journal **ret, struct err *e);
void journal_close(struct journal *j);
/* @key: who it is about, for the rate limit; NULL: always said.  @j may be NULL: nothing. */
void journal_say(struct journal *j, enum level level, const char *key, const char *fmt, ...)
	PRINTF(4, 5);

#endif
