// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * grub.cfg and grub.cfg-01-MAC (GRUB 2.06).  The server is named by its address: in
 * proxy mode GRUB's own $net_default_server is the address server's.
 */
#include "pxe/boot/boot_internal.h"
#include "pxe/wire/datagram.h"

/* GRUB's http knows no port but 80. */
static void add_device(const struct boot_request *q, const char *server, struct text *ret)
{
	text_add(ret, "(%s,%s)/%s", q->http_port == 80 ? "http" : "tftp", server,
		 q->http_port == 80 ? "boot/" : "");
}

static void add_file(const struct boot_request *q, const char *word, const char *file,
		     const char *server, struct text *ret)
{
	text_add(ret, "%s ", word);
	add_device(q, server, ret);
	text_add(ret, "%s", file);
}

void boot_grub(const struct boot_request *q, struct text *ret)
{
	char server[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	addr_text(q->server, server);
	text_add(ret, "set timeout=0\n");
	if (!q->has_mac) {
		/* Signed GRUBs ask for no other name: from here they go to their own. */
		text_add(ret, "configfile (tftp,%s)/grub.cfg-01-$net_default_mac\n", server);
		return;
	}
	if (q->what == BOOT_LOCAL) {
		text_add(ret, "exit\n"); /* back to the firmware, which takes the next entry */
		return;
	}
	add_file(q, "linux", BOOT_KERNEL, server, ret);
	text_add(ret, " ");
	boot_options(q, ret);
	mac_text(&q->mac, mac);
	for (char *p = mac; *p; p++)
		*p = *p == ':' ? '-' : *p;
	text_add(ret, " BOOTIF=01-%s\n", mac);
	add_file(q, "initrd", BOOT_INITRD, server, ret);
	text_add(ret, "\nboot\n");
}
