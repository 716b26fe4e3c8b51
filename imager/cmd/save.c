// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/save.h"
#include "imager/cmd/command.h"
#include "imager/cmd/read_back.h"
#include "imager/cmd/session.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DESCRIPTION_MAX 4096

/* -w: the user changes the medium. */
static int next_volume(void *arg, unsigned number, struct err *e)
{
	struct session *s = arg;
	struct question q = { .title = "Next volume" };
	char message[64], none[8];

	text_break(&s->text);
	snprintf(message, sizeof(message), "Press Enter when volume .%03u may be written",
		 number);
	q.message = message;
	return ask_line(&s->ask, &q, none, sizeof(none), e) == -EINTR ? -EINTR : 0;
}

static int ask_description(struct session *s, char *text, size_t n, struct err *e)
{
	/* Title and message as partimage has them, for the sake of -B. */
	struct question q = { .title = "Description", .message = "Description" };

	return s->o->nodesc || s->o->description ? 0 : ask_line(&s->ask, &q, text, n, e);
}

/* Without -o an existing image is replaced only when somebody says so. */
static int ask_overwrite(struct session *s, const char *image, bool *overwrite, struct err *e)
{
	struct question q = { .title = "Overwrite", .unasked_no = true };
	char message[512];

	*overwrite = s->o->overwrite;
	if (*overwrite || !strcmp(image, "-") || !sink_taken(image))
		return 0;
	snprintf(message, sizeof(message), "%s exists already. Replace it?", image);
	q.message = message;
	if (ask_yes(&s->ask, &q, e) < 0)
		return err_set(e, -ECANCELED,
			       "%s: exists already; -o (--overwrite) replaces it", image);
	*overwrite = true;
	return 0;
}

static void success(const struct session *s, char *text, size_t n)
{
	const struct report *r = &s->rep;
	char used[SIZE_TEXT_MAX], stored[SIZE_TEXT_MAX], back[READ_BACK_MAX];

	if (s->o->simulate) {
		snprintf(text, n, "%s: %s used; nothing was written (--simulate)", r->device,
			 size_text(used, r->used_bytes));
		return;
	}
	snprintf(text, n, "%s: %s%s, saved as %s %s %s%s", r->device,
		 size_text(used, r->used_bytes), r->raw ? " byte by byte" : " used",
		 size_text(stored, r->image_bytes), s->o->volume ? "in volumes of" : "in",
		 strcmp(r->image, "-") ? r->image : "standard output", read_back_text(r, back));
}

static int check_usage(FILE *err, const struct options *o, const char *image)
{
	if (!strcmp(image, "-") && (o->volume || o->verify)) {
		fprintf(err, "slate: %s needs a name: standard output is one stream\n",
			o->volume ? "--volume" : "--verify");
		return 2;
	}
	if (remote_is_url(image) && o->volume) {
		fprintf(err, "slate: --volume is for files: a server is sent one\n");
		return 2;
	}
	return 0;
}

static int save(struct session *s, const char *device, const char *image, char *done, size_t n,
		struct err *e)
{
	const struct options *o = s->o;
	char description[DESCRIPTION_MAX] = "";
	struct save_options opt = {
		.layout = { .fs = { .raw = o->raw, .nocheck = o->nocheck, .force = o->force },
			    .codec = o->compress.codec,
			    .level = o->compress.level,
			    .chunk_size = o->chunk_size,
			    .allow_mounted = o->allow_mounted,
			    .shrink = o->shrink },
		.sink = { .nosync = o->nosync,
			  .volume = o->volume,
			  .next_volume = o->waitvol ? next_volume : NULL,
			  .arg = s,
			  .remote = o->remote },
		.workers = options_jobs(o, 0),
		.rescue = o->rescue,
		.simulate = o->simulate,
		.verify = o->verify,
	};
	int r = ask_overwrite(s, image, &opt.sink.overwrite, e);

	if (!r)
		r = ask_description(s, description, sizeof(description), e);
	if (!r)
		r = session_catch_signals(s, e);
	if (r < 0)
		return r;
	opt.layout.description = o->description ? o->description : description;
	opt.sink.cancel_fd = s->w.cancel_fd;
	r = save_run(device, image, &opt, &s->w, &s->rep, e);
	success(s, done, n);
	return r;
}

int cmd_save(const struct face *f, const struct options *o, int argc, char **argv)
{
	/* partimage's word for standard output */
	const char *image = strcmp(argv[1], "stdout") ? argv[1] : "-";
	struct err e = { "" };
	char done[512] = "";
	struct session s;
	int r;

	(void)argc;
	r = check_usage(f->err, o, image);
	if (r)
		return r;
	session_begin(&s, f, o, "save", !strcmp(image, "-"));
	s.rep.device = argv[0];
	session_image(&s, image);
	r = save(&s, argv[0], image, done, sizeof(done), &e);
	return session_end(&s, r, &e, done);
}
