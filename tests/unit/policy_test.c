// SPDX-License-Identifier: GPL-3.0-or-later
/* netconf.conf: what it means, and that every mistake is told with its place. */
#include "netconf/policy/policy.h"

#include "common/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct policy parse(const char *text)
{
	struct policy p;
	struct err e = { "" };

	if (policy_parse("f", text, strlen(text), &p, &e))
		fail_msg("%s", e.msg);
	return p;
}

static void refused(const char *text, const char *words)
{
	struct policy p;
	struct err e = { "" };

	assert_int_equal(policy_parse("f", text, strlen(text), &p, &e), -EINVAL);
	policy_free(&p);
	if (strncmp(e.msg, words, strlen(words)) != 0)
		fail_msg("\"%s\": got \"%s\", want \"%s\"", text, e.msg, words);
}

/* The mistake @words, at @column of the role @text of [eth0]. */
static void bad_role(const char *role, unsigned column, const char *words)
{
	char text[512], want[256];

	snprintf(text, sizeof(text), "[eth0]\nmatch = mac:52:54:00:00:00:01\nrole = %s\n",
		 role);
	snprintf(want, sizeof(want), "f:3:%u: %s", column, words);
	refused(text, want);
}

static void bad_match(const char *match, unsigned column, const char *words)
{
	char text[512], want[256];

	snprintf(text, sizeof(text), "[eth0]\nmatch = %s\n", match);
	snprintf(want, sizeof(want), "f:2:%u: %s", column, words);
	refused(text, want);
}

static void test_selectors(void **state)
{
	static const struct {
		enum selector_kind kind;
		unsigned number;
		const char *text, *shown;
	} want[] = {
		{ SELECT_ONBOARD, 0, "", "onboard" },
		{ SELECT_ONBOARD, 2, "", "onboard:2" },
		{ SELECT_BOOT_NIC, 0, "", "boot-nic" },
		{ SELECT_MAC, 0, "", "mac:52:54:00:12:34:5f" },
		{ SELECT_PATH, 0, "pci-0000:00:1f.6", "path:pci-0000:00:1f.6" },
		{ SELECT_DRIVER, 0, "e1000e", "driver:e1000e" },
		{ SELECT_PCI_ORDER, 3, "", "pci-order:3" },
		{ SELECT_WIRED_NEXT, 0, "", "wired:next" },
		{ SELECT_WLAN, 1, "", "wlan:1" },
		{ SELECT_USB, 0, "", "usb" },
		{ SELECT_USB, 64, "", "usb:64" },
	};
	static const struct mac mac = { { 0x52, 0x54, 0, 0x12, 0x34, 0x5f } };
	struct policy p = parse("[eth0]\nmatch = onboard,onboard:2 boot-nic , "
				"mac:52-54-00-12-34-5F,path:pci-0000:00:1f.6\n"
				"  driver:e1000e, pci-order:3, wired:next,\n"
				"\twlan:1, usb usb:64 ; all\n");
	const struct want *w = &p.v[0];

	(void)state;
	assert_int_equal(w->n_selectors, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < w->n_selectors; i++) {
		assert_int_equal(w->selectors[i].kind, want[i].kind);
		assert_int_equal(w->selectors[i].number, want[i].number);
		assert_string_equal(w->selectors[i].text, want[i].text);
		assert_string_equal(w->selectors[i].shown, want[i].shown);
	}
	assert_true(mac_equal(&w->selectors[3].mac, &mac));
	policy_free(&p);
}

