// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/restore.h"
#include "imager/cmd/command.h"
#include "imager/cmd/confirm.h"
#include "imager/cmd/read_back.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void success(const struct session *s, char *text, size_t n)
{
	const struct report *r = &s->rep;
	char used[SIZE_TEXT_MAX], written[SIZE_TEXT_MAX], how[128] = "";
	char back[READ_BACK_MAX];

	size_text(used, r->used_bytes);
	if (r->delta)
		snprintf(how, sizeof(how),
			 "; %" PRIu64 " of %" PRIu64 " chunks differed, %s "
			 "written",
			 r->wanted, r->chunks, size_text(written, r->bytes.written));
	if (r->complete && !r->touched)
		snprintf(text, n, "%s: holds all of it already, %s; nothing was written",
			 r->device, used);
	else if (s->o->simulate)
		snprintf(text, n, "%s can be restored to %s (%s); nothing was written",
			 strcmp(r->image, "-") ? r->image : "standard input", r->device, used);
	else
		snprintf(text, n, "%s: restored, %s%s%s%s", r->device, used, how,
			 read_back_text(r, back),
			 r->unreadable_in_image
				 ? "; parts could not be read when the image was made"
				 : "");
}

static int restore(struct session *s, const char *device, const char *image, char *done,
		   size_t n, struct err *e)
{
	const struct options *o = s->o;
	struct restore_options opt = { .workers = options_jobs(o, 1),
				       .force = o->force,
				       .parts = o->parts,
				       .remote = o->remote,
				       .deliver = deliver_options(o),
				       .delta = o->no_delta ? DELTA_NEVER
						: o->delta  ? DELTA_ALWAYS
							    : DELTA_AUTO,
				       .seed = o->seed,
				       .state = o->state };
	struct restore_plan plan;
	int r = session_catch_signals(s, e);

	if (r < 0)
		return r;
	r = restore_plan(&plan, device, image, &opt, &s->w, &s->rep, e);
	if (!r)
		r = confirm_overwrite(s, "Restore", &plan.to.to, plan.src->name, e);
	if (!r && watcher_cancelled(&s->w)) /* before anything is touched */
		r = err_set(e, -EINTR, "stopped by a signal");
	if (!r)
		r = (o->simulate ? restore_simulate : restore_run)(&plan, &opt, &s->w, &s->rep,
								   e);
	restore_plan_free(&plan);
	success(s, done, n);
	return r;
}

int cmd_restore(const struct face *f, const struct options *o, int argc, char **argv)
{
	/* partimage's word for standard input */
	const char *image = strcmp(argv[1], "stdin") ? argv[1] : "-";
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	(void)argc;
	session_begin(&s, f, o, "restore", false);
	s.rep.device = argv[0];
	session_image(&s, image);
	r = restore(&s, argv[0], image, done, sizeof(done), &e);
	return session_end(&s, r, &e, done);
}
