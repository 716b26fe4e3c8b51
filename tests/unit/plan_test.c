// SPDX-License-Identifier: GPL-3.0-or-later
/* Plans on machines made by hand: every selector, every problem, every reason. */
#include "tests/unit/nc_cards.h"

#include <errno.h>
#include <setjmp.h>

#include <cmocka.h>

static void make(struct planned *m, const char *text)
{
	struct plan_request req = { &m->policy, &m->nics, m->has_boot ? &m->boot : NULL };
	struct err e = { "" };

	if (policy_parse("f", text, strlen(text), &m->policy, &e) ||
	    plan_make(&req, &m->plan, &e))
		fail_msg("%s", e.msg);
}

static void end(struct planned *m)
{
	plan_free(&m->plan);
	policy_free(&m->policy);
	*m = (struct planned){ 0 };
}

/* Name @i goes to @nic (NULL: none) for @reason. */
static void expect(const struct planned *m, size_t i, const struct nic *nic, const char *reason)
{
	assert_true(i < m->plan.n);
	assert_string_equal(m->plan.v[i].reason, reason);
	assert_ptr_equal(m->plan.v[i].nic, nic);
}

static void no_problems(const struct planned *m)
{
	struct err e;

	if (m->plan.n_problems)
		fail_msg("%s", m->plan.problems[0]);
	assert_int_equal(plan_refuse(&m->plan, &e), 0);
}

/* Problem @i begins with @words, and there are @n of them. */
static void problem(const struct planned *m, size_t i, size_t n, const char *words)
{
	struct err e;

	assert_int_equal(m->plan.n_problems, n);
	if (strncmp(m->plan.problems[i], words, strlen(words)) != 0)
		fail_msg("got \"%s\", want \"%s\"", m->plan.problems[i], words);
	assert_int_equal(plan_refuse(&m->plan, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, words));
}

#define SCHOOL                                                                                 \
	"[eth0]\nmatch = onboard, boot-nic, pci-order:1\n"                                     \
	"role = static 192.168.67.1/24 dhcp-server\nrequired = yes\n"                          \
	"[eth1]\nmatch = wired:next\n[eth2]\nmatch = wired:next\nrole = dhcp\n"                \
	"[wlan0]\nmatch = wlan:1\n"

static void test_school(void **state)
{
	struct planned m = { 0 };
	struct nic *added = card(&m, "01:00.0", "e1000e", 1);
	struct nic *board = onboard(card(&m, "00:1f.6", "e1000e", 2), ONBOARD_SMBIOS, 1);
	struct nic *wlan = wlan_card(&m, "00:14.3", 3);

	(void)state;
	make(&m, SCHOOL);
	no_problems(&m);
	expect(&m, 0, board, "SMBIOS onboard index 1");
	expect(&m, 1, added, "the next wired card that nobody has");
	expect(&m, 2, NULL, "wired:next: all wired cards have names");
	expect(&m, 3, wlan, "wireless card 1");
	assert_int_equal(m.plan.n_strangers, 0);
	end(&m);
}

/* Whatever the order of the cards, the plan is the same. */
static void test_stable(void **state)
{
	static const char *const pci[] = { "03:00.0", "01:00.1", "01:00.0", "00:19.0" };

	(void)state;
	for (size_t turn = 0; turn < 4; turn++) {
		struct planned m = { 0 };

		usb_card(&m, "1-1:1.0", "asix", 9);
		for (size_t i = 0; i < 4; i++)
			card(&m, pci[(i + turn) % 4], "igb", (uint8_t)((i + turn) % 4));
		make(&m, "[a]\nmatch=wired:next\n[b]\nmatch=wired:next\n[c]\nmatch=wired:next\n"
			 "[d]\nmatch=pci-order:4\n[e]\nmatch=wired:next\n");
		no_problems(&m);
		assert_string_equal(m.plan.v[0].nic->pci, "0000:00:19.0");
		assert_string_equal(m.plan.v[1].nic->pci, "0000:01:00.0");
		assert_string_equal(m.plan.v[2].nic->pci, "0000:01:00.1");
		assert_string_equal(m.plan.v[3].nic->pci, "0000:03:00.0");
		assert_string_equal(m.plan.v[3].reason, "wired PCI card 4 by PCI address");
		assert_string_equal(m.plan.v[4].nic->bus, "usb");
		end(&m);
	}
}

