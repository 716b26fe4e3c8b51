// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * bootif.h - the card that a netbooted machine booted from, as its boot loader
 * tells in the kernel's command line.
 *
 * BOOTIF=01-52-54-00-12-34-56 (pxelinux, IPAPPEND 2): the ARP hardware type, 01 for Ethernet,
 * and the address.
 */
#ifndef NETCONF_PLAN_BOOTIF_H
#define NETCONF_PLAN_BOOTIF_H

#include "common/mac.h"

#include <stdbool.h>

#define BOOTIF_CMDLINE_MAX 65536 /* bytes; Linux's own limit is 2048 to 4096 */

/* Takes the last BOOTIF= of @cmdline, as the kernel does; false when there is none or it is
 * malformed. */
bool bootif_find(const char *cmdline, struct mac *ret);

#endif
