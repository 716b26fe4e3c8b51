// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * plan.h - a policy resolved on the cards of one machine, with the reason for
 * each choice.  Touches nothing.
 */
#ifndef NETCONF_PLAN_PLAN_H
#define NETCONF_PLAN_PLAN_H

#include "netconf/hardware/nic.h"
#include "netconf/policy/policy.h"

/* One wanted name. */
struct choice {
	const struct want *want; /* belongs to the policy */
	const struct nic *nic;   /* belongs to the nics; NULL: this machine has none for it */
	char reason[1024];       /* "SMBIOS onboard index 1", "wired:next: no wired card" ... */
	enum pin pin;            /* never PIN_AUTO when there is a card */
	bool pin_driver, pin_port; /* what has to be matched besides, to be unique */
};

struct plan {
	const struct policy *policy;
	struct choice *v; /* in the policy's order */
	size_t n;
	const struct nic **strangers; /* cards that no name is wanted for */
	size_t n_strangers;
	char **problems; /* all that stands against it; a plan with problems is not applied */
	size_t n_problems;
};

struct plan_request {
	const struct policy *policy;
	const struct nics *nics;
	const struct mac *boot; /* of the card that the machine booted from; NULL: not known */
};

/*
 * Fills @ret (plan_free() it, also on failure).  0 also when there are problems: ambiguity,
 * duplicate onboard index, duplicate permanent address, required card missing.
 * The policy and the cards must live as long as the plan.
 */
int plan_make(const struct plan_request *req, struct plan *ret, struct err *e);
void plan_free(struct plan *p);
/* "0000:00:1f.6 e1000e", "usb 2-1:1.0 r8152", with " port 1" where needed.  Returns @buf. */
#define PLAN_CARD_MAX 128
char *plan_card_text(const struct nic *nic, char buf[PLAN_CARD_MAX]);
/* -ECANCELED with all problems in the text, when there are any. */
int plan_refuse(const struct plan *p, struct err *e);

#endif