static void test_onboard(void **state)
{
	struct planned m = { 0 };
	struct nic *b = onboard(card(&m, "02:00.0", "r8169", 1), ONBOARD_ACPI, 5);
	struct nic *a = onboard(card(&m, "03:00.0", "r8169", 2), ONBOARD_ACPI, 2);
	struct nic *w = onboard(wlan_card(&m, "04:00.0", 3), ONBOARD_SMBIOS, 2);

	(void)state;
	card(&m, "00:1f.6", "e1000e", 4);
	make(&m, "[a]\nmatch=onboard\n[b]\nmatch=onboard:2\n[c]\nmatch=onboard:3\n"
		 "[d]\nmatch=onboard\n[wl]\nmatch=onboard\n");
	no_problems(&m);
	expect(&m, 0, a, "ACPI onboard index 2");
	expect(&m, 1, b, "ACPI onboard index 5");
	expect(&m, 2, NULL, "onboard:3: there is no onboard card 3");
	expect(&m, 3, NULL, "onboard: 0000:03:00.0 r8169 is a already");
	expect(&m, 4, w, "SMBIOS onboard index 2");
	assert_int_equal(m.plan.n_strangers, 1);
	end(&m);
}

static void test_onboard_ports(void **state)
{
	struct planned m = { 0 };
	struct nic *two = onboard(card(&m, "02:00.0", "mlx4_en", 1), ONBOARD_SMBIOS, 1);
	struct nic *one = onboard(card(&m, "02:00.0", "mlx4_en", 2), ONBOARD_SMBIOS, 1);

	(void)state;
	two->dev_port = 1;
	make(&m, "[a]\nmatch=onboard\n[b]\nmatch=onboard:2\n[c]\nmatch=onboard:3\n");
	no_problems(&m);
	assert_ptr_equal(m.plan.v[0].nic, one);
	assert_ptr_equal(m.plan.v[1].nic, two);
	assert_null(m.plan.v[2].nic);
	assert_int_equal(m.plan.v[0].pin, PIN_ONBOARD);
	assert_true(m.plan.v[0].pin_port && m.plan.v[1].pin_port);
	assert_false(m.plan.v[0].pin_driver);
	end(&m);
}

static void test_duplicate_onboard(void **state)
{
	struct planned m = { 0 };
	struct nic *a = onboard(card(&m, "02:00.0", "tg3", 1), ONBOARD_SMBIOS, 1);

	(void)state;
	onboard(card(&m, "00:19.0", "e1000e", 2), ONBOARD_ACPI, 1);
	make(&m, "[eth0]\nmatch = onboard, boot-nic, pci-order:1\nrequired = yes\n"
		 "[eth1]\nmatch = onboard:2\n");
	problem(&m, 0, 1,
		"the firmware says of two cards that they are onboard 1: 0000:00:19.0 e1000e "
		"and 0000:02:00.0 tg3;");
	expect(&m, 0, NULL, "onboard: the firmware has one onboard index twice");
	end(&m);
	/* It does no harm where nobody asks; but no card is marked by it. */
	a = onboard(card(&m, "02:00.0", "tg3", 1), ONBOARD_SMBIOS, 1);
	onboard(card(&m, "00:19.0", "e1000e", 2), ONBOARD_ACPI, 1);
	make(&m, "[eth0]\nmatch = driver:tg3\n");
	no_problems(&m);
	expect(&m, 0, a, "the only card with this driver");
	assert_int_equal(m.plan.v[0].pin, PIN_PATH);
	end(&m);
}

