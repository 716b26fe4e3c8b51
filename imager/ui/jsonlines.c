// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/ui/jsonlines.h"

#include "common/plain.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdlib.h>

/* Enough for a millisecond in years, and 0.1 stays "0.1". */
#define DUMP (JSON_COMPACT | JSON_REAL_PRECISION(15))

int jsonlines_put(FILE *out, const char *event, json_t *fields, struct err *e)
{
	json_t *line = json_pack("{s:s}", "event", event);
	char *text = NULL;
	int r = 0;

	if (line && (!fields || json_object_update_missing(line, fields) == 0))
		text = json_dumps(line, DUMP);
	if (!text) {
		r = err_nomem(e);
		goto out;
	}
	/* In one piece, as @out may be the unbuffered standard error. */
	errno = 0;
	if (fprintf(out, "%s\n", text) < 0 || fflush(out) == EOF || ferror(out)) {
		errno = errno ? errno : EIO;
		r = err_sys(e, "cannot write a JSON line");
	}
out:
	free(text);
	json_decref(line);
	return r;
}

static json_t *seconds(double s)
{
	bool known = s >= 0 && s < 1e12; /* not a number compares false */

	return known ? json_real((double)whole(s * 1000) / 1000) : json_null();
}

/*
 * A line of its own, and only at the end of a phase: there may be a thousand, and who
 * passes progress on has a limit for its lines.
 */
static void show_regions(struct jsonlines *j, const struct progress *p)
{
	json_t *list = json_array(), *o;

	for (uint32_t i = 0; list && i < p->n_regions; i++) {
		const struct region_progress *g = &p->regions[i];

		json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I}", "part",
						      (json_int_t)g->part, "done",
						      (json_int_t)g->done, "total",
						      (json_int_t)g->total, "damaged",
						      (json_int_t)g->damaged));
	}
	o = json_pack("{s:s, s:o}", "phase", p->phase, "regions", list);
	if (o)
		jsonlines_put(j->out, "regions", o, NULL);
	json_decref(o);
}

/*
 * A snapshot or notice that cannot be written stops nothing: the stream's
 * error stays set, and the jsonlines_put() of the result will tell.
 */
static void show(void *arg, const struct progress *p, bool last)
{
	struct jsonlines *j = arg;
	json_t *o;

	if (!pace_due(&j->pace, p->elapsed, last))
		return;
	o = json_pack("{s:s, s:I, s:I, s:I, s:o, s:I, s:o, s:I, s:I, s:I, s:I}", "phase",
		      p->phase, "done", (json_int_t)p->done, "total", (json_int_t)p->total,
		      "image", (json_int_t)p->image, "elapsed", seconds(p->elapsed), "rate",
		      (json_int_t)whole(p->rate), "eta", seconds(p->eta), "same",
		      (json_int_t)p->chunks.same, "fetched", (json_int_t)p->chunks.fetched,
		      "written", (json_int_t)p->chunks.written, "damaged",
		      (json_int_t)p->damaged);
	if (o)
		jsonlines_put(j->out, "progress", o, NULL);
	json_decref(o);
	if (last && p->n_regions)
		show_regions(j, p);
}

static void notice(void *arg, const char *text)
{
	struct jsonlines *j = arg;
	char clean[ERR_MSG_MAX];
	json_t *o = json_pack("{s:s}", "text", plain_text(clean, sizeof(clean), text, "\n\t"));

	if (o)
		jsonlines_put(j->out, "notice", o, NULL);
	json_decref(o);
}

struct watcher jsonlines_watcher(struct jsonlines *j, FILE *out, int cancel_fd)
{
	*j = (struct jsonlines){ .out = out, .pace = { .first = 0, .every = 0.1 } };
	return (struct watcher){
		.show = show, .notice = notice, .arg = j, .cancel_fd = cancel_fd
	};
}