static void test_bad_selectors(void **state)
{
	(void)state;
	bad_match("onboard, bord", 18,
		  "there is no selector \"bord\"; there are: onboard, boot-nic, "
		  "mac:52:54:00:12:34:56, path:pci-0000:00:1f.6, driver:e1000e, pci-order:1, "
		  "wired:next, wlan:1, usb");
	bad_match("onboard  mac:525400123456", 22,
		  "525400123456: a MAC has colons: 52:54:00:12:34:56");
	bad_match("mac", 9, "\"mac\" needs more: write mac:52:54:00:12:34:56");
	bad_match("mac:", 9, "\"mac\" needs more");
	bad_match("mac:01:00:5e:00:00:01", 13, "01:00:5e:00:00:01: no card has that MAC");
	bad_match("boot-nic:1", 17, "nothing stands behind \"boot-nic\"");
	bad_match("pci-order", 9, "\"pci-order\" needs more: write pci-order:1");
	bad_match("pci-order:0", 19, "\"0\" is not a number from 1 to 64");
	bad_match("wlan:65", 14, "\"65\" is not a number from 1 to 64");
	bad_match("wlan:1x", 14, "\"1x\" is not a number");
	bad_match("usb:", 9, "\"usb\" needs more: write usb, or with :2");
	bad_match("wired", 9, "write wired:next");
	bad_match("wired:1", 9, "write wired:next");
	bad_match("driver:a\"b", 17, "a '\"' cannot stand there");
	bad_match("usb usb", 13, "usb stands here twice");
	bad_match("path:123456789012345678901234567890123456789012345678901234567890abcd", 14,
		  "more than 63 characters");
	bad_match("usb:1,usb:2,usb:3,usb:4,usb:5,usb:6,usb:7,usb:8,usb:9,usb:10,usb:11,usb:12,"
		  "usb:13,usb:14,usb:15,usb:16,usb:17",
		  112, "more than 16 selectors for one name");
	refused("[eth0]\nmatch = ,\n", "f:1:2: eth0: which card is it?");
}

static void test_static_role(void **state)
{
	struct policy p =
		parse("[eth1]\nmatch = usb\nrole = static 192.0.2.10/24 gw 192.0.2.1\n"
		      "  dns 192.0.2.53, fd00::53,198.51.100.53 metric 100\n"
		      "  dhcp-server ssid \"Our \\\"School\\\" \\\\\"\n"
		      "  psk-file /etc/slate/psk\nrequired = yes\npin = path\n");
	const struct role *r = &p.v[0].role;
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	assert_int_equal(r->how, ADDRESS_STATIC);
	assert_string_equal(address_text(&r->address, true, text), "192.0.2.10/24");
	assert_string_equal(address_text(&r->gateway, false, text), "192.0.2.1");
	assert_int_equal(r->n_dns, 3);
	assert_string_equal(address_text(&r->dns[0], false, text), "192.0.2.53");
	assert_string_equal(address_text(&r->dns[1], true, text), "fd00::53/128");
	assert_string_equal(address_text(&r->dns[2], true, text), "198.51.100.53/32");
	assert_int_equal(r->metric, 100);
	assert_true(r->dhcp_server);
	assert_string_equal(r->ssid, "Our \"School\" \\");
	assert_string_equal(r->psk_file, "/etc/slate/psk");
	assert_true(p.v[0].required);
	assert_int_equal(p.v[0].pin, PIN_PATH);
	assert_int_equal(p.v[0].line, 1);
	policy_free(&p);
}

static void test_other_roles(void **state)
{
	struct policy p =
		parse("[lan]\nmatch = usb\n"
		      "[eth2]\nmatch = usb\nrole = dhcp metric 4294967295\n"
		      "[eth3]\nmatch = usb\nrole = manual\nrequired = no\npin = auto\n"
		      "[v6]\nmatch = usb\nrole = static fd00:1::2/64 gw fe80::1\n"
		      "[wlan0]\nmatch = wlan:1\nrole = dhcp ssid Open\n"
		      "[wlan1]\nmatch = wlan:2\n"
		      "[*]\nstrangers = keep\nstyle = netplan\n");

	(void)state;
	assert_int_equal(p.n, 6);
	assert_int_equal(p.v[0].role.how, ADDRESS_MANUAL);
	assert_int_equal(p.v[1].role.how, ADDRESS_DHCP);
	assert_true(p.v[1].role.metric == 4294967295);
	assert_false(p.v[2].required);
	assert_int_equal(p.v[2].pin, PIN_AUTO);
	assert_int_equal(p.v[3].role.address.family, AF_INET6);
	assert_int_equal(p.v[3].role.address.prefix, 64);
	assert_int_equal(p.strangers, STRANGERS_KEEP);
	assert_int_equal(p.style, STYLE_NETPLAN);
	policy_free(&p);
}

