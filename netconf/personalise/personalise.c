// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/personalise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* In the order in which they are made. */
const struct step *const personalise_steps[] = {
	&step_hostname,    &step_machine_id,  &step_ssh_keys,
	&step_dhcp_leases, &step_random_seed, &step_stale_rules,
	&step_nm_macs,     &step_swap,        NULL,
};

/* Sets the bits of the steps that are named in @list. */
static int parse_list(const char *list, const char *option, unsigned *ret, struct err *e)
{
	*ret = 0;
	for (;;) {
		size_t n = strcspn(list, ","), i = 0;

		for (; personalise_steps[i]; i++)
			if (strlen(personalise_steps[i]->name) == n &&
			    !strncmp(personalise_steps[i]->name, list, n))
				break;
		if (!personalise_steps[i])
			return err_set(e, -EINVAL,
				       "--%s: there is no step \"%.*s\"; --list shows them all",
				       option, (int)(n < 40 ? n : 40), list);
		*ret |= 1U << i;
		if (!list[n])
			return 0;
		list += n + 1;
	}
}

int personalise_select(const char *only, const char *skip, struct personalise *ret,
		       struct err *e)
{
	unsigned wanted = ~0U, unwanted = 0;
	int r = only ? parse_list(only, "only", &wanted, e) : 0;

	memset(ret, 0, sizeof(*ret));
	if (!r && skip)
		r = parse_list(skip, "skip", &unwanted, e);
	for (size_t i = 0; !r && personalise_steps[i]; i++)
		if (wanted & ~unwanted & 1U << i)
			ret->v[ret->n++].step = personalise_steps[i];
	return r;
}

static void set_name(struct task *t, const char *name, const char *why)
{
	snprintf(t->hostname, sizeof(t->hostname), "%s", name);
	snprintf(t->hostname_why, sizeof(t->hostname_why), "%s", why);
}

/* The first word of what the vault keeps; false: it is no host name. */
static bool kept_name(const struct identity *kept, char ret[HOSTNAME_MAX])
{
	const struct item *it = identity_find(kept, "hostname");
	size_t n = it ? strcspn(it->content, " \t\r\n#") : 0;

	if (!n || n >= HOSTNAME_MAX)
		return false;
	memcpy(ret, it->content, n);
	ret[n] = '\0';
	return !hostname_check(ret, NULL);
}

int personalise_name(struct task *t, const struct hostname_table *table, const char *template,
		     struct err *e)
{
	const struct hostname_entry *en = NULL;
	char name[HOSTNAME_MAX], who[160];
	struct err why = { "no name was given" };
	int r = table ? hostname_table_find(table, t->machine, &en, e) : 0;
	bool kept = !r && kept_name(t->kept, name);

	if (r)
		return r;
	/* The vault's line of /etc/hosts is as good when the table says the same. */
	t->hostname_kept = kept && (!en || !strcmp(en->name, name));
	if (t->hostname_kept)
		set_name(t, name, "the vault");
	else if (en)
		set_name(t, en->name, "the table");
	else if (template && !hostname_template(template, t->machine, name, &why))
		set_name(t, name, "the template");
	else if (table && !template)
		snprintf(t->hostname_why, sizeof(t->hostname_why),
			 "the table has no line for this machine (%s)",
			 machine_text(t->machine, who, sizeof(who)));
	else
		snprintf(t->hostname_why, sizeof(t->hostname_why), "%.250s", why.msg);
	return 0;
}

static void failed(struct personalise *p, struct step_result *s)
{
	s->state = STEP_FAILED;
	p->failed++;
}

void personalise_plan(struct personalise *p, const struct task *t)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step_result *s = &p->v[i];
		int r = s->step->plan(t, &s->edits, &s->error);

		if (!r && !text_ok(&s->edits.notes))
			r = err_nomem(&s->error);
		if (!r)
			r = edits_check(&s->edits, t->root, &s->error);
		if (r) {
			failed(p, s);
		} else if (s->edits.n) {
			s->state = STEP_PENDING;
			p->pending++;
		}
	}
}

void personalise_make(struct personalise *p, const struct task *t)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step_result *s = &p->v[i];

		if (s->state != STEP_PENDING)
			continue;
		p->pending--;
		if (edits_make(&s->edits, t->root, &s->error)) {
			failed(p, s);
		} else {
			s->state = STEP_DONE;
			p->done++;
		}
	}
}

void personalise_free(struct personalise *p)
{
	for (size_t i = 0; i < p->n; i++)
		edits_free(&p->v[i].edits);
	p->n = 0;
}
