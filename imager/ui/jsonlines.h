// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * jsonlines.h - progress for programs: one JSON object a line.
 *
 *	{"event":"progress","phase":"save","done":N,"total":N,"image":N,
 *	 "elapsed":S,"rate":N,"eta":S,"same":N,"fetched":N,"written":N,"damaged":N}
 *	{"event":"notice","text":"..."}
 *	{"event":"result",...}
 *
 * and at the end of a phase that worked on regions
 *
 *	{"event":"regions","phase":"save",
 *	 "regions":[{"part":N,"done":N,"total":N,"damaged":N}...]}
 *
 * Sizes are bytes, rate bytes a second, times
 *seconds; total is 0 where it is not known, eta null where it cannot be told.  Every line is
 *flushed.
 */
#ifndef IMAGER_UI_JSONLINES_H
#define IMAGER_UI_JSONLINES_H

#include "common/err.h"
#include "imager/engine/progress.h"
#include "imager/ui/pace.h"

#include <jansson.h>
#include <stdio.h>

/* The caller owns it; nothing in it needs freeing. */
struct jsonlines {
	FILE *out;
	struct pace pace;
};

/*
 * A watcher that writes to @out, at most ten snapshots a second.  It points
 * to @j, which must live as long.  @cancel_fd: see struct watcher.
 */
struct watcher jsonlines_watcher(struct jsonlines *j, FILE *out, int cancel_fd);

/*
 * Writes one line: "event" and what the object @fields (still the caller's;
 * NULL: nothing) holds.  -ENOMEM, or what writing gave, as -ENOSPC, -EPIPE.
 */
int jsonlines_put(FILE *out, const char *event, json_t *fields, struct err *e);

#endif
