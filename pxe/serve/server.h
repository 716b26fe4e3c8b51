// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * server.h - the whole daemon: ports bound, privileges given up, then DHCP and TFTP in this
 * thread and HTTP in its own, until a signal ends it.
 */
#ifndef PXE_SERVE_SERVER_H
#define PXE_SERVE_SERVER_H

#include "pxe/config/lab.h"
#include "pxe/journal/journal.h"

struct server_request {
	const char *config; /* file of the configuration, for SIGHUP; NULL: the usual place */
	struct lab lab;     /* read and resolved */
	struct journal *journal;
};

/*
 * 0 after SIGTERM or SIGINT.  -ECANCELED: it cannot start as things are, -ENODEV: the
 * interface was taken away meanwhile; @e says why.
 */
int server_run(const struct server_request *req, struct err *e);

#endif
