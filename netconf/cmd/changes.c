// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/changes.h"

#include "common/plain.h"
#include "netconf/apply/diff.h"
#include "netconf/apply/state.h"
#include "netconf/cmd/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By enum change_kind. */
static const struct {
	const char *word, *done, *pending;
} kinds[] = {
	[CHANGE_NONE] = { "none", "", "" },
	[CHANGE_NEW] = { "new", "written", "would be written" },
	[CHANGE_REPLACE] = { "replace", "replaced", "would be replaced" },
	[CHANGE_REMOVE] = { "remove", "removed", "would be removed" },
	[CHANGE_KEPT] = { "kept", "kept", "would be kept" },
};

/* --diff shows, too, and changes nothing. */
static bool only_tells(const struct nc_options *o)
{
	return o->dry_run || o->diff;
}

int work_plan(const struct nc_options *o, struct work *ret, struct err *e)
{
	struct dmi dmi;
	int code;

	*ret = (struct work){ 0 };
	code = nc_resolve(o, &ret->resolved, e);
	if (!code)
		code = plan_refuse(&ret->resolved.plan, e);
	if (code)
		return code;
	dmi_read(o->sys, &dmi);
	return fingerprint(&dmi, &ret->resolved.nics, ret->print, e);
}

int work_files(const struct nc_options *o, struct work *w, struct err *e)
{
	const struct root *r = w->resolved.root;
	int code = generate_files(r, &w->resolved.plan, &w->files, &w->info, e);

	return code ? code : changes_find(r, &w->files, o->force, &w->changes, e);
}

int work_begin(const struct nc_options *o, struct work *ret, struct err *e)
{
	int code = work_plan(o, ret, e);

	return code ? code : work_files(o, ret, e);
}

void work_free(struct work *w)
{
	changes_free(&w->changes);
	files_free(&w->files);
	nc_resolve_free(&w->resolved);
}

static int write_all(struct work *w, struct err *e)
{
	const struct root *r = w->resolved.root;
	struct state state;
	int code = state_read(r, &state, e);

	if (!code && w->changes.pending)
		code = changes_make(r, &w->changes, e);
	if (!code && (w->changes.pending || strcmp(state.fingerprint, w->print) != 0))
		code = state_write(r, w->print, e);
	return code;
}

int work_make(const struct nc_options *o, struct work *w, struct err *e)
{
	sigset_t stops, before;
	int code;

	if (only_tells(o))
		return 0;
	/* Who presses Ctrl-C half-way gets all or nothing. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigprocmask(SIG_BLOCK, &stops, &before);
	code = write_all(w, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

static int show_diff(const struct change *c, struct err *e)
{
	struct text t = { 0 };
	char *text = NULL, *clean = NULL;
	int code;

	if (c->secret || !c->text) {
		printf("(%s, not shown)\n", c->secret ? "has a secret" : "a program");
		return 0;
	}
	code = diff_text(c->path, c->before, c->after, &t, e);
	if (!code)
		code = text_take(&t, &text, e);
	if (!code) {
		size_t n = strlen(text) + 1;

		clean = malloc(n);
		if (clean)
			fputs(plain_text(clean, n, text, "\n\t"), stdout);
		else
			code = err_nomem(e);
	}
	text_free(&t);
	free(text);
	free(clean);
	return code;
}

int work_show(const struct nc_options *o, const struct work *w, struct err *e)
{
	const char *root = root_is_running(w->resolved.root) ? "" : root_name(w->resolved.root);
	int code = 0;

	for (size_t i = 0; i < w->changes.n && !code; i++) {
		const struct change *c = &w->changes.v[i];
		char path[4200], clean[4200];

		if (c->kind == CHANGE_NONE && !o->verbose)
			continue;
		snprintf(path, sizeof(path), "%s%s", root, c->path);
		printf("%s: %s%s%s\n", plain_text(clean, sizeof(clean), path, ""),
		       c->kind == CHANGE_NONE ? "as it should be"
		       : only_tells(o)        ? kinds[c->kind].pending
					      : kinds[c->kind].done,
		       c->why[0] ? ", " : "", c->why);
		if (o->diff && c->kind != CHANGE_NONE)
			code = show_diff(c, e);
	}
	if (!code && !w->changes.pending && !w->changes.kept)
		printf("All files are as they should be.\n");
	if (o->verbose)
		printf("Addresses: %s\n", w->info.why);
	if (w->info.warning[0])
		fprintf(stderr, "slate-netconf: %s\n", w->info.warning);
	if (w->changes.kept)
		fprintf(stderr,
			"slate-netconf: what was not made by slate-netconf, or was edited by "
			"hand, stays as it is;\n--diff shows the difference, --force replaces "
			"it and keeps a copy in %s%s/previous\n",
			root, NETCONF_STATE);
	return code;
}

json_t *work_object(const struct nc_options *o, const struct work *w)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t i = 0; i < w->changes.n; i++) {
		const struct change *c = &w->changes.v[i];
		char path[4200];

		if (c->kind != CHANGE_NONE || o->verbose)
			bad |= json_array_append_new(
				       list,
				       json_pack("{s:s, s:s, s:s}", "path",
						 plain_text(path, sizeof(path), c->path, ""),
						 "change", kinds[c->kind].word, "why",
						 c->why)) != 0;
	}
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s, s:b, s:s, s:s, s:o, s:I, s:I}", "root",
			 root_name(w->resolved.root), "written", (int)!only_tells(o),
			 "addresses", w->info.why, "warning", w->info.warning, "changes", list,
			 "pending", (json_int_t)(only_tells(o) ? w->changes.pending : 0),
			 "kept", (json_int_t)w->changes.kept);
}

int json_show(json_t *object, struct err *e)
{
	int bad = !object || json_dumpf(object, stdout, JSON_INDENT(2)) ||
		  putchar('\n') == EOF || fflush(stdout);

	json_decref(object);
	return bad ? err_set(e, -EIO, "cannot write the JSON object") : 0;
}

int work_status(const struct nc_options *o, const struct work *w)
{
	bool open = w->changes.kept || (only_tells(o) && w->changes.pending);

	return open ? NC_STATUS_PENDING : NC_STATUS_DONE;
}
