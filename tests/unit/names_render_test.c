// SPDX-License-Identifier: GPL-3.0-or-later
/* Rules, .link files, hooks and unit from plans; and nothing from hardware breaks out of them.
 */
#include "common/io.h"
#include "netconf/render/mark.h"
#include "netconf/render/render.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HELPER  "/usr/local/lib/slate/net-rename"
#define PROGRAM "/usr/local/sbin/slate-netconf"
#define CARDS   6

/* A school server: a card on the board, one put in, a port of a third, two without a bus. */
struct scene {
	struct nic nics[CARDS];
	struct want wants[CARDS];
	struct choice choices[CARDS];
	struct policy policy;
	struct plan plan;
	struct render render;
	struct files files;
};

static struct nic card(const char *path, const char *driver, uint8_t last)
{
	struct nic n = { .bus = "pci", .perm.b = { 0x52, 0x54, 0, 0, 0, last } };

	snprintf(n.path, sizeof(n.path), "%s", path);
	snprintf(n.driver, sizeof(n.driver), "%s", driver);
	snprintf(n.address, sizeof(n.address), "0000:00:%02x.0", last);
	snprintf(n.name, sizeof(n.name), "eth%u", last);
	return n;
}

static void choose(struct scene *s, const char *name, const struct nic *nic, enum pin pin,
		   const char *reason)
{
	size_t i = s->plan.n++;

	snprintf(s->wants[i].name, sizeof(s->wants[i].name), "%s", name);
	snprintf(s->choices[i].reason, sizeof(s->choices[i].reason), "%s", reason);
	s->choices[i].want = &s->wants[i];
	s->choices[i].nic = nic;
	s->choices[i].pin = pin;
}

static void set_up(struct scene *s)
{
	*s = (struct scene){ .plan = { .policy = &s->policy, .v = s->choices },
			     .render = {
				     .plan = &s->plan, .helper = HELPER, .program = PROGRAM } };
	s->nics[0] = card("pci-0000:00:1f.6", "e1000e", 1);
	s->nics[0].onboard_by = ONBOARD_SMBIOS;
	s->nics[0].onboard = 1;
	s->nics[1] = card("pci-0000:02:00.0", "igb", 2);
	s->nics[2] = card("pci-0000:03:00.0", "mlx4_en", 3);
	s->nics[2].dev_port = 1;
	s->nics[3] = card("", "mac80211_hwsim", 4);
	s->nics[3].wireless = true;
	s->nics[4] = card("pci-0000:00:14.0-usb-0:2:1.0", "r8152", 5);
}

static void school(struct scene *s)
{
	set_up(s);
	choose(s, "eth0", &s->nics[0], PIN_ONBOARD, "SMBIOS onboard index 1");
	choose(s, "eth1", &s->nics[1], PIN_PATH, "driver igb");
	s->choices[1].pin_driver = true;
	choose(s, "eth2", NULL, PIN_AUTO, "no wired card is left");
	choose(s, "wlan0", &s->nics[3], PIN_MAC, "the first wireless card");
	choose(s, "fast1", &s->nics[2], PIN_PATH, "path");
	s->choices[4].pin_port = true;
	choose(s, "dock0", &s->nics[4], PIN_PATH, "the only USB card");
}

/* The file @path of what was rendered. */
static const struct file *file(const struct scene *s, const char *path)
{
	for (size_t i = 0; i < s->files.n; i++)
		if (!strcmp(s->files.v[i].path, path))
			return s->files.v + i;
	fail_msg("there is no %s", path);
	return NULL;
}

static const char *rules(struct scene *s)
{
	struct err e = { "" };

	if (render_rules(&s->render, &s->files, &e))
		fail_msg("%s", e.msg);
	return file(s, "/etc/udev/rules.d/70-slate-netconf.rules")->content;
}

static void like_golden(const char *text, const char *name)
{
	char path[128], *golden;

	snprintf(path, sizeof(path), "tests/golden/netconf/%s", name);
	golden = io_slurp(path, 1 << 20);
	if (!golden || strcmp(golden, text))
		fail_msg("%s differs from:\n%s", path, text);
	free(golden);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in:\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s in:\n%s", part, text);
}

