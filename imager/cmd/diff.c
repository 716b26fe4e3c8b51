// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"
#include "imager/cmd/command.h"
#include "imager/cmd/session.h"
#include "imager/ui/size.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *text_of(const json_t *o, const char *member)
{
	const char *text = json_string_value(json_object_get(o, member));

	return text ? text : "";
}

/* "partition 2 (ext4)" */
static void name_region(const struct report *r, uint32_t i, char *buf, size_t n)
{
	const json_t *g = json_array_get(r->regions, i);
	json_int_t part = json_integer_value(json_object_get(g, "part"));
	const char *fs = text_of(g, "fs"), *table = text_of(g, "table");
	char what[48], clean[64];

	if (part)
		snprintf(what, sizeof(what), "partition %" JSON_INTEGER_FORMAT, part);
	else
		snprintf(what, sizeof(what), "%s", table[0] ? "outside partitions" : "all");
	plain_text(clean, sizeof(clean), fs, "");
	snprintf(buf, n, "%s%s%s%s", what, clean[0] ? " (" : "", clean, clean[0] ? ")" : "");
}

static void show(FILE *out, const struct report *r)
{
	char name[128], bytes[SIZE_TEXT_MAX], stored[SIZE_TEXT_MAX];

	for (uint32_t i = 0; i < r->n_tallies; i++) {
		const struct tally *t = &r->tallies[i];

		if (!t->of)
			continue;
		name_region(r, i, name, sizeof(name));
		fprintf(out, "%-32s %8" PRIu64 " of %8" PRIu64 " chunks differ", name,
			t->chunks, t->of);
		if (t->chunks)
			fprintf(out, ", %s (%s in the image)", size_text(bytes, t->bytes),
				size_text(stored, t->stored));
		fputc('\n', out);
	}
}

int cmd_diff(const struct face *f, const struct options *o, int argc, char **argv)
{
	const char *image = strcmp(argv[0], "stdin") ? argv[0] : "-";
	struct verify_options opt = { .parts = o->parts,
				      .workers = options_jobs(o, 0),
				      .remote = o->remote };
	struct err e = { "" };
	char done[512] = "", used[SIZE_TEXT_MAX];
	struct session s;
	int r;

	(void)argc;
	session_begin(&s, f, o, "diff", false);
	session_image(&s, image);
	s.rep.device = argv[1];
	r = session_catch_signals(&s, &e);
	if (!r)
		r = verify_run(image, argv[1], &opt, &s.w, &s.rep, &e);
	if (s.rep.compared && !o->json)
		show(f->out, &s.rep);
	if (fflush(f->out) == EOF && !r)
		r = err_sys(&e, "standard output");
	snprintf(done, sizeof(done), "%s: equal to %s (%s)", argv[1],
		 strcmp(image, "-") ? image : "standard input",
		 size_text(used, s.rep.used_bytes));
	return session_end(&s, r, &e, done);
}