static void test_bad_addresses(void **state)
{
	(void)state;
	bad_role("static", 8, "static needs the card's address, on the same line");
	bad_role("static 192.168.67.1", 15,
		 "192.168.67.1: the length of the network is missing: write 192.168.67.1/24");
	bad_role("static 192.168.67.1/33", 28,
		 "the length of the network is a number from 1 to 32, as in /24");
	bad_role("static 192.168.67.1/0", 28, "the length of the network");
	bad_role("static 192.168.67.1/", 28, "the length of the network");
	bad_role("static 192.168.67.1/24x", 28, "the length of the network");
	bad_role("static 192.168.67.1/4294967320", 28, "the length of the network");
	bad_role("static fd00::1/129", 23,
		 "the length of the network is a number from 1 to 128, as in /64");
	bad_role("static 192.168.67.1/255.255.255.0", 28,
		 "behind the '/' stands the length of the network in bits");
	bad_role("static 192.168.067.1/24", 15, "\"192.168.067.1\" is no address, such as");
	bad_role("static 192.168.67.256/24", 15, "\"192.168.67.256\" is no address");
	bad_role("static fd00:::1/64", 15, "\"fd00:::1\" is no address");
	bad_role("static 192.168.67.0/24", 15, "192.168.67.0/24: that is the network itself");
	bad_role("static 192.168.67.255/24", 15, "192.168.67.255/24: that is for all machines");
	bad_role("static 127.0.0.1/8", 15, "127.0.0.1: that is the machine itself");
	bad_role("static ::1/128", 15, "::1: that is the machine itself");
	bad_role("static 0.0.0.0/8", 15, "0.0.0.0: that is no address of a machine");
	bad_role("static 224.0.0.1/8", 15, "224.0.0.1: that is a group of machines");
	bad_role("static ff02::1/64", 15, "ff02::1: that is a group of machines");
	bad_role("static 192.168.67.1/24 gw", 31, "\"gw\" needs more, on the same line: gw ");
	bad_role("static 192.168.67.1/24 gw 192.168.68.1", 34,
		 "the gateway 192.168.68.1 is not in the network of 192.168.67.1/24");
	bad_role("static 10.0.0.1/25 gw 10.0.0.129", 30, "the gateway 10.0.0.129 is not in");
	bad_role("static 192.168.67.1/24 gw 192.168.67.1", 34,
		 "the gateway is another machine");
	bad_role("static 192.168.67.1/24 gw fe80::1", 34, "the gateway fe80::1 is not in");
	bad_role("static fd00::1/64 gw fec0::1", 29, "the gateway fec0::1 is not in");
	bad_role("static 192.168.67.1/24 gw 192.168.67.2/24", 46,
		 "only an address stands here");
	bad_role("static 192.168.67.1/24 dns 1.1.1.1,x", 43,
		 "\"x\" is no address, such as "
		 "192.168.67.1 or fd00::1");
	bad_role("static 192.168.67.1/24 dns 1.1.1.1, y", 44, "\"y\" is no address");
	bad_role("static 192.168.67.1/24 dns 1.1.1.1,", 35, "an address is missing behind");
	bad_role("static 192.168.67.1/24 dns ,1.1.1.1", 35, "\"\" is no address");
	bad_role("static 10.0.0.1/24 dns 1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4", 55,
		 "more than 3 DNS servers");
	refused("[a]\nmatch = usb\nrole = static 10.0.0.1/24\n"
		"[b]\nmatch = usb\nrole = static 10.0.0.1/8\n",
		"f:4:1: [a] and [b] have the same address, 10.0.0.1");
}

