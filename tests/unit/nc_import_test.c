// SPDX-License-Identifier: GPL-3.0-or-later
/* Files of older tools: what is taken over, what is left out with which words, bad input. */
#include "netconf/import/import.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct import parsed(const char *file, const char *text)
{
	struct import im = { 0 };
	struct err e = { "" };

	if (import_parse(file, text, strlen(text), &im, &e))
		fail_msg("%s", e.msg);
	return im;
}

/* "NAME SELECTOR LINE|" of all entries. */
static void entries_are(const struct import *im, const char *want)
{
	char got[4096] = "";
	size_t at = 0;

	for (size_t i = 0; i < im->n; i++) {
		struct selector s;

		import_selector(&im->v[i], &s);
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%s %s %u|", im->v[i].name,
				       s.shown, im->v[i].line);
	}
	assert_string_equal(got, want);
}

static bool noted(const struct import *im, const char *text)
{
	for (size_t i = 0; i < im->n_notes; i++)
		if (strstr(im->notes[i], text))
			return true;
	return false;
}

/* One line gives this entry, and no note. */
static void gives(const char *file, const char *line, const char *want)
{
	struct import im = parsed(file, line);

	entries_are(&im, want);
	if (im.n_notes)
		fail_msg("a note: %s", im.notes[0]);
	import_free(&im);
}

/* One line gives no entry, and this note. */
static void refused(const char *file, const char *line, const char *note)
{
	struct import im = parsed(file, line);

	assert_int_equal(im.n, 0);
	if (!noted(&im, note))
		fail_msg("not \"%s\" but \"%s\"", note, im.n_notes ? im.notes[0] : "");
	import_free(&im);
}

#define RULES  "70-persistent-net.rules"
#define MAC    "00:1c:c0:aa:00:01"
#define BY_MAC " mac:" MAC " 1|"