static void test_rules(void **state)
{
	struct scene s;

	(void)state;
	school(&s);
	like_golden(rules(&s), "school.rules");
	assert_int_equal(s.files.v[0].mode, 0644);
	assert_true(s.files.v[0].owned);
	files_free(&s.files);
}

/* Other cards may stay in ethN, but not in a name that is wanted. */
static void test_keep(void **state)
{
	struct scene s;

	(void)state;
	school(&s);
	s.policy.strangers = STRANGERS_KEEP;
	has(rules(&s), "KERNEL!=\"eth0|eth1|eth2|wlan0|nc-*\", GOTO");
	has_not(rules(&s), "eth*");
	files_free(&s.files);
}

/* The index stands on the PCI function, whose driver is virtio-pci and not the card's. */
static void test_onboard(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	choose(&s, "eth0", &s.nics[0], PIN_ONBOARD, "");
	s.choices[0].pin_driver = true;
	has(rules(&s), "\nSUBSYSTEMS==\"pci\", ATTRS{index}==\"1\", DRIVERS==\"e1000e\", "
		       "ENV{.SLATE_NAME}=\"eth0\"\n");
	files_free(&s.files);
	s.nics[0].onboard_by = ONBOARD_ACPI;
	snprintf(s.nics[0].bus, sizeof(s.nics[0].bus), "virtio");
	has(rules(&s), "\nSUBSYSTEMS==\"pci\", ATTRS{acpi_index}==\"1\", "
		       "ENV{.SLATE_NAME}=\"eth0\"\n");
	files_free(&s.files);
}

static void test_not_needed(void **state)
{
	struct scene s;
	struct err e;

	(void)state;
	set_up(&s);
	choose(&s, "lan0", &s.nics[0], PIN_PATH, "");
	assert_int_equal(render_rules(&s.render, &s.files, &e), 0);
	assert_int_equal(s.files.n, 0);
	/* Wanted, but there is no card: others must not take it meanwhile. */
	choose(&s, "eth0", NULL, PIN_AUTO, "");
	has(rules(&s), "KERNEL!=\"eth*|wlan*|nc-*\"");
	has(rules(&s), "ENV{.SLATE_NAME}==\"lan0\", NAME=\"lan0\"");
	files_free(&s.files);
}

