// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * live.h - gives the interfaces of the running system their names, in two phases:
 * all that are wrong first step aside to nc-NAME, then each takes its name.  So
 * any permutation works.
 *
 * The udev rules do the same for cards that come later; while they see ours move they
 * may be faster with the second step, which is no harm.
 */
#ifndef NETCONF_APPLY_LIVE_H
#define NETCONF_APPLY_LIVE_H

#include "netconf/hardware/rtnl.h"
#include "netconf/plan/plan.h"

struct live_move {
	int ifindex;
	char from[NIC_NAME_MAX], aside[NIC_NAME_MAX], to[NIC_NAME_MAX];
	bool up;
	bool stranger;     /* nobody wants a name for it, it only makes room */
	char blocked[160]; /* why it cannot move now; "" it can */
	bool gone, done;
};

struct live {
	struct live_move *v;
	size_t n;
	size_t blocked;
};

/*
 * What has to move.  @udev: the folder of udev's database ("/run/udev/data"), which has names
 * for strangers.  An interface that is up is blocked unless @force, and so is who needs its
 * name.  live_free() @ret, also on failure.
 */
int live_find(struct rtnl *rt, const struct plan *plan, const char *udev, bool force,
	      struct live *ret, struct err *e);
void live_free(struct live *l);

/*
 * Moves what is not blocked; what is up is set down meanwhile.  On failure all get their
 * old names back.
 */
int live_make(struct rtnl *rt, struct live *l, struct err *e);

#endif