static void rules_of_all_times(void **state)
{
	static const char *const lines[] = {
		"SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", ATTR{address}==\"" MAC
		"\", ATTR{dev_id}==\"0x0\", ATTR{type}==\"1\", KERNEL==\"eth*\", NAME=\"eth0\"",
		"SUBSYSTEM==\"net\", DRIVERS==\"?*\", ATTRS{address}==\"" MAC
		"\", NAME=\"eth0\"",
		"SUBSYSTEM==\"net\", SYSFS{address}==\"" MAC "\", NAME=\"eth0\"",
		"KERNEL==\"eth?\", SYSFS{address}==\"00:1C:C0:AA:00:01\",NAME=\"eth0\"",
		"ACTION==\"add\", SUBSYSTEM==\"net\", DRIVERS==\"e1000e\", "
		"ATTR{dev_id}==\"0x0\", ATTR{address}==\"" MAC "\", NAME:=\"eth0\"",
		"NAME = \"eth0\" , ATTR{address} == \"" MAC "\"",
		"SUBSYSTEM==\"net\", \\\n  ATTR{address}==\"" MAC "\", \\\r\n\tNAME=\"eth0\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		gives(RULES, lines[i], "eth0" BY_MAC);
	gives(RULES, "SUBSYSTEMS==\"pci\", KERNELS==\"0000:00:09.0\", NAME=\"eth0\"",
	      "eth0 path:pci-0000:00:09.0 1|");
	gives(RULES, "BUS==\"pci\", ID==\"0000:00:0a.0\", NAME=\"eth1\"",
	      "eth1 path:pci-0000:00:0a.0 1|");
	gives(RULES, "ENV{ID_PATH}==\"pci-0000:02:00.0\", NAME=\"eth1\"",
	      "eth1 path:pci-0000:02:00.0 1|");
	gives(RULES, "SUBSYSTEM==\"net\", ATTRS{index}==\"1\", NAME=\"eth0\"",
	      "eth0 onboard:1 1|");
	gives(RULES, "SUBSYSTEM==\"net\", DRIVERS==\"r8169\", NAME=\"eth0\"",
	      "eth0 driver:r8169 1|");
}

static void rules_with_comments(void **state)
{
	struct import im = parsed(RULES, "# head\n\n# PCI device 0x8086:0x1502 (e1000e)\n"
					 "ATTR{address}==\"" MAC "\", NAME=\"eth0\"\n"
					 "#ATTR{address}==\"" MAC "\", NAME=\"eth9\"\n"
					 "DRIVERS==\"r8169\", NAME=\"eth1\"\n");

	(void)state;
	entries_are(&im, "eth0 mac:" MAC " 4|eth1 driver:r8169 6|");
	assert_string_equal(im.v[0].about, "PCI device 0x8086:0x1502 (e1000e)");
	assert_string_equal(im.v[1].about, "");
	assert_string_equal(im.v[0].file, RULES);
	import_free(&im);
}

static void rules_that_cannot_be(void **state)
{
	(void)state;
	refused(RULES, "ATTR{address}==\"001cc0aa0001\", NAME=\"eth0\"",
		RULES ":1: eth0 is left out, because of 001cc0aa0001: a MAC has "
		      "colons: 00:1c:c0:aa:00:01");
	refused(RULES, "ATTR{address}==\"00:1c:c0:*\", NAME=\"eth0\"", "\"00:1c:c0:*\"");
	refused(RULES, "ATTR{address}==\"00:00:00:00:00:00\", NAME=\"eth0\"", "eth0 is left");
	refused(RULES, "DRIVERS==\"e100|e1000\", NAME=\"eth0\"", "DRIVERS \"e100|e1000\"");
	refused(RULES, "ATTR{address}!=\"" MAC "\", NAME=\"eth0\"", "ATTR{address}");
	refused(RULES, "KERNELS==\"0.0.0600\", NAME=\"eth0\"", "KERNELS \"0.0.0600\"");
	refused(RULES, "KERNEL==\"eth1\", NAME=\"eth0\"", "no MAC, path or driver");
	refused(RULES, "PROGRAM=\"/bin/x\", NAME=\"eth0\"", "PROGRAM \"/bin/x\"");
	refused(RULES, "ATTR{address}==\"" MAC "\", NAME=\"eth%n\"", "eth%n");
	refused(RULES, "ATTR{address}==\"" MAC "\", NAME=\"eth*\"", "a pattern");
	refused(RULES, "ATTR{address}==\"" MAC "\", NAME=\"rename4\"", "a leftover");
	refused(RULES, "ATTR{address}==\"" MAC "\", NAME=\"\"", "1 rule without a name");
	refused(RULES, "ATTR{address}==\"" MAC "\", NAME==\"eth0\"", "without a name");
	refused(RULES, "SUBSYSTEM==\"block\", KERNEL==\"sda\", NAME=\"disk\"",
		"1 rule without");
	refused(RULES, "GOTO=\"x\"\nLABEL=\"x\"\n", RULES ":2: 2 rules without a name");
	refused(RULES, "ATTRS{index}==\"65\", NAME=\"eth0\"", "ATTRS{index} \"65\"");
	refused(RULES, "ATTRS{index}==\"0\", NAME=\"eth0\"", "ATTRS{index} \"0\"");
	refused(RULES, "NAME=\"eth0", "no rule of udev");
	refused(RULES, "ATTR{address==\"x\", NAME=\"eth0\"", "no rule of udev");
	refused(RULES, "=\"x\"", "no rule of udev");
}

/* With a MAC, other conditions may go; that is told. */
static void rules_of_two_ports(void **state)
{
	struct import im = parsed(RULES, "ATTR{address}==\"" MAC "\", ATTR{dev_id}==\"0x1\", "
					 "NAME=\"eth1\"\n"
					 "KERNELS==\"0000:00:09.0\", DRIVERS==\"tulip\", "
					 "NAME=\"eth2\"\n"
					 "ATTRS{index}==\"2\", NAME=\"eth3\"\n");

	(void)state;
	entries_are(&im, "eth1 mac:" MAC " 1|eth2 path:pci-0000:00:09.0 2|eth3 onboard:2 3|");
	assert_true(noted(&im, RULES ":3: eth3: onboard:2 counts the onboard cards"));
	assert_true(noted(&im, RULES ":1: eth1: only mac:" MAC
				     " is taken over, not ATTR{dev_id} \"0x1\""));
	assert_true(noted(&im, RULES ":2: eth2: only path:pci-0000:00:09.0 is taken over"));
	import_free(&im);
}

static void iftabs(void **state)
{
	(void)state;
	gives("etc/iftab", "eth0\t\tmac 00:1C:C0:AA:00:01\r\n", "eth0" BY_MAC);
	gives("iftab", "eth0 arp 1 mac " MAC " driver e1000e", "eth0" BY_MAC);
	gives("iftab", "eth0 SYSFS{address} " MAC, "eth0" BY_MAC);
	gives("iftab", "# x\n\neth4 businfo 0000:02:05.0\n", "eth4 path:pci-0000:02:05.0 3|");
	gives("iftab", "eth4 driver pcnet32", "eth4 driver:pcnet32 1|");
	refused("iftab", "air* mac " MAC, "\"air*\": a pattern");
	refused("iftab", "eth0 mac 00:07:0E:* arp 1", "iftab:1: eth0 is left out");
	refused("iftab", "eth0 driver wavelan irq 15", "irq \"15\"");
	refused("iftab", "eth0 mac", "\"mac\" without a value");
	refused("iftab", "eth0", "no MAC, path or driver");
	refused("iftab", "eth0 arp 24", "arp \"24\"");
	refused("iftab", "eth0 businfo usb-0000:00:1d.7-3", "businfo");
}

static void mactabs(void **state)
{
	(void)state;
	gives("/etc/mactab", "eth0 00-1C-C0-AA-00-01\r\n", "eth0" BY_MAC);
	gives("mactab", " eth0\tmac=" MAC " driver=e1000e", "eth0" BY_MAC);
	gives("mactab", "usb0 driver=asix", "usb0 driver:asix 1|");
	gives("mactab", "eth0 bus=0000:00:19.0", "eth0 path:pci-0000:00:19.0 1|");
	refused("mactab", "eth0 001cc0aa0001", "a MAC has colons");
	refused("mactab", "eth0 driver=asix phyaddr=2", "phyaddr= \"2\"");
	refused("mactab", "lo 00:1c:c0:aa:00:01", "name \"lo\"");
}

static void links(void **state)
{
	struct import im;

	(void)state;
	gives("10-x.link", "[Match]\nMACAddress=" MAC "\nType=ether\n\n[Link]\nName=lan0\n",
	      "lan0 mac:" MAC " 6|");
	gives("10-x.link",
	      "[Match]\nPermanentMACAddress=\nMACAddress = 00:1c:c0:aa:00:02\n"
	      "MACAddress=\nMACAddress=" MAC "\n; x\n[Link]\nName=lan0",
	      "lan0 mac:" MAC " 8|");
	gives("10-x.link",
	      "[Match]\nMACAddress=" MAC " \\\n  00:1c:c0:aa:00:02\n[Link]\n"
	      "Name=lan0\n",
	      "lan0 mac:" MAC " 5|lan0 mac:00:1c:c0:aa:00:02 5|");
	gives("a.link", "[Match]\nPath=pci-0000:00:1f.6\n[Link]\nName=lan0\n",
	      "lan0 path:pci-0000:00:1f.6 4|");
	gives("a.link", "[Match]\nProperty=ID_NET_NAME_ONBOARD=eno1\n[Link]\nName=lan0\n",
	      "lan0 onboard:1 4|");
	gives("a.link", "[Match]\nDriver=tulip\nOriginalName=*\n[Link]\nName=lan0\n",
	      "lan0 driver:tulip 5|");
	refused("a.link", "[Match]\nDriver=tulip e100\n[Link]\nName=lan0\n", "Driver");
	refused("a.link", "[Match]\nPath=*-usb-*\n[Link]\nName=lan0\n", "Path \"*-usb-*\"");
	refused("a.link", "[Match]\nOriginalName=eth0\n[Link]\nName=lan0\n", "OriginalName");
	refused("a.link", "[Match]\nDriver=x\nHost=pc1\n[Link]\nName=lan0\n", "Host \"pc1\"");
	refused("a.link", "[Match]\nProperty=ID_NET_NAME_ONBOARD=eno1d1\n[Link]\nName=a\n",
		"1d1");
	refused("a.link", "[Link]\nName=lan0\n", "a.link:2: lan0 is left out: no MAC");
	refused("a.link", "[Match]\nDriver=x\n[Link]\nNamePolicy=mac\n", "no Name=");
	im = parsed("a.link",
		    "[Match]\nMACAddress=" MAC " x\n[Link]\nName=lan0\nMTUBytes=9000\n"
		    "NamePolicy=keep\nDescription=the lab\nrubbish\n");
	entries_are(&im, "lan0 mac:" MAC " 4|");
	assert_string_equal(im.v[0].about, "the lab");
	assert_true(noted(&im, "a.link:5: MTUBytes= is no matter of names"));
	assert_true(noted(&im, "NamePolicy= goes before Name=lan0"));
	assert_true(noted(&im, "a.link:8: neither"));
	assert_true(noted(&im, "\"x\""));
	import_free(&im);
}

static void formats_are_guessed(void **state)
{
	static const struct {
		const char *file, *text, *format;
	} all[] = {
		{ "a", "ATTR{address}==\"" MAC "\", NAME=\"eth0\"\n", "udev rules" },
		{ "a", "[Match]\nMACAddress=" MAC "\n[Link]\nName=eth0\n", ".link file" },
		{ "iftab.old", "eth0 mac " MAC "\n", "iftab" },
		{ "x/names", "# eth0\n\neth0 " MAC "\n", "mactab" },
		{ "mactab", "eth0 mac=" MAC "\n", "mactab" },
	};
	struct import im = { 0 };
	struct err e = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct import one = parsed(all[i].file, all[i].text);

		assert_int_equal(one.n, 1);
		assert_string_equal(one.v[0].by->name, all[i].format);
		import_free(&one);
	}
	assert_int_equal(import_parse("a", "hello world\n", 12, &im, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "a: neither udev rules, a .link file"));
	assert_int_equal(import_parse("a", "", 0, &im, &e), -EINVAL);
	import_free(&im);
}

