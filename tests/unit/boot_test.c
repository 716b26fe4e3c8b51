// SPDX-License-Identifier: GPL-3.0-or-later
/* Which loader gets which file, and what its menu says. */
#include "pxe/boot/boot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct boot_request pc = { .server = 0x0a4d0001,
					.http_port = 80,
					.mac = { { 0x52, 0x54, 0, 0x77, 0, 0xa1 } },
					.has_mac = true,
					.what = BOOT_RESCUE,
					.kernel_options = "quiet",
					.host = "pc07" };

static void test_first_file(void **state)
{
	struct boot_request q = pc;
	char buf[256];

	(void)state;
	assert_true(boot_first_file(LOADER_BIOS, &q, buf, sizeof(buf)));
	assert_string_equal(buf, "lpxelinux.0");
	assert_true(boot_first_file(LOADER_UEFI, &q, buf, sizeof(buf)));
	assert_string_equal(buf, "bootx64.efi");
	assert_true(boot_first_file(LOADER_UEFI_HTTP, &q, buf, sizeof(buf)));
	assert_string_equal(buf, "http://10.77.0.1:80/boot/http/bootx64.efi");
	q.http_port = 8080;
	assert_true(boot_first_file(LOADER_IPXE, &q, buf, sizeof(buf)));
	assert_string_equal(buf, "http://10.77.0.1:8080/boot/slate.ipxe-01-52-54-00-77-00-a1");
	assert_false(boot_first_file(LOADER_NONE, &q, buf, sizeof(buf)));
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		enum boot_menu menu;
		bool has_mac;
	} cases[] = {
		{ "pxelinux.cfg/01-52-54-00-77-00-a1", MENU_PXELINUX, true },
		{ "pxelinux.cfg/01-52-54-00-77-00-A1", MENU_PXELINUX, true },
		{ "bios/pxelinux.cfg/01-52-54-00-77-00-a1", MENU_PXELINUX, true },
		{ "pxelinux.cfg/default", MENU_PXELINUX, false },
		{ "pxelinux.cfg/0A4D00C7", MENU_NONE, false },
		{ "pxelinux.cfg/44332211-6655-8877-99aa-bbccddeeff00", MENU_NONE, false },
		{ "pxelinux.cfg/01-52-54-00-77-00", MENU_NONE, false },
		{ "pxelinux.cfg/01-52-54-00-77-00-a1x", MENU_NONE, false },
		{ "pxelinux.cfg/06-52-54-00-77-00-a1", MENU_NONE, false },
		{ "grub/grub.cfg", MENU_GRUB, false },
		{ "grub.cfg", MENU_GRUB, false },
		{ "grub/grub.cfg-01-52-54-00-77-00-a1", MENU_GRUB, true },
		{ "grub.cfg-01-52:54:00:77:00:a1", MENU_GRUB, true },
		{ "mygrub.cfg", MENU_NONE, false },
		{ "grub/x86_64-efi/command.lst", MENU_NONE, false },
		{ "slate.ipxe", MENU_IPXE, false },
		{ "slate.ipxe-01-52-54-00-77-00-a1", MENU_IPXE, true },
		{ "slate/vmlinuz", MENU_NONE, false },
		{ "", MENU_NONE, false },
	};
	struct mac mac;
	bool has_mac;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (boot_menu_of(cases[i].name, &mac, &has_mac) != cases[i].menu ||
		    has_mac != cases[i].has_mac)
			fail_msg("%s", cases[i].name);
		if (has_mac)
			assert_true(mac_equal(&mac, &pc.mac));
	}
}

#define FAILED "Slate: the rescue system could not be loaded. Trying again in 30 seconds."

static void check(enum boot_menu menu, const struct boot_request *q, const char *want)
{
	struct text t = { 0 };

	assert_int_equal(boot_render(menu, q, &t, NULL), 0);
	assert_string_equal(text_get(&t), want);
	text_free(&t);
}

