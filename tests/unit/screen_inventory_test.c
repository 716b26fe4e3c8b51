// SPDX-License-Identifier: GPL-3.0-or-later
/* The inventory of a machine that is a folder. */
#include "imager/screen/inventory.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs a shell script in the folder of the machine. */
static void shell(const char *root, const char *script)
{
	char line[4096];

	snprintf(line, sizeof(line), "set -e; cd '%s'; %s", root, script);
	assert_int_equal(system(line), 0);
}

#define DISK(name, id, mib)                                                                    \
	"mkdir -p sys/block/" name " sys/dev/block dev proc/self; "                            \
	"echo " id " > sys/block/" name "/dev; "                                               \
	"echo $((" mib " * 2048)) > sys/block/" name "/size; "                                 \
	"ln -sfn ../../block/" name " sys/dev/block/" id "; "
#define PART(disk, name, number, id, mib)                                                      \
	"mkdir -p sys/block/" disk "/" name "; "                                               \
	"echo " number " > sys/block/" disk "/" name "/partition; "                            \
	"echo " id " > sys/block/" disk "/" name "/dev; "                                      \
	"echo $((" mib " * 2048)) > sys/block/" disk "/" name "/size; "

static char *machine(void)
{
	static const char text[] = "/tmp/slate-inventory-XXXXXX";
	char *root = strdup(text);

	assert_non_null(mkdtemp(root));
	return root;
}

static void forget(char *root)
{
	char line[256];

	snprintf(line, sizeof(line), "rm -rf '%s'", root);
	assert_int_equal(system(line), 0);
	free(root);
}

/* Until all places have been looked at; ten seconds at most. */
static void wait_looked(struct inventory *v)
{
	for (int i = 0; i < 100; i++) {
		struct pollfd p = { .fd = inventory_fd(v), .events = POLLIN };
		const struct place *x;
		bool all = true;
		size_t n;

		inventory_refresh(v);
		x = inventory_places(v, &n);
		for (size_t k = 0; k < n; k++)
			all = all && x[k].looked != LOOKED_NOT;
		if (all)
			return;
		poll(&p, 1, 100);
	}
	fail_msg("nobody looked");
}

static void test_tree(void **state)
{
	char *root = machine(), path[256];
	struct inventory *v = NULL;
	const struct place *x;
	size_t n;

	(void)state;
	shell(root, DISK("sdb", "8:16", "64") DISK("sda", "8:0", "100"));
	shell(root,
	      PART("sda", "sda10", "10", "8:10", "5") PART("sda", "sda2", "2", "8:2", "8"));
	shell(root, DISK("loop0", "7:0", "0"));
	shell(root,
	      "mkdir -p sys/block/sda/device; echo ' FAST  ' > sys/block/sda/device/model; "
	      "echo 'S1 2' > sys/block/sda/serial");
	shell(root, "truncate -s 8M dev/sda2; mkswap -q -L sw dev/sda2 2>/dev/null; "
		    "truncate -s 64M dev/sdb; mkfs.ext4 -q -L 'my disk' dev/sdb");
	shell(root, "truncate -s 100M dev/sda; echo 'size=8M' | sfdisk -q -X gpt dev/sda");
	shell(root, "printf '%s\\n' '1 0 8:10 / / rw - ext4 /dev/sda10 rw' "
		    "'2 0 8:10 / /mnt/a\\040b rw - ext4 /dev/sda10 rw' > proc/self/mountinfo");
	assert_int_equal(inventory_new(&v, root, NULL), 0);
	wait_looked(v);
	x = inventory_places(v, &n);
	assert_int_equal(n, 4);
	assert_string_equal(x[0].name, "sda");
	assert_string_equal(x[1].name, "sda2");
	assert_string_equal(x[2].name, "sda10");
	assert_string_equal(x[3].name, "sdb");
	assert_string_equal(x[0].model, "FAST");
	assert_string_equal(x[2].serial, "S1 2");
	assert_int_equal(x[0].size, 100 << 20);
	assert_true(x[1].partition && x[1].disk == 0 && !x[3].partition && x[3].disk == 3);
	assert_string_equal(x[2].mounts, "/, /mnt/a b");
	assert_true(x[2].system && x[0].system && !x[1].system && !x[3].system);
	assert_string_equal(x[0].table, "gpt");
	assert_string_equal(x[1].fs, "swap");
	assert_string_equal(x[3].table, "");
	assert_string_equal(x[3].fs, "ext4");
	assert_string_equal(x[3].label, "my disk");
	assert_true(x[3].used_known && x[3].used > 0 && x[3].used < x[3].size);
	assert_int_equal(x[2].looked, LOOKED_IN_VAIN); /* there is no such file */
	snprintf(path, sizeof(path), "%s/dev/sda2", root);
	assert_ptr_equal(inventory_find(v, path), &x[1]);
	inventory_free(v);
	forget(root);
}