static void policy_is(struct import *im, const char *want)
{
	char got[1024] = "";
	struct policy p;
	struct err e = { "" };
	size_t at = 0;

	assert_int_equal(import_policy(im, &p, &e), 0);
	for (size_t i = 0; i < p.n; i++) {
		at += (size_t)snprintf(got + at, sizeof(got) - at, "%s", p.v[i].name);
		for (size_t k = 0; k < p.v[i].n_selectors; k++)
			at += (size_t)snprintf(got + at, sizeof(got) - at, " %s",
					       p.v[i].selectors[k].shown);
		at += (size_t)snprintf(got + at, sizeof(got) - at, "|");
	}
	assert_string_equal(got, want);
	policy_free(&p);
	import_free(im);
}

static void conflicts(void **state)
{
	struct import im;
	struct err e = { "" };

	(void)state;
	im = parsed(RULES, "ATTR{address}==\"" MAC "\", NAME=\"eth0\"\n"
			   "ATTR{address}==\"" MAC "\", NAME=\"eth1\"\n");
	assert_int_equal(
		import_parse("mactab", "eth7 " MAC "\neth8 00:1c:c0:aa:00:02\n", 46, &im, &e),
		0);
	policy_is(&im, "eth1 mac:" MAC "|eth8 mac:00:1c:c0:aa:00:02|");
	im = parsed("mactab", "eth0 " MAC "\neth1 " MAC "\n");
	policy_is(&im, "eth0 mac:" MAC "|");
	im = parsed("mactab", "eth0 " MAC "\neth0 00:1c:c0:aa:00:02\n");
	policy_is(&im, "eth0 mac:" MAC " mac:00:1c:c0:aa:00:02|");
}

