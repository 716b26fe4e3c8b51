// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * slate-netconf apply: writes the files, then gives the running system's cards their
 * names.  At boot (--boot) files are only written on another machine than before.
 */
#include "common/run_program.h"
#include "netconf/apply/initramfs.h"
#include "netconf/apply/live.h"
#include "netconf/apply/state.h"
#include "netconf/cmd/changes.h"
#include "netconf/cmd/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UDEV_DATA   "/run/udev/data"
#define COMMAND_MAX 4400

struct apply {
	const struct nc_options *o;
	struct work work;
	bool is_live; /* the root is the running system, and the cards are its own */
	struct live live;
	struct initramfs initramfs;
	bool updated;      /* the initramfs */
	bool other;        /* --boot: this is another machine than before */
	char warning[600]; /* what went wrong, and is no reason to stop; "" nothing */
};

static bool only_tells(const struct nc_options *o)
{
	return o->dry_run || o->diff;
}

/* Runs a program of the running system; what it says when it fails goes into the warning. */
static void run_program(struct apply *a, const char *const argv[])
{
	struct output *out = malloc(sizeof(*out));
	struct err e = { "" };
	int code = out ? program_run(argv, NULL, out, &e) : err_nomem(&e);

	if (code < 0)
		snprintf(a->warning, sizeof(a->warning), "%.590s", e.msg);
	else if (code > 0)
		snprintf(a->warning, sizeof(a->warning), "%s %s failed: %.500s", argv[0],
			 argv[1], output_last_line(out));
	free(out);
}

static int mend_names(struct apply *a, struct err *e)
{
	static const char *const reload[] = { "udevadm", "control", "--reload", "--timeout=10",
					      NULL };
	struct rtnl *rt = NULL;
	int code;

	if (!a->is_live)
		return 0;
	if (a->work.changes.pending && !only_tells(a->o))
		run_program(a, reload);
	code = rtnl_open(&rt, e);
	if (!code)
		code = live_find(rt, &a->work.resolved.plan, UDEV_DATA, a->o->force, &a->live,
				 e);
	if (!code && !only_tells(a->o))
		code = live_make(rt, &a->live, e);
	rtnl_close(rt);
	return code;
}

static int look_at_initramfs(struct apply *a, struct err *e)
{
	const struct root *r = a->work.resolved.root;
	int code = only_tells(a->o) ? 0 : initramfs_look(r, &a->initramfs, e);

	if (code || !a->initramfs.image[0] || !a->o->update_initramfs || !a->is_live)
		return code;
	run_program(a, a->initramfs.command);
	code = initramfs_look(r, &a->initramfs, e);
	a->updated = !code && !a->initramfs.image[0];
	return code;
}

static int apply_files(struct apply *a, struct err *e)
{
	int code = work_begin(a->o, &a->work, e);

	return code ? code : work_make(a->o, &a->work, e);
}

/*
 * The same machine as before needs no files.  On another one, files that cannot be
 * made or written (a read-only disk) do not keep the cards from their names.
 */
static int boot_files(struct apply *a, struct err *e)
{
	struct state state = { "", "" };
	struct err why = { "" };
	int code = work_plan(a->o, &a->work, e), bad;

	if (code)
		return code;
	bad = state_read(a->work.resolved.root, &state, &why);
	a->other = strcmp(state.fingerprint, a->work.print) != 0;
	if (!bad && a->other)
		bad = work_files(a->o, &a->work, &why);
	if (!bad && a->other)
		bad = work_make(a->o, &a->work, &why);
	if (bad) {
		snprintf(a->warning, sizeof(a->warning), "%.590s", why.msg);
		changes_free(&a->work.changes);
	}
	return 0;
}

/* ---- telling ---- */

static void show_names(const struct apply *a)
{
	const struct live *l = &a->live;

	for (size_t i = 0; i < l->n; i++) {
		const struct live_move *m = &l->v[i];

		if (m->blocked[0])
			fprintf(stderr, "slate-netconf: %s cannot become %s: %s\n", m->from,
				m->to, m->blocked);
		else if (m->gone)
			fprintf(stderr, "slate-netconf: %s was taken out\n", m->from);
		else
			printf("%s %s %s%s\n", m->from,
			       only_tells(a->o) ? "would become" : "is now", m->to,
			       m->stranger ? " (no name is wanted for it)" : "");
	}
	if (a->is_live && !l->n)
		printf("All names are as they should be.\n");
}

static void show_initramfs(const struct apply *a)
{
	char command[COMMAND_MAX];

	if (a->updated)
		printf("The initramfs was made anew.\n");
	else if (a->initramfs.image[0])
		printf("%s is older than %s; make it anew:\n\t%s\n", a->initramfs.image,
		       a->initramfs.newer,
		       initramfs_command(a->work.resolved.root, &a->initramfs, command,
					 sizeof(command)));
}

static int show(const struct apply *a, struct err *e)
{
	int code = 0;

	if (a->o->boot)
		printf("%s\n", a->other ? "Another machine than before: planned anew."
					: "The same machine as before.");
	if (!a->o->boot || a->work.changes.n)
		code = work_show(a->o, &a->work, e);
	if (code)
		return code;
	show_names(a);
	show_initramfs(a);
	return fflush(stdout) ? err_sys(e, "standard output") : 0;
}

static json_t *names_list(const struct apply *a)
{
	json_t *list = json_array();
	bool bad = !list;

	for (size_t i = 0; i < a->live.n; i++) {
		const struct live_move *m = &a->live.v[i];

		bad |= json_array_append_new(list,
					     json_pack("{s:s, s:s, s:b, s:s}", "from", m->from,
						       "to", m->to, "done", (int)m->done, "why",
						       m->blocked)) != 0;
	}
	if (bad)
		json_decref(list);
	return bad ? NULL : list;
}

static int show_json(const struct apply *a, struct err *e)
{
	json_t *object = work_object(a->o, &a->work);
	char command[COMMAND_MAX] = "";

	if (a->initramfs.image[0])
		initramfs_command(a->work.resolved.root, &a->initramfs, command,
				  sizeof(command));
	if (json_object_set_new(object, "names", names_list(a)) ||
	    json_object_set_new(object, "other_machine", json_boolean(a->other)) ||
	    json_object_set_new(object, "update_initramfs", json_string(command))) {
		json_decref(object);
		object = NULL;
	}
	return json_show(object, e);
}

static int status_of(const struct apply *a)
{
	if (a->live.blocked || (only_tells(a->o) && a->live.n))
		return NC_STATUS_PENDING;
	/* At boot only the names count. */
	return a->o->boot ? NC_STATUS_DONE : work_status(a->o, &a->work);
}

int nc_apply(const struct nc_options *o, int argc, char **argv)
{
	struct apply a = { .o = o };
	struct err e = { "" };
	int code = o->boot ? boot_files(&a, &e) : apply_files(&a, &e), status;

	(void)argc, (void)argv;
	a.is_live = !code && root_is_running(a.work.resolved.root) && !strcmp(o->sys, "/sys");
	if (!code)
		code = mend_names(&a, &e);
	if (!code)
		code = look_at_initramfs(&a, &e);
	if (!code)
		code = o->json ? show_json(&a, &e) : show(&a, &e);
	if (a.warning[0])
		fprintf(stderr, "slate-netconf: %s\n", a.warning);
	status = code ? nc_fail(code, &e) : status_of(&a);
	live_free(&a.live);
	work_free(&a.work);
	return status;
}
