// SPDX-License-Identifier: GPL-3.0-or-later
/* What marks a card in the rules, and BOOTIF= of the kernel's command line. */
#include "netconf/plan/bootif.h"
#include "tests/unit/nc_cards.h"

#include <errno.h>
#include <setjmp.h>

#include <cmocka.h>

/* The plan for one name with "match = SELECTOR" and @pin; its problem begins with @words. */
static struct choice choose(struct planned *m, const char *match, const char *pin,
			    const char *words)
{
	struct plan_request req = { &m->policy, &m->nics, NULL };
	struct choice c;
	char text[128];

	snprintf(text, sizeof(text), "[x]\nmatch = %s\npin = %s\n", match, pin);
	assert_int_equal(policy_parse("f", text, strlen(text), &m->policy, NULL), 0);
	assert_int_equal(plan_make(&req, &m->plan, NULL), 0);
	assert_int_equal(m->plan.n_problems, words != NULL);
	if (words && !strstr(m->plan.problems[0], words))
		fail_msg("got \"%s\", want \"%s\"", m->plan.problems[0], words);
	c = m->plan.v[0];
	assert_non_null(c.nic);
	plan_free(&m->plan);
	policy_free(&m->policy);
	return c;
}

static void expect(struct planned *m, const char *match, const char *pin, enum pin want,
		   bool driver, bool port)
{
	struct choice c = choose(m, match, pin, NULL);

	assert_int_equal(c.pin, want);
	assert_int_equal(c.pin_driver, driver);
	assert_int_equal(c.pin_port, port);
}

static void test_auto(void **state)
{
	struct planned m = { 0 };

	(void)state;
	onboard(card(&m, "00:1f.6", "e1000e", 1), ONBOARD_ACPI, 1);
	card(&m, "01:00.0", "igb", 2);
	usb_card(&m, "1-1:1.0", "asix", 3);
	usb_card(&m, "1-2:1.0", "cdc_ether", 4)->random_mac = true;
	card(&m, "02:00.0", "mlx4_en", 5);
	card(&m, "02:00.0", "mlx4_en", 6)->dev_port = 1;
	card(&m, "03:00.0", "", 7)->path[0] = '\0';
	card(&m, "04:00.0", "", 8);
	expect(&m, "onboard", "auto", PIN_ONBOARD, false, false);
	expect(&m, "path:01:00.0", "auto", PIN_PATH, true, false);
	expect(&m, "path:1-1:1.0", "auto", PIN_MAC, false, false);
	expect(&m, "path:1-2:1.0", "auto", PIN_PATH, true, false);
	expect(&m, "mac:52:54:00:00:00:05", "auto", PIN_PATH, true, true);
	expect(&m, "mac:52:54:00:00:00:06", "auto", PIN_PATH, true, true);
	expect(&m, "mac:52:54:00:00:00:07", "auto", PIN_MAC, false, false);
	expect(&m, "mac:52:54:00:00:00:08", "auto", PIN_PATH, false, false);
}

static void test_wanted(void **state)
{
	struct planned m = { 0 };
	struct nic *c = onboard(card(&m, "00:1f.6", "e1000e", 1), ONBOARD_SMBIOS, 1);

	(void)state;
	usb_card(&m, "1-2:1.0", "cdc_ether", 4)->random_mac = true;
	expect(&m, "onboard", "onboard", PIN_ONBOARD, false, false);
	expect(&m, "onboard", "path", PIN_PATH, true, false);
	expect(&m, "onboard", "mac", PIN_MAC, false, false);
	choose(&m, "usb", "mac",
	       "x: pin = mac does not do for usb 1-2:1.0 cdc_ether: its "
	       "driver makes up another MAC at each boot");
	choose(&m, "usb", "onboard",
	       "x: pin = onboard does not do for usb 1-2:1.0 cdc_ether: "
	       "the firmware does not say");
	c->path[0] = '\0';
	choose(&m, "onboard", "path", "does not do for 0000:00:1f.6 e1000e: its path is not");
	c->perm = (struct mac){ { 0 } };
	choose(&m, "onboard", "mac", "it has no MAC of its own");
}

/* A wireless card with the same index would be matched by the same rule. */
static void test_not_unique(void **state)
{
	struct planned m = { 0 };
	struct nic *c = onboard(card(&m, "02:00.0", "r8169", 1), ONBOARD_SMBIOS, 1);
	struct nic *o;

	(void)state;
	onboard(wlan_card(&m, "03:00.0", 2), ONBOARD_SMBIOS, 1);
	expect(&m, "onboard", "auto", PIN_PATH, true, false);
	choose(&m, "onboard", "onboard", "another card has the same onboard index");
	/* Nothing tells two ports apart but the MAC. */
	o = card(&m, "02:00.0", "r8169", 3);
	expect(&m, "onboard", "auto", PIN_MAC, false, false);
	choose(&m, "onboard", "path", "another card has the same path and port");
	c->random_mac = true;
	choose(&m, "onboard", "auto",
	       "x: nothing marks 0000:02:00.0 r8169 from boot to boot: "
	       "its driver makes up");
	o->dev_port = 3;
	expect(&m, "onboard", "auto", PIN_PATH, true, true);
}

static void test_bootif(void **state)
{
	static const struct mac want = { { 0x52, 0x54, 0, 0xab, 0x34, 0x56 } };
	static const char *const good[] = {
		"BOOTIF=01-52-54-00-ab-34-56",
		"quiet BOOTIF=01-52-54-00-AB-34-56\n",
		" ro\tBOOTIF=01-52-54-00-ab-34-56 x",
		"BOOTIF=01-00-00-00-00-00-01 BOOTIF=01-52-54-00-ab-34-56",
		"a=\"b c\" BOOTIF=01-52-54-00-ab-34-56",
	};
	static const char *const bad[] = {
		"",
		"BOOTIF=",
		"BOOTIF",
		"BOOTIF=01-52-54-00-ab-34",
		"BOOTIF=01-52-54-00-ab-34-56-78",
		"BOOTIF=20-52-54-00-ab-34-56", /* InfiniBand */
		"BOOTIF=52-54-00-ab-34-56",
		"BOOTIF=01-00-00-00-00-00-00",
		"BOOTIF=01-ff-ff-ff-ff-ff-ff",
		"BOOTIF=01-52-54-00-ab-34-5\377",
		"XBOOTIF=01-52-54-00-ab-34-56",
		"bootif=01-52-54-00-ab-34-56",
		"a=\"b BOOTIF=01-52-54-00-ab-34-56 c\"",
		"BOOTIF=01-52-54-00-ab-34-56 BOOTIF=none",
		"BOOTIF=\"01-52-54-00-ab-34-56",
	};
	struct mac m;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(&m, 0, sizeof(m));
		assert_true(bootif_find(good[i], &m));
		assert_true(mac_equal(&m, &want));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (bootif_find(bad[i], &m))
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_not_unique),
		cmocka_unit_test(test_bootif),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
