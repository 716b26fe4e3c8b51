// SPDX-License-Identifier: GPL-3.0-or-later
/* The first file of each loader, and which names are menus. */
#include "pxe/boot/boot.h"

#include "pxe/wire/datagram.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAC_DASHED 17 /* "aa-bb-cc-dd-ee-ff" */

bool boot_first_file(enum loader l, const struct boot_request *q, char *buf, size_t n)
{
	char server[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX] = "";

	addr_text(q->server, server);
	if (q->has_mac)
		mac_text(&q->mac, mac);
	for (char *p = mac; *p; p++)
		*p = *p == ':' ? '-' : *p;
	switch (l) {
	case LOADER_BIOS:
		snprintf(buf, n, "lpxelinux.0");
		return true;
	case LOADER_UEFI:
		/* shim looks for grubx64.efi beside the name it was loaded by. */
		snprintf(buf, n, "bootx64.efi");
		return true;
	case LOADER_UEFI_HTTP:
		/* Its own: what shim starts from there must know http, as Debian's signed GRUB
		 * does not.
		 */
		snprintf(buf, n, "http://%s:%u/boot/http/bootx64.efi", server, q->http_port);
		return true;
	case LOADER_IPXE:
		snprintf(buf, n, "http://%s:%u/boot/slate.ipxe%s%s", server, q->http_port,
			 mac[0] ? "-01-" : "", mac);
		return true;
	case LOADER_GRUB:
		/* Not by shim, which takes what iPXE fetches for it to be cut off: where iPXE
		 * runs there is no Secure Boot.
		 */
		snprintf(buf, n, "grubx64.efi");
		return true;
	case LOADER_NONE:
		break;
	}
	return false;
}

/* "01-aa-bb-cc-dd-ee-ff", also with colons as GRUB's variables have them, and nothing behind.
 */
static bool parse_tail(const char *text, struct mac *ret)
{
	if (strncmp(text, "01-", 3) != 0 && strncmp(text, "01:", 3) != 0)
		return false;
	return strlen(text) == 3 + MAC_DASHED && !mac_parse(text + 3, ret, NULL);
}

enum boot_menu boot_menu_of(const char *name, struct mac *ret_mac, bool *ret_has_mac)
{
	static const struct {
		const char *begin;   /* of the name, behind any folders */
		const char *general; /* what it is called without a MAC */
		enum boot_menu menu;
	} menus[] = {
		{ "pxelinux.cfg/", "default", MENU_PXELINUX },
		{ "grub.cfg-", NULL, MENU_GRUB },
		{ "grub.cfg", "", MENU_GRUB },
		{ "slate.ipxe-", NULL, MENU_IPXE },
		{ "slate.ipxe", "", MENU_IPXE },
	};

	*ret_has_mac = false;
	for (size_t i = 0; i < sizeof(menus) / sizeof(menus[0]); i++) {
		const char *at = strstr(name, menus[i].begin);

		if (!at || (at != name && at[-1] != '/'))
			continue;
		at += strlen(menus[i].begin);
		if (menus[i].general && !strcmp(at, menus[i].general))
			return menus[i].menu;
		if (parse_tail(at, ret_mac)) {
			*ret_has_mac = true;
			return menus[i].menu;
		}
	}
	return MENU_NONE;
}
