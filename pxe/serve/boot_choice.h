// SPDX-License-Identifier: GPL-3.0-or-later
/* boot_choice.h - what a DHCP client that boots is told to fetch, and that it was seen. */
#ifndef PXE_SERVE_BOOT_CHOICE_H
#define PXE_SERVE_BOOT_CHOICE_H

#include "pxe/config/lab.h"
#include "pxe/dhcp/dhcp.h"
#include "pxe/store/store.h"

struct boot_choice {
	const struct lab *lab;
	struct store *store;
	struct journal *journal;
};

/* A boot_ask of dhcp/dhcp.h; @ctx is a struct boot_choice. */
void boot_choice(void *ctx, const struct dhcp_packet *p, enum client_kind kind,
		 struct boot_answer *ret);

#endif
