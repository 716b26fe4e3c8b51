// SPDX-License-Identifier: GPL-3.0-or-later
/* What netboot clients are told, as server and as proxy, to packets that they really sent. */
#include "tests/unit/dhcp_place.h"

static const uint8_t that_file[] = { 6, 1, 8, 255 };

static void open_place(struct place *pl, bool proxy, const char *file)
{
	place_init(pl);
	pl->c.proxy = proxy;
	pl->c.first = NET(199); /* what was captured asks for that one */
	pl->c.last = NET(209);
	snprintf(pl->boot.file, sizeof(pl->boot.file), "%s", file);
	place_open(pl);
}

/* What a PXE client needs. */
static void has_pxe(const struct place *pl, const char *file)
{
	static const uint8_t no_uuid[17];

	assert_string_equal(pl->got.file, file);
	assert_string_equal(pl->got.sname, "");
	assert_int_equal(pl->got.siaddr, SELF);
	has_text(pl, OPT_BOOTFILE, file);
	has_text(pl, OPT_TFTP_SERVER, "10.77.0.1");
	has_text(pl, OPT_VENDOR_CLASS, "PXEClient");
	has_bytes(pl, OPT_UUID, no_uuid, 17);
}

/* The option numbers of the answer, in order, are exactly these. */
static void has_only(const struct place *pl, const uint8_t *codes, size_t n)
{
	size_t at = DHCP_HEAD;

	for (size_t i = 0; i < n; i++) {
		if (pl->out.data[at] != codes[i])
			fail_msg("option %u where %u should be", pl->out.data[at], codes[i]);
		at += 2 + pl->out.data[at + 1];
	}
	assert_int_equal(pl->out.data[at], OPT_END);
}

static void test_ipxe_bios(void **state)
{
	static const uint8_t codes[] = { 53, 54, 51, 58, 59, 60, 43, 66, 97, 67, 175, 211, 1 };
	struct place pl;

	(void)state;
	open_place(&pl, false, "http://10.77.0.1/boot.ipxe");
	assert_true(replay(&pl, "ipxe-bios-discover"));
	assert_int_equal(pl.got.type, DHCP_OFFER);
	assert_int_equal(pl.got.xid, 0xf704ad1e);
	assert_int_equal(pl.got.yiaddr, NET(199));
	assert_int_equal(pl.out.to.addr, ALL);
	has_only(&pl, codes, sizeof(codes));
	has_pxe(&pl, "http://10.77.0.1/boot.ipxe");
	has_bytes(&pl, OPT_VENDOR, that_file, 4);
	has_bytes(&pl, OPT_IPXE, "\xb0\1\1", 3);
	has_bytes(&pl, OPT_REBOOT_TIME, "\0\0\0\x1e", 4);
	assert_true(replay(&pl, "ipxe-bios-request"));
	assert_int_equal(pl.got.type, DHCP_ACK);
	assert_int_equal(pl.got.yiaddr, NET(199));
	has_only(&pl, codes, sizeof(codes));
	/* The same PC, now with its operating system: the same address, nothing to boot. */
	assert_true(replay(&pl, "udhcpc-discover"));
	assert_int_equal(pl.got.yiaddr, NET(199));
	assert_string_equal(pl.got.file, "");
	has_not(&pl, OPT_BOOTFILE);
	assert_true(replay(&pl, "udhcpc-request"));
	assert_int_equal(pl.got.type, DHCP_ACK);
	assert_int_equal(pl.store.n, 1);
	place_close(&pl);
}

static void test_ipxe_efi(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl, false, "boot.ipxe");
	assert_true(replay(&pl, "ipxe-efi-discover"));
	has_bytes(&pl, OPT_UUID,
		  "\0\x44\x33\x22\x11\x66\x55\x88\x77\x99\xaa\xbb\xcc\xdd\xee\xff", 17);
	has_bytes(&pl, OPT_IPXE, "\xb0\1\1", 3);
	assert_true(replay(&pl, "ipxe-efi-request"));
	assert_int_equal(pl.got.yiaddr, NET(199));
	place_close(&pl);
}

