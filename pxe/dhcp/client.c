// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/dhcp/client.h"

/* What we know of the ways to ask. */
enum family { FAMILY_NONE, FAMILY_PXE, FAMILY_HTTP, FAMILY_IPXE };

/* Architectures (option 93; RFC 4578 section 2.1 and the IANA list that goes on from it). */
static const struct {
	uint16_t arch;
	enum client_kind pxe, http, ipxe;
} kinds[] = {
	{ 0, CLIENT_BIOS, CLIENT_FOREIGN, CLIENT_IPXE_BIOS },
	/* Firmware for x64 says 7 as often as 9, whatever the list meant. */
	{ 7, CLIENT_UEFI, CLIENT_UEFI_HTTP, CLIENT_IPXE_UEFI },
	{ 9, CLIENT_UEFI, CLIENT_UEFI_HTTP, CLIENT_IPXE_UEFI },
	{ 16, CLIENT_UEFI, CLIENT_UEFI_HTTP, CLIENT_IPXE_UEFI },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool is(const uint8_t *p, size_t n, const char *text)
{
	return n && n == strlen(text) && !memcmp(p, text, n);
}

static bool begins(const struct dhcp_value *v, const char *text)
{
	size_t n = strlen(text);

	return v->len >= n && !memcmp(v->data, text, n);
}

/* Option 77 is a list of counted texts (RFC 3004), but iPXE sends the bare text. */
static bool user_class_is(const struct dhcp_value *v, const char *text)
{
	struct rd r = rd_init(v->data, v->len);

	if (is(v->data, v->len, text))
		return true;
	while (rd_left(&r)) {
		struct rd one = rd_sub(&r, rd_u8(&r));

		if (rd_ok(&one) && is(one.buf, one.len, text))
			return true;
	}
	return false;
}

/*
 * iPXE may be built with another user class, or with none, but always sends its features
 * (option 175). Its ancestor gPXE does so, too, and names itself: it runs none of our scripts.
 */
static bool is_ipxe(const struct dhcp_packet *p)
{
	const struct dhcp_value *user = &p->options[OPT_USER_CLASS];

	return user_class_is(user, "iPXE") ||
	       (p->options[OPT_IPXE].len && !user_class_is(user, "gPXE"));
}

static enum family family_of(const struct dhcp_packet *p)
{
	const struct dhcp_value *vendor = &p->options[OPT_VENDOR_CLASS];

	if (is_ipxe(p))
		return FAMILY_IPXE;
	if (begins(vendor, "PXEClient"))
		return FAMILY_PXE;
	return begins(vendor, "HTTPClient") ? FAMILY_HTTP : FAMILY_NONE;
}

/* By "PXEClient:Arch:00007:...", for ROMs that leave option 93 out; BIOS is the oldest. */
static uint16_t arch_by_name(const struct dhcp_value *v)
{
	static const char mark[] = ":Arch:";
	const uint8_t *p = v->len ? memmem(v->data, v->len, mark, sizeof(mark) - 1) : NULL;
	unsigned arch = 0;

	if (!p)
		return 0;
	p += sizeof(mark) - 1;
	for (int i = 0; i < 5 && p < v->data + v->len && *p >= '0' && *p <= '9'; i++)
		arch = arch * 10 + (unsigned)(*p++ - '0');
	return arch <= UINT16_MAX ? (uint16_t)arch : UINT16_MAX;
}

static enum client_kind kind_of(enum family f, uint16_t arch)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (kinds[i].arch == arch)
			return f == FAMILY_IPXE   ? kinds[i].ipxe
			       : f == FAMILY_HTTP ? kinds[i].http
						  : kinds[i].pxe;
	return CLIENT_FOREIGN;
}

enum client_kind client_kind(const struct dhcp_packet *p)
{
	const struct dhcp_value *archs = &p->options[OPT_ARCH];
	struct rd r = rd_init(archs->data, archs->len);
	enum family f = family_of(p);
	enum client_kind kind = CLIENT_FOREIGN;

	if (f == FAMILY_NONE)
		return CLIENT_OTHER;
	if (archs->len < 2)
		return kind_of(f, arch_by_name(&p->options[OPT_VENDOR_CLASS]));
	/* A client may name several that it can run: the first one we have. */
	while (kind == CLIENT_FOREIGN && rd_left(&r) >= 2)
		kind = kind_of(f, rd_be16(&r));
	return kind;
}

const char *client_kind_name(enum client_kind k)
{
	static const char *const names[] = {
		[CLIENT_OTHER] = "operating system",
		[CLIENT_BIOS] = "BIOS PXE",
		[CLIENT_UEFI] = "UEFI PXE",
		[CLIENT_UEFI_HTTP] = "UEFI HTTP boot",
		[CLIENT_IPXE_BIOS] = "iPXE on BIOS",
		[CLIENT_IPXE_UEFI] = "iPXE on UEFI",
		[CLIENT_FOREIGN] = "netboot of another kind of machine",
	};

	return names[k];
}
