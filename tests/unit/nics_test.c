// SPDX-License-Identifier: GPL-3.0-or-later
/* The network cards of made sysfs trees; ID_PATH; attributes that are none. */
#include "tests/unit/scratch.h"

#include "netconf/hardware/idpath.h"
#include "netconf/hardware/nic.h"
#include "netconf/hardware/sysfs.h"

#include <errno.h>

static struct nics scan(const struct scratch *s, const char *tree)
{
	struct err e = { "" };
	struct nics nics;
	char path[160];

	scratch_join(path, s, tree);
	assert_int_equal(scratch_run("tests/fixtures/nics.sh %s %s", tree, path), 0);
	assert_int_equal(nics_scan(path, &nics, &e), 0);
	return nics;
}

static void every_field_is_read(void **state)
{
	struct nics nics = scan(*state, "school-after");
	const struct nic *c = nics_by_name(&nics, "eth1");
	struct mac mac;

	assert_int_equal(nics.n, 3);
	assert_non_null(c);
	assert_int_equal(c->ifindex, 2);
	assert_int_equal(mac_parse("00:1e:67:aa:00:01", &mac, NULL), 0);
	assert_true(mac_equal(&c->mac, &mac) && mac_equal(&c->perm, &mac));
	assert_false(c->random_mac || c->wireless);
	assert_true(c->up && c->carrier);
	assert_int_equal(c->speed, 1000);
	assert_string_equal(c->bus, "pci");
	assert_string_equal(c->address, "0000:00:1f.6");
	assert_string_equal(c->pci, "0000:00:1f.6");
	assert_string_equal(c->path, "pci-0000:00:1f.6");
	assert_string_equal(c->driver, "e1000e");
	assert_string_equal(c->label, "Onboard LAN");
	assert_int_equal(c->vendor, 0x8086);
	assert_int_equal(c->device, 0x15bb);
	assert_int_equal(c->onboard_by, ONBOARD_SMBIOS);
	assert_int_equal(c->onboard, 1);
	assert_false(c->in_slot);
	assert_ptr_equal(nics_by_mac(&nics, &mac), c);

	c = nics_by_name(&nics, "eth0");
	assert_true(c && c->in_slot && c->onboard_by == ONBOARD_UNKNOWN);
	assert_string_equal(c->label, "");
	c = nics_by_name(&nics, "wlan0");
	assert_true(c && c->wireless && !c->up && !c->carrier && c->speed == -1);
	assert_null(nics_by_name(&nics, "eth2"));
	mac.b[5]++;
	assert_null(nics_by_mac(&nics, &mac));
	nics_free(&nics);
	assert_null(nics.v);
}

static void acpi_beats_smbios(void **state)
{
	struct scratch *s = *state;
	struct nics nics = scan(s, "dup-onboard");
	char path[160];

	nics_free(&nics);
	assert_int_equal(scratch_run("cd %s/dup-onboard/devices/pci0000:00/0000:00:19.0 && "
				     "echo 2 > acpi_index && echo 16384 > ../0000:00:1c.0/"
				     "0000:02:00.0/index",
				     s->dir),
			 0);
	assert_int_equal(nics_scan(scratch_join(path, s, "dup-onboard"), &nics, NULL), 0);
	assert_int_equal(nics.v[0].onboard_by, ONBOARD_ACPI);
	assert_int_equal(nics.v[0].onboard, 2);
	/* More than udev believes. */
	assert_int_equal(nics.v[1].onboard_by, ONBOARD_UNKNOWN);
	nics_free(&nics);
}

static void permanent_addresses_are_found(void **state)
{
	struct scratch *s = *state;
	struct nics nics = scan(s, "bridge-server");
	const struct nic *c = nics_by_name(&nics, "eth2");
	char text[MAC_TEXT_MAX], path[160];

	/* Under a bond: the kernel keeps it. */
	assert_non_null(c);
	assert_string_equal(mac_text(&c->perm, text), "00:1b:21:cc:00:01");
	assert_string_equal(mac_text(&c->mac, text), "ac:1f:6b:00:00:02");
	nics_free(&nics);

	assert_int_equal(
		scratch_run("cd %s/bridge-server/class/net && "
			    "echo 00:00:00:00:00:00 > eth2/bonding_slave/perm_hwaddr && "
			    "echo 1 > eth0/addr_assign_type && "
			    "echo 00:1b:21:dd:00:01 > eth0/perm_address && "
			    "echo 1 > eth1/addr_assign_type && rm -r eth1/bonding_slave",
			    s->dir),
		0);
	assert_int_equal(nics_scan(scratch_join(path, s, "bridge-server"), &nics, NULL), 0);
	c = nics_by_name(&nics, "eth0"); /* a card that has one is not to be told by chance */
	assert_string_equal(mac_text(&c->perm, text), "00:1b:21:dd:00:01");
	assert_false(c->random_mac);
	c = nics_by_name(&nics, "eth1");
	assert_true(c->random_mac && mac_equal(&c->perm, &c->mac));
	c = nics_by_name(&nics, "eth2");
	assert_true(mac_equal(&c->perm, &c->mac));
	nics_free(&nics);
}

