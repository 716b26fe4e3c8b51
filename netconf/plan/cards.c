// SPDX-License-Identifier: GPL-3.0-or-later
/* The cards in their order, and how they are called in messages. */
#include "netconf/plan/planner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool planner_on_usb(const struct nic *nic)
{
	return !strcmp(nic->bus, "usb");
}

/* Addresses of one form: a longer one is a higher one ("10000:e0:06.0" of a PCI domain). */
static int compare_addresses(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	return n == m ? strcmp(a, b) : n < m ? -1 : 1;
}

static int compare_numbers(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

static int compare(const void *pa, const void *pb)
{
	const struct nic *a = *(const struct nic *const *)pa,
			 *b = *(const struct nic *const *)pb;
	int r = planner_on_usb(a) - planner_on_usb(b);

	if (!r)
		r = !a->pci[0] - !b->pci[0];
	if (!r)
		r = compare_addresses(a->pci, b->pci);
	if (!r)
		r = compare_numbers(a->dev_port, b->dev_port);
	if (!r)
		r = compare_numbers(a->dev_id, b->dev_id);
	if (!r)
		r = compare_addresses(a->address, b->address);
	if (!r)
		r = memcmp(a->perm.b, b->perm.b, sizeof(a->perm.b));
	return r ? r : strcmp(a->name, b->name);
}

int planner_sort(struct planner *p, struct err *e)
{
	const struct nics *nics = p->req->nics;

	p->cards = calloc(nics->n + 1, sizeof(*p->cards));
	if (!p->cards)
		return err_nomem(e);
	for (size_t i = 0; i < nics->n; i++)
		p->cards[i] = &nics->v[i];
	p->n = nics->n;
	qsort(p->cards, p->n, sizeof(*p->cards), compare);
	return 0;
}

const char *planner_holder(const struct planner *p, const struct nic *nic)
{
	for (size_t i = 0; i < p->plan->n; i++)
		if (p->plan->v[i].nic == nic)
			return p->plan->v[i].want->name;
	return NULL;
}

char *plan_card_text(const struct nic *nic, char buf[PLAN_CARD_MAX])
{
	bool by_pci = nic->pci[0] && !planner_on_usb(nic);
	char port[24] = "";

	if (nic->dev_port)
		snprintf(port, sizeof(port), " port %u", nic->dev_port);
	snprintf(buf, PLAN_CARD_MAX, "%s%s%s%s%s%s", by_pci ? "" : nic->bus, by_pci ? "" : " ",
		 by_pci ? nic->pci : nic->address, nic->driver[0] ? " " : "", nic->driver,
		 port);
	return buf;
}

void planner_list(const struct planner *p, struct text *t)
{
	char card[PLAN_CARD_MAX];

	for (size_t i = 0; i < p->n; i++)
		text_add(t, "%s%s (now %s)", i ? ", " : "", plan_card_text(p->cards[i], card),
			 p->cards[i]->name);
	if (!p->n)
		text_add(t, "none");
}
