// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/scratch.h"

#include "netconf/root/lines.h"
#include "netconf/root/style.h"

/* Makes a root by shell commands in it, and finds its style. */
static enum style style_of(void **state, const char *commands, char why[128])
{
	struct scratch *s = *state;
	char path[160];
	struct root *r;
	struct err e;
	enum style found;

	assert_int_equal(scratch_run("rm -rf %s/r && mkdir -p %s/r/etc/network/interfaces.d "
				     "%s/r/usr/sbin && cd %s/r && { %s\n }",
				     s->dir, s->dir, s->dir, s->dir, commands),
			 0);
	assert_int_equal(root_open(scratch_join(path, s, "r"), &r, &e), 0);
	found = style_find(r, why, 128);
	root_close(r);
	return found;
}

#define NETPLAN  "touch usr/sbin/netplan; mkdir etc/netplan; touch etc/netplan/01.yaml;"
#define WANTS    "mkdir -p etc/systemd/system/multi-user.target.wants;"
#define WANTED   "etc/systemd/system/multi-user.target.wants/"
#define NETWORKD WANTS "ln -s /lib/systemd/x " WANTED "systemd-networkd.service;"
#define NM                                                                                     \
	WANTS "touch usr/sbin/NetworkManager;"                                                 \
	      "ln -s /x " WANTED "NetworkManager.service;"
#define IFUPDOWN                                                                               \
	"touch usr/sbin/ifup; printf 'auto lo\\niface lo inet loopback\\n' >> "                \
	"etc/network/interfaces;"
#define ETH0 "printf 'iface eth0 inet dhcp\\n' >> etc/network/interfaces"

static void test_styles(void **state)
{
	static const struct {
		const char *commands;
		enum style style;
		const char *why;
	} roots[] = {
		{ "true", STYLE_NONE, "no netplan" },
		{ NETPLAN NETWORKD NM IFUPDOWN ETH0, STYLE_NETPLAN,
		  "/usr/sbin/netplan and /etc/netplan/01.yaml" },
		{ NETPLAN "rm etc/netplan/*; " IFUPDOWN ETH0, STYLE_IFUPDOWN,
		  "/usr/sbin/ifup" },
		{ NETWORKD NM IFUPDOWN ETH0, STYLE_NETWORKD, "networkd" },
		{ NETWORKD NM IFUPDOWN
		  "ln -s /dev/null etc/systemd/system/systemd-networkd.service",
		  STYLE_NM, "has nothing but lo" },
		{ NM IFUPDOWN ETH0, STYLE_IFUPDOWN, "ifup" },
		{ NM IFUPDOWN "echo ' iface  eth1 inet dhcp' > etc/network/interfaces.d/x",
		  STYLE_IFUPDOWN, "ifup" },
		{ NM IFUPDOWN "echo '#iface eth1 inet dhcp' > etc/network/interfaces.d/x",
		  STYLE_NM, "nothing but lo" },
		{ "touch usr/sbin/NetworkManager", STYLE_NM, "nothing else" },
		{ "touch usr/sbin/NetworkManager; " IFUPDOWN, STYLE_IFUPDOWN, "ifup" },
		{ "touch usr/sbin/ifup", STYLE_NONE, "" },
		/* Hostile: a FIFO, a folder and a loop where files are expected. */
		{ NM "mkfifo etc/network/interfaces; mkdir etc/network/interfaces.d/d; ln -s l "
		     "etc/network/interfaces.d/l",
		  STYLE_NM, "" },
	};
	char why[128];

	alarm(60);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		enum style found = style_of(state, roots[i].commands, why);

		if (found != roots[i].style || !strstr(why, roots[i].why))
			print_error("root %zu: %d, %s\n", i, (int)found, why);
		assert_int_equal(found, roots[i].style);
		assert_non_null(strstr(why, roots[i].why));
	}
	alarm(0);
}

static void test_lines(void **state)
{
	static const char text[] = "one two\r\n\n \"a b\"c d\0e\nlast";
	struct lines l;
	char *at;

	(void)state;
	lines_begin(&l, text, sizeof(text) - 1);
	assert_true(lines_next(&l));
	at = l.line;
	assert_string_equal(line_word(&at), "one");
	assert_string_equal(line_word(&at), "two");
	assert_null(line_word(&at));
	assert_null(line_word(&at));
	assert_true(lines_next(&l));
	assert_string_equal(l.line, "");
	assert_true(lines_next(&l));
	at = l.line;
	assert_string_equal(line_word(&at), "a b");
	assert_string_equal(line_word(&at), "c");
	assert_string_equal(line_word(&at), "d?e");
	assert_true(lines_next(&l));
	assert_int_equal(l.number, 4);
	assert_string_equal(line_strip(l.line), "last");
	assert_false(lines_next(&l));
}

static void test_long_line(void **state)
{
	static char text[5000];
	struct lines l;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[4000] = '\n';
	lines_begin(&l, text, sizeof(text));
	assert_true(lines_next(&l));
	assert_int_equal(strlen(l.line), LINE_MAX_LEN - 1);
	assert_true(lines_next(&l));
	assert_int_equal(strlen(l.line), 999);
	assert_int_equal(l.number, 2);
	assert_false(lines_next(&l));
	memcpy(text, " \t a b \t", 9);
	assert_string_equal(line_strip(text), "a b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_styles, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
	};

	scratch_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
