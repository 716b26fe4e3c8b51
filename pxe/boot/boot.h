// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * boot.h - which client gets what: the first file, and the menus and scripts that loaders
 * ask for, rendered for each client from its job.
 */
#ifndef PXE_BOOT_BOOT_H
#define PXE_BOOT_BOOT_H

#include "common/mac.h"
#include "common/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Loaders by client; the same order as enum client_kind has no meaning here. */
enum loader {
	LOADER_NONE,
	LOADER_BIOS,      /* lpxelinux.0 */
	LOADER_UEFI,      /* shimx64.efi renamed: bootx64.efi, then grubx64.efi */
	LOADER_UEFI_HTTP, /* http/bootx64.efi by URL: iPXE, or a GRUB that has http */
	LOADER_IPXE,      /* the script */
	LOADER_GRUB,      /* grubx64.efi, for an iPXE that cannot run the script */
};

/* What the machine is to do; from its job. */
enum boot_what { BOOT_LOCAL, BOOT_RESCUE };

struct boot_request {
	uint32_t server; /* our address */
	uint16_t http_port;
	struct mac mac;
	bool has_mac;
	enum boot_what what;
	const char *kernel_options; /* of lab.conf; "" none */
	const char *host;           /* its name; "" unknown */
};

/* Path or URL of the first file; false: none for that loader. */
bool boot_first_file(enum loader l, const struct boot_request *q, char *buf, size_t n);

/*
 * A virtual file: pxelinux.cfg/01-aa-..., grub/grub.cfg-01-..., slate.ipxe.  True: @name is
 * one (the MAC it names, if any, is put into @ret_mac).  The names a loader tries
 * before (UUID, C0A8...) are not: they get "no such file" and it goes on.
 */
enum boot_menu { MENU_NONE, MENU_PXELINUX, MENU_GRUB, MENU_IPXE };
enum boot_menu boot_menu_of(const char *name, struct mac *ret_mac, bool *ret_has_mac);
/* Its text; 0 or -ENOMEM. */
int boot_render(enum boot_menu menu, const struct boot_request *q, struct text *ret,
		struct err *e);

#endif
