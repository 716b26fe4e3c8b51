// SPDX-License-Identifier: GPL-3.0-or-later
/* check_internal.h - one check of a root. */
#ifndef NETCONF_APPLY_CHECK_INTERNAL_H
#define NETCONF_APPLY_CHECK_INTERNAL_H

#include "netconf/apply/check.h"

struct checking {
	const struct check_request *req;
	const char *check; /* that runs now */
	struct findings *ret;
	struct err *e;
};

/* Adds "file:line: what", and what to do about it. */
int found(struct checking *c, const char *file, unsigned line, const char *todo,
	  const char *what, ...) PRINTF(5, 6);

/* In files of others: udev rules, .link, netplan, NetworkManager, ifcfg-*, interfaces. */
int check_foreign(struct checking *c);
#endif
