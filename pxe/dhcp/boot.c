// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a netboot client is told to fetch, in every place that some client looks at: the BOOTP
 * fields (old ROMs, and shim, which looks for its second stage beside the name it finds there)
 * and options 66 and 67.
 */
#include "pxe/dhcp/machine.h"

/* PXE 2.1 table 2.1: no boot server discovery, no menu: the file that is named is booted. */
static const uint8_t boot_that_file[] = { 6, 1, 8, 255 };
#define PXE_BOOT_ITEM 71
/* iPXE's own: no proxyDHCP server is to be waited for (saves 3 seconds). */
static const uint8_t no_proxy[] = { 0xb0, 1, 1 };
/* PXELINUX that could not load something resets the PC after 30 s, not after 5 minutes. */
static const uint8_t reboot_time[] = { 0, 0, 0, 30 };

void dhcp_ask_boot(struct dhcp *d, struct dhcp_exchange *x)
{
	x->boot = (struct boot_answer){ .none = true };
	if (x->kind == CLIENT_FOREIGN && x->p->type == DHCP_DISCOVER)
		journal_say(d->c.journal, SAY_NOTICE, x->mac,
			    "%s wants to boot from the network, but nothing here runs on its "
			    "kind of machine",
			    x->who);
	if (x->kind == CLIENT_OTHER || x->kind == CLIENT_FOREIGN || !d->c.boot)
		return;
	x->boot.none = false;
	d->c.boot(d->c.boot_ctx, x->p, x->kind, &x->boot);
	x->boot.file[sizeof(x->boot.file) - 1] = '\0';
	if (!x->boot.file[0])
		x->boot.none = true;
}

void dhcp_boot_head(const struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_answer *a)
{
	if (x->boot.none)
		return;
	a->file = x->boot.file;
	a->siaddr = d->c.self;
}

/* The item that the client chose from a menu is named back to it (PXE 2.1 section 2.2.4). */
static const uint8_t *boot_item(const struct dhcp_packet *p)
{
	const struct dhcp_value *v = &p->options[OPT_VENDOR];
	struct rd r = rd_init(v->data, v->len);

	while (rd_left(&r)) {
		uint8_t code = rd_u8(&r), n;

		if (code == OPT_PAD)
			continue;
		if (code == OPT_END)
			break;
		n = rd_u8(&r);
		if (code == PXE_BOOT_ITEM && n == 4)
			return rd_bytes(&r, n);
		rd_skip(&r, n);
	}
	return NULL;
}

static void add_vendor(const struct dhcp_exchange *x, struct dhcp_reply *r)
{
	const uint8_t *item = boot_item(x->p);
	uint8_t b[7];
	struct wr w = wr_init(b, sizeof(b));

	if (!item) {
		dhcp_add(r, OPT_VENDOR, boot_that_file, sizeof(boot_that_file));
		return;
	}
	wr_u8(&w, PXE_BOOT_ITEM);
	wr_u8(&w, 4);
	wr_bytes(&w, item, 4);
	wr_u8(&w, OPT_END);
	dhcp_add(r, OPT_VENDOR, b, w.pos);
}

/* What only PXE (RFC 4578) and iPXE understand. */
static void add_pxe(const struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_reply *r)
{
	const struct dhcp_value *uuid = &x->p->options[OPT_UUID];
	char self[ADDR_TEXT_MAX];

	dhcp_add_text(r, OPT_VENDOR_CLASS, "PXEClient");
	add_vendor(x, r);
	dhcp_add_text(r, OPT_TFTP_SERVER, addr_text(d->c.self, self));
	if (uuid->data)
		dhcp_add_spare(r, OPT_UUID, uuid->data, uuid->len);
}

void dhcp_add_boot(const struct dhcp *d, const struct dhcp_exchange *x, struct dhcp_reply *r)
{
	bool ipxe = x->kind == CLIENT_IPXE_BIOS || x->kind == CLIENT_IPXE_UEFI;

	if (x->boot.none)
		return;
	/* Firmware's HTTP boot passes over whatever does not say this (UEFI 2.10, 24.7.3). */
	if (x->boot.http)
		dhcp_add_text(r, OPT_VENDOR_CLASS, "HTTPClient");
	else
		add_pxe(d, x, r);
	dhcp_add_text(r, OPT_BOOTFILE, x->boot.file);
	if (ipxe && !d->c.proxy)
		dhcp_add(r, OPT_IPXE, no_proxy, sizeof(no_proxy));
	if (x->kind == CLIENT_BIOS || x->kind == CLIENT_IPXE_BIOS)
		dhcp_add_spare(r, OPT_REBOOT_TIME, reboot_time, sizeof(reboot_time));
}
