// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * client.h - what kind of program asks, by options 93, 77, 60 and 175 (RFC 4578, PXE 2.1,
 * UEFI 2.10 chapter 24).
 */
#ifndef PXE_DHCP_CLIENT_H
#define PXE_DHCP_CLIENT_H

#include "pxe/dhcp/packet.h"

enum client_kind {
	CLIENT_OTHER,     /* an operating system, or firmware of another kind */
	CLIENT_BIOS,      /* PXE, architecture 0 */
	CLIENT_UEFI,      /* PXE, architecture 7 or 9 */
	CLIENT_UEFI_HTTP, /* HTTP boot, architecture 16 */
	CLIENT_IPXE_BIOS, /* iPXE itself, in whatever firmware */
	CLIENT_IPXE_UEFI,
	CLIENT_FOREIGN, /* netboots, but nothing of ours runs there (ARM, 32 bit UEFI ...) */
};

enum client_kind client_kind(const struct dhcp_packet *p);
const char *client_kind_name(enum client_kind k); /* "BIOS PXE" ...: for logs and lists */

#endif
