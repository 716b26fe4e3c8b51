// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dhcp_service.h - ports 67 and 4011: the protocol of dhcp/ with sockets, the database, and
 * what is to be booted.
 *
 * What comes together is answered together: one transaction of the database for all of it, and
 * the answers go out when it is on the disk.
 */
#ifndef PXE_SERVE_DHCP_SERVICE_H
#define PXE_SERVE_DHCP_SERVICE_H

#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"
#include "pxe/serve/loop.h"
#include "pxe/store/store.h"

struct dhcp_service;

struct dhcp_sockets {
	int server, proxy, ping; /* 67, 4011, ICMP; the caller keeps them. ping -1: none */
};

int dhcp_service_start(struct loop *l, const struct dhcp_sockets *fds, const struct lab *lab,
		       struct store *store, struct journal *journal, struct dhcp_service **ret,
		       struct err *e);
/* From now on by another configuration of the same interface; what was offered is forgotten. */
int dhcp_service_reload(struct dhcp_service *s, const struct lab *lab, struct err *e);
void dhcp_service_stop(struct dhcp_service *s);

#endif
