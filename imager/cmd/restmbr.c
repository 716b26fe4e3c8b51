// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/command.h"
#include "imager/cmd/confirm.h"
#include "imager/engine/mbr.h"

#include <errno.h>
#include <stdio.h>

static const char *what(const struct mbr_options *opt)
{
	if (opt->boot_code && opt->table)
		return "boot code and partition table";
	return opt->table ? "partition table" : "boot code";
}

static int ask(struct session *s, const struct mbr_options *opt, const char *image,
	       struct err *e)
{
	const struct ident *id = &s->rep.ident;
	struct loss loss = { s->rep.device, id->model,           id->serial, what(opt),
			     image,         s->rep.device_bytes, NULL };
	struct question q = { .title = "Restore MBR", .loss = &loss };
	char message[1024];

	if (s->o->simulate)
		return 0;
	snprintf(message, sizeof(message),
		 "The %s of %s will be overwritten with that of %s.%s "
		 "Continue?",
		 what(opt), s->rep.device, image,
		 opt->table ? " Partitions that are not in it are lost." : "");
	q.message = message;
	return ask_yes(&s->ask, &q, e);
}

static int restmbr(struct session *s, const char *device, const char *image, char *done,
		   size_t n, struct err *e)
{
	const struct options *o = s->o;
	bool both = o->boot_code == o->table;
	struct mbr_options opt = { .restore = { .deliver = deliver_options(o),
						.remote = o->remote },
				   .boot_code = both || o->boot_code,
				   .table = both || o->table };
	struct restore_plan plan;
	int r = session_catch_signals(s, e);

	if (r < 0)
		return r;
	r = mbr_plan(&plan, device, image, &opt, &s->w, &s->rep, e);
	if (!r)
		r = ask(s, &opt, image, e);
	if (!r && watcher_cancelled(&s->w)) /* before anything is touched */
		r = err_set(e, -EINTR, "stopped by a signal");
	if (!r && !o->simulate)
		r = mbr_run(&plan, &opt, &s->w, &s->rep, e);
	restore_plan_free(&plan);
	snprintf(done, n, "%s: %s %s", device, what(&opt),
		 o->simulate ? "can be restored; nothing was written" : "restored");
	return r;
}

int cmd_restmbr(const struct face *f, const struct options *o, int argc, char **argv)
{
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	(void)argc;
	session_begin(&s, f, o, "restmbr", false);
	s.rep.device = argv[0];
	session_image(&s, argv[1]);
	r = restmbr(&s, argv[0], argv[1], done, sizeof(done), &e);
	return session_end(&s, r, &e, done);
}
