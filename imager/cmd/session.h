// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * session.h - what every verb needs around the engine: somebody to show
 * progress to, signals, the report, and the exit status.
 */
#ifndef IMAGER_CMD_SESSION_H
#define IMAGER_CMD_SESSION_H

#include "imager/cmd/face.h"
#include "imager/cmd/options.h"
#include "imager/engine/report.h"
#include "imager/ui/ask.h"
#include "imager/ui/jsonlines.h"
#include "imager/ui/text.h"

struct session {
	const struct face *face;
	const struct options *o;
	struct text text;
	struct jsonlines lines;
	struct watcher w;
	struct ask ask;
	struct report rep;
	FILE *json_out;  /* where --json goes */
	char shown[512]; /* for rep.image */
};

/*
 * @image_to_stdout: standard output carries the image, so JSON goes to standard
 * error.
 */
void session_begin(struct session *s, const struct face *f, const struct options *o,
		   const char *verb, bool image_to_stdout);
/*
 * Names the image in messages and the report: as given, but a URL without user
 * and password.
 */
void session_image(struct session *s, const char *image);
/* From here on signals end the work in order instead of the process. */
int session_catch_signals(struct session *s, struct err *e);
/*
 * Says how it ended, writes the report, frees everything and returns the exit
 * status (see the man page).  @done is what to say on success, or NULL.
 */
int session_end(struct session *s, int code, const struct err *e, const char *done);

#endif
