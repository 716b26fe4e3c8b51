// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/boot/boot_internal.h"

#include "pxe/wire/datagram.h"

#include <stdio.h>

static void server_url(const struct boot_request *q, char buf[BOOT_URL_MAX])
{
	char addr[ADDR_TEXT_MAX];

	addr_text(q->server, addr);
	if (q->http_port == 80)
		snprintf(buf, BOOT_URL_MAX, "http://%s", addr);
	else
		snprintf(buf, BOOT_URL_MAX, "http://%s:%u", addr, q->http_port);
}

char *boot_url(const struct boot_request *q, char buf[BOOT_URL_MAX])
{
	char server[BOOT_URL_MAX];

	server_url(q, server);
	snprintf(buf, BOOT_URL_MAX, "%.40s/boot/", server);
	return buf;
}

void boot_options(const struct boot_request *q, struct text *ret)
{
	char server[BOOT_URL_MAX];

	server_url(q, server);
	/* A kernel without its initramfs, or with half of it, starts the PC anew as well. */
	text_add(ret, "panic=30 slate.server=%s", server);
	if (q->host[0])
		text_add(ret, " slate.host=%s", q->host);
	if (q->kernel_options[0])
		text_add(ret, " %s", q->kernel_options);
}

int boot_render(enum boot_menu menu, const struct boot_request *q, struct text *ret,
		struct err *e)
{
	static void (*const render[])(const struct boot_request *q, struct text *ret) = {
		[MENU_PXELINUX] = boot_pxelinux,
		[MENU_GRUB] = boot_grub,
		[MENU_IPXE] = boot_ipxe,
	};

	if (render[menu])
		render[menu](q, ret);
	return text_ok(ret) ? 0 : err_nomem(e);
}