static void test_comes_and_goes(void **state)
{
	char *root = machine();
	struct inventory *v = NULL;
	size_t n;

	(void)state;
	shell(root, DISK("sda", "8:0", "1") "truncate -s 1M dev/sda");
	assert_int_equal(inventory_new(&v, root, NULL), 0);
	wait_looked(v);
	assert_false(inventory_refresh(v)); /* nothing is new */
	shell(root, DISK("sdb", "8:16", "2") "truncate -s 2M dev/sdb");
	assert_true(inventory_refresh(v));
	inventory_places(v, &n);
	assert_int_equal(n, 2);
	shell(root, "rm -r sys/block/sda");
	assert_true(inventory_refresh(v));
	assert_string_equal(inventory_places(v, &n)[0].name, "sdb");
	assert_int_equal(n, 1);
	shell(root, "rm -r sys/block");
	assert_true(inventory_refresh(v));
	inventory_places(v, &n);
	assert_int_equal(n, 0);
	inventory_free(v);
	forget(root);
}

/* Another disk under the same name is not taken for the one before. */
static void test_other_disk(void **state)
{
	char *root = machine();
	struct inventory *v = NULL;
	size_t n;

	(void)state;
	shell(root, DISK("sda", "8:0", "8") "truncate -s 8M dev/sda; "
					    "mkswap -q -L old dev/sda 2>/dev/null; "
					    "echo 1 > sys/block/sda/diskseq");
	assert_int_equal(inventory_new(&v, root, NULL), 0);
	wait_looked(v);
	assert_string_equal(inventory_places(v, &n)[0].label, "old");
	shell(root, "mkswap -q -L new dev/sda 2>/dev/null; echo 2 > sys/block/sda/diskseq");
	assert_true(inventory_refresh(v));
	assert_int_equal(inventory_places(v, &n)[0].looked, LOOKED_NOT);
	wait_looked(v);
	assert_string_equal(inventory_places(v, &n)[0].label, "new");
	shell(root, "mkswap -q -L third dev/sda 2>/dev/null");
	inventory_pause(v);
	inventory_resume(v);
	for (int i = 0; i < 100 && strcmp(inventory_places(v, &n)[0].label, "third"); i++) {
		poll(NULL, 0, 50);
		inventory_refresh(v);
	}
	assert_string_equal(inventory_places(v, &n)[0].label, "third");
	inventory_free(v);
	forget(root);
}

static void test_names(void **state)
{
	(void)state;
	assert_true(inventory_names("sda", "/dev/sda", "S1"));
	assert_true(inventory_names(" /dev/sda ", "/dev/sda", ""));
	assert_true(inventory_names("S 1", "/dev/sda", "S 1"));
	assert_false(inventory_names("", "/dev/sda", ""));
	assert_false(inventory_names("  ", "/dev/sda", ""));
	assert_false(inventory_names("sd", "/dev/sda", "S1"));
	assert_false(inventory_names("sdaa", "/dev/sda", "S1"));
	assert_false(inventory_names("sda1", "/dev/sda", "S1"));
	assert_false(inventory_names("s1", "/dev/sda", "S1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_comes_and_goes),
		cmocka_unit_test(test_other_disk),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