/* Networks of two addresses and of one have no network and broadcast address. */
static void test_small_networks(void **state)
{
	struct policy p = parse("[a]\nmatch = usb\nrole = static 10.0.0.0/31 gw 10.0.0.1\n"
				"[b]\nmatch = usb\nrole = static 10.0.0.255/32\n"
				"[c]\nmatch = usb\nrole = static 10.1.0.1/30\n"
				"[d]\nmatch = usb\nrole = static fd00::/64\n");

	(void)state;
	assert_int_equal(p.n, 4);
	policy_free(&p);
	bad_role("static 10.0.0.3/30", 15, "10.0.0.3/30: that is for all");
}

static void test_bad_roles(void **state)
{
	(void)state;
	bad_role("fixed 192.168.67.1/24", 8,
		 "a role begins with static, dhcp or manual, not with \"fixed\"");
	bad_role("dhcp gateway 10.0.0.1", 13,
		 "\"gateway\" cannot stand there; behind \"dhcp\" there is: metric, ssid, "
		 "psk-file");
	bad_role("dhcp dhcp-server", 13, "\"dhcp-server\" cannot stand there");
	bad_role("manual metric 5", 15,
		 "\"metric\" cannot stand there; behind \"manual\" there is: nothing");
	bad_role(
		"dhcp # comment", 13,
		"\"#\" cannot stand there; behind \"dhcp\" there is: metric, ssid, psk-file (a "
		"comment behind a value begins with ';')");
	bad_role("dhcp metric", 13, "\"metric\" needs more, on the same line: metric 200");
	bad_role("dhcp metric 0", 20, "a metric is a number from 1 to 4294967295");
	bad_role("dhcp metric 4294967296", 20, "a metric is a number");
	bad_role("dhcp metric 1 metric 1", 22, "\"metric\" stands here twice");
	bad_role("static 10.0.0.1/24 metric 5", 27,
		 "a metric is that of the default route, and there is none: gw ADDRESS is");
	bad_role("dhcp \"metric\" 1", 13, "\"metric\" cannot stand there");
}

static void test_bad_wlan(void **state)
{
	(void)state;
	bad_role("dhcp ssid", 13, "\"ssid\" needs more");
	bad_role("dhcp ssid \"\"", 18, "an SSID has 1 to 32 bytes");
	bad_role("dhcp ssid 123456789012345678901234567890123", 18, "an SSID has 1 to 32");
	bad_role("dhcp ssid a\377b", 18, "an SSID is text (UTF-8)");
	bad_role("dhcp ssid \"a", 18, "a quote without its end on the same line (a ';'");
	bad_role("dhcp ssid \"a\"b", 21, "a space must stand behind a quoted word");
	bad_role("dhcp ssid \"a\\b\"", 20, "within quotes, write \\\\ for \\");
	bad_role("dhcp ssid a psk-file psk", 29, "write the whole path of the file");
	bad_role("dhcp psk-file /psk", 13,
		 "a psk-file without a network: ssid NAME is missing");
	bad_role("dhcp ssid a psk-file /"
		 "12345678901234567890123456789012345678901234567890123456789012345678901234567"
		 "890123456789012345678901234567890123456789012345678",
		 29, "a path of more than 127 characters");
	refused("[wlan0]\nmatch = usb\nrole = dhcp\n",
		"f:3:8: wlan0 is wireless, and its network is missing: ssid NAME psk-file");
	refused("[air]\nmatch = wlan:1\nrole = static 10.0.0.1/24\n", "f:3:8: air is wireless");
	refused("[eth0]\nmatch = onboard, wired:next\nrole = dhcp\n  ssid Lab\n"
		"[eth1]\nmatch = boot-nic, pci-order:1, wired:next\nrole = dhcp\n  ssid Lab\n",
		"f:8:3: eth1 has an ssid, but its match gives only wired cards: write");
}

