// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/command.h"

#include "common/plain.h"
#include "pxe/serve/health.h"
#include "pxe/store/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const struct pxe_options *o, const struct finding *f)
{
	char clean[sizeof(f->what)];
	json_t *line;
	char *text;

	if (!o->json) {
		printf("%s  %s\n", f->good ? "ok " : "BAD",
		       plain_text(clean, sizeof(clean), f->what, ""));
		return;
	}
	line = json_pack("{s:b, s:s}", "good", f->good, "what",
			 plain_text(clean, sizeof(clean), f->what, ""));
	text = json_dumps(line, JSON_COMPACT);
	printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(line);
}

static int rebuild(const struct lab *lab)
{
	struct err e = { "" };
	int r = store_rebuild(lab->state, &e);

	if (r)
		return pxe_fail(r, &e);
	printf("%s/lab.db is new, with all that could be read; the old one is kept beside it\n",
	       lab->state);
	return PXE_STATUS_DONE;
}

int pxe_check(const struct pxe_options *o, int argc, char **argv)
{
	struct findings f = { 0 };
	struct err e = { "" };
	struct lab lab;
	bool found;
	int r = lab_read(o->config, &lab, &found, &e);

	(void)argc;
	(void)argv;
	if (r)
		return pxe_fail(r == -EINVAL ? -ECANCELED : r, &e);
	if (o->rebuild)
		return rebuild(&lab);
	r = lab_resolve(&lab, &e);
	if (!r)
		r = health_look(&lab, &f, &e);
	for (size_t i = 0; !r && i < f.n; i++)
		show(o, &f.v[i]);
	if (!r && fflush(stdout) == EOF)
		r = err_sys(&e, "standard output");
	if (r) {
		health_free(&f);
		return pxe_fail(r, &e);
	}
	r = f.bad ? PXE_STATUS_PENDING : PXE_STATUS_DONE;
	health_free(&f);
	return r;
}