static void conflicts_are_told(void **state)
{
	struct import im = parsed(RULES, "ATTR{address}==\"" MAC "\", NAME=\"eth0\"\n"
					 "ATTR{address}==\"" MAC "\", NAME=\"eth1\"\n"
					 "DRIVERS==\"tulip\", NAME=\"eth1\"\n");
	struct policy p;
	struct err e = { "" };

	(void)state;
	assert_int_equal(import_policy(&im, &p, &e), 0);
	assert_true(noted(&im, RULES ":1: eth0 for mac:" MAC ": left out, as " RULES
				     ":2 says eth1"));
	assert_true(noted(&im, RULES ":3: eth1 stands for several cards"));
	policy_free(&p);
	import_free(&im);
}

static void hostile(void **state)
{
	static const char nul[] = "eth0 " MAC "\0x\n";
	struct import im = { 0 };
	struct err e = { "" };
	char *text = malloc(IMPORT_FILE_MAX + 64);
	size_t n;

	(void)state;
	assert_non_null(text);
	assert_int_equal(import_parse("mactab", nul, sizeof(nul) - 1, &im, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "a NUL byte"));
	memset(text, 'a', IMPORT_FILE_MAX + 1);
	assert_int_equal(import_parse("mactab", text, IMPORT_FILE_MAX + 1, &im, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "too large"));
	/* a line of nearly 1 MiB, then a good one */
	n = IMPORT_FILE_MAX - 64;
	n += (size_t)snprintf(text + n, 64, "\neth0 " MAC "\n");
	assert_int_equal(import_parse("mactab", text, n, &im, &e), 0);
	entries_are(&im, "eth0 mac:" MAC " 2|");
	assert_true(noted(&im, "mactab:1: a line of more than 4095 characters"));
	import_free(&im);
	/* names of 300 characters; what is no UTF-8, and what moves a cursor */
	n = 300 + (size_t)snprintf(text + 300, 64, " " MAC "\n\x1b[2J\xff " MAC "\n");
	assert_int_equal(import_parse("mactab", text, n, &im, &e), 0);
	assert_int_equal(im.n, 0);
	assert_int_equal(im.n_notes, 2);
	for (size_t i = 0; i < im.n_notes; i++)
		assert_null(strpbrk(im.notes[i], "\x1b\xff"));
	import_free(&im);
	free(text);
}

