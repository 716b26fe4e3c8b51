// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/restore.h"
#include "imager/cmd/command.h"
#include "imager/cmd/session.h"
#include "imager/ui/plain.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <string.h>

/* Nothing is asked about a file that is made for the purpose. */
static int confirm(struct session *s, const struct restore_plan *p, struct err *e)
{
	const struct ident *id = &s->rep.ident;
	struct question q = { .title = "Restore" };
	char message[1024], holds[256], size[SIZE_TEXT_MAX];

	if (p->create || s->o->simulate)
		return 0;
	plain_text(holds, sizeof(holds), p->holds[0] ? p->holds : "no filesystem known", "");
	snprintf(message, sizeof(message),
		 "%s (%s%s%s%s%s, %s) will be overwritten with %s.\nAll it holds is lost. "
		 "Continue?",
		 s->rep.device, id->model, id->model[0] ? " " : "", id->serial,
		 id->model[0] || id->serial[0] ? ", " : "", size_text(size, p->dev.size), holds,
		 p->src->name);
	q.message = message;
	return ask_yes(&s->ask, &q, e);
}

static void success(const struct session *s, char *text, size_t n)
{
	const struct report *r = &s->rep;
	char used[SIZE_TEXT_MAX];

	size_text(used, r->used_bytes);
	if (s->o->simulate)
		snprintf(text, n, "%s can be restored to %s (%s); nothing was written",
			 strcmp(r->image, "-") ? r->image : "standard input", r->device, used);
	else
		snprintf(text, n, "%s: restored, %s%s%s", r->device, used,
			 r->compared ? ", read back and found equal" : "",
			 r->unreadable_in_image
				 ? "; parts could not be read when the image was made"
				 : "");
}

static int restore(struct session *s, const char *device, const char *image, char *done,
		   size_t n, struct err *e)
{
	const struct options *o = s->o;
	struct restore_options opt = { .workers = options_jobs(o, 1),
				       .erase = o->erase,
				       .discard = o->discard,
				       .force = o->force,
				       .nosync = o->nosync,
				       .verify = o->verify,
				       .expect_serial = o->expect_serial,
				       .expect_model = o->expect_model };
	struct restore_plan plan;
	int r = session_catch_signals(s, e);

	if (r < 0)
		return r;
	r = restore_plan(&plan, device, image, &opt, &s->w, &s->rep, e);
	if (!r)
		r = confirm(s, &plan, e);
	if (!r && watcher_cancelled(&s->w)) /* before anything is touched */
		r = err_set(e, -EINTR, "stopped by a signal");
	if (!r)
		r = (o->simulate ? restore_simulate : restore_run)(&plan, &opt, &s->w, &s->rep,
								   e);
	restore_plan_free(&plan);
	success(s, done, n);
	return r;
}

int cmd_restore(const struct options *o, int argc, char **argv)
{
	/* partimage's word for standard input */
	const char *image = strcmp(argv[1], "stdin") ? argv[1] : "-";
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	(void)argc;
	session_begin(&s, o, "restore", false);
	s.rep.device = argv[0];
	s.rep.image = image;
	r = restore(&s, argv[0], image, done, sizeof(done), &e);
	return session_end(&s, r, &e, done);
}
