// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which card is on the board: the firmware's index (ACPI _DSM or SMBIOS type
 * 41), and where the firmware is silent a guess by where boards have their cards.
 */
#include "netconf/plan/planner.h"

#include <stdio.h>
#include <string.h>

#define INTEL 0x8086

/* The firmware counts wired and wireless cards apart. */
static bool is_told(const struct want *w, const struct nic *nic)
{
	return nic->onboard_by != ONBOARD_UNKNOWN && nic->wireless == want_wireless(w);
}

/* Ports of one function have its index in common. */
static bool same_function(const struct nic *a, const struct nic *b)
{
	return a->pci[0] && !strcmp(a->pci, b->pci) && a->dev_port != b->dev_port;
}

/* Two functions with one index: such firmware cannot be believed. */
static bool duplicate(struct planner *p, const struct want *w)
{
	char one[PLAN_CARD_MAX], two[PLAN_CARD_MAX];

	for (size_t i = 0; i < p->n; i++) {
		const struct nic *a = p->cards[i];

		for (size_t k = i + 1; k < p->n && is_told(w, a); k++) {
			const struct nic *b = p->cards[k];

			if (!is_told(w, b) || a->onboard != b->onboard || same_function(a, b))
				continue;
			if (!p->told_duplicate)
				planner_problem(p,
						"the firmware says of two cards that they are "
						"onboard %u: %s and %s; onboard cannot be "
						"used here: use path: or mac:",
						a->onboard, plan_card_text(a, one),
						plan_card_text(b, two));
			p->told_duplicate = true;
			return true;
		}
	}
	return false;
}

/* The @number-th by index; those of one function in their order. */
static const struct nic *by_index(const struct planner *p, const struct want *w,
				  unsigned number)
{
	const struct nic *found = NULL;
	size_t at = 0; /* of @found */

	for (unsigned i = 0; i < number; i++) {
		const struct nic *next = NULL;
		size_t next_at = 0;

		for (size_t k = 0; k < p->n; k++) {
			const struct nic *c = p->cards[k];

			if (!is_told(w, c) || (next && c->onboard >= next->onboard))
				continue;
			if (found && (c->onboard < found->onboard ||
				      (c->onboard == found->onboard && k <= at)))
				continue;
			next = c;
			next_at = k;
		}
		if (!next)
			return NULL;
		found = next;
		at = next_at;
	}
	return found;
}

/* Where boards have a card, the surest first. */
static bool chipset_lan(const struct nic *nic)
{
	return (nic->vendor == INTEL || !nic->vendor) &&
	       (!strcmp(nic->pci, "0000:00:19.0") || !strcmp(nic->pci, "0000:00:1f.6"));
}

/* A system on a chip, as in small ARM boards. */
static bool of_the_chip(const struct nic *nic)
{
	return !strcmp(nic->bus, "platform");
}

static bool on_bus_0(const struct nic *nic)
{
	return !strncmp(nic->pci, "0000:00:", 8);
}

static bool on_pci(const struct nic *nic)
{
	return nic->pci[0];
}

static const struct {
	bool (*is)(const struct nic *nic);
	const char *why;
} places[] = {
	{ chipset_lan, "the chipset's own card" },
	{ of_the_chip, "the only wired card that is on neither PCI nor USB" },
	{ on_bus_0, "the only wired card on PCI bus 0" },
	{ on_pci, "the only wired PCI card outside of slots" },
};

static bool may_be_onboard(const struct nic *nic)
{
	return !nic->wireless && !nic->in_slot && !planner_on_usb(nic);
}

static void guess(const struct planner *p, struct pick *ret)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct nic *found = NULL;
		size_t n = 0;

		for (size_t k = 0; k < p->n; k++) {
			if (!may_be_onboard(p->cards[k]) || !places[i].is(p->cards[k]))
				continue;
			found = p->cards[k];
			n++;
		}
		if (n > 1)
			break;
		if (n) {
			ret->nic = found;
			snprintf(ret->reason, sizeof(ret->reason),
				 "a guess, as the firmware does not say what is onboard: %s",
				 places[i].why);
			return;
		}
	}
	snprintf(ret->reason, sizeof(ret->reason),
		 "the firmware does not say, and there is no safe guess");
}

static bool any_told(const struct planner *p, const struct want *w)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_told(w, p->cards[i]))
			return true;
	return false;
}

static void told(struct planner *p, const struct want *w, unsigned number, struct pick *ret)
{
	if (duplicate(p, w)) {
		ret->refused = true;
		snprintf(ret->reason, sizeof(ret->reason),
			 "the firmware has one onboard index twice");
		return;
	}
	ret->nic = by_index(p, w, number);
	if (ret->nic)
		snprintf(ret->reason, sizeof(ret->reason), "%s onboard index %u",
			 ret->nic->onboard_by == ONBOARD_ACPI ? "ACPI" : "SMBIOS",
			 ret->nic->onboard);
	else
		snprintf(ret->reason, sizeof(ret->reason), "there is no onboard card %u",
			 number);
}

void planner_onboard(struct planner *p, const struct want *w, const struct selector *s,
		     struct pick *ret)
{
	unsigned number = s->number ? s->number : 1;
	const char *holder;
	char card[PLAN_CARD_MAX];

	if (any_told(p, w))
		told(p, w, number, ret);
	else if (number == 1 && !want_wireless(w))
		guess(p, ret);
	else
		snprintf(ret->reason, sizeof(ret->reason), "the firmware names none");
	holder = ret->nic ? planner_holder(p, ret->nic) : NULL;
	if (!holder)
		return;
	snprintf(ret->reason, sizeof(ret->reason), "%.90s is %s already",
		 plan_card_text(ret->nic, card), holder);
	ret->nic = NULL;
}