/* All lines but comments are made of KEY==... and our own values. */
static void lines_are_rules(const char *text, size_t want)
{
	size_t n = 0;

	for (const char *at = text; *at; at = strchr(at, '\n') + 1, n++) {
		const char *end = strchr(at, '\n');

		assert_non_null(end);
		assert_true(end > at && end[-1] != '\\');
		if (*at != '#' && (*at < 'A' || *at > 'Z'))
			fail_msg("a line of its own: %s", at);
	}
	assert_int_equal(n, want);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Each sign that is not plain, in path, driver and reason: the address marks the card. */
static void test_hostile(void **state)
{
	struct scene s;
	size_t lines;

	(void)state;
	set_up(&s);
	choose(&s, "eth0", &s.nics[0], PIN_PATH, "path");
	lines = count_lines(rules(&s));
	files_free(&s.files);
	for (int c = 1; c < 256; c++) {
		const char sign[2] = { (char)c, 0 };
		const char *text;

		if (mark_plain(sign))
			continue;
		snprintf(s.nics[0].path, sizeof(s.nics[0].path), "pci-0%sX", sign);
		snprintf(s.choices[0].reason, sizeof(s.choices[0].reason), "a%sX\\", sign);
		s.choices[0].pin_driver = false;
		text = rules(&s);
		lines_are_rules(text, lines);
		has(text, "\nATTR{address}==\"52:54:00:00:00:01\", ENV{.SLATE_NAME}=\"eth0\"");
		has_not(text, "ID_PATH}==\"pci");
		has_not(text, "\\");
		files_free(&s.files);
		snprintf(s.nics[0].path, sizeof(s.nics[0].path), "pci-0");
		snprintf(s.nics[0].driver, sizeof(s.nics[0].driver), "e%sX", sign);
		s.choices[0].pin_driver = true;
		text = rules(&s);
		lines_are_rules(text, lines);
		has(text, "\nATTR{address}==\"52:54:00:00:00:01\", ENV{.SLATE_NAME}=\"eth0\"");
		files_free(&s.files);
	}
}

static void refuses(struct scene *s, const char *said)
{
	struct err e = { "" };

	assert_int_equal(render_rules(&s->render, &s->files, &e), -EINVAL);
	has(e.msg, said);
	assert_int_equal(s->files.n, 0);
}

static void test_refused(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	choose(&s, "eth0", &s.nics[0], PIN_PATH, "path");
	snprintf(s.nics[0].path, sizeof(s.nics[0].path), "a\"b");
	s.nics[0].random_mac = true;
	refuses(&s, "eth0: eth1 has no path, address or onboard index");
	set_up(&s);
	choose(&s, "eth1234567890", &s.nics[0], PIN_PATH, "path");
	refuses(&s, "at most 12 characters");
	set_up(&s);
	choose(&s, "eth0", &s.nics[0], PIN_PATH, "");
	choose(&s, "a\"b", &s.nics[1], PIN_PATH, "");
	refuses(&s, "cannot be a card's name");
	set_up(&s);
	choose(&s, "eth0", &s.nics[0], PIN_PATH, "");
	s.render.helper = "/usr/my programs/net-rename";
	refuses(&s, "install slate elsewhere");
}

static void test_links(void **state)
{
	struct scene s;
	struct err e = { "" };

	(void)state;
	school(&s);
	snprintf(s.wants[0].name, sizeof(s.wants[0].name), "board");
	snprintf(s.wants[1].name, sizeof(s.wants[1].name), "wan");
	snprintf(s.choices[1].reason, sizeof(s.choices[1].reason), "line\nName=lo");
	assert_int_equal(render_links(&s.render, &s.files, &e), 0);
	assert_int_equal(s.files.n, 4);
	for (size_t i = 0; i < s.files.n; i++)
		like_golden(s.files.v[i].content, strrchr(s.files.v[i].path, '/') + 1);
	assert_string_equal(s.files.v[0].path, "/etc/systemd/network/10-slate-board.link");
	files_free(&s.files);
}

/* Ports of one card can only be told by address. */
static void test_link_port(void **state)
{
	struct scene s;
	struct err e = { "" };

	(void)state;
	set_up(&s);
	choose(&s, "fast1", &s.nics[2], PIN_PATH, "");
	s.choices[0].pin_port = true;
	s.nics[2].random_mac = true;
	assert_int_equal(render_links(&s.render, &s.files, &e), -EINVAL);
	has(e.msg, "several ports");
	files_free(&s.files);
}

static void test_boot(void **state)
{
	const char *hook = "/etc/initramfs-tools/hooks/slate-netconf";
	const char *wants = "/etc/systemd/system/sysinit.target.wants/slate-netconf.service";
	struct scene s;
	struct err e = { "" };

	(void)state;
	school(&s);
	assert_int_equal(render_boot(&s.render, &s.files, &e), 0);
	assert_int_equal(s.files.n, 4);
	assert_int_equal(file(&s, hook)->mode, 0755);
	like_golden(file(&s, hook)->content, "initramfs-hook");
	like_golden(file(&s, "/etc/dracut.conf.d/slate-netconf.conf")->content, "dracut.conf");
	like_golden(file(&s, "/etc/systemd/system/slate-netconf.service")->content,
		    "slate-netconf.service");
	assert_string_equal(file(&s, wants)->link, "../slate-netconf.service");
	assert_null(file(&s, wants)->content);
	files_free(&s.files);
	s.render.program = "/a;b";
	assert_int_equal(render_boot(&s.render, &s.files, &e), -EINVAL);
}

/* Without ethN there is nothing for the initramfs, but names are still looked after. */
static void test_boot_without_rules(void **state)
{
	struct scene s;
	struct err e = { "" };

	(void)state;
	set_up(&s);
	choose(&s, "lan0", &s.nics[0], PIN_PATH, "");
	assert_int_equal(render_boot(&s.render, &s.files, &e), 0);
	assert_int_equal(s.files.n, 2);
	file(&s, "/etc/systemd/system/slate-netconf.service");
	files_free(&s.files);
	s.plan.n = 0;
	assert_int_equal(render_boot(&s.render, &s.files, &e), 0);
	assert_int_equal(s.files.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),   cmocka_unit_test(test_keep),
		cmocka_unit_test(test_onboard), cmocka_unit_test(test_not_needed),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_links),   cmocka_unit_test(test_link_port),
		cmocka_unit_test(test_boot),    cmocka_unit_test(test_boot_without_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
