// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What marks a card in the rules that are written, so that it is the only one
 * of this machine that they match.
 */
#include "netconf/plan/planner.h"

#include <stdio.h>
#include <string.h>

static bool same_mac(const struct planner *p, const struct nic *nic)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->cards[i] != nic && mac_equal(&p->cards[i]->perm, &nic->perm))
			return true;
	return false;
}

/* Each returns NULL, or why it does not do. */
static const char *by_mac(const struct planner *p, struct choice *c)
{
	if (!mac_valid(&c->nic->perm))
		return "it has no MAC of its own";
	if (c->nic->random_mac)
		return "its driver makes up another MAC at each boot";
	if (same_mac(p, c->nic))
		return "another card has the same MAC";
	return NULL;
}

static const char *by_path(const struct planner *p, struct choice *c)
{
	if (!c->nic->path[0])
		return "its path is not known";
	for (size_t i = 0; i < p->n; i++) {
		const struct nic *o = p->cards[i];

		if (o == c->nic || strcmp(o->path, c->nic->path) != 0)
			continue;
		if (o->dev_port == c->nic->dev_port)
			return "another card has the same path and port";
		c->pin_port = true;
	}
	/* In a machine of another model something else may sit there. */
	c->pin_driver = c->nic->driver[0];
	return NULL;
}

static const char *by_onboard(const struct planner *p, struct choice *c)
{
	if (c->nic->onboard_by == ONBOARD_UNKNOWN)
		return "the firmware does not say that it is onboard";
	for (size_t i = 0; i < p->n; i++) {
		const struct nic *o = p->cards[i];

		if (o == c->nic || o->onboard_by == ONBOARD_UNKNOWN ||
		    o->onboard != c->nic->onboard)
			continue;
		if (strcmp(o->pci, c->nic->pci) != 0 || o->dev_port == c->nic->dev_port)
			return "another card has the same onboard index";
		c->pin_port = true;
	}
	return NULL;
}

static const struct {
	const char *word;
	const char *(*by)(const struct planner *p, struct choice *c);
} pins[] = {
	[PIN_MAC] = { "mac", by_mac },
	[PIN_PATH] = { "path", by_path },
	[PIN_ONBOARD] = { "onboard", by_onboard },
};

static const char *try_pin(const struct planner *p, struct choice *c, enum pin pin)
{
	const char *why;

	c->pin = pin;
	c->pin_driver = c->pin_port = false;
	why = pins[pin].by(p, c);
	if (why)
		c->pin_driver = c->pin_port = false;
	return why;
}

/* USB sockets are changed more often than adapters; boards outlive both. */
static const enum pin usb_order[] = { PIN_MAC, PIN_PATH, PIN_AUTO };
static const enum pin order[] = { PIN_ONBOARD, PIN_PATH, PIN_MAC, PIN_AUTO };

void planner_pin(struct planner *p, struct choice *c)
{
	enum pin wanted = c->want->pin;
	const char *why = "";
	char card[PLAN_CARD_MAX];

	if (wanted != PIN_AUTO) {
		why = try_pin(p, c, wanted);
		if (why)
			planner_problem(p, "%s: pin = %s does not do for %s: %s", c->want->name,
					pins[wanted].word, plan_card_text(c->nic, card), why);
		return;
	}
	for (const enum pin *o = planner_on_usb(c->nic) ? usb_order : order; *o && why; o++)
		why = try_pin(p, c, *o);
	if (why)
		planner_problem(p, "%s: nothing marks %s from boot to boot: %s", c->want->name,
				plan_card_text(c->nic, card), why);
}
