// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the rescue system is: the kernel's command line, leases, cards. */
#include "tests/unit/scratch.h"

#include "rescue/place/cards.h"
#include "rescue/place/cmdline.h"
#include "rescue/place/lease.h"

#include <errno.h>

static int parse(const char *text, struct cmdline *c, struct err *e)
{
	return cmdline_parse(text, strlen(text), c, e);
}

static void the_words(void **state)
{
	struct err e = { "" };
	struct cmdline c;
	char mac[MAC_TEXT_MAX];

	(void)state;
	assert_int_equal(parse("quiet slate.server=http://10.77.0.1:8080/ slate.host=pc01 "
			       "BOOTIF=01-52-54-00-77-00-01 slate.onerror=reboot:7 "
			       "slate.then=poweroff slate.verify=full slate.debug\n",
			       &c, &e),
			 0);
	assert_string_equal(c.server, "http://10.77.0.1:8080");
	assert_string_equal(c.host, "pc01");
	assert_true(c.has_boot_card);
	assert_string_equal(mac_text(&c.boot_card, mac), "52:54:00:77:00:01");
	assert_int_equal(c.reboot_after, 7);
	assert_false(c.stay);
	assert_string_equal(c.then, "poweroff");
	assert_string_equal(c.verify, "full");
	assert_true(c.debug);
	assert_string_equal(c.local, "");
}

static void without_words(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse("", &c, NULL), 0);
	assert_string_equal(c.server, "");
	assert_false(c.has_boot_card);
	assert_int_equal(c.reboot_after, 120);
	assert_int_equal(parse("slate.onerror=stay", &c, NULL), 0);
	assert_true(c.stay);
	assert_int_equal(parse("slate.onerror=stay slate.onerror=reboot:0", &c, NULL), 0);
	assert_false(c.stay);
	assert_int_equal(c.reboot_after, 0);
}

static void quotes(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse("a=\"x slate.host=no\" \"slate.image=LABEL=D:/my images/x\" "
			       "slate.target=\"PARTUUID=1-2\" slate.local=restore",
			       &c, NULL),
			 0);
	assert_string_equal(c.host, "");
	assert_string_equal(c.image, "LABEL=D:/my images/x");
	assert_string_equal(c.target, "PARTUUID=1-2");
	assert_string_equal(c.local, "restore");
}

/* What is wrong is told, and all else is taken. */
static void wrong_words(void **state)
{
	static const char *const bad[] = {
		"slate.server=10.77.0.1",  "slate.server=ftp://x",
		"slate.server=http://",    "slate.server=http://a/b",
		"slate.server=http://u@h", "BOOTIF=01-52-54-00",
		"slate.onerror=reboot",    "slate.onerror=reboot:-1",
		"slate.onerror=reboot:1x", "slate.onerror=reboot:86401",
		"slate.onerror=reboot: 1", "slate.local=wipe",
		"slate.then=halt",         "slate.verify=yes",
		"slate.host=\x1b[2J",      "slate.then",
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { "" };
		char text[200];

		snprintf(text, sizeof(text), "%s slate.host=pc9 slate.debug", bad[i]);
		assert_int_equal(parse(text, &c, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "command line"));
		assert_string_equal(c.host, "pc9");
		assert_true(c.debug);
		assert_string_equal(c.server, "");
		assert_string_equal(c.then, "");
	}
}

static void a_lease(void **state)
{
	const char *text = "ip=10.77.0.21\nrouter=10.77.0.254 10.77.0.253\nsiaddr=10.77.0.1\n"
			   "tftp=other\nserverid=10.77.0.2\nstrange\n";
	struct lease l;

	(void)state;
	assert_int_equal(lease_parse(text, strlen(text), &l, NULL), 0);
	assert_string_equal(l.address, "10.77.0.21");
	assert_string_equal(l.router, "10.77.0.254");
	assert_string_equal(l.next_server, "10.77.0.1");
	assert_string_equal(l.server, "10.77.0.2");
}

static void next_servers(void **state)
{
	static const char *const texts[][2] = {
		{ "ip=10.0.0.2\ntftp=10.0.0.9\nsiaddr=\n", "10.0.0.9" },
		{ "ip=10.0.0.2\ntftp=10.0.0.9\nsiaddr=10.0.0.8\n", "10.0.0.8" },
		{ "ip=10.0.0.2\nsiaddr=10.0.0.8\ntftp=10.0.0.9\n", "10.0.0.8" },
		{ "ip=10.0.0.2\nsiaddr=0.0.0.0\ntftp=server.example\n", "" },
		{ "ip=10.0.0.2", "" },
	};
	struct lease l;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(lease_parse(texts[i][0], strlen(texts[i][0]), &l, NULL), 0);
		assert_string_equal(l.next_server, texts[i][1]);
	}
}

static void no_leases(void **state)
{
	static const char *const texts[] = { "",
					     "\n\n",
					     "router=10.0.0.1\n",
					     "ip=\n",
					     "ip=300.1.1.1\n",
					     "ip=255.255.255.255\n",
					     "ip=$(reboot)\n",
					     "ip=1.2.3.4.5.6.7.8.9.10\n" };
	struct lease l;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(lease_parse(texts[i], strlen(texts[i]), &l, NULL), -EINVAL);
}

static void add_card(const struct scratch *s, const char *name, int last, const char *more)
{
	assert_int_equal(scratch_run("cd %s && mkdir -p class/net/%s && cd class/net/%s && "
				     "echo 52:54:00:00:00:%02x > address && echo 1 > type && "
				     "echo 1 > carrier && %s",
				     s->dir, name, name, last, more),
			 0);
}

static void the_cards(void **state)
{
	const struct scratch *s = *state;
	struct mac boot = { { 0x52, 0x54, 0, 0, 0, 2 } }, other = { { 2, 0, 0, 0, 0, 9 } };
	struct cards c;

	add_card(s, "eth10", 1, "mkdir device");
	add_card(s, "eth2", 2, "mkdir device; echo 0 > carrier");
	add_card(s, "wlan0", 3, "mkdir device wireless");
	add_card(s, "veth0", 4, "true");
	add_card(s, "br0", 5, "mkdir bridge");
	add_card(s, "lo", 6, "echo 772 > type");
	cards_read(s->dir, &c);
	assert_int_equal(c.n, 3);
	assert_string_equal(c.v[0].name, "eth2");
	assert_false(c.v[0].carrier);
	assert_true(c.v[1].carrier);
	cards_choose(&c, NULL, false); /* all of hardware */
	assert_int_equal(c.n, 2);
	cards_read(s->dir, &c);
	cards_choose(&c, &boot, true); /* it is there: it alone */
	assert_int_equal(c.n, 1);
	assert_string_equal(c.v[0].name, "eth2");
	cards_read(s->dir, &c);
	cards_choose(&c, &other, false); /* not yet there: wait for it */
	assert_int_equal(c.n, 0);
	cards_read(s->dir, &c);
	cards_choose(&c, &other, true);
	assert_int_equal(c.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words),
		cmocka_unit_test(without_words),
		cmocka_unit_test(quotes),
		cmocka_unit_test(wrong_words),
		cmocka_unit_test(a_lease),
		cmocka_unit_test(next_servers),
		cmocka_unit_test(no_leases),
		cmocka_unit_test_setup_teardown(the_cards, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