static void test_guess(void **state)
{
#define GUESS "a guess, as the firmware does not say what is onboard: "
	struct planned m = { 0 };
	struct nic *c;

	(void)state;
	card(&m, "00:05.0", "e1000e", 1);
	c = card(&m, "00:19.0", "e1000e", 2);
	c->vendor = 0x8086;
	make(&m, "[a]\nmatch=onboard\n[b]\nmatch=onboard\n[c]\nmatch=onboard:2\n");
	no_problems(&m);
	expect(&m, 0, c, GUESS "the chipset's own card");
	expect(&m, 1, NULL, "onboard: 0000:00:19.0 e1000e is a already");
	expect(&m, 2, NULL, "onboard:2: the firmware names none");
	end(&m);

	/* Not Intel's: two on bus 0, neither is sure. */
	card(&m, "00:05.0", "e1000e", 1);
	card(&m, "00:19.0", "nfe", 2)->vendor = 0x10de;
	make(&m, "[a]\nmatch=onboard\n");
	no_problems(&m);
	expect(&m, 0, NULL, "onboard: the firmware does not say, and there is no safe guess");
	end(&m);

	/* One of them is in a slot. */
	c = card(&m, "00:05.0", "e1000e", 1);
	card(&m, "00:06.0", "e1000e", 2)->in_slot = true;
	card(&m, "01:00.0", "igb", 3);
	make(&m, "[a]\nmatch=onboard\n");
	expect(&m, 0, c, GUESS "the only wired card on PCI bus 0");
	end(&m);

	usb_card(&m, "1-1:1.0", "asix", 1);
	wlan_card(&m, "00:14.3", 2);
	card(&m, "01:00.0", "igb", 3)->in_slot = true;
	c = card(&m, "02:00.0", "r8169", 4);
	make(&m, "[a]\nmatch=onboard\n");
	expect(&m, 0, c, GUESS "the only wired PCI card outside of slots");
	assert_int_equal(m.plan.v[0].pin, PIN_PATH);
	end(&m);

	c = card(&m, "00:00.0", "bcmgenet", 1);
	snprintf(c->bus, sizeof(c->bus), "platform");
	snprintf(c->address, sizeof(c->address), "fd580000.ethernet");
	c->pci[0] = '\0';
	usb_card(&m, "1-1:1.0", "asix", 2);
	make(&m, "[a]\nmatch=onboard\n[b]\nmatch=pci-order:1\n");
	expect(&m, 0, c, GUESS "the only wired card that is on neither PCI nor USB");
	expect(&m, 1, NULL, "pci-order:1: no wired PCI card");
	end(&m);

	/* Never an USB card, and never a wireless one. */
	usb_card(&m, "1-1:1.0", "asix", 1);
	wlan_card(&m, "00:14.3", 2);
	make(&m, "[a]\nmatch=onboard\n[wlan0]\nmatch=onboard\n");
	assert_null(m.plan.v[0].nic);
	assert_null(m.plan.v[1].nic);
	end(&m);
}

static void test_boot(void **state)
{
	struct planned m = { .has_boot = true, .boot = { { 0x52, 0x54, 0, 0, 0, 2 } } };
	struct nic *c;

	(void)state;
	card(&m, "01:00.0", "igb", 1);
	c = card(&m, "02:00.0", "igb", 2);
	make(&m, "[a]\nmatch=boot-nic\n[b]\nmatch=boot-nic\n");
	no_problems(&m);
	expect(&m, 0, c, "this machine booted from it");
	expect(&m, 1, NULL, "boot-nic: 0000:02:00.0 igb is a already");
	end(&m);

	m.has_boot = true; /* of no card here: 00:... */
	card(&m, "01:00.0", "igb", 1);
	make(&m, "[a]\nmatch=boot-nic, pci-order:1\n");
	problem(&m, 0, 1, "a: this machine booted from the card 00:00:00:00:00:00");
	expect(&m, 0, NULL, "boot-nic: no card has the MAC 00:00:00:00:00:00");
	end(&m);

	c = card(&m, "01:00.0", "igb", 1);
	make(&m, "[a]\nmatch=boot-nic, pci-order:1\n[b]\nmatch = boot-nic\n");
	no_problems(&m);
	expect(&m, 0, c, "wired PCI card 1 by PCI address");
	expect(&m, 1, NULL,
	       "boot-nic: not known, as this machine did not boot from the network");
	end(&m);
}