static void test_ovmf(void **state)
{
	static const uint8_t codes[] = { 53, 54, 51, 58, 59, 60, 43, 66, 97, 67, 1, 28 };
	struct place pl;

	(void)state;
	open_place(&pl, false, "bootx64.efi");
	pl.c.first = pl.c.last = NET(200);
	place_close(&pl);
	place_open(&pl);
	assert_true(replay(&pl, "ovmf-discover"));
	assert_int_equal(pl.got.flags, DHCP_BROADCAST);
	has_only(&pl, codes, sizeof(codes));
	has_pxe(&pl, "bootx64.efi");
	has_bytes(&pl, OPT_VENDOR, that_file, 4);
	assert_true(replay(&pl, "ovmf-request"));
	assert_int_equal(pl.got.type, DHCP_ACK);
	assert_int_equal(pl.got.yiaddr, NET(200));
	has_only(&pl, codes, sizeof(codes));
	place_close(&pl);
}

#define ARCH_16    "\x5d\x02\0\x10"
#define HTTPCLIENT "\x3c\x21HTTPClient:Arch:00016:UNDI:003000"

static void test_http_boot(void **state)
{
	static const char options[] = HTTPCLIENT ARCH_16;
	struct ask q = { .type = DHCP_DISCOVER,
			 .who = 3,
			 .more = (const uint8_t *)options,
			 .n_more = sizeof(options) - 1 };
	char url[200];
	struct place pl;

	(void)state;
	open_place(&pl, false, "http://10.77.0.1/boot/bootx64.efi");
	pl.boot.http = true;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(ask(&pl, q));
		has_text(&pl, OPT_VENDOR_CLASS, "HTTPClient");
		has_text(&pl, OPT_BOOTFILE, "http://10.77.0.1/boot/bootx64.efi");
		assert_string_equal(pl.got.file, "http://10.77.0.1/boot/bootx64.efi");
		has_not(&pl, OPT_VENDOR);
		has_not(&pl, OPT_IPXE);
		assert_int_equal(pl.got.yiaddr, i ? 0 : NET(199));
		place_close(&pl);
		pl.c.proxy = true;
		place_open(&pl);
	}
	/* A long one has only room in the option. */
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://", 7);
	url[199] = '\0';
	memcpy(pl.boot.file, url, sizeof(url));
	assert_true(ask(&pl, q));
	has_text(&pl, OPT_BOOTFILE, url);
	assert_string_equal(pl.got.file, "");
	place_close(&pl);
}

/* Nothing to boot: an address all the same, from a server; silence from a proxy. */
static void test_nothing_to_boot(void **state)
{
	static const char arm[] = "\x3c\x09PXEClient\x5d\2\0\x0b";
	struct ask q = { .type = DHCP_DISCOVER,
			 .who = 3,
			 .more = (const uint8_t *)arm,
			 .n_more = sizeof(arm) - 1 };
	struct place pl;

	(void)state;
	open_place(&pl, false, "x");
	assert_true(ask(&pl, q));
	has_not(&pl, OPT_BOOTFILE);
	assert_int_equal(pl.boot_asked, 0);
	pl.boot.none = true;
	assert_true(replay(&pl, "ovmf-discover"));
	assert_int_equal(pl.boot_asked, 1);
	has_not(&pl, OPT_BOOTFILE);
	has_not(&pl, OPT_VENDOR_CLASS);
	assert_int_equal(pl.got.siaddr, 0);
	assert_false(replay(&pl, "proxy-ovmf-4011"));
	place_close(&pl);
	pl.c.proxy = true;
	place_open(&pl);
	assert_false(ask(&pl, q));
	assert_false(replay(&pl, "ovmf-discover"));
	pl.boot.none = false;
	assert_true(replay(&pl, "ovmf-discover"));
	pl.boot.file[0] = '\0';
	assert_false(replay(&pl, "ovmf-discover"));
	place_close(&pl);
	pl.c.boot = NULL;
	place_open(&pl);
	assert_false(replay(&pl, "ovmf-discover"));
	place_close(&pl);
}

