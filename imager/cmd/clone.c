// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/clone.h"
#include "imager/cmd/command.h"
#include "imager/cmd/confirm.h"
#include "imager/cmd/read_back.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <stdio.h>

static void success(const struct session *s, const char *source, char *text, size_t n)
{
	const struct report *r = &s->rep;
	char used[SIZE_TEXT_MAX], back[READ_BACK_MAX];

	size_text(used, r->used_bytes);
	if (s->o->simulate)
		snprintf(text, n, "%s can be cloned to %s (%s); nothing was written", source,
			 r->device, used);
	else
		snprintf(text, n, "%s: cloned from %s, %s%s", r->device, source, used,
			 read_back_text(r, back));
}

static int clone(struct session *s, const char *source, const char *target, char *done,
		 size_t n, struct err *e)
{
	const struct options *o = s->o;
	struct clone_options opt = {
		.layout = { .fs = { .raw = o->raw, .nocheck = o->nocheck, .force = o->force },
			    .codec = o->compress.codec,
			    .level = o->compress.level,
			    .allow_mounted = o->allow_mounted,
			    .shrink = o->shrink },
		.deliver = deliver_options(o),
		.workers = options_jobs(o, 1),
		.rescue = o->rescue,
	};
	struct clone_plan plan;
	int r = session_catch_signals(s, e);

	if (r < 0)
		return r;
	r = clone_plan(&plan, source, target, &opt, &s->w, &s->rep, e);
	if (!r)
		r = confirm_overwrite(s, "Clone", &plan.to.to, source, e);
	if (!r && watcher_cancelled(&s->w)) /* before anything is touched */
		r = err_set(e, -EINTR, "stopped by a signal");
	if (!r && !o->simulate)
		r = clone_run(&plan, &opt, &s->w, &s->rep, e);
	clone_plan_free(&plan);
	success(s, source, done, n);
	return r;
}

int cmd_clone(const struct face *f, const struct options *o, int argc, char **argv)
{
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	(void)argc;
	session_begin(&s, f, o, "clone", false);
	s.rep.source = argv[0];
	s.rep.device = argv[1];
	r = clone(&s, argv[0], argv[1], done, sizeof(done), &e);
	return session_end(&s, r, &e, done);
}