/* The address that the card has now may be another one than it came with. */
static void test_boot_changed_mac(void **state)
{
	struct planned m = { .has_boot = true, .boot = { { 2, 0, 0, 0, 0, 7 } } };
	struct nic *c = card(&m, "01:00.0", "igb", 1);

	(void)state;
	c->mac = m.boot;
	make(&m, "[a]\nmatch=boot-nic\n");
	expect(&m, 0, c, "this machine booted from it");
	end(&m);
}

static void test_mac(void **state)
{
	struct planned m = { 0 };
	struct nic *c = card(&m, "01:00.0", "igb", 1);

	(void)state;
	c->mac.b[5] = 0x77; /* the permanent one counts */
	make(&m, "[a]\nmatch=mac:52:54:00:00:00:77\n[b]\nmatch=mac:52:54:00:00:00:01\n"
		 "[c]\nmatch=mac:52:54:00:00:00:01\n");
	no_problems(&m);
	expect(&m, 0, NULL, "mac:52:54:00:00:00:77: no card with this MAC");
	expect(&m, 1, c, "mac:52:54:00:00:00:01");
	expect(&m, 2, NULL, "mac:52:54:00:00:00:01: 0000:01:00.0 igb is b already");
	end(&m);
	usb_card(&m, "1-1:1.0", "cdc_ether", 1)->random_mac = true;
	make(&m, "[a]\nmatch=mac:52:54:00:00:00:01, usb\n");
	problem(&m, 0, 1,
		"a: mac:52:54:00:00:00:01 is made up anew at each boot by the driver "
		"of usb 1-1:1.0 cdc_ether");
	assert_null(m.plan.v[0].nic);
	end(&m);
}

static void test_path(void **state)
{
	struct planned m = { 0 };
	struct nic *c[5];

	(void)state;
	c[0] = card(&m, "00:1f.6", "e1000e", 1);
	c[1] = card(&m, "01:00.0", "igb", 2);
	c[2] = usb_card(&m, "2-1:1.0", "asix", 3);
	c[3] = card(&m, "02:00.0", "mlx4_en", 4);
	c[4] = card(&m, "02:00.0", "mlx4_en", 5);
	c[4]->dev_port = 1;
	make(&m, "[a]\nmatch=path:1f.6\n[b]\nmatch=path:00:1f.6\n[c]\nmatch=path:1:00.0\n"
		 "[d]\nmatch=path:pci-0000:01:00.0\n[e]\nmatch=path:00:14.0\n"
		 "[f]\nmatch=path:2-1:1.0\n[g]\nmatch=path:02:00.0\n");
	problem(&m, 0, 1,
		"g: path:02:00.0 fits 2 cards: 0000:02:00.0 mlx4_en and 0000:02:00.0 mlx4_en "
		"port 1; tell them apart with path: or mac:");
	expect(&m, 0, c[0], "path:1f.6");
	expect(&m, 1, NULL, "path:00:1f.6: 0000:00:1f.6 e1000e is a already");
	expect(&m, 2, NULL, "path:1:00.0: no card at this path");
	expect(&m, 3, c[1], "path:pci-0000:01:00.0");
	expect(&m, 4, NULL, "path:00:14.0: no card at this path");
	expect(&m, 5, c[2], "path:2-1:1.0");
	expect(&m, 6, NULL, "path:02:00.0: it fits 2 cards");
	end(&m);
}