static void test_proxy_offer(void **state)
{
	static const uint8_t bios[] = { 53, 54, 60, 43, 66, 97, 67, 211 };
	static const uint8_t uefi[] = { 53, 54, 60, 43, 66, 97, 67 };
	static const char *const names[] = { "ipxe-bios-discover", "ovmf-discover" };
	struct place pl;

	(void)state;
	open_place(&pl, true, "lpxelinux.0");
	for (unsigned i = 0; i < 2; i++) {
		assert_true(replay(&pl, names[i]));
		assert_int_equal(pl.got.type, DHCP_OFFER);
		assert_int_equal(pl.got.yiaddr, 0);
		assert_int_equal(pl.got.flags, i ? DHCP_BROADCAST : 0);
		assert_int_equal(pl.out.from_port, 67);
		assert_int_equal(pl.out.to.addr, ALL);
		assert_int_equal(pl.out.to.port, 68);
		has_only(&pl, i ? uefi : bios, i ? sizeof(uefi) : sizeof(bios));
		has_pxe(&pl, "lpxelinux.0");
		has_bytes(&pl, OPT_VENDOR, that_file, 4);
	}
	/* What the address server and operating systems are for. */
	assert_false(replay(&pl, "ipxe-bios-request"));
	assert_false(replay(&pl, "proxy-ovmf-request"));
	pl.store.hosts_asked = 0;
	assert_false(replay(&pl, "udhcpc-discover"));
	assert_false(replay(&pl, "udhcpc-request"));
	assert_int_equal(pl.store.hosts_asked, 0); /* nor is anything said of them */
	assert_int_equal(pl.store.puts, 0);
	place_close(&pl);
}

static void test_proxy_4011(void **state)
{
	struct place pl;

	(void)state;
	open_place(&pl, true, "bootx64.efi");
	for (unsigned i = 0; i < 2; i++) { /* the server answers there, too */
		assert_true(replay(&pl, "proxy-ovmf-4011"));
		assert_int_equal(pl.got.type, DHCP_ACK);
		assert_int_equal(pl.got.xid, 0x299b43e3);
		assert_int_equal(pl.got.yiaddr, 0);
		assert_int_equal(pl.got.ciaddr, NET(199));
		assert_int_equal(pl.out.from_port, 4011);
		assert_int_equal(pl.out.to.addr, NET(199));
		assert_int_equal(pl.out.to.port, 4011);
		has_pxe(&pl, "bootx64.efi");
		has_bytes(&pl, OPT_VENDOR, that_file, 4);
		/* iPXE asks from port 68, with xid 0, for an item of a menu. */
		assert_true(replay(&pl, "proxy-ipxe-4011"));
		assert_int_equal(pl.got.type, DHCP_ACK);
		assert_int_equal(pl.got.xid, 0);
		assert_int_equal(pl.out.from_port, 4011);
		assert_int_equal(pl.out.to.addr, NET(199));
		assert_int_equal(pl.out.to.port, 68);
		has_bytes(&pl, OPT_VENDOR, "\x47\4\x80\0\0\0\xff", 7);
		place_close(&pl);
		pl.c.proxy = false;
		place_open(&pl);
	}
	assert_int_equal(pl.store.puts, 0);
	place_close(&pl);
}

static void test_proxy_others(void **state)
{
	static const char pxe[] = "\x3c\x09PXEClient\x5d\2\0\0";
	struct ask q = { .type = DHCP_INFORM,
			 .who = 3,
			 .ciaddr = NET(20),
			 .more = (const uint8_t *)pxe,
			 .n_more = sizeof(pxe) - 1 };
	struct place pl;

	(void)state;
	open_place(&pl, true, "lpxelinux.0");
	assert_true(ask(&pl, q));
	assert_int_equal(pl.got.type, DHCP_ACK);
	assert_int_equal(pl.out.to.addr, NET(20));
	q.to = (struct endpoint){ SELF, 4011 };
	q.from = (struct endpoint){ NET(20), 1234 };
	assert_true(ask(&pl, q));
	assert_int_equal(pl.out.to.port, 1234);
	/* From elsewhere; without an address of its own; at port 67 with a strange one. */
	q.from.addr = 0x08080808;
	assert_false(ask(&pl, q));
	q.from.addr = 0;
	assert_true(ask(&pl, q));
	assert_int_equal(pl.out.to.addr, ALL);
	q.to = (struct endpoint){ ALL, 67 };
	q.ciaddr = 0x08080808;
	assert_false(ask(&pl, q));
	/* Through a relay. */
	q.type = DHCP_DISCOVER;
	q.ciaddr = 0;
	q.giaddr = NET(2);
	assert_true(ask(&pl, q));
	assert_int_equal(pl.out.to.addr, NET(2));
	assert_int_equal(pl.out.to.port, 67);
	q.giaddr = 0x08080808;
	assert_false(ask(&pl, q));
	/* Nothing else is a proxy's business. */
	q.giaddr = 0;
	for (unsigned type = DHCP_OFFER; type < 20; type++) {
		q.type = type;
		if (type != DHCP_INFORM)
			assert_false(ask(&pl, q));
	}
	place_close(&pl);
	pl.c.known_hosts_only = true;
	place_open(&pl);
	q.type = DHCP_DISCOVER;
	assert_false(ask(&pl, q));
	memory_add_host(&pl.store, mac_of(3), 0, "pc03");
	assert_true(ask(&pl, q));
	place_close(&pl);
}

