// SPDX-License-Identifier: GPL-3.0-or-later
/* Which machine this is: what counts for it and what does not. */
#include "tests/unit/scratch.h"

#include "netconf/hardware/fingerprint.h"

static const struct dmi board = { .vendor = "Dell Inc.",
				  .product = "OptiPlex 3020",
				  .board = "0VHWTR",
				  .serial = "5XK2J42" };

static struct nic card(const char *name, const char *path, const char *mac)
{
	struct nic c = { .speed = -1 };

	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.path, sizeof(c.path), "%s", path);
	assert_int_equal(mac_parse(mac, &c.perm, NULL), 0);
	c.mac = c.perm;
	return c;
}

struct machine {
	struct dmi dmi;
	struct nic v[2];
};

static struct machine machine(void)
{
	return (struct machine){ board,
				 { card("eth0", "pci-0000:00:19.0", "f8:b1:56:00:00:01"),
				   card("eth1", "pci-0000:02:00.0", "f8:b1:56:00:00:02") } };
}

static void print_of(struct machine *m, size_t n, char ret[FINGERPRINT_MAX])
{
	struct nics nics = { .v = m->v, .n = n };
	struct err e = { "" };

	assert_int_equal(fingerprint(&m->dmi, &nics, ret, &e), 0);
	assert_int_equal(strlen(ret), 64);
	assert_int_equal(strspn(ret, "0123456789abcdef"), 64);
}

static bool is_same(struct machine *m, size_t n)
{
	struct machine first = machine();
	char a[FINGERPRINT_MAX], b[FINGERPRINT_MAX];

	print_of(&first, 2, a);
	print_of(m, n, b);
	return !strcmp(a, b);
}

static void names_and_order_do_not_count(void **state)
{
	struct machine m = machine();
	struct nic first = m.v[0];

	(void)state;
	assert_true(is_same(&m, 2));
	m.v[0] = m.v[1];
	m.v[1] = first;
	snprintf(m.v[0].name, sizeof(m.v[0].name), "lan0");
	m.v[0].ifindex = 9;
	m.v[0].up = m.v[0].carrier = true;
	m.v[0].speed = 100;
	m.v[0].mac.b[5] = 0x77; /* the present one; a bond changes it */
	assert_true(is_same(&m, 2));
}

static void board_and_cards_count(void **state)
{
	struct machine m = machine();

	(void)state;
	assert_false(is_same(&m, 1));
	assert_false(is_same(&m, 0));
	m.v[0].perm.b[5]++;
	assert_false(is_same(&m, 2));
	m = machine();
	m.v[0].path[14]++;
	assert_false(is_same(&m, 2));
	m = machine();
	m.v[0].dev_port = 1;
	assert_false(is_same(&m, 2));
	m = machine();
	m.dmi.serial[0]++;
	assert_false(is_same(&m, 2));
	m = machine();
	m.dmi.uuid[0] = '1';
	assert_false(is_same(&m, 2));
	m = machine(); /* one field does not run into the next */
	memcpy(m.dmi.vendor, "Dell Inc.OptiPlex", 18);
	memcpy(m.dmi.product, " 3020", 6);
	assert_false(is_same(&m, 2));
}

static void made_up_addresses_do_not_count(void **state)
{
	struct machine a = machine(), b = machine();
	char one[FINGERPRINT_MAX], two[FINGERPRINT_MAX];

	(void)state;
	a.v[1].random_mac = b.v[1].random_mac = true;
	b.v[1].perm.b[3]++;
	print_of(&a, 2, one);
	print_of(&b, 2, two);
	assert_string_equal(one, two);
	assert_false(is_same(&a, 2));
}

static void write_dmi(const struct scratch *s, const char *file, const char *text)
{
	assert_int_equal(scratch_run("mkdir -p %s/class/dmi/id && printf '%s\\n' > "
				     "%s/class/dmi/id/%s",
				     s->dir, text, s->dir, file),
			 0);
}

static void placeholders_say_nothing(void **state)
{
	static const char *const none[] = { "To Be Filled By O.E.M.",
					    "Default string",
					    "default string",
					    "System Product Name",
					    "00000000",
					    "........",
					    "N/A",
					    "  ",
					    "0123456789" };
	struct scratch *s = *state;
	struct dmi dmi;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		write_dmi(s, "product_name", none[i]);
		write_dmi(s, "product_serial", none[i]);
		dmi_read(s->dir, &dmi);
		assert_string_equal(dmi.product, "");
		assert_string_equal(dmi.serial, "");
	}
	write_dmi(s, "board_serial", "S217111X8A00001"); /* then the board's own counts */
	dmi_read(s->dir, &dmi);
	assert_string_equal(dmi.serial, "S217111X8A00001");
	write_dmi(s, "product_serial", "5XK2J42");
	write_dmi(s, "product_uuid", "4c4c4544-0058-4b10-8032-b5c04f4a3432");
	write_dmi(s, "sys_vendor", "Dell Inc.");
	write_dmi(s, "product_name", "To be filled by O.E.M. not");
	dmi_read(s->dir, &dmi);
	assert_string_equal(dmi.serial, "5XK2J42");
	assert_string_equal(dmi.uuid, "4c4c4544-0058-4b10-8032-b5c04f4a3432");
	assert_string_equal(dmi.vendor, "Dell Inc.");
	assert_string_equal(dmi.product, "To be filled by O.E.M. not");
	write_dmi(s, "product_uuid", "00000000-0000-0000-0000-000000000000");
	dmi_read(s->dir, &dmi);
	assert_string_equal(dmi.uuid, "");
	write_dmi(s, "product_uuid", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF");
	dmi_read(s->dir, &dmi);
	assert_string_equal(dmi.uuid, "");
}

static void a_machine_without_dmi(void **state)
{
	struct scratch *s = *state;
	struct dmi dmi;

	memset(&dmi, 'x', sizeof(dmi));
	dmi_read(s->dir, &dmi);
	assert_string_equal(dmi.vendor, "");
	assert_string_equal(dmi.product, "");
	assert_string_equal(dmi.board, "");
	assert_string_equal(dmi.serial, "");
	assert_string_equal(dmi.uuid, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_order_do_not_count),
		cmocka_unit_test(board_and_cards_count),
		cmocka_unit_test(made_up_addresses_do_not_count),
		TEST(placeholders_say_nothing),
		TEST(a_machine_without_dmi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
