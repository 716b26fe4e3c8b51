// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-netconf check: what fights with the plan; changes nothing. */
#include "netconf/apply/check.h"

#include "common/plain.h"
#include "netconf/cmd/changes.h"
#include "netconf/cmd/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void show(const struct root *r, const struct findings *f)
{
	const char *root = root_is_running(r) ? "" : root_name(r);

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *v = &f->v[i];
		char file[4200], what[1100], todo[4500], line[16] = "";

		if (v->line)
			snprintf(line, sizeof(line), ":%u", v->line);
		plain_text(file, sizeof(file), v->file, "");
		printf("%s%s%s%s%s\n\t%s\n", v->file[0] ? root : "", file, line,
		       v->file[0] ? ": " : "", plain_text(what, sizeof(what), v->what, ""),
		       plain_text(todo, sizeof(todo), v->todo, ""));
	}
	if (!f->n)
		printf("Nothing found.\n");
}

static json_t *object_of(const struct findings *f)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *v = &f->v[i];
		char file[4200], what[1100];

		bad |= json_array_append_new(
			       list,
			       json_pack("{s:s, s:s, s:I, s:s, s:s}", "check", v->check, "file",
					 plain_text(file, sizeof(file), v->file, ""), "line",
					 (json_int_t)v->line, "what",
					 plain_text(what, sizeof(what), v->what, ""), "todo",
					 v->todo)) != 0;
	}
	if (bad)
		json_decref(list);
	return bad ? NULL : json_pack("{s:o}", "findings", list);
}

/*
 * A plan with problems is a finding, and so is what keeps the files from being made (a
 * passphrase that is missing); without policy or cards there is nothing to check.
 */
static int look(const struct nc_options *o, struct work *w, struct findings *f, struct err *e)
{
	struct err why = { "" };
	int code = work_plan(o, w, e);
	bool bad = code || work_files(o, w, &why);
	struct check_request req = { .root = w->resolved.root,
				     .plan = &w->resolved.plan,
				     .nics = &w->resolved.nics,
				     .changes = bad ? NULL : &w->changes,
				     .failure = why.msg,
				     .style = w->info.style };

	if (code && code != -ECANCELED)
		return code;
	req.names_count = root_is_running(req.root) || strcmp(o->sys, "/sys") != 0;
	return check_run(&req, f, e);
}

int nc_check(const struct nc_options *o, int argc, char **argv)
{
	struct findings f = { 0 };
	struct work w;
	struct err e = { "" };
	int code = look(o, &w, &f, &e), status;

	(void)argc, (void)argv;
	if (!code && o->json)
		code = json_show(object_of(&f), &e);
	else if (!code)
		show(w.resolved.root, &f);
	if (!code && fflush(stdout))
		code = err_sys(&e, "standard output");
	status = code ? nc_fail(code, &e) : f.n ? NC_STATUS_PENDING : NC_STATUS_DONE;
	findings_free(&f);
	work_free(&w);
	return status;
}