/* Thousands of lines: entries, names, selectors and notes end somewhere, and it is told. */
static void limits(void **state)
{
	struct import im = { 0 };
	struct policy p;
	struct err e = { "" };
	char *text = malloc(200000), mac[MAC_TEXT_MAX];
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 3000; i++) {
		struct mac m = { { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		n += (size_t)snprintf(text + n, 200000 - n, "n%u %s\n", i < 100 ? i : i % 9,
				      mac_text(&m, mac));
	}
	assert_int_equal(import_parse("mactab", text, n, &im, &e), 0);
	assert_int_equal(im.n, IMPORT_ENTRIES_MAX);
	assert_int_equal(im.n_notes, IMPORT_NOTES_MAX);
	assert_int_equal(im.more_notes, 3000 - IMPORT_ENTRIES_MAX - IMPORT_NOTES_MAX);
	assert_int_equal(import_policy(&im, &p, &e), 0);
	assert_int_equal(p.n, POLICY_WANTS_MAX);
	assert_int_equal(p.v[1].n_selectors, POLICY_SELECTORS_MAX);
	policy_free(&p);
	import_free(&im);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_all_times),
		cmocka_unit_test(rules_with_comments),
		cmocka_unit_test(rules_that_cannot_be),
		cmocka_unit_test(rules_of_two_ports),
		cmocka_unit_test(iftabs),
		cmocka_unit_test(mactabs),
		cmocka_unit_test(links),
		cmocka_unit_test(formats_are_guessed),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(conflicts_are_told),
		cmocka_unit_test(hostile),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
