// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"
#include "netconf/cmd/personalise.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const states[] = { [STEP_NOTHING] = "nothing to do",
				      [STEP_PENDING] = "pending",
				      [STEP_DONE] = "done",
				      [STEP_FAILED] = "failed" };

static const char *const kinds[] = {
	[EDIT_WRITE] = "write", [EDIT_LINK] = "link", [EDIT_REMOVE] = "remove"
};

/* The next line of the notes, fit to be shown; false: there is none. */
static bool next_note(const char **p, char *buf, size_t n)
{
	size_t len = strcspn(*p, "\n");
	char raw[ERR_MSG_MAX];

	if (!**p)
		return false;
	snprintf(raw, sizeof(raw), "%.*s", (int)(len < sizeof(raw) ? len : sizeof(raw) - 1),
		 *p);
	plain_text(buf, n, raw, "");
	*p += len + ((*p)[len] == '\n');
	return true;
}

static void show_step(const struct step_result *s)
{
	const char *note = text_get(&s->edits.notes);
	char clean[ERR_MSG_MAX];

	printf("%-12s %s\n", s->step->name, states[s->state]);
	for (size_t i = 0; i < s->edits.n && s->state != STEP_FAILED; i++)
		printf("    %-6s %s\n", kinds[s->edits.v[i].kind],
		       plain_text(clean, sizeof(clean), s->edits.v[i].path, ""));
	while (s->state != STEP_FAILED && next_note(&note, clean, sizeof(clean)))
		printf("    (%s)\n", clean);
}

static void show_failures(const struct personalise *p, int status)
{
	char clean[ERR_MSG_MAX];

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].state == STEP_FAILED)
			fprintf(stderr, "slate-netconf: %s: %s\n", p->v[i].step->name,
				plain_text(clean, sizeof(clean), p->v[i].error.msg, ""));
	if (p->failed && status == NC_STATUS_PENDING)
		fprintf(stderr, "slate-netconf: nothing was changed; --skip STEP leaves a step "
				"out\n");
	else if (p->failed)
		fprintf(stderr,
			"slate-netconf: %zu of %zu steps failed; mend that and run this "
			"again, what is done stays done\n",
			p->failed, p->n);
}

static json_t *plain_json(const char *text)
{
	char clean[ERR_MSG_MAX];

	return json_string(plain_text(clean, sizeof(clean), text, "\n"));
}

static json_t *json_step(const struct step_result *s)
{
	json_t *o = json_object(), *changes = json_array(), *notes = json_array();
	const char *note = text_get(&s->edits.notes);
	char clean[ERR_MSG_MAX];

	json_object_set_new(o, "step", json_string(s->step->name));
	json_object_set_new(o, "state", json_string(states[s->state]));
	for (size_t i = 0; i < s->edits.n; i++)
		json_array_append_new(changes, json_pack("{s:s, s:o}", "change",
							 kinds[s->edits.v[i].kind], "path",
							 plain_json(s->edits.v[i].path)));
	while (next_note(&note, clean, sizeof(clean)))
		json_array_append_new(notes, json_string(clean));
	json_object_set_new(o, "changes", changes);
	json_object_set_new(o, "notes", notes);
	if (s->state == STEP_FAILED)
		json_object_set_new(o, "error", plain_json(s->error.msg));
	return o;
}

static void print_json(json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static void show_json(const struct personalise *p, const struct task *t, int status)
{
	json_t *o = json_object(), *steps = json_array(), *macs = json_array();
	char mac[MAC_TEXT_MAX];

	for (size_t i = 0; i < t->machine->n_cards; i++)
		json_array_append_new(macs, json_string(mac_text(&t->machine->cards[i], mac)));
	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(steps, json_step(&p->v[i]));
	json_object_set_new(o, "root", plain_json(root_name(t->root)));
	json_object_set_new(o, "macs", macs);
	json_object_set_new(o, "serial", plain_json(t->machine->dmi.serial));
	json_object_set_new(o, "hostname",
			    t->hostname[0] ? json_string(t->hostname) : json_null());
	json_object_set_new(o, "steps", steps);
	json_object_set_new(o, "status", json_integer(status));
	print_json(o);
}

void personalise_show(const struct nc_options *o, const struct personalise *p,
		      const struct task *t, int status)
{
	if (o->json)
		show_json(p, t, status);
	for (size_t i = 0; i < p->n && !o->json; i++)
		show_step(&p->v[i]);
	show_failures(p, status);
}

void personalise_list(bool json)
{
	json_t *a = json ? json_array() : NULL, *o;

	for (size_t i = 0; personalise_steps[i]; i++) {
		const struct step *s = personalise_steps[i];

		if (json)
			json_array_append_new(
				a, json_pack("{s:s, s:s}", "step", s->name, "help", s->help));
		else
			printf("%-12s  %s\n", s->name, s->help);
	}
	if (!json)
		return;
	o = json_object();
	json_object_set_new(o, "steps", a);
	print_json(o);
}
