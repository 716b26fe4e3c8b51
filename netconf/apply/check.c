// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/check_internal.h"

#include "netconf/apply/initramfs.h"
#include "netconf/root/lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX     (1 << 20)
#define FINDINGS_MAX 1000 /* a hostile file is full of them */

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].file);
		free(f->v[i].what);
		free(f->v[i].todo);
	}
	free(f->v);
	*f = (struct findings){ 0 };
}

int found(struct checking *c, const char *file, unsigned line, const char *todo,
	  const char *what, ...)
{
	struct findings *f = c->ret;
	struct finding *v;
	char text[ERR_MSG_MAX];
	va_list ap;

	if (f->n >= FINDINGS_MAX)
		return 0;
	v = reallocarray(f->v, f->n + 1, sizeof(*v));
	if (!v)
		return err_nomem(c->e);
	f->v = v;
	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	v += f->n++;
	*v = (struct finding){ .check = c->check,
			       .file = strdup(file),
			       .line = line,
			       .what = strdup(text),
			       .todo = strdup(todo) };
	return v->file && v->what && v->todo ? 0 : err_nomem(c->e);
}

static int check_initramfs(struct checking *c)
{
	struct initramfs i;
	struct err e = { "" };
	char todo[4400];

	if (initramfs_look(c->req->root, &i, &e))
		return found(c, "/boot", 0, "look at it by hand", "%s", e.msg);
	if (!i.image[0])
		return 0;
	initramfs_command(c->req->root, &i, todo, sizeof(todo));
	return found(c, i.image, 0, todo, "is older than %s, of which it has a copy", i.newer);
}

static int check_names(struct checking *c)
{
	const struct plan *p = c->req->plan;
	int code = 0;

	for (size_t i = 0; i < p->n && !code && c->req->names_count; i++)
		if (p->v[i].nic && strcmp(p->v[i].nic->name, p->v[i].want->name) != 0)
			code = found(c, "", 0, "slate-netconf apply, or a restart",
				     "%s should be %s: %s", p->v[i].nic->name,
				     p->v[i].want->name, p->v[i].reason);
	return code;
}

static const struct {
	const char *what, *todo;
} file_states[] = {
	[CHANGE_NONE] = { NULL, NULL },
	[CHANGE_NEW] = { "is missing", "slate-netconf generate" },
	[CHANGE_REPLACE] = { "is not what the plan gives now", "slate-netconf generate" },
	[CHANGE_REMOVE] = { "is of an older plan, nobody wants it any more",
			    "slate-netconf generate" },
	[CHANGE_KEPT] = { "is not as slate-netconf writes it",
			  "put the change into the policy, then slate-netconf generate "
			  "--force" },
};

static int check_files(struct checking *c)
{
	const struct changes *all = c->req->changes;
	int code = 0;

	if (c->req->failure[0])
		return found(c, "", 0, "mend that, then slate-netconf apply",
			     "the files cannot be made: %s", c->req->failure);
	for (size_t i = 0; all && i < all->n && !code; i++) {
		const struct change *v = &all->v[i];

		/* A missing helper is told by its own check. */
		if (v->kind == CHANGE_NONE ||
		    (v->kind == CHANGE_NEW && !strcmp(v->path, NETCONF_HELPER)))
			continue;
		code = found(c, v->path, 0, file_states[v->kind].todo, "%s%s%s",
			     file_states[v->kind].what, v->why[0] ? ": " : "", v->why);
	}
	return code;
}

/* A file in interfaces.d is nothing by itself. */
static int check_source(struct checking *c)
{
	static const char file[] = "/etc/network/interfaces";
	char *text = NULL;
	struct lines l;
	bool sourced = false;
	size_t len = 0;

	if (c->req->style != STYLE_IFUPDOWN ||
	    root_read(c->req->root, file, FILE_MAX, &text, &len, NULL))
		return 0;
	lines_begin(&l, text, len);
	while (lines_next(&l)) {
		char *line = line_strip(l.line);

		sourced |= !strncmp(line, "source", 6) && strstr(line, "interfaces.d");
	}
	free(text);
	return sourced ? 0
		       : found(c, file, 0, "add the line: source /etc/network/interfaces.d/*",
			       "does not read interfaces.d, where the addresses are");
}

/* What the rules and the unit call. */
static int check_helper(struct checking *c)
{
	const struct root *r = c->req->root;
	struct stat st;
	int code = 0;

	if (root_has(r, "/etc/systemd/system/slate-netconf.service") &&
	    !root_has(r, NETCONF_PROGRAM))
		code = found(c, NETCONF_PROGRAM, 0, "install slate there",
			     "is missing: a card that udev could not name stays as it is, and "
			     "nothing is planned anew on another machine");
	if (code || !root_has(r, NETCONF_RULES))
		return code;
	if (root_stat(r, NETCONF_HELPER, true, &st, NULL))
		return found(c, NETCONF_HELPER, 0, "slate-netconf generate",
			     "is missing, and the udev rules need it");
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0100))
		return found(c, NETCONF_HELPER, 0, "slate-netconf generate",
			     "cannot be run, and the udev rules need it");
	return 0;
}

static int check_problems(struct checking *c)
{
	const struct plan *p = c->req->plan;
	int code = 0;

	for (size_t i = 0; i < p->n_problems && !code; i++)
		code = found(c, "", 0, "change the policy; slate-netconf plan tells more", "%s",
			     p->problems[i]);
	return code;
}

int check_run(const struct check_request *req, struct findings *ret, struct err *e)
{
	static const struct {
		const char *name;
		int (*run)(struct checking *c);
	} checks[] = {
		{ "source", check_source },   { "plan", check_problems },
		{ "foreign", check_foreign }, { "files", check_files },
		{ "helper", check_helper },   { "initramfs", check_initramfs },
		{ "names", check_names },
	};
	struct checking c = { .req = req, .ret = ret, .e = e };
	int code = 0;

	*ret = (struct findings){ 0 };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !code; i++) {
		c.check = checks[i].name;
		code = checks[i].run(&c);
	}
	return code;
}