static void test_rescue(void **state)
{
	(void)state;
	check(MENU_PXELINUX, &pc,
	      "DEFAULT slate\nPROMPT 0\nTIMEOUT 300\nLABEL slate\n"
	      "LINUX http://10.77.0.1/boot/slate/vmlinuz\n"
	      "INITRD http://10.77.0.1/boot/slate/initrd.img\n"
	      "APPEND panic=30 slate.server=http://10.77.0.1 slate.host=pc07 quiet\n"
	      "SYSAPPEND 2\n");
	check(MENU_GRUB, &pc,
	      "set timeout=0\n"
	      "if linux (http,10.77.0.1)/boot/slate/vmlinuz "
	      "panic=30 slate.server=http://10.77.0.1 slate.host=pc07 quiet "
	      "BOOTIF=01-52-54-00-77-00-a1; then\n"
	      "if initrd (http,10.77.0.1)/boot/slate/initrd.img; then\nboot\nfi\nfi\n"
	      "if linux (tftp,10.77.0.1)/slate/vmlinuz "
	      "panic=30 slate.server=http://10.77.0.1 slate.host=pc07 quiet "
	      "BOOTIF=01-52-54-00-77-00-a1; then\n"
	      "if initrd (tftp,10.77.0.1)/slate/initrd.img; then\nboot\nfi\nfi\n"
	      "echo \"" FAILED "\"\nsleep 30\nreboot\n");
	check(MENU_IPXE, &pc,
	      "#!ipxe\nkernel http://10.77.0.1/boot/slate/vmlinuz initrd=initrd.img "
	      "panic=30 slate.server=http://10.77.0.1 slate.host=pc07 quiet "
	      "BOOTIF=01-${netX/mac:hexhyp} || goto failed\n"
	      "initrd http://10.77.0.1/boot/slate/initrd.img || goto failed\nboot ||\n"
	      ":failed\necho " FAILED "\nsleep 30\nreboot\n");
}

static void test_local(void **state)
{
	struct boot_request q = pc;

	(void)state;
	q.what = BOOT_LOCAL;
	check(MENU_PXELINUX, &q,
	      "DEFAULT slate\nPROMPT 0\nTIMEOUT 300\nLABEL slate\nLOCALBOOT -1\n");
	check(MENU_GRUB, &q,
	      "set timeout=0\n"
	      "for file in /EFI/debian/shimx64.efi /EFI/ubuntu/shimx64.efi "
	      "/EFI/fedora/shimx64.efi /EFI/opensuse/shim.efi "
	      "/EFI/Microsoft/Boot/bootmgfw.efi /EFI/BOOT/BOOTX64.EFI; do\n"
	      "if search --no-floppy --file --set=root $file; then\n"
	      "chainloader $file\nboot\nfi\ndone\nexit\n");
	check(MENU_IPXE, &q, "#!ipxe\nexit 1\n");
}

/* Another port: GRUB cannot, it goes by TFTP. */
static void test_port(void **state)
{
	struct boot_request q = pc;

	(void)state;
	q.http_port = 8080;
	q.host = q.kernel_options = "";
	check(MENU_GRUB, &q,
	      "set timeout=0\nif linux (tftp,10.77.0.1)/slate/vmlinuz panic=30 "
	      "slate.server=http://10.77.0.1:8080 BOOTIF=01-52-54-00-77-00-a1; then\n"
	      "if initrd (tftp,10.77.0.1)/slate/initrd.img; then\nboot\nfi\nfi\n"
	      "echo \"" FAILED "\"\nsleep 30\nreboot\n");
}

static void test_general(void **state)
{
	struct boot_request q = pc;

	(void)state;
	q.has_mac = false;
	check(MENU_GRUB, &q,
	      "set timeout=0\nconfigfile (tftp,10.77.0.1)/grub.cfg-01-$net_default_mac\n");
	check(MENU_IPXE, &q,
	      "#!ipxe\nchain http://10.77.0.1/boot/slate.ipxe-01-${netX/mac:hexhyp}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_file), cmocka_unit_test(test_names),
		cmocka_unit_test(test_rescue),     cmocka_unit_test(test_local),
		cmocka_unit_test(test_port),       cmocka_unit_test(test_general),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
