// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/verify.h"
#include "imager/cmd/command.h"
#include "imager/cmd/session.h"
#include "imager/ui/size.h"

#include <inttypes.h>
#include <string.h>

static void success(const struct report *r, char *text, size_t n)
{
	const char *image = strcmp(r->image, "-") ? r->image : "standard input";
	char used[SIZE_TEXT_MAX];

	if (r->device)
		snprintf(text, n, "%s: equal to %s (%s)", r->device, image,
			 size_text(used, r->used_bytes));
	else
		snprintf(text, n, "%s: whole, %" PRIu64 " chunks, %s%s", image, r->chunks,
			 size_text(used, r->used_bytes),
			 r->unreadable_in_image ? "; parts could not be read when it was made"
						: "");
}

int cmd_verify(const struct face *f, const struct options *o, int argc, char **argv)
{
	const char *image = strcmp(argv[0], "stdin") ? argv[0] : "-";
	const char *device = argc > 1 ? argv[1] : NULL;
	struct verify_options opt = { .parts = o->parts,
				      .workers = options_jobs(o, 0),
				      .remote = o->remote };
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	session_begin(&s, f, o, "verify", false);
	session_image(&s, image);
	s.rep.device = device;
	r = session_catch_signals(&s, &e);
	if (!r)
		r = verify_run(image, device, &opt, &s.w, &s.rep, &e);
	success(&s.rep, done, sizeof(done));
	return session_end(&s, r, &e, done);
}
