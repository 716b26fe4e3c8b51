// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * netlink.h - what the kernel says on a netlink socket: messages, and attributes within
 * them, by the bounded cursor.
 *
 * Numbers are in the machine's own byte order.  Source: netlink(7), linux/netlink.h.
 */
#ifndef COMMON_NETLINK_H
#define COMMON_NETLINK_H

#include "common/bytes.h"

struct netlink_message {
	unsigned type, flags;
	uint32_t seq;
	struct rd body; /* behind the header */
};

struct netlink_attribute {
	unsigned type; /* without NLA_F_NESTED and the like */
	struct rd value;
};

uint16_t rd_host16(struct rd *r);
uint32_t rd_host32(struct rd *r);

/* The next one; false at the end, or @r is bad: what is left is none. */
bool netlink_message(struct rd *r, struct netlink_message *ret);
bool netlink_attribute(struct rd *r, struct netlink_attribute *ret);

#endif
