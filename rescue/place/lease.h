// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * lease.h - what a DHCP server gave, as rescue/init/lease writes it down: lines NAME=VALUE
 * with the names that udhcpc has for them.
 */
#ifndef RESCUE_PLACE_LEASE_H
#define RESCUE_PLACE_LEASE_H

#include "common/err.h"

#include <stddef.h>

#define LEASE_FILE_MAX    4096 /* bytes */
#define LEASE_ADDRESS_MAX 16   /* "255.255.255.255" and a NUL */

struct lease {
	char address[LEASE_ADDRESS_MAX];
	char router[LEASE_ADDRESS_MAX];      /* the first; "": none */
	char next_server[LEASE_ADDRESS_MAX]; /* siaddr, or option 66 when that is an address */
	char server[LEASE_ADDRESS_MAX];      /* who gave it */
};

/* -EINVAL: no address in it, or something that is none.  Other lines are passed over. */
int lease_parse(const char *text, size_t len, struct lease *ret, struct err *e);

#endif
