// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * grub.cfg and grub.cfg-01-MAC (GRUB 2.06).  The server is named by its address: in
 * proxy mode GRUB's own $net_default_server is the address server's.
 */
#include "pxe/boot/boot_internal.h"
#include "pxe/wire/datagram.h"

#include <stdio.h>

/* Boots what is at @from, a device and a folder, when all of it can be loaded. */
static void add_kernel(const struct boot_request *q, const char *from, struct text *ret)
{
	char mac[MAC_TEXT_MAX];

	mac_text(&q->mac, mac);
	for (char *p = mac; *p; p++)
		*p = *p == ':' ? '-' : *p;
	text_add(ret, "if linux %s/" BOOT_KERNEL " ", from);
	boot_options(q, ret);
	text_add(ret, " BOOTIF=01-%s; then\nif initrd %s/" BOOT_INITRD "; then\nboot\nfi\nfi\n",
		 mac, from);
}

/*
 * By HTTP, which is faster, where GRUB has it: Debian's signed one has not, and with Secure
 * Boot none can be added.  No GRUB's http knows a port but 80.
 */
static void add_rescue(const struct boot_request *q, const char *server, struct text *ret)
{
	char from[32];

	if (q->http_port == 80) {
		snprintf(from, sizeof(from), "(http,%s)/boot", server);
		add_kernel(q, from, ret);
	}
	snprintf(from, sizeof(from), "(tftp,%s)", server);
	add_kernel(q, from, ret);
	text_add(ret, "echo \"" BOOT_FAILED "\"\nsleep 30\nreboot\n");
}

/*
 * Its disk.  Back to the firmware is no way: GRUB's exit reports success, so that UEFI shows
 * its own menu instead of taking the next entry (UEFI 2.10, 3.1.1). What is on the disk is
 * looked for: systems whose menus offer the others, too, come first.
 */
static void add_local(struct text *ret)
{
	text_add(ret, "for file in /EFI/debian/shimx64.efi /EFI/ubuntu/shimx64.efi "
		      "/EFI/fedora/shimx64.efi /EFI/opensuse/shim.efi "
		      "/EFI/Microsoft/Boot/bootmgfw.efi /EFI/BOOT/BOOTX64.EFI; do\n"
		      "if search --no-floppy --file --set=root $file; then\n"
		      "chainloader $file\nboot\nfi\ndone\nexit\n");
}

void boot_grub(const struct boot_request *q, struct text *ret)
{
	char server[ADDR_TEXT_MAX];

	addr_text(q->server, server);
	text_add(ret, "set timeout=0\n");
	if (!q->has_mac)
		/* Signed GRUBs ask for no other name: from here they go to their own. */
		text_add(ret, "configfile (tftp,%s)/grub.cfg-01-$net_default_mac\n", server);
	else if (q->what == BOOT_LOCAL)
		add_local(ret);
	else
		add_rescue(q, server, ret);
}
