// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * rtnl_parse.h - what the kernel answers on a rtnetlink socket, taken apart.
 *
 * Numbers are in the machine's own byte order.  Sources: netlink(7),
 * rtnetlink(7), linux/netlink.h, linux/rtnetlink.h, linux/if_link.h.
 */
#ifndef NETCONF_HARDWARE_RTNL_PARSE_H
#define NETCONF_HARDWARE_RTNL_PARSE_H

#include "netconf/hardware/rtnl.h"

#include <stdint.h>

#define RTNL_LINKS_MAX 16384

/* The answer to one request, datagram by datagram.  free() @v. */
struct rtnl_reply {
	uint32_t seq; /* of the request; messages with another one are passed over */
	struct rtnl_link *v;
	size_t n, cap;
	bool done;        /* the last message was there */
	bool interrupted; /* the list changed meanwhile: ask again */
	int code;         /* of an acknowledgement: 0 or a negative errno */
};

/*
 * Adds what one datagram of @len bytes says.  -EBADMSG: it is malformed;
 * -E2BIG: more than RTNL_LINKS_MAX interfaces; -ENOMEM.
 */
int rtnl_parse(struct rtnl_reply *reply, const void *buf, size_t len, struct err *e);

#endif
