// SPDX-License-Identifier: GPL-3.0-or-later
/* probe.h - is there another DHCP server on the lab's network? */
#ifndef PXE_SERVE_PROBE_H
#define PXE_SERVE_PROBE_H

#include "common/err.h"

#include <stdint.h>

#define PROBE_MS 3000

/*
 * Sends a DISCOVER on @interface, twice, and waits PROBE_MS for offers: *ret_server is who made
 * one with an address (0: nobody).  Takes no lease.  @self: our own address, whose offers do
 * not count.  Root (port 68).
 */
int probe_dhcp(const char *interface, uint32_t self, uint32_t *ret_server, struct err *e);

#endif
