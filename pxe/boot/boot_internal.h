// SPDX-License-Identifier: GPL-3.0-or-later
/* boot_internal.h - what the renderers have in common. */
#ifndef PXE_BOOT_INTERNAL_H
#define PXE_BOOT_INTERNAL_H

#include "pxe/boot/boot.h"

/* The rescue system's files, within the boot tree. */
#define BOOT_KERNEL "slate/vmlinuz"
#define BOOT_INITRD "slate/initrd.img"

/* Where a loader can say something, before it starts the PC anew. */
#define BOOT_FAILED "Slate: the rescue system could not be loaded. Trying again in 30 seconds."

/* "http://10.0.0.1/boot/": the port only when it is not 80. */
#define BOOT_URL_MAX 48
char *boot_url(const struct boot_request *q, char buf[BOOT_URL_MAX]);

/* "slate.server=http://10.0.0.1 quiet ...": the kernel's command line but for BOOTIF. */
void boot_options(const struct boot_request *q, struct text *ret);

void boot_pxelinux(const struct boot_request *q, struct text *ret);
void boot_grub(const struct boot_request *q, struct text *ret);
void boot_ipxe(const struct boot_request *q, struct text *ret);

#endif
