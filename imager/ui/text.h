// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * text.h - progress for people: one line that rewrites itself on a terminal,
 * elsewhere a full line now and then.
 */
#ifndef IMAGER_UI_TEXT_H
#define IMAGER_UI_TEXT_H

#include "imager/engine/progress.h"
#include "imager/ui/pace.h"

#include <stddef.h>
#include <stdio.h>

#define TEXT_LINE_MAX 256

/* The caller owns it; nothing in it needs freeing. */
struct text {
	FILE *out;
	bool terminal;
	struct pace pace;
	char line[TEXT_LINE_MAX]; /* the unfinished line on the terminal; "": none */
};

/*
 * A watcher that writes to @out (standard error, as a rule).  It points to
 * @t, which must live as long.  @cancel_fd: see struct watcher.
 */
struct watcher text_watcher(struct text *t, FILE *out, int cancel_fd);

/* Ends the unfinished line, if any: call it before anything else writes there. */
void text_break(struct text *t);

#endif