/* A small option 43, and whatever else is wrong with it. */
static void test_boot_item(void **state)
{
	static const struct {
		const char *options;
		size_t n;
		bool echoed;
	} cases[] = {
		{ "\x2b\6\x47\4\0\1\0\2", 8, true },
		{ "\x2b\x0a\0\6\1\x08\x47\4\0\1\0\2", 12, true },
		{ "\x2b\5\x47\4\0\1\0", 7, false },
		{ "\x2b\5\x47\3\0\1\0", 7, false },
		{ "\x2b\7\xff\x47\4\0\1\0\2", 9, false },
		{ "\x2b\1\x47", 3, false },
		{ "\x2b\0", 2, false },
	};
	struct place pl;

	(void)state;
	open_place(&pl, true, "lpxelinux.0");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t more[64] = "\x3c\x09PXEClient";
		struct ask q = { .type = DHCP_REQUEST,
				 .who = 3,
				 .ciaddr = NET(20),
				 .more = more,
				 .n_more = 11 + cases[i].n,
				 .to = { SELF, 4011 } };

		memcpy(more + 11, cases[i].options, cases[i].n);
		assert_true(ask(&pl, q));
		if (cases[i].echoed)
			has_bytes(&pl, OPT_VENDOR, "\x47\4\0\1\0\2\xff", 7);
		else
			has_bytes(&pl, OPT_VENDOR, that_file, 4);
	}
	place_close(&pl);
}

/* A client that takes little, behind a relay that adds much: what it cannot do without. */
static void test_little_room(void **state)
{
	uint8_t more[11 + 2 + 255] = "\x3c\x09PXEClient\x52\xff";
	struct ask q = { .type = DHCP_DISCOVER,
			 .who = 3,
			 .giaddr = NET(2),
			 .more = more,
			 .n_more = sizeof(more) };
	struct place pl;

	(void)state;
	open_place(&pl, false, "");
	pl.c.n_dns = 3;
	memset(pl.c.domain, 'd', sizeof(pl.c.domain) - 1);
	memset(pl.boot.file, 'f', 200);
	place_close(&pl);
	place_open(&pl);
	assert_true(ask(&pl, q));
	assert_in_range(pl.out.len, 548, 548 + 257);
	assert_int_equal(pl.got.options[OPT_RELAY].len, 255);
	assert_int_equal(pl.got.options[OPT_BOOTFILE].len, 200);
	assert_int_equal(dhcp_addr(&pl.got, OPT_MASK), 0xffffff00);
	assert_int_equal(dhcp_addr(&pl.got, OPT_LEASE_TIME), LEASE);
	has_not(&pl, OPT_DOMAIN);
	place_close(&pl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipxe_bios),
		cmocka_unit_test(test_ipxe_efi),
		cmocka_unit_test(test_ovmf),
		cmocka_unit_test(test_http_boot),
		cmocka_unit_test(test_nothing_to_boot),
		cmocka_unit_test(test_proxy_offer),
		cmocka_unit_test(test_proxy_4011),
		cmocka_unit_test(test_proxy_others),
		cmocka_unit_test(test_boot_item),
		cmocka_unit_test(test_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
