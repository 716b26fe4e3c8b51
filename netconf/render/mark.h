// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * mark.h - by what a card is known in rules and .link files, in words that cannot
 * break out of them.
 *
 * Paths and driver names come from firmware and drivers.  In udev's files quotes,
 * '$', '%', backslashes and line ends have a meaning, and '*' '?' '[' '|' and
 * spaces have one within the value that is compared.  So only a few signs pass,
 * and a card that has others is marked by something else.
 */
#ifndef NETCONF_RENDER_MARK_H
#define NETCONF_RENDER_MARK_H

#include "netconf/plan/plan.h"

#define MARK_SAID_MAX 1200

struct mark {
	enum pin pin;          /* never PIN_AUTO */
	const struct nic *nic; /* of the choice */
	bool driver, port;     /* to be compared besides */
};

/*
 * The choice's own pin if it can be written, else the MAC, else the path.  The choice
 * has a card.  -EINVAL: nothing can mark it.
 */
int mark_choose(const struct choice *c, struct mark *ret, struct err *e);

/* Letters, digits and -._:+@ alone, at least one. */
bool mark_plain(const char *s);
/* The same and '/', from the root on: a path in a shell script, a unit, a rule. */
bool mark_plain_path(const char *s);
/* @name can stand in a rule, and has room for "nc-" before it if it needs two phases. */
int mark_name(const char *name, struct err *e);

/* For a comment: every sign that is not plain and no space, comma or bracket is '?'. */
char *mark_comment(char *dst, size_t n, const char *src);

#endif
