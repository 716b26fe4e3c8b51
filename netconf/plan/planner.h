// SPDX-License-Identifier: GPL-3.0-or-later
/* planner.h - a plan in the making: what the parts of plan_make() share. */
#ifndef NETCONF_PLAN_PLANNER_H
#define NETCONF_PLAN_PLANNER_H

#include "common/text.h"
#include "netconf/plan/plan.h"

struct planner {
	const struct plan_request *req;
	struct plan *plan;
	const struct nic **cards; /* in an order that is always the same */
	size_t n;
	bool told_duplicate; /* of onboard indices: once is enough */
	bool bad;            /* memory has run out */
};

/* What a selector gives. */
struct pick {
	const struct nic *nic; /* NULL: none */
	char reason[160];
	bool refused; /* a problem was told: nothing more is tried */
};

/* cards.c: fills and sorts @p->cards by PCI address, port, bus address; USB last. */
int planner_sort(struct planner *p, struct err *e);
bool planner_on_usb(const struct nic *nic);
/* The name that @nic has by now, or NULL. */
const char *planner_holder(const struct planner *p, const struct nic *nic);
/* All cards: "0000:00:1f.6 e1000e (eth0), ...", for messages. */
void planner_list(const struct planner *p, struct text *t);

/* Adds to the plan's problems. */
void planner_problem(struct planner *p, const char *fmt, ...) PRINTF(2, 3);

/* Is @w for a wireless card?  By its ssid, its wlan:N, or its name. */
bool want_wireless(const struct want *w);

/* select.c */
void planner_select(struct planner *p, const struct want *w, const struct selector *s,
		    struct pick *ret);
/* onboard.c: firmware's word, or where there is none a guess that says so. */
void planner_onboard(struct planner *p, const struct want *w, const struct selector *s,
		     struct pick *ret);
/* pin.c: sets pin, pin_driver and pin_port, or tells a problem. */
void planner_pin(struct planner *p, struct choice *c);

#endif
