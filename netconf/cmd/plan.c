// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-netconf plan: which card gets which name, and why. */
#include "netconf/cmd/command.h"
#include "netconf/cmd/resolve.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const pin_words[] = {
	[PIN_AUTO] = "", [PIN_MAC] = "mac", [PIN_PATH] = "path", [PIN_ONBOARD] = "onboard"
};

/* ---- for people ---- */

/* @sure: the plan has no problems, and how cards are marked is settled. */
static void show_choice(const struct choice *c, bool sure)
{
	static const char *const marks[] = { [PIN_AUTO] = "nothing",
					     [PIN_MAC] = "its MAC",
					     [PIN_PATH] = "its path",
					     [PIN_ONBOARD] = "its onboard index" };
	char card[PLAN_CARD_MAX], mac[MAC_TEXT_MAX];

	if (!c->nic) {
		printf("%-8s - no card%s: %s\n", c->want->name,
		       c->want->required ? ", and it is required" : "", c->reason);
		return;
	}
	printf("%-8s ← %s: %s\n", c->want->name, plan_card_text(c->nic, card), c->reason);
	printf("%-8s   now %s, MAC %s%s%s\n", "", c->nic->name, mac_text(&c->nic->perm, mac),
	       sure ? ", marked by " : "", sure ? marks[c->pin] : "");
}

static bool is_wanted(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!strcmp(plan->v[i].want->name, name))
			return true;
	return false;
}

/* What happens to a card that no name is wanted for. */
static const char *fate(const struct plan *plan, const struct nic *nic)
{
	bool moves = plan->policy->strangers == STRANGERS_PATH_NAME
			     ? name_of_kernel(nic->name)
			     : is_wanted(plan, nic->name);

	return moves ? "moved to udev's own name" : "keeps its name";
}

static void show_strangers(const struct plan *plan)
{
	char card[PLAN_CARD_MAX], mac[MAC_TEXT_MAX];

	if (plan->n_strangers)
		printf("\nNo name is wanted for:\n");
	for (size_t i = 0; i < plan->n_strangers; i++) {
		const struct nic *nic = plan->strangers[i];

		printf("  %s (now %s, MAC %s): %s\n", plan_card_text(nic, card), nic->name,
		       mac_text(&nic->perm, mac), fate(plan, nic));
	}
}

static void show_skipped(const struct nics *nics)
{
	if (nics->n_skipped)
		printf("\nNo cards:\n");
	for (size_t i = 0; i < nics->n_skipped; i++)
		printf("  %s: %s\n", nics->skipped[i].name, nics->skipped[i].why);
}

/* ---- for programs ---- */

static json_t *nic_object(const struct nic *nic)
{
	char mac[MAC_TEXT_MAX];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "name", nic->name, "mac",
			 mac_text(&nic->perm, mac), "bus", nic->bus, "address", nic->address,
			 "path", nic->path, "driver", nic->driver, "dev_port",
			 (int)nic->dev_port);
}

static json_t *choice_object(const struct choice *c)
{
	return json_pack("{s:s, s:b, s:o, s:s, s:s}", "name", c->want->name, "required",
			 (int)c->want->required, "card",
			 c->nic ? nic_object(c->nic) : json_null(), "reason", c->reason, "pin",
			 c->nic ? pin_words[c->pin] : "");
}

static json_t *plan_object(const struct resolved *r)
{
	const struct plan *plan = &r->plan;
	json_t *names = json_array(), *strangers = json_array(), *problems = json_array();
	json_t *all;
	char mac[MAC_TEXT_MAX];
	bool bad = false;

	for (size_t i = 0; i < plan->n; i++)
		bad |= json_array_append_new(names, choice_object(&plan->v[i])) != 0;
	for (size_t i = 0; i < plan->n_strangers; i++)
		bad |= json_array_append_new(strangers, nic_object(plan->strangers[i])) != 0;
	for (size_t i = 0; i < plan->n_problems; i++)
		bad |= json_array_append_new(problems, json_string(plan->problems[i])) != 0;
	all = json_pack("{s:s?, s:o, s:o, s:o}", "boot_nic",
			r->has_boot ? mac_text(&r->boot, mac) : NULL, "names", names,
			"strangers", strangers, "problems", problems);
	if (bad)
		json_decref(all);
	return bad ? NULL : all;
}

static int show_json(const struct resolved *r, struct err *e)
{
	json_t *all = plan_object(r);
	int bad = !all || json_dumpf(all, stdout, JSON_INDENT(2)) || putchar('\n') == EOF;

	json_decref(all);
	return bad ? err_set(e, -EIO, "cannot write the JSON object") : 0;
}

static void show(const struct resolved *r, bool verbose)
{
	for (size_t i = 0; i < r->plan.n; i++)
		show_choice(&r->plan.v[i], !r->plan.n_problems);
	show_strangers(&r->plan);
	if (verbose)
		show_skipped(&r->nics);
}

int nc_plan(const struct nc_options *o, int argc, char **argv)
{
	struct resolved r;
	struct err e = { "" };
	int code = nc_resolve(o, &r, &e);

	(void)argc, (void)argv;
	if (!code && o->json)
		code = show_json(&r, &e);
	else if (!code)
		show(&r, o->verbose);
	if (!code && fflush(stdout))
		code = err_sys(&e, "standard output");
	if (!code)
		code = plan_refuse(&r.plan, &e);
	nc_resolve_free(&r);
	return code ? nc_fail(code, &e) : NC_STATUS_DONE;
}
