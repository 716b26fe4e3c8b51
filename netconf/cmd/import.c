// SPDX-License-Identifier: GPL-3.0-or-later
/* import FILE...: a policy from files of older tools. */
#include "netconf/cmd/command.h"

#include "common/plain.h"
#include "common/text.h"
#include "netconf/hardware/nic.h"
#include "netconf/import/import.h"
#include "netconf/root/root.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the verb works on. */
struct job {
	const struct nc_options *o;
	struct import im;
	struct policy policy;
	struct nics nics; /* of this machine */
};

/* @file within the root; one of the running system may also be named from where we stand. */
static int absolute(const struct root *r, const char *file, char **ret, struct err *e)
{
	char *cwd = root_is_running(r) && file[0] != '/' ? getcwd(NULL, 0) : NULL;
	int n = asprintf(ret, "%s%s%s", cwd ? cwd : "", file[0] == '/' ? "" : "/", file);

	free(cwd);
	return n < 0 ? err_nomem(e) : 0;
}

static int read_one(const struct root *r, const char *file, struct import *im, struct err *e)
{
	char *path, *text = NULL;
	size_t len;
	int ret = absolute(r, file, &path, e);

	if (ret)
		return ret;
	ret = root_read(r, path, IMPORT_FILE_MAX, &text, &len, e);
	if (!ret)
		ret = import_parse(file, text, len, im, e);
	free(text);
	free(path);
	return ret;
}

static int read_all(struct job *j, int argc, char **argv, struct err *e)
{
	struct root *root = NULL;
	int r = root_open(j->o->root, &root, e);

	for (int i = 0; !r && i < argc; i++)
		r = read_one(root, argv[i], &j->im, e);
	root_close(root);
	if (!r)
		r = import_policy(&j->im, &j->policy, e);
	return r ? r : nics_scan(j->o->sys, &j->nics, e);
}

static bool is_here(const struct job *j, const struct import_entry *entry)
{
	return !entry->has_mac || nics_by_mac(&j->nics, &entry->mac);
}

static void show_notes(const struct job *j)
{
	size_t absent = 0, macs = 0;
	char mac[MAC_TEXT_MAX];

	for (size_t i = 0; i < j->im.n_notes; i++)
		fprintf(stderr, "slate-netconf: %s\n", j->im.notes[i]);
	if (j->im.more_notes)
		fprintf(stderr, "slate-netconf: and %zu more\n", j->im.more_notes);
	for (size_t i = 0; i < j->im.n; i++) {
		const struct import_entry *entry = &j->im.v[i];

		macs += entry->has_mac;
		if (is_here(j, entry))
			continue;
		absent++;
		fprintf(stderr, "slate-netconf: %s: this machine has no card with MAC %s\n",
			entry->name, mac_text(&entry->mac, mac));
	}
	if (absent && absent == macs)
		fprintf(stderr,
			"slate-netconf: these are cards of another machine: where the names "
			"shall\nfit this one, too, write onboard, wired:next, pci-order:N or "
			"wlan:N\ninstead of mac:, see slate-netconf.conf(5)\n");
}

/* Where each name comes from, as comments: lines that policy_parse() takes. */
static void show_origins(const struct import *im)
{
	char file[61], about[81];

	for (size_t i = 0; i < im->n; i++) {
		const struct import_entry *entry = &im->v[i];

		printf("# %s: %s:%u%s%s\n", entry->name,
		       plain_text(file, sizeof(file), entry->file, ""), entry->line,
		       entry->about[0] ? ": " : "",
		       plain_text(about, sizeof(about), entry->about, ""));
	}
}

static json_t *json_card(const struct job *j, const struct import_entry *entry)
{
	struct selector s;
	char file[256];

	import_selector(entry, &s);
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:b}", "name", entry->name, "match",
			 s.shown, "format", entry->by->name, "file",
			 plain_text(file, sizeof(file), entry->file, ""), "line",
			 (int)entry->line, "comment", entry->about, "here", is_here(j, entry));
}

static int show_json(const struct job *j, const char *text, struct err *e)
{
	json_t *cards = json_array(), *notes = json_array(), *all;

	for (size_t i = 0; i < j->im.n; i++)
		json_array_append_new(cards, json_card(j, &j->im.v[i]));
	for (size_t i = 0; i < j->im.n_notes; i++)
		json_array_append_new(notes, json_string(j->im.notes[i]));
	all = json_pack("{s:o, s:o, s:s}", "cards", cards, "notes", notes, "policy", text);
	if (!all)
		return err_nomem(e);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return 0;
}

static int show(const struct job *j, struct err *e)
{
	char *text;
	int r = policy_render(&j->policy, &text, e);

	if (r)
		return r;
	if (j->o->json) {
		r = show_json(j, text, e);
	} else {
		show_notes(j);
		printf("# Imported by slate-netconf from:\n");
		show_origins(&j->im);
		printf("\n%s", text);
	}
	free(text);
	if (!r && fflush(stdout))
		return err_sys(e, "standard output");
	return r;
}

int nc_import(const struct nc_options *o, int argc, char **argv)
{
	struct job j = { .o = o };
	struct err e = { "" };
	int r = read_all(&j, argc, argv, &e);

	if (!r && !j.policy.n) {
		show_notes(&j);
		r = err_set(&e, -EINVAL, "no name that could be imported");
	}
	if (!r)
		r = show(&j, &e);
	nics_free(&j.nics);
	policy_free(&j.policy);
	import_free(&j.im);
	return r ? nc_fail(r, &e) : NC_STATUS_DONE;
}
