// SPDX-License-Identifier: GPL-3.0-or-later
/* iface.h - one entry of class/net on its way to be a card, or left out. */
#ifndef NETCONF_HARDWARE_IFACE_H
#define NETCONF_HARDWARE_IFACE_H

#include "netconf/hardware/nic.h"
#include "netconf/hardware/rtnl.h"
#include "netconf/hardware/sysfs.h"

struct iface {
	const char *entry;     /* its name in class/net, as it is */
	char dir[PATH_MAX];    /* where that leads; canonical */
	char device[PATH_MAX]; /* the hardware behind it; canonical */
	/* What rtnetlink says of it; NULL in a fake tree. */
	const struct rtnl_link *link;
};

/*
 * Finds what is behind @entry.  True: it is no card, @why of @n bytes says what it is,
 * "" for what is no interface at all.
 */
bool iface_leave_out(const struct sysfs *s, struct iface *i, char *why, size_t n);

/* Fills @ret from what iface_leave_out() let pass.  False: no Ethernet address. */
bool card_read(const struct sysfs *s, const struct iface *i, struct nic *ret);

#endif