/* By PCI address and port; USB at the end, by where it is plugged in. */
static void the_order_is_that_of_the_places(void **state)
{
	struct scratch *s = *state;
	struct nics nics = scan(s, "usb-nic");
	char path[160];

	assert_int_equal(nics.n, 3);
	assert_string_equal(nics.v[0].name, "eth0");
	assert_string_equal(nics.v[1].path, "pci-0000:00:10.0-usb-0:2:1.0");
	assert_string_equal(nics.v[2].path, "pci-0000:00:12.2-usb-0:3:1.0");
	assert_true(nics.v[2].random_mac);
	nics_free(&nics);

	nics = scan(*state, "four-ports-one-function");
	assert_int_equal(nics.n, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(nics.v[i].dev_port, i);
	nics_free(&nics);
	assert_int_equal(scratch_run("cd %s/four-ports-one-function/class/net && "
				     "for i in 0 1 2 3; do echo $i > eth$i/dev_port; done",
				     s->dir),
			 0);
	scratch_join(path, s, "four-ports-one-function");
	assert_int_equal(nics_scan(path, &nics, NULL), 0);
	for (unsigned i = 0; i < 4; i++) /* now against the order of the addresses */
		assert_int_equal(nics.v[i].dev_port, i);
	nics_free(&nics);

	nics = scan(*state, "platform");
	assert_string_equal(nics.v[0].path, "platform-fd580000.ethernet");
	assert_string_equal(nics.v[0].pci, "");
	assert_string_equal(nics.v[1].path,
			    "platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.3:1.0");
	nics_free(&nics);
}

/* The controller may be on the board, what is plugged in there is not. */
static void usb_has_not_its_controllers_hints(void **state)
{
	struct scratch *s = *state;
	struct nics nics = scan(s, "usb-nic");
	char path[160];

	nics_free(&nics);
	assert_int_equal(
		scratch_run("cd %s/usb-nic && echo 2 > "
			    "devices/pci0000:00/0000:00:10.0/index && mkdir "
			    "bus/pci/slots/1 && echo 0000:00:10 > bus/pci/slots/1/address",
			    s->dir),
		0);
	assert_int_equal(nics_scan(scratch_join(path, s, "usb-nic"), &nics, NULL), 0);
	assert_string_equal(nics.v[1].name, "eth1");
	assert_string_equal(nics.v[1].pci, "0000:00:10.0");
	assert_int_equal(nics.v[1].onboard_by, ONBOARD_UNKNOWN);
	assert_false(nics.v[1].in_slot);
	assert_int_equal(nics.v[1].vendor, 0x0b95);
	assert_int_equal(nics.v[1].device, 0x1790);
	nics_free(&nics);
}

/* A virtio card has the place, the ids and the hints of the function that carries it. */
static void virtio_has_its_function(void **state)
{
	struct scratch *s = *state;
	struct nics nics = scan(s, "virtio");
	char path[160];

	nics_free(&nics);
	assert_int_equal(
		scratch_run("echo 3 > %s/virtio/devices/pci0000:00/0000:00:03.0/index", s->dir),
		0);
	assert_int_equal(nics_scan(scratch_join(path, s, "virtio"), &nics, NULL), 0);
	assert_string_equal(nics.v[1].bus, "virtio");
	assert_string_equal(nics.v[1].address, "virtio1");
	assert_string_equal(nics.v[1].path, "pci-0000:00:03.0");
	assert_string_equal(nics.v[1].pci, "0000:00:03.0");
	assert_int_equal(nics.v[1].vendor, 0x1af4);
	assert_int_equal(nics.v[1].onboard, 3);
	nics_free(&nics);
}

/* Radios of mac80211_hwsim are in the place of virtual devices. */
static void simulated_radios_are_cards(void **state)
{
	static const char make[] =
		"cd %s/virtio && d=devices/virtual/mac80211_hwsim/hwsim0 && "
		"mkdir -p $d/net bus/platform/drivers/mac80211_hwsim $d/ieee80211/phy0 && "
		"cp -r devices/pci0000:00/0000:00:02.0/virtio0/net/eth0 $d/net/wlan0 && "
		"ln -sfnr $d $d/net/wlan0/device && "
		"ln -sr $d/ieee80211/phy0 $d/net/wlan0/phy80211 && "
		"ln -sr bus/platform/drivers/%s $d/driver && "
		"ln -sr $d/net/wlan0 class/net/wlan0";
	struct scratch *s = *state;
	struct nics nics = scan(s, "virtio");
	char path[160];

	nics_free(&nics);
	assert_int_equal(scratch_run(make, s->dir, "mac80211_hwsim"), 0);
	scratch_join(path, s, "virtio");
	assert_int_equal(nics_scan(path, &nics, NULL), 0);
	assert_int_equal(nics.n, 3);
	assert_true(nics_by_name(&nics, "wlan0")->wireless);
	assert_string_equal(nics_by_name(&nics, "wlan0")->path, ""); /* as udev has it */
	nics_free(&nics);

	assert_int_equal(scratch_run("cd %s/devices/virtual/mac80211_hwsim/hwsim0 && rm driver "
				     "&& ln -s ../other driver",
				     path),
			 0);
	assert_int_equal(nics_scan(path, &nics, NULL), 0);
	assert_int_equal(nics.n, 2);
	assert_int_equal(nics.n_skipped, 1);
	nics_free(&nics);
}

static void trees_that_are_none(void **state)
{
	struct scratch *s = *state;
	struct err e = { "" };
	struct nics nics;
	char path[160];

	assert_int_equal(nics_scan(scratch_join(path, s, "nothing"), &nics, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "nothing: cannot be read as a sysfs tree"));
	assert_int_equal(nics.n + nics.n_skipped, 0);
	assert_int_equal(nics_scan(s->dir, &nics, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/class/net: there are no network interfaces"));
	assert_int_equal(scratch_run("ln -s a %s/b; ln -s b %s/a", s->dir, s->dir), 0);
	assert_int_equal(nics_scan(scratch_join(path, s, "a"), &nics, &e), -ELOOP);
	nics_free(&nics);
}

static void attributes_are_bounded(void **state)
{
	struct scratch *s = *state;
	uint64_t v = 7;
	char buf[8];

	assert_int_equal(
		scratch_run("cd %s && printf ' \\t12 \\n' > n && printf '0x1f\\n' > x && "
			    "printf -- '-1\\n' > minus && printf '12a\\n' > mixed && "
			    "printf '99999999999999999999999\\n' > huge && "
			    "printf 'a\\033[2J\\377bcdefgh' > odd && : > empty && "
			    "printf 'ab\\0cd' > nul && mkfifo fifo && mkdir dir && "
			    "ln -s n link && yes | head -c 9000 > long && "
			    "ln -s /dev/zero zero && ln -s self self",
			    s->dir),
		0);
	assert_true(sysfs_number(s->dir, "n", 10, 12, &v) && v == 12);
	assert_false(sysfs_number(s->dir, "n", 10, 11, &v));
	assert_true(sysfs_number(s->dir, "x", 0, 0x1f, &v) && v == 0x1f);
	assert_true(sysfs_number(s->dir, "x", 16, 0x1f, &v));
	assert_false(sysfs_number(s->dir, "x", 10, 0x1f, &v));
	assert_false(sysfs_number(s->dir, "minus", 10, UINT64_MAX, &v));
	assert_false(sysfs_number(s->dir, "mixed", 10, UINT64_MAX, &v));
	assert_false(sysfs_number(s->dir, "huge", 10, UINT64_MAX, &v));
	assert_false(sysfs_number(s->dir, "empty", 10, UINT64_MAX, &v));
	assert_int_equal(v, 0x1f); /* what fails changes nothing */
	assert_true(sysfs_text(s->dir, "odd", buf, sizeof(buf)));
	assert_string_equal(buf, "a?[2J?b");
	assert_true(sysfs_text(s->dir, "nul", buf, sizeof(buf)));
	assert_string_equal(buf, "ab");
	assert_true(sysfs_text(s->dir, "long", buf, sizeof(buf)));
	assert_int_equal(strlen(buf), 7);
	for (const char *const *name = (const char *const[]){ "empty", "fifo", "dir", "link",
							      "zero", "self", "none", NULL };
	     *name; name++) {
		assert_false(sysfs_text(s->dir, *name, buf, sizeof(buf)));
		assert_string_equal(buf, "");
	}
	assert_true(sysfs_link(s->dir, "zero", buf, sizeof(buf)));
	assert_string_equal(buf, "zero");
	assert_false(sysfs_link(s->dir, "n", buf, sizeof(buf)));
}

static void links_stay_within_the_tree(void **state)
{
	struct scratch *s = *state;
	struct sysfs sys;
	char path[PATH_MAX], name[200];

	assert_int_equal(
		scratch_run("cd %s && mkdir -p sys/devices/a sysx && ln -s a sys/devices/b "
			    "&& ln -s ../../sysx sys/devices/out",
			    s->dir),
		0);
	assert_int_equal(sysfs_open(scratch_join(name, s, "sys"), &sys, NULL), 0);
	assert_false(sys.live);
	assert_int_equal(sysfs_resolve(&sys, scratch_join(name, s, "sys/devices/b"), path), 0);
	assert_string_equal(sysfs_name(path), "a");
	/* "sysx" only begins like "sys". */
	assert_int_equal(sysfs_resolve(&sys, scratch_join(name, s, "sys/devices/out"), path),
			 -EXDEV);
	assert_int_equal(sysfs_resolve(&sys, "/etc", path), -EXDEV);
	assert_int_equal(sysfs_resolve(&sys, scratch_join(name, s, "sys/gone"), path), -ENOENT);
}

static void uevents_are_lines(void **state)
{
	static const char text[] =
		"XDEVTYPE=no\nDEVTYPE\nDEVTYPEX=no\nDEVTYPE=wl\033an\nDEVTYPE=2";
	char buf[16];

	(void)state;
	assert_true(uevent_value(text, "DEVTYPE", buf, sizeof(buf)));
	assert_string_equal(buf, "wl?an");
	assert_true(uevent_value("A=\nB=1\n\n", "A", buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(uevent_value("A=\n\nB=1", "B", buf, sizeof(buf)));
	assert_string_equal(buf, "1");
	assert_true(uevent_value("A=0123456789abcdefghi", "A", buf, 4));
	assert_string_equal(buf, "012");
	assert_false(uevent_value("", "A", buf, sizeof(buf)));
	assert_false(uevent_value("B=A=1\n", "A", buf, sizeof(buf)));
	assert_string_equal(buf, "");
}

/* What udev gives no ID_PATH, or what could not be matched, has none. */
static void paths_that_are_none(void **state)
{
	struct scratch *s = *state;
	char name[200], device[2 * PATH_MAX], buf[128], tiny[8];
	struct nics nics = scan(s, "dock");
	struct sysfs sys;

	nics_free(&nics);
	assert_int_equal(sysfs_open(scratch_join(name, s, "dock"), &sys, NULL), 0);
	snprintf(device, sizeof(device), "%s/devices/pci0000:00/0000:00:1f.6", sys.base);
	assert_true(id_path(&sys, device, buf, sizeof(buf)));
	assert_string_equal(buf, "pci-0000:00:1f.6");
	assert_false(id_path(&sys, device, tiny, sizeof(tiny))); /* never cut */
	assert_string_equal(tiny, "");
	snprintf(device, sizeof(device), "%s/devices/pci0000:00", sys.base);
	assert_false(id_path(&sys, device, buf, sizeof(buf)));
	/* USB alone says no place: nothing above it is anchored. */
	assert_int_equal(
		scratch_run("cd %s/dock/devices && mv pci0000:00/0000:00:14.0/usb2 . && "
			    "mkdir -p platform/$(printf 'a\\033b') && "
			    "cd platform/a* && ln -s ../../bus/platform subsystem",
			    s->dir),
		0);
	snprintf(device, sizeof(device), "%s/devices/usb2/2-1/2-1.4/2-1.4:1.0", sys.base);
	assert_false(id_path(&sys, device, buf, sizeof(buf)));
	snprintf(device, sizeof(device), "%s/devices/platform/a\033b", sys.base);
	assert_false(id_path(&sys, device, buf, sizeof(buf)));
	assert_string_equal(buf, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_is_read),
		TEST(acpi_beats_smbios),
		TEST(permanent_addresses_are_found),
		TEST(the_order_is_that_of_the_places),
		TEST(usb_has_not_its_controllers_hints),
		TEST(virtio_has_its_function),
		TEST(simulated_radios_are_cards),
		TEST(trees_that_are_none),
		TEST(attributes_are_bounded),
		TEST(links_stay_within_the_tree),
		cmocka_unit_test(uevents_are_lines),
		TEST(paths_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
