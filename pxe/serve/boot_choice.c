// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/boot_choice.h"

#include "pxe/boot/boot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static enum loader loader_of(const struct lab *l, enum client_kind kind)
{
	static const struct {
		enum client_kind kind;
		enum loader own, firmware;
	} loaders[] = {
		{ CLIENT_BIOS, LOADER_BIOS, LOADER_BIOS },
		{ CLIENT_UEFI, LOADER_UEFI, LOADER_UEFI },
		{ CLIENT_UEFI_HTTP, LOADER_UEFI_HTTP, LOADER_UEFI_HTTP },
		{ CLIENT_IPXE_BIOS, LOADER_IPXE, LOADER_BIOS },
		{ CLIENT_IPXE_UEFI, LOADER_IPXE, LOADER_GRUB },
	};

	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++)
		if (loaders[i].kind == kind)
			return l->ipxe_loader ? loaders[i].firmware : loaders[i].own;
	return LOADER_NONE;
}

/* Option 97: a type byte, then a UUID whose first three fields are little-endian. */
static void uuid_text(const struct dhcp_packet *p, char text[40])
{
	const struct dhcp_value *v = &p->options[OPT_UUID];
	struct rd r = rd_init(v->data, v->data ? v->len : 0);
	uint8_t type = rd_u8(&r);
	uint32_t a = rd_le32(&r);
	uint16_t b = rd_le16(&r), c = rd_le16(&r), d = rd_be16(&r);
	uint64_t e = (uint64_t)rd_be16(&r) << 32;

	e |= rd_be32(&r);
	text[0] = '\0';
	if (rd_ok(&r) && !type && (a || b || c || d || e))
		snprintf(text, 40, "%08x-%04x-%04x-%04x-%012llx", a, b, c, d,
			 (unsigned long long)e);
}

void boot_choice(void *ctx, const struct dhcp_packet *p, enum client_kind kind,
		 struct boot_answer *ret)
{
	const struct boot_choice *c = ctx;
	const struct boot_request q = { .server = c->lab->address.addr,
					.http_port = c->lab->http_port,
					.mac = p->mac,
					.has_mac = true };
	enum loader loader = loader_of(c->lab, kind);
	char mac[MAC_TEXT_MAX], uuid[40];
	struct err e = { "" };

	*ret = (struct boot_answer){ .none = true };
	mac_text(&p->mac, mac);
	if (kind == CLIENT_OTHER)
		return;
	uuid_text(p, uuid);
	if (store_host_seen(c->store, &p->mac, client_kind_name(kind), uuid, 0, time(NULL), &e))
		journal_say(c->journal, SAY_ERROR, mac, "%s is not remembered: %s", mac, e.msg);
	if (!boot_first_file(loader, &q, ret->file, sizeof(ret->file))) {
		journal_say(c->journal, SAY_NOTICE, mac,
			    "%s boots from the network (%s), but there is nothing here that it "
			    "can run",
			    mac, client_kind_name(kind));
		return;
	}
	ret->none = false;
	ret->http = loader == LOADER_UEFI_HTTP;
}
