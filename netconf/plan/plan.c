// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/plan/plan.h"

#include "netconf/plan/planner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void planner_problem(struct planner *p, const char *fmt, ...)
{
	struct plan *plan = p->plan;
	char **more = reallocarray(plan->problems, plan->n_problems + 1, sizeof(*more));
	char *text = NULL;
	va_list ap;

	if (more)
		plan->problems = more;
	va_start(ap, fmt);
	if (!more || vasprintf(&text, fmt, ap) < 0)
		p->bad = true;
	else
		plan->problems[plan->n_problems++] = text;
	va_end(ap);
}

static void missing(struct planner *p, const struct want *w, const struct text *why)
{
	struct text cards = { 0 };

	planner_list(p, &cards);
	planner_problem(p, "%s is required, and no card is right for it (%s); cards here: %s",
			w->name, text_get(why), text_get(&cards));
	text_free(&cards);
}

/* A role for the air on a cable, or the other way round. */
static void check_role(struct planner *p, const struct choice *c)
{
	const struct role *role = &c->want->role;
	char card[PLAN_CARD_MAX];

	plan_card_text(c->nic, card);
	if (role->ssid[0] && !c->nic->wireless)
		planner_problem(p, "%s: its role has an ssid, and %s is a wired card",
				c->want->name, card);
	if (!role->ssid[0] && c->nic->wireless && role->how != ADDRESS_MANUAL)
		planner_problem(p, "%s: %s is wireless, and its role has no ssid",
				c->want->name, card);
}

static void set_reason(struct choice *c, const char *text)
{
	size_t n = sizeof(c->reason);

	if (snprintf(c->reason, n, "%s", text) >= (int)n)
		memcpy(c->reason + n - 4, "...", 4);
}

static void choose(struct planner *p, const struct want *w, struct choice *c)
{
	struct text why = { 0 };
	struct pick pick = { 0 };

	*c = (struct choice){ .want = w };
	for (size_t i = 0; i < w->n_selectors && !pick.nic && !pick.refused; i++) {
		const struct selector *s = &w->selectors[i];

		planner_select(p, w, s, &pick);
		text_add(&why, "%s%s: %s", i ? "; " : "", s->shown, pick.reason);
	}
	c->nic = pick.nic;
	set_reason(c, pick.nic ? pick.reason : text_get(&why));
	if (pick.nic)
		check_role(p, c);
	else if (w->required && !pick.refused)
		missing(p, w, &why);
	p->bad = p->bad || !text_ok(&why);
	text_free(&why);
}

/* Does it matter to @nic that another card has its MAC? */
static bool marked_by_mac(const struct planner *p, const struct nic *nic)
{
	for (size_t i = 0; i < p->plan->n; i++) {
		const struct want *w = p->plan->v[i].want;

		if (p->plan->v[i].nic == nic)
			return w->pin == PIN_AUTO || w->pin == PIN_MAC;
	}
	return false;
}

static void check_duplicate_macs(struct planner *p)
{
	char mac[MAC_TEXT_MAX], one[PLAN_CARD_MAX], two[PLAN_CARD_MAX];

	for (size_t i = 0; i < p->n; i++) {
		const struct nic *a = p->cards[i];

		for (size_t k = i + 1; k < p->n; k++) {
			const struct nic *b = p->cards[k];

			if (!mac_equal(&a->perm, &b->perm) || !mac_valid(&a->perm) ||
			    (!marked_by_mac(p, a) && !marked_by_mac(p, b)))
				continue;
			planner_problem(p,
					"two cards have the MAC %s: %s and %s; turn off MAC "
					"pass-through (dock), or write pin = path for the "
					"names that they shall have",
					mac_text(&a->perm, mac), plan_card_text(a, one),
					plan_card_text(b, two));
		}
	}
}

static int collect_strangers(struct planner *p, struct err *e)
{
	struct plan *plan = p->plan;

	plan->strangers = calloc(p->n + 1, sizeof(*plan->strangers));
	if (!plan->strangers)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++)
		if (!planner_holder(p, p->cards[i]))
			plan->strangers[plan->n_strangers++] = p->cards[i];
	return 0;
}

int plan_make(const struct plan_request *req, struct plan *ret, struct err *e)
{
	struct planner p = { .req = req, .plan = ret };
	const struct policy *policy = req->policy;
	int r;

	*ret = (struct plan){ .policy = policy };
	ret->v = calloc(policy->n + 1, sizeof(*ret->v));
	r = ret->v ? planner_sort(&p, e) : err_nomem(e);
	if (r)
		return r;
	for (; ret->n < policy->n; ret->n++)
		choose(&p, &policy->v[ret->n], &ret->v[ret->n]);
	check_duplicate_macs(&p);
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].nic)
			planner_pin(&p, &ret->v[i]);
	r = collect_strangers(&p, e);
	free(p.cards);
	return r || !p.bad ? r : err_nomem(e);
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n_problems; i++)
		free(p->problems[i]);
	free(p->problems);
	free(p->strangers);
	free(p->v);
	*p = (struct plan){ 0 };
}

int plan_refuse(const struct plan *p, struct err *e)
{
	struct text t = { 0 };

	if (!p->n_problems)
		return 0;
	for (size_t i = 0; i < p->n_problems; i++)
		text_add(&t, "\n  - %s", p->problems[i]);
	err_set(e, -ECANCELED, "the names cannot be planned; nothing was touched:%s",
		text_get(&t));
	text_free(&t);
	return -ECANCELED;
}
