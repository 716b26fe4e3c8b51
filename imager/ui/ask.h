// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ask.h - questions to whoever sits at the terminal, or their answers given
 * beforehand: --batch, --yes, and -B with partimage's "glob=answer;...".
 *
 * Each glob is matched, fnmatch(3) with flags 0, against "title/message";
 * the first that fits answers.  Nothing is asked in batch mode, nor when the
 * input is no terminal.
 */
#ifndef IMAGER_UI_ASK_H
#define IMAGER_UI_ASK_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct question;

struct ask {
	bool may;            /* false: batch mode */
	bool yes;            /* --yes: whatever ask_yes() would ask is granted */
	const char *answers; /* the argument of -B, checked; NULL: none */
	FILE *out;           /* where questions are written, as standard error */
	int in_fd;           /* where answers are read, as 0 */
	/*
	 * Readable as soon as a signal asks to stop (see struct watcher), or
	 * -1.  Signals are left alone here: they end the program while it asks
	 * unless the caller has blocked them, and then it needs this.
	 */
	int cancel_fd;
	/* Asked as ask_yes() instead of the terminal; NULL: nobody else. */
	int (*other)(void *arg, const struct question *q, struct err *e);
	void *arg;
};

/* What is lost by a yes. */
struct loss {
	const char *device, *model, *serial; /* "" where they are not known */
	const char *holds, *from;            /* what is on it, and what will be */
	uint64_t size;                       /* bytes */
	const char *parts; /* of the disk only these partitions, "1,3"; NULL: all of it */
};

struct question {
	const char *title;   /* a word or two */
	const char *message; /* for ask_yes() a sentence with a question mark; may have lines */
	bool enter_is_yes;   /* what Enter alone means; false where data is destroyed */
	const struct loss *loss; /* what the message tells, in parts; or NULL */
	bool unasked_no;         /* nobody may be asked: refuse; usually that means go on */
};

/* -EINVAL when an item of @answers has no '='.  "" and "x=y" are fine. */
int ask_check_answers(const char *answers, struct err *e);

/*
 * 0: go on.  -ECANCELED: no, and @e says whose; the end of the input and three
 * answers that are none are a no.  -EINTR: cancel_fd.  -ENOMEM.
 * A -B answer counts before --yes.
 */
int ask_yes(const struct ask *a, const struct question *q, struct err *e);

/*
 * Reads a line of text into @buf of @n bytes, "" when nobody may be asked or
 * nothing was typed.  -EINVAL: the answer is too long.  -EINTR, -ENOMEM.
 */
int ask_line(const struct ask *a, const struct question *q, char *buf, size_t n, struct err *e);

#endif
