// SPDX-License-Identifier: GPL-3.0-or-later
/* orphans.h - all places that slate-netconf writes to, to find what nobody wants any more. */
#ifndef NETCONF_APPLY_ORPHANS_H
#define NETCONF_APPLY_ORPHANS_H

#include "netconf/root/root.h"

struct owned_place {
	const char *dir, *pattern; /* of the name, as fnmatch(3) has it */
	const char *link;          /* not NULL: a link with this text */
};

/* Ended by a NULL dir. */
extern const struct owned_place owned_places[];

/* Calls @take for everything at one of the places; its first failure ends the walk. */
typedef int orphan_take(void *ctx, const char *path, const struct owned_place *place,
			struct err *e);
int owned_walk(const struct root *r, orphan_take *take, void *ctx, struct err *e);

#endif
