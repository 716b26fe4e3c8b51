// SPDX-License-Identifier: GPL-3.0-or-later
/* Which kind of client sent a packet. */
#include "tests/unit/dhcp_place.h"

static enum client_kind kind_of_options(const char *options, size_t n)
{
	struct ask q = { .type = DHCP_DISCOVER, .more = (const uint8_t *)options, .n_more = n };
	uint8_t buf[600];
	struct dhcp_packet p;

	assert_int_equal(dhcp_parse(buf, ask_render(&q, buf, sizeof(buf)), &p, NULL), 0);
	return client_kind(&p);
}

#define PXE  "\x3c\x09PXEClient"
#define HTTP "\x3c\x0aHTTPClient"
#define ARCH "\x5d\x02"
#define IPXE "\x4d\x04iPXE"
#define CASE(k, x)                                                                             \
	{                                                                                      \
		k, x, sizeof(x) - 1                                                            \
	}

static void test_kinds(void **state)
{
	static const struct {
		enum client_kind kind;
		const char *options;
		size_t n;
	} cases[] = {
		CASE(CLIENT_OTHER, ""),
		CASE(CLIENT_OTHER, "\x3c\x05udhcp"),
		CASE(CLIENT_OTHER, "\x3c\x0cU-Boot.armv8" ARCH "\0\x0b"),
		CASE(CLIENT_OTHER, ARCH "\0\0"),
		CASE(CLIENT_OTHER, "\x3c\x08PXEClien" ARCH "\0\0"),
		CASE(CLIENT_OTHER, "\x3c\0\x4d\0"),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0"),
		CASE(CLIENT_BIOS, PXE),
		CASE(CLIENT_UEFI, PXE ARCH "\0\x07"),
		CASE(CLIENT_UEFI, PXE ARCH "\0\x09"),
		CASE(CLIENT_UEFI, "\x3c\x20PXEClient:Arch:00007:UNDI:003000"),
		CASE(CLIENT_FOREIGN, "\x3c\x20PXEClient:Arch:00006:UNDI:003000"),
		CASE(CLIENT_FOREIGN, "\x3c\x20PXEClient:Arch:99999:UNDI:003000"),
		CASE(CLIENT_BIOS, "\x3c\x0fPXEClient:Arch:"),
		CASE(CLIENT_FOREIGN, PXE ARCH "\0\x06"),
		CASE(CLIENT_FOREIGN, PXE ARCH "\0\x0b"),
		CASE(CLIENT_FOREIGN, PXE ARCH "\x07\0"),
		/* A list: the first that we have; half an entry is none. */
		CASE(CLIENT_UEFI, PXE "\x5d\x06\0\x06\0\x07\0\0"),
		CASE(CLIENT_FOREIGN, PXE "\x5d\x03\0\x06\0"),
		CASE(CLIENT_BIOS, PXE "\x5d\x01\x07"),
		CASE(CLIENT_UEFI_HTTP, HTTP ARCH "\0\x10"),
		CASE(CLIENT_UEFI_HTTP, HTTP ARCH "\0\x07"),
		CASE(CLIENT_UEFI_HTTP, "\x3c\x21HTTPClient:Arch:00016:UNDI:003000"),
		CASE(CLIENT_FOREIGN, HTTP ARCH "\0\x13"),
		CASE(CLIENT_FOREIGN, HTTP ARCH "\0\x0f"),
		/* iPXE, by both forms of option 77, and by its features alone. */
		CASE(CLIENT_IPXE_BIOS, PXE ARCH "\0\0" IPXE),
		CASE(CLIENT_IPXE_BIOS, IPXE),
		CASE(CLIENT_IPXE_UEFI, PXE ARCH "\0\x07" IPXE),
		CASE(CLIENT_IPXE_UEFI, PXE ARCH "\0\x07\x4d\x05\x04iPXE"),
		CASE(CLIENT_IPXE_UEFI, PXE ARCH "\0\x07\x4d\x09\x03lab\x04iPXE"),
		CASE(CLIENT_IPXE_UEFI, HTTP ARCH "\0\x10" IPXE),
		CASE(CLIENT_IPXE_UEFI, PXE ARCH "\0\x07\xaf\x03\xb1\1\5"),
		CASE(CLIENT_IPXE_UEFI, PXE ARCH "\0\x07\x4d\x03lab\xaf\x03\xb1\1\5"),
		CASE(CLIENT_FOREIGN, PXE ARCH "\0\x0b" IPXE),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0\x4d\x04gPXE\xaf\x03\xb1\1\5"),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0\x4d\x05iPXE2"),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0\x4d\x05\x05iPXE"),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0\x4d\x05\x03iPXE"),
		CASE(CLIENT_BIOS, PXE ARCH "\0\0\xaf\0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum client_kind k = kind_of_options(cases[i].options, cases[i].n);

		if (k != cases[i].kind)
			fail_msg("case %zu: %s, not %s", i, client_kind_name(k),
				 client_kind_name(cases[i].kind));
	}
}

static void test_captured_ones(void **state)
{
	static const struct {
		const char *name;
		enum client_kind kind;
	} cases[] = {
		{ "ipxe-bios-discover", CLIENT_IPXE_BIOS }, { "ovmf-discover", CLIENT_UEFI },
		{ "ipxe-efi-discover", CLIENT_IPXE_UEFI },  { "udhcpc-discover", CLIENT_OTHER },
		{ "proxy-ipxe-4011", CLIENT_IPXE_BIOS },    { "proxy-ovmf-4011", CLIENT_UEFI },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct captured c = captured(cases[i].name);
		struct dhcp_packet p;

		assert_int_equal(dhcp_parse(c.data, c.len, &p, NULL), 0);
		assert_int_equal(client_kind(&p), cases[i].kind);
	}
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= CLIENT_FOREIGN; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(client_kind_name((enum client_kind)i),
						client_kind_name((enum client_kind)k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_captured_ones),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