static void test_driver(void **state)
{
	struct planned m = { 0 };
	struct nic *board = onboard(card(&m, "00:1f.6", "e1000e", 1), ONBOARD_SMBIOS, 1);
	struct nic *added = card(&m, "01:00.0", "e1000e", 2);

	(void)state;
	make(&m, "[a]\nmatch=onboard\n[b]\nmatch=driver:igb, driver:e1000e\n");
	no_problems(&m);
	expect(&m, 0, board, "SMBIOS onboard index 1");
	expect(&m, 1, added, "the only free card with this driver");
	end(&m);
	card(&m, "00:1f.6", "e1000e", 1);
	card(&m, "01:00.0", "e1000e", 2);
	make(&m, "[b]\nmatch=driver:e1000e, wired:next\nrequired=yes\n");
	problem(&m, 0, 1,
		"b: driver:e1000e fits 2 cards: 0000:00:1f.6 e1000e and 0000:01:00.0 e1000e;");
	assert_null(m.plan.v[0].nic);
	end(&m);
}

static void test_usb(void **state)
{
	struct planned m = { 0 };
	struct nic *a, *b;

	(void)state;
	card(&m, "00:1f.6", "e1000e", 1);
	b = usb_card(&m, "2-1:1.0", "asix", 2);
	a = usb_card(&m, "1-1:1.0", "asix", 3);
	make(&m, "[a]\nmatch=usb:2\n[b]\nmatch=usb:3\n[c]\nmatch=usb:2\n[d]\nmatch=usb\n");
	no_problems(&m);
	expect(&m, 0, b, "USB card 2");
	expect(&m, 1, NULL, "usb:3: only 2 USB cards");
	expect(&m, 2, NULL, "usb:2: usb 2-1:1.0 asix is a already");
	expect(&m, 3, a, "the only free USB card");
	end(&m);
	usb_card(&m, "2-1:1.0", "asix", 2);
	usb_card(&m, "2-2:1.0", "asix", 3);
	usb_card(&m, "2-3:1.0", "asix", 4);
	make(&m, "[a]\nmatch=usb\n");
	problem(&m, 0, 1,
		"a: usb fits 3 cards: usb 2-1:1.0 asix and usb 2-2:1.0 asix and others;");
	end(&m);
	card(&m, "00:1f.6", "e1000e", 1);
	make(&m, "[a]\nmatch=usb:1, usb\n");
	expect(&m, 0, NULL, "usb:1: no USB card; usb: no USB card");
	end(&m);
}

static void test_wlan(void **state)
{
	struct planned m = { 0 };
	struct nic *wired = card(&m, "00:1f.6", "e1000e", 1);
	struct nic *two = wlan_card(&m, "03:00.0", 2), *one = wlan_card(&m, "02:00.0", 3);

	(void)state;
	make(&m, "[wlan1]\nmatch=wlan:2\n[wlan0]\nmatch=wlan:1\n[eth0]\nmatch=pci-order:1\n"
		 "[eth1]\nmatch=pci-order:2\n[wlan2]\nmatch=wlan:3\n");
	no_problems(&m);
	expect(&m, 0, two, "wireless card 2");
	expect(&m, 1, one, "wireless card 1");
	expect(&m, 2, wired, "wired PCI card 1 by PCI address");
	expect(&m, 3, NULL, "pci-order:2: only 1 wired PCI card");
	expect(&m, 4, NULL, "wlan:3: only 2 wireless cards");
	end(&m);
	make(&m, "[wlan0]\nmatch=wlan:1\n[eth0]\nmatch=wired:next\n");
	expect(&m, 0, NULL, "wlan:1: no wireless card");
	expect(&m, 1, NULL, "wired:next: no wired card");
	end(&m);
}

static void test_role_fits(void **state)
{
	struct planned m = { 0 };

	(void)state;
	card(&m, "00:1f.6", "e1000e", 1);
	wlan_card(&m, "02:00.0", 2);
	make(&m, "[a]\nmatch=mac:52:54:00:00:00:01\nrole=dhcp ssid x\n"
		 "[b]\nmatch=mac:52:54:00:00:00:02\nrole=dhcp\n");
	problem(&m, 0, 2, "a: its role has an ssid, and 0000:00:1f.6 e1000e is a wired card");
	problem(&m, 1, 2, "b: 0000:02:00.0 iwlwifi is wireless, and its role has no ssid");
	end(&m);
}

