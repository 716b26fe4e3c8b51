// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/claims.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* All claims as one text: "LINE MAC rename NAME, ...". */
static int write_down(void *ctx, const struct claim *c)
{
	char *text = ctx, mac[MAC_TEXT_MAX] = "-";
	size_t n = strlen(text);

	if (c->has_mac)
		mac_text(&c->mac, mac);
	snprintf(text + n, 1024 - n, "%u %s%s %s %s|", c->line, c->sets_mac ? "=" : "", mac,
		 c->rename[0] ? c->rename : "-", c->name[0] ? c->name : "-");
	return 0;
}

#define A "52:54:00:00:00:0a"
#define B "52:54:00:00:00:0b"

static void test_claims(void **state)
{
	static const struct {
		claim_parser *parse;
		const char *text, *claims;
	} v[] = {
		{ claims_rules,
		  "# PCI device\nSUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", "
		  "ATTR{address}==\"52:54:00:00:00:0A\", ATTR{dev_id}==\"0x0\", NAME=\"eth0\"\n"
		  "#NAME=\"eth9\"\nKERNEL==\"x\", NAME := \"lan0\"\nNAME==\"eth1\"\n"
		  "NAME=\"unfinished\n",
		  "2 " A " eth0 -|" },
		{ claims_rules, "SYSFS{address}==\"" B "\",NAME=\"eth3\"\r\nNAME=\"eth4\"",
		  "1 " B " eth3 -|2 - eth4 -|" },
		{ claims_link,
		  "[Match]\nMACAddress=" A " " B "\n[Link]\nName = lan0\nMACAddress=" B "\n",
		  "2 " A " lan0 -|2 " B " lan0 -|" },
		{ claims_link, "; Name=x\n[Match]\nDriver=e1000e\n[Link]\nName=eth0",
		  "5 - eth0 -|" },
		{ claims_link, "[Match]\nPermanentMACAddress=" A "\n", "2 " A " - -|" },
		{ claims_link, "Name=eth0\n[Link\nName=eth1", "3 - eth1 -|" },
		{ claims_nm,
		  "[connection]\nid=x\ninterface-name=eth0\n[ethernet]\nmac-address=" A "\n",
		  "5 " A " - eth0|" },
		{ claims_nm, "[other]\ninterface-name=eth0\n", "" },
		{ claims_ifcfg, "# x\nHWADDR=\"" A "\"\nDEVICE='eth0'\nONBOOT=yes\n",
		  "3 " A " eth0 eth0|" },
		{ claims_ifcfg, "DEVICE=eth0 # first\n", "1 - - eth0|" },
		{ claims_interfaces,
		  "auto lo eth0\niface lo inet loopback\n#iface eth5 inet\n iface eth0 inet "
		  "dhcp\n  hwaddress ether " A "\n\thwaddress " B "\niface\nhwaddress ether\n",
		  "2 - - lo|4 - - eth0|5 =" A " - -|6 =" B " - -|" },
		{ claims_netplan,
		  "network:\n  version: 2\n  ethernets:\n    lan:\n      match:\n"
		  "        macaddress: \"" A "\"\n      set-name: eth0\n    \"eth1\":\n"
		  "      dhcp4: true\n  bridges:\n    eth2: {}\n  wifis:\n    wlan0:\n"
		  "      match: # x\n        macaddress: " B "\n",
		  "7 " A " eth0 eth0|8 - - eth1|13 " B " - wlan0|" },
		{ claims_netplan, "ethernets:\n  :\n: \n   macaddress:\n", "" },
		{ claims_netplan, "macaddress: " A "\nset-name: eth0\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		char text[1024] = "";

		assert_int_equal(v[i].parse(v[i].text, strlen(v[i].text), write_down, text), 0);
		if (strcmp(text, v[i].claims) != 0)
			print_error("claims %zu\n", i);
		assert_string_equal(text, v[i].claims);
	}
}

static int refuse(void *ctx, const struct claim *c)
{
	(void)c;
	++*(int *)ctx;
	return -7;
}

/* Who takes them can end it. */
static void test_stops(void **state)
{
	static const struct {
		claim_parser *parse;
		const char *text;
	} v[] = {
		{ claims_rules, "NAME=\"a\"\nNAME=\"b\"\n" },
		{ claims_interfaces, "iface a\niface b\n" },
		{ claims_netplan, "ethernets:\n  a:\n  b:\n  c:\n" },
		{ claims_link, "[Match]\nMACAddress=" A " " B "\n" },
		{ claims_nm, "mac-address=" A "\n" },
		{ claims_ifcfg, "DEVICE=a\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		int calls = 0;

		assert_int_equal(v[i].parse(v[i].text, strlen(v[i].text), refuse, &calls), -7);
		assert_int_equal(calls, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
