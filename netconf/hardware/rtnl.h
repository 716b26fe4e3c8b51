// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * rtnl.h - the kernel's list of interfaces, and giving one another name
 * (rtnetlink(7)).  Also linked into the small helper that udev runs, so it
 * needs nothing but libc.
 */
#ifndef NETCONF_HARDWARE_RTNL_H
#define NETCONF_HARDWARE_RTNL_H

#include "common/err.h"
#include "common/mac.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct rtnl;

int rtnl_open(struct rtnl **ret, struct err *e);
void rtnl_close(struct rtnl *r);

struct rtnl_link {
	int ifindex;
	char name[IFNAMSIZ];
	unsigned flags; /* IFF_UP ... */
	bool has_perm;  /* the kernel told a permanent address */
	struct mac perm;
};

/* All interfaces of this network namespace; the caller frees *ret. */
int rtnl_links(struct rtnl *r, struct rtnl_link **ret, size_t *n, struct err *e);

/* -EEXIST: another one has that name; -EBUSY: it is up; -ENODEV: it is gone. */
int rtnl_rename(struct rtnl *r, int ifindex, const char *name, struct err *e);

/* Sets it up, or down (its routes go then). */
int rtnl_set_up(struct rtnl *r, int ifindex, bool up, struct err *e);

#endif