static void test_bad_names(void **state)
{
	static const struct {
		const char *name, *words;
	} cases[] = {
		{ "1234567890123456",
		  "the name has 16 characters; the kernel takes at most 15" },
		{ "lo", "\"lo\" is reserved: it is the loopback interface" },
		{ "all", "\"all\" is reserved" },
		{ "default", "\"default\" is reserved" },
		{ "bonding_masters", "\"bonding_masters\" is reserved" },
		{ "nc-eth0", "names that begin with \"nc-\" are reserved" },
		{ "12", "digits alone are no name: write lan12" },
		{ "eth0.5", "a card's name has no '.': that would be a VLAN" },
		{ "eth0:1", "a card's name has no ':': that would be a second address" },
		{ "a/b", "a '/' cannot stand there" },
		{ "a%d", "a '%' cannot stand there" },
		{ "-a", "a '-' cannot stand there" },
		{ "..", "a card's name has no '.'" },
		{ "a b", "a name has letters, digits, '-' and '_', and no spaces" },
		{ "\xc3\xa4", "a name has letters, digits" },
	};
	char text[64], want[160];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "\n[%s]\n", cases[i].name);
		snprintf(want, sizeof(want), "f:2:2: %s", cases[i].words);
		refused(text, want);
	}
	assert_int_equal(name_check("", NULL), -EINVAL);
	assert_int_equal(name_check("123456789012345", NULL), -EINVAL);
	assert_int_equal(name_check("a23456789012345", NULL), 0);
	assert_int_equal(name_check("10gbe_0-x", NULL), 0);
}

