// SPDX-License-Identifier: GPL-3.0-or-later
/* slate.ipxe and slate.ipxe-01-MAC (ipxe.org/scripting). */
#include "pxe/boot/boot_internal.h"

void boot_ipxe(const struct boot_request *q, struct text *ret)
{
	char url[BOOT_URL_MAX];

	boot_url(q, url);
	text_add(ret, "#!ipxe\n");
	if (!q->has_mac) {
		text_add(ret, "chain %sslate.ipxe-01-${netX/mac:hexhyp}\n", url);
		return;
	}
	if (q->what == BOOT_LOCAL) {
		/* After a failure the firmware takes the next entry; after a success UEFI
		 * would show its menu.
		 */
		text_add(ret, "exit 1\n");
		return;
	}
	text_add(ret, "kernel %s" BOOT_KERNEL " initrd=initrd.img ", url);
	boot_options(q, ret);
	text_add(ret,
		 " BOOTIF=01-${netX/mac:hexhyp} || goto failed\ninitrd %s" BOOT_INITRD
		 " || goto failed\nboot ||\n:failed\n",
		 url);
	text_add(ret, "echo " BOOT_FAILED "\nsleep 30\nreboot\n");
}