static void test_missing(void **state)
{
	struct planned m = { 0 };

	(void)state;
	card(&m, "00:1f.6", "e1000e", 1);
	make(&m, "[a]\nmatch=usb, wlan:1\nrequired=yes\n[b]\nmatch=usb\nrequired=yes\n");
	problem(&m, 0, 2,
		"a is required, and no card is right for it (usb: no USB card; wlan:1: no "
		"wireless card); cards here: 0000:00:1f.6 e1000e (now eth0)");
	problem(&m, 1, 2, "b is required");
	end(&m);
	make(&m, "[a]\nmatch=usb\nrequired=yes\n");
	problem(&m, 0, 1,
		"a is required, and no card is right for it (usb: no USB card); cards "
		"here: none");
	end(&m);
}

/* A long reason ends in dots where it is cut. */
static void test_long_reason(void **state)
{
	struct planned m = { 0 };

	(void)state;
	make(&m, "[a]\nmatch=usb, wlan:1, pci-order:1, wired:next, onboard:2, boot-nic,\n"
		 "  onboard, usb:2, wlan:2, pci-order:2\n");
	assert_int_equal(strlen(m.plan.v[0].reason), sizeof(m.plan.v[0].reason) - 1);
	assert_non_null(strstr(m.plan.v[0].reason, "..."));
	end(&m);
}

static void test_duplicate_mac(void **state)
{
	static const struct {
		const char *policy;
		size_t problems;
	} cases[] = {
		{ "[a]\nmatch=onboard\n", 1 },
		{ "[a]\nmatch=onboard\npin=path\n", 0 },
		{ "[a]\nmatch=onboard\npin=onboard\n", 0 },
		{ "[a]\nmatch=onboard\npin=path\n[b]\nmatch=usb\n", 1 },
		{ "[a]\nmatch=onboard\npin=mac\n", 2 }, /* twice told: what, and what not */
		{ "[wlan0]\nmatch=wlan:1\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct planned m = { 0 };

		onboard(card(&m, "00:1f.6", "e1000e", 1), ONBOARD_ACPI, 1);
		usb_card(&m, "2-1.4:1.0", "r8152", 1);
		make(&m, cases[i].policy);
		if (cases[i].problems)
			problem(&m, 0, cases[i].problems,
				"two cards have the MAC 52:54:00:00:00:01: 0000:00:1f.6 e1000e "
				"and usb 2-1.4:1.0 r8152;");
		else
			no_problems(&m);
		end(&m);
	}
}

static void test_strangers(void **state)
{
	struct planned m = { 0 };
	struct nic *a = card(&m, "02:00.0", "igb", 1), *b = card(&m, "01:00.0", "igb", 2);
	struct nic *w = wlan_card(&m, "00:14.3", 3);

	(void)state;
	make(&m, "[x]\nmatch=wired:next\n");
	assert_ptr_equal(m.plan.v[0].nic, b);
	assert_int_equal(m.plan.n_strangers, 2);
	assert_ptr_equal(m.plan.strangers[0], w);
	assert_ptr_equal(m.plan.strangers[1], a);
	end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_school),    cmocka_unit_test(test_stable),
		cmocka_unit_test(test_onboard),   cmocka_unit_test(test_onboard_ports),
		cmocka_unit_test(test_guess),     cmocka_unit_test(test_duplicate_onboard),
		cmocka_unit_test(test_boot),      cmocka_unit_test(test_boot_changed_mac),
		cmocka_unit_test(test_mac),       cmocka_unit_test(test_path),
		cmocka_unit_test(test_driver),    cmocka_unit_test(test_usb),
		cmocka_unit_test(test_wlan),      cmocka_unit_test(test_role_fits),
		cmocka_unit_test(test_missing),   cmocka_unit_test(test_duplicate_mac),
		cmocka_unit_test(test_strangers), cmocka_unit_test(test_long_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
