// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/personalise.h"

#include "common/io.h"
#include "common/plain.h"
#include "netconf/personalise/vault.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What one run works with. */
struct work {
	struct root *root;
	struct machine machine;
	struct hostname_table table;
	struct identity kept;
	struct personalise steps;
};

static int check_usage(const struct nc_options *o, struct err *e)
{
	if (o->save && o->restore)
		return err_set(e, -EINVAL, "--save and --restore: one of the two, please");
	if ((o->save || o->restore) != (o->vault != NULL))
		return err_set(e, -EINVAL,
			       o->vault ? "--vault DIR: and then --save or --restore"
					: "--save and --restore need --vault DIR");
	return o->hostname ? hostname_template_check(o->hostname, e) : 0;
}

static int refuse_running(struct err *e)
{
	return err_set(e, -ECANCELED,
		       "this would change the running system, under programs that use its "
		       "identity; restore or mount the cloned one and name its folder: "
		       "personalise --root DIR");
}

static int load_table(const char *path, struct hostname_table *ret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;
	char *text;
	size_t len;

	if (fd < 0)
		return err_sys(e, "%s, the table of host names", path);
	text = io_slurp_fd(fd, HOSTNAME_TABLE_MAX, &len);
	r = text ? hostname_table_parse(path, text, len, ret, e)
		 : err_sys(e, "%s, the table of host names", path);
	free(text);
	close(fd);
	return r;
}

/* A machine that the vault does not know is personalised as a new one. */
static int load_kept(const char *vault, const struct machine *m, struct identity *ret,
		     bool *found, struct err *e)
{
	char key[VAULT_KEY_MAX], who[256];
	int r = vault_find(vault, m, key, e);

	*found = r > 0;
	if (r > 0)
		r = vault_load(vault, key, ret, e);
	else if (!r)
		fprintf(stderr,
			"slate-netconf: %s has nothing of this machine (%s): it becomes a new "
			"one\n",
			vault, machine_text(m, who, sizeof(who)));
	/* Nothing was touched yet. */
	return r < 0 ? -ECANCELED : 0;
}

static bool has_uuid(void *ctx, const char *uuid)
{
	char *device = blkid_evaluate_tag("UUID", uuid, NULL);

	(void)ctx;
	free(device);
	return device != NULL;
}

/* Fills in what the options name. */
static int prepare(const struct nc_options *o, struct work *w, struct task *t, struct err *e)
{
	bool found = false;
	int r = o->table ? load_table(o->table, &w->table, e) : 0;

	if (!r && o->restore)
		r = load_kept(o->vault, &w->machine, &w->kept, &found, e);
	if (r)
		return r;
	*t = (struct task){ .root = w->root,
			    .machine = &w->machine,
			    .kept = found ? &w->kept : NULL,
			    .ssh_keys = o->ssh_keys,
			    .has_uuid = has_uuid };
	r = personalise_name(t, o->table ? &w->table : NULL, o->hostname, e);
	if (!r && !t->hostname[0] && (o->table || o->hostname)) {
		char clean[ERR_MSG_MAX];

		fprintf(stderr, "slate-netconf: the host name stays as it is: %s\n",
			plain_text(clean, sizeof(clean), t->hostname_why, ""));
	}
	return r;
}

static int verdict(const struct nc_options *o, const struct personalise *p, bool planned)
{
	if (planned)
		return p->failed || (o->dry_run && p->pending) ? NC_STATUS_PENDING
							       : NC_STATUS_DONE;
	return p->failed ? NC_STATUS_FAILED : NC_STATUS_DONE;
}

static int run_steps(const struct nc_options *o, struct work *w, struct err *e)
{
	struct task t;
	int r = prepare(o, w, &t, e), status;

	if (r)
		return nc_fail(r, e);
	personalise_plan(&w->steps, &t);
	status = verdict(o, &w->steps, true);
	if (!o->dry_run && !w->steps.failed) {
		personalise_make(&w->steps, &t);
		status = verdict(o, &w->steps, false);
	}
	personalise_show(o, &w->steps, &t, status);
	return status;
}

static int run(const struct nc_options *o, struct work *w, struct err *e)
{
	int r = root_open(o->root, &w->root, e);

	if (!r && root_is_running(w->root) && !o->save)
		r = refuse_running(e);
	if (!r)
		r = machine_load(o->sys, &w->machine, e);
	if (r)
		return nc_fail(r, e);
	return o->save ? personalise_save(o, w->root, &w->machine) : run_steps(o, w, e);
}

int nc_personalise(const struct nc_options *o, int argc, char **argv)
{
	struct work w = { 0 };
	struct err e = { "" };
	int status;

	(void)argc;
	(void)argv;
	if (o->list) {
		personalise_list(o->json);
		return NC_STATUS_DONE;
	}
	if (check_usage(o, &e) || personalise_select(o->only, o->skip, &w.steps, &e)) {
		(void)nc_fail(0, &e);
		return NC_STATUS_USAGE;
	}
	status = run(o, &w, &e);
	personalise_free(&w.steps);
	identity_free(&w.kept);
	hostname_table_free(&w.table);
	machine_free(&w.machine);
	root_close(w.root);
	return status;
}
