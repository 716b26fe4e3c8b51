// SPDX-License-Identifier: GPL-3.0-or-later
/* pxelinux.cfg/01-MAC (SYSLINUX 6, "The SYSLINUX configuration file"). */
#include "pxe/boot/boot_internal.h"

void boot_pxelinux(const struct boot_request *q, struct text *ret)
{
	char url[BOOT_URL_MAX];

	/* When something cannot be loaded, it waits at its prompt: 30 s, then it tries again.
	 */
	text_add(ret, "DEFAULT slate\nPROMPT 0\nTIMEOUT 300\nLABEL slate\n");
	if (q->what == BOOT_LOCAL) {
		/* -1: reports a failure to the BIOS, which goes on with the next boot device.
		 */
		text_add(ret, "LOCALBOOT -1\n");
		return;
	}
	boot_url(q, url);
	text_add(ret, "LINUX %s" BOOT_KERNEL "\nINITRD %s" BOOT_INITRD "\nAPPEND ", url, url);
	boot_options(q, ret);
	/* 2: the loader adds BOOTIF=01-MAC of the card that it came by. */
	text_add(ret, "\nSYSAPPEND 2\n");
}