static void test_kernel_names(void **state)
{
	static const char *const yes[] = { "eth0", "eth10", "wlan0", "wlan123" };
	static const char *const no[] = { "eth",  "wlan",  "eth0a", "ethx",
					  "lan0", "aeth0", "",      "wlp2s0" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(name_of_kernel(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(name_of_kernel(no[i]));
}

static void test_bad_sections(void **state)
{
	char many[70 * 24] = "";

	(void)state;
	refused("", "f:1:1: no name is wanted: there is no section, such as [eth0]");
	refused("match = usb\n", "f:1:1: before this, a section must begin, such as [eth0]");
	refused("[eth0]\n[eth1]\nmatch = usb\n", "f:1:2: eth0: which card is it? Write");
	refused("[eth0]\nrole = dhcp\n", "f:1:2: eth0: which card is it?");
	refused("[eth0]\nmatch = usb\n[eth0]\n", "f:3:2: [eth0] stands in line 1 already");
	refused("[*]\n[a]\nmatch=usb\n[*]\n", "f:4:2: there is a section [*] already");
	refused("[a]\n matsch = usb\n",
		"f:2:2: [a] has no \"matsch\"; there are: match, role, required, "
		"pin");
	refused("[*]\nmatch = usb\n",
		"f:2:1: [*] has no \"match\"; there are: strangers, style");
	refused("[a]\nmatch = usb\nmatch = onboard", "f:3:1: [a] has \"match\" already");
	refused("[a]\npin = mac\n  path", "f:3:3: an indented line goes on with \"pin\"");
	refused("[a]\npin = slot", "f:2:7: pin is auto, mac, path or onboard, not \"slot\"");
	refused("[a]\nrequired = 1", "f:2:12: required is yes or no, not \"1\"");
	refused("[*]\nstyle = ifcfg", "f:2:9: style is auto, none, ifupdown, networkd, netplan "
				      "or nm, not \"ifcfg\"");
	refused("[*]\nstrangers = go", "f:2:13: strangers is path-name or keep, not \"go\"");
	refused("[a]\nmatch usb", "f:2:1: neither");
	for (unsigned i = 0; i <= POLICY_WANTS_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "[n%u]\nmatch=usb\n",
			 i);
	refused(many, "f:129:2: more than 64 names");
}

/* @a and what is read from its text are the same but for line numbers. */
static void expect_round(const struct policy *a)
{
	struct policy b;
	char *text, *again;

	assert_int_equal(policy_render(a, &text, NULL), 0);
	b = parse(text);
	assert_int_equal(policy_render(&b, &again, NULL), 0);
	assert_string_equal(text, again);
	assert_int_equal(a->n, b.n);
	for (size_t i = 0; i < a->n; i++) {
		b.v[i].line = a->v[i].line;
		assert_memory_equal(&a->v[i], &b.v[i], sizeof(b.v[i]));
	}
	assert_int_equal(a->strangers, b.strangers);
	assert_int_equal(a->style, b.style);
	free(text);
	free(again);
	policy_free(&b);
}

static void test_render(void **state)
{
	struct policy p = parse("[eth0]\nmatch = onboard,boot-nic\nrole = static 192.0.2.1/24 "
				"dhcp-server\nrequired = yes\n[wlan0]\nmatch = wlan:1\n"
				"role = dhcp metric 5 ssid \"a b\" psk-file /x\npin = mac\n");
	char *text;

	(void)state;
	assert_int_equal(policy_render(&p, &text, NULL), 0);
	assert_string_equal(text, "[*]\nstrangers = path-name\nstyle = auto\n"
				  "\n[eth0]\nmatch = onboard, boot-nic\n"
				  "role = static 192.0.2.1/24 dhcp-server\nrequired = yes\n"
				  "\n[wlan0]\nmatch = wlan:1\n"
				  "role = dhcp metric 5 ssid \"a b\" psk-file /x\npin = mac\n");
	free(text);
	policy_free(&p);
}

/* The longest of everything still fits into lines that can be read. */
static void test_render_long(void **state)
{
	struct policy p = parse(
		"[air]\nmatch = path:12345678901234567890123456789012345678901234567890123\n"
		" path:a2345678901234567890123456789012345678901234567890123456789012\n"
		"role = static fd12:3456:789a:bcde:f012:3456:789a:bcde/128\n"
		" gw fe80::3456:789a:bcde:f012 metric 4294967295\n"
		" dns fd12:3456:789a:bcde:f012:3456:789a:bcd1,fd12:3456:789a:bcde:f012:3456:"
		"789a:bcd2,fd12:3456:789a:bcde:f012:3456:789a:bcd3 dhcp-server\n"
		" ssid \"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\"\n"
		" psk-file \"/1234567890123456789012345678901234567890123456789012345678901234"
		"567890123456789012345678901234567890123456789012345 78901\"\n");
	char *text, *save = NULL;

	(void)state;
	expect_round(&p);
	assert_int_equal(policy_render(&p, &text, NULL), 0);
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		assert_true(strlen(l) <= 150);
	free(text);
	policy_free(&p);
}

static void test_example(void **state)
{
	char *text = io_slurp("netconf/netconf.conf", 1 << 16);
	struct policy p;

	(void)state;
	assert_non_null(text);
	p = parse(text);
	free(text);
	assert_int_equal(p.n, 4);
	assert_string_equal(p.v[0].name, "eth0");
	assert_true(p.v[0].required && p.v[0].role.dhcp_server);
	assert_int_equal(p.v[0].selectors[0].kind, SELECT_ONBOARD);
	assert_int_equal(p.v[1].role.how, ADDRESS_STATIC);
	assert_int_equal(p.v[2].role.how, ADDRESS_DHCP);
	assert_string_equal(p.v[3].role.ssid, "Example School");
	assert_string_equal(p.v[3].role.psk_file, "/etc/slate/wlan0.psk");
	assert_int_equal(p.strangers, STRANGERS_PATH_NAME);
	assert_int_equal(p.style, STYLE_AUTO);
	expect_round(&p);
	policy_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selectors),     cmocka_unit_test(test_bad_selectors),
		cmocka_unit_test(test_static_role),   cmocka_unit_test(test_other_roles),
		cmocka_unit_test(test_bad_addresses), cmocka_unit_test(test_small_networks),
		cmocka_unit_test(test_bad_roles),     cmocka_unit_test(test_bad_wlan),
		cmocka_unit_test(test_bad_names),     cmocka_unit_test(test_kernel_names),
		cmocka_unit_test(test_bad_sections),  cmocka_unit_test(test_render),
		cmocka_unit_test(test_render_long),   cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
