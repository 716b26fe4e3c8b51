// SPDX-License-Identifier: GPL-3.0-or-later
/* lease_store.h - the database as what the DHCP room wants (dhcp/lease.h). */
#ifndef PXE_SERVE_LEASE_STORE_H
#define PXE_SERVE_LEASE_STORE_H

#include "pxe/dhcp/lease.h"
#include "pxe/store/store.h"

struct lease_store lease_store(struct store *s);

#endif
