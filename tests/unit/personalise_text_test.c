// SPDX-License-Identifier: GPL-3.0-or-later
/* The texts that personalise changes: /etc/hosts, profiles, fstab, resume; and reads: tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netconf/personalise/fstab.h"
#include "netconf/personalise/hostname.h"
#include "netconf/personalise/hosts.h"
#include "netconf/personalise/keyfile.h"
#include "netconf/personalise/macs.h"

#include <errno.h>

static const struct machine machine = {
	.cards = { { { 0x52, 0x54, 0, 0x12, 0x34, 0x56 } },
		   { { 0x52, 0x54, 0, 0xab, 0xcd, 0xef } } },
	.n_cards = 2,
	.dmi = { .serial = "PF 2ABC/1" },
};

/* --- host names ------------------------------------------------------------ */

static void test_names(void **state)
{
	static const char *const good[] = { "pc07", "7up", "pc-07.lab.lan", "a", "1.a" };
	static const char *const bad[] = { "",
					   "-pc",
					   "pc-",
					   "pc_7",
					   "p c",
					   "pc..lab",
					   ".pc",
					   "pc.",
					   "1234",
					   "1.2",
					   "p\xc3\xa4",
					   "pc\nx",
					   "pc/..",
					   "a234567890123456789012345678901234567890123456789"
					   "012345678901234",
					   "a2345678901234567890123456789012.45678901234567890"
					   "12345678901234567" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(hostname_check(good[i], NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hostname_check(bad[i], NULL), -EINVAL);
}

static void expands(const char *text, const char *want)
{
	char name[HOSTNAME_MAX];

	assert_int_equal(hostname_template(text, &machine, name, NULL), 0);
	assert_string_equal(name, want);
}

static void test_template(void **state)
{
	static const struct machine bare = { .n_cards = 0 };
	char name[HOSTNAME_MAX];
	struct err e = { "" };

	(void)state;
	expands("pc-%mac6", "pc-123456");
	expands("h-%mac", "h-525400123456");
	expands("%serial.lab", "pf2abc1.lab");
	expands("plain", "plain");
	assert_int_equal(hostname_template("pc%%", &machine, name, &e), -EINVAL);
	/* Digits alone, on this machine. */
	assert_int_equal(hostname_template("%mac", &machine, name, &e), -EINVAL);
	assert_int_equal(hostname_template("pc-%m", &machine, name, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "\"%m\" is no placeholder"));
	assert_int_equal(hostname_template("pc-%mac6", &bare, name, &e), -ENODATA);
	assert_int_equal(hostname_template("%serial", &bare, name, &e), -ENODATA);
	assert_string_equal(name, "");
	assert_int_equal(hostname_template_check("pc-%serial", NULL), 0);
	assert_int_equal(hostname_template_check("pc_%serial", NULL), -EINVAL);
}

static void parses(const char *text, struct hostname_table *t)
{
	struct err e = { "" };
	int r = hostname_table_parse("t", text, strlen(text), t, &e);

	if (r)
		print_error("%s\n", e.msg);
	assert_int_equal(r, 0);
}

static void refuses(const char *text, const char *want)
{
	struct hostname_table t;
	struct err e = { "" };

	assert_int_equal(hostname_table_parse("t", text, strlen(text), &t, &e), -EINVAL);
	if (!strstr(e.msg, want))
		print_error("%s\n", e.msg);
	assert_non_null(strstr(e.msg, want));
	hostname_table_free(&t);
}

static void test_table(void **state)
{
	struct hostname_table t;
	const struct hostname_entry *en;

	(void)state;
	parses("\xef\xbb\xbf# room 7\r\n\r\n52-54-00-AB-CD-EF \t pc07 # by the door\r\n"
	       "5CG1234XYZ pc08\r\n001122334455 pc09",
	       &t);
	assert_int_equal(t.n, 3);
	assert_int_equal(hostname_table_find(&t, &machine, &en, NULL), 0);
	assert_string_equal(en->name, "pc07");
	assert_int_equal(en->line, 3);
	assert_true(t.v[2].has_mac);
	assert_false(t.v[1].has_mac);
	hostname_table_free(&t);

	parses("pf2abc/1 byserial\n", &t);
	assert_int_equal(hostname_table_find(&t, &machine, &en, NULL), 0);
	assert_string_equal(en->name, "byserial");
	hostname_table_free(&t);

	parses("pf2abc other\n525400123457 near\n", &t);
	assert_int_equal(hostname_table_find(&t, &machine, &en, NULL), 0);
	assert_null(en);
	hostname_table_free(&t);
}

static void test_table_ambiguous(void **state)
{
	struct hostname_table t;
	const struct hostname_entry *en;
	struct err e = { "" };

	(void)state;
	parses("525400123456 one\nPF2ABC/1 two\n", &t);
	assert_int_equal(hostname_table_find(&t, &machine, &en, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "line 1 calls it one, line 2 two"));
	hostname_table_free(&t);
}

static void test_table_mistakes(void **state)
{
	(void)state;
	refuses("52:54:00:12:34:56\n", "t:1:18: the host name is missing");
	refuses("\n52:54:00:12:34 pc\n", "t:2:1: ");
	refuses("52:54:00:12:34:56 pc_7\n", "t:1:19: a host name has letters");
	refuses("ff:ff:ff:ff:ff:ff pc\n", "t:1:1: no card has");
	refuses("a pc 7\n", "t:1:6: more than");
	refuses("a pc7\nb PC7\n", "t:2:1: PC7 stands on line 1 already");
	refuses("52:54:00:12:34:56 a\n525400123456 b\n",
		"t:2:1: 525400123456 stands on line 1");
	refuses("s\x01 pc7\n", "t:1:1: no text");
	refuses("a 1234567890123456789012345678901234567890123456789012345678901234567890\n",
		"t:1:3: a host name has at most");
	refuses("1234567890123456789012345678901234567890123456789012345678901234567890 a\n",
		"t:1:1: a serial number");
}

/* --- /etc/hosts ------------------------------------------------------------ */

static void renames(const char *text, const char *old, const char *name, const char *want)
{
	char *got = NULL, *again = NULL;

	assert_int_equal(hosts_rename(text, strlen(text), old, name, &got, NULL), 0);
	assert_string_equal(got, want);
	assert_int_equal(hosts_rename(got, strlen(got), name, name, &again, NULL), 0);
	assert_string_equal(again, want);
	free(got);
	free(again);
}

static void test_hosts(void **state)
{
	(void)state;
	renames("127.0.0.1\tlocalhost\n127.0.1.1\told\n::1 ip6\n", "old", "pc7",
		"127.0.0.1\tlocalhost\n127.0.1.1\tpc7\n::1 ip6\n");
	renames("127.0.1.1  old.lab.lan  OLD other # mine: old", "old", "pc7",
		"127.0.1.1  pc7.lab.lan  pc7 other # mine: old");
	/* Its own letters, however it was written; what is there already keeps its domain. */
	renames("127.0.1.1\tPc7.lab.lan old # x\n", "old", "pc7",
		"127.0.1.1\tpc7.lab.lan pc7 # x\n");
	renames("127.0.1.1 PC7.lab.lan", "old", "pc7", "127.0.1.1 pc7.lab.lan");
	renames("127.0.0.1 localhost", "old", "pc7", "127.0.0.1 localhost\n127.0.1.1\tpc7\n");
	renames("", "", "pc7", "127.0.1.1\tpc7\n");
	renames("127.0.1.1 older\n", "old", "pc7", "127.0.1.1\tpc7\n");
	renames("127.0.1.1 old\n", "old", "pc7.lab", "127.0.1.1\tpc7.lab\tpc7\n");
	/* Neither a longer address nor a comment is the line. */
	renames("127.0.1.10 old\n#127.0.1.1 old\n", "old", "pc7",
		"127.0.1.10 old\n#127.0.1.1 old\n127.0.1.1\tpc7\n");
	assert_int_equal(hosts_rename("a\0b", 3, "a", "b", &(char *){ NULL }, NULL), -EINVAL);
}

static void test_hosts_line(void **state)
{
	static const char text[] = "::1 x\n127.0.1.1 old.lab old # c\nlast";
	char *line = NULL, *put = NULL;

	(void)state;
	assert_int_equal(hosts_line(text, strlen(text), &line, NULL), 0);
	assert_string_equal(line, "127.0.1.1 old.lab old # c");
	free(line);
	assert_int_equal(hosts_line("x\n", 2, &line, NULL), 0);
	assert_null(line);
	assert_int_equal(hosts_put_line(text, strlen(text), "127.0.1.1 n", &put, NULL), 0);
	assert_string_equal(put, "::1 x\n127.0.1.1 n\nlast");
	free(put);
}

/* --- profiles -------------------------------------------------------------- */

static void unbinds(const char *text, const char *want, size_t removed)
{
	char *got = NULL;
	size_t n;

	assert_int_equal(keyfile_unbind(text, strlen(text), &machine, &got, &n, NULL), 0);
	assert_string_equal(got, want);
	assert_int_equal(n, removed);
	free(got);
}

#define HERE  "mac-address=52:54:00:AB:CD:EF\n"
#define AWAY  "mac-address = 00:11:22:33:44:55\n"
#define CLONE "cloned-mac-address=02:11:22:33:44:55\n"

static void test_keyfile(void **state)
{
	(void)state;
	unbinds("[connection]\nid=x\n[ethernet]\n" AWAY CLONE "mtu=1400\n[ipv4]\n",
		"[connection]\nid=x\n[ethernet]\nmtu=1400\n[ipv4]\n", 2);
	unbinds("[wifi]\r\n" HERE CLONE "ssid=a", "[wifi]\r\n" HERE CLONE "ssid=a", 0);
	unbinds("[802-3-ethernet]\n" CLONE, "[802-3-ethernet]\n", 1);
	/* Only there, and only that key, and only addresses. */
	unbinds("[vpn]\n" AWAY "[ethernet]\nmac-address-blacklist=00:11:22:33:44:55\n"
		"cloned-mac-address=random\nmac-address=00:11\n",
		"[vpn]\n" AWAY "[ethernet]\nmac-address-blacklist=00:11:22:33:44:55\n"
		"cloned-mac-address=random\nmac-address=00:11\n",
		0);
	unbinds("", "", 0);
}

static void test_macs(void **state)
{
	size_t absent;

	(void)state;
	assert_int_equal(
		macs_count("# 00:11:22:33:44:55\nATTR{address}==\"52:54:00:12:34:56\" "
			   "00:11:22:33:44:55\n00:11:22:33:44:55:66 x00:11:22:33:44:55",
			   &machine, &absent),
		2);
	assert_int_equal(absent, 1);
	assert_int_equal(macs_count("", &machine, &absent), 0);
}

/* --- swap ------------------------------------------------------------------ */

static bool knows(void *ctx, const char *uuid)
{
	return !strcmp(ctx, uuid);
}

static void mends(const char *text, const char *want, size_t changed)
{
	char *got = NULL, *again = NULL;
	char known[] = "aa-11";
	size_t n;

	assert_int_equal(fstab_swap(text, knows, known, &got, &n, NULL), 0);
	assert_string_equal(got, want);
	assert_int_equal(n, changed);
	assert_int_equal(fstab_swap(got, knows, known, &again, &n, NULL), 0);
	assert_int_equal(n, 0);
	free(got);
	free(again);
}

static void test_fstab(void **state)
{
	char uuid[UUID_MAX];

	(void)state;
	mends("UUID=bb-22 none swap sw 0 0\n", "UUID=bb-22 none swap sw,nofail 0 0\n", 1);
	mends("UUID=\"bb-22\"\tnone swap", "UUID=\"bb-22\"\tnone swap\tsw,nofail", 1);
	mends("UUID=aa-11 none swap sw 0 0\n", "UUID=aa-11 none swap sw 0 0\n", 0);
	mends("UUID=bb-22 none swap sw,noauto\n#UUID=bb-22 none swap sw\n"
	      "UUID=bb-22 / ext4 defaults\n/dev/sda5 none swap sw\nUUID=zz none swap sw\n",
	      "UUID=bb-22 none swap sw,noauto\n#UUID=bb-22 none swap sw\n"
	      "UUID=bb-22 / ext4 defaults\n/dev/sda5 none swap sw\nUUID=zz none swap sw\n",
	      0);
	fstab_root("# UUID=cc /\nUUID=bb /home ext4\n  UUID='aa-11' / ext4 defaults 0 1\n",
		   uuid);
	assert_string_equal(uuid, "aa-11");
	fstab_root("LABEL=root / ext4\n", uuid);
	assert_string_equal(uuid, "");
}

static void test_resume(void **state)
{
	char known[] = "aa-11", *got = NULL;
	size_t n;

	(void)state;
	assert_int_equal(resume_mend("# a\nRESUME=UUID=bb-22\n", knows, known, &got, &n, NULL),
			 0);
	assert_string_equal(got, "# a\nRESUME=none\n");
	assert_int_equal(n, 1);
	free(got);
	assert_int_equal(resume_mend("RESUME=UUID=aa-11", knows, known, &got, &n, NULL), 0);
	assert_string_equal(got, "RESUME=UUID=aa-11");
	assert_int_equal(n, 0);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),          cmocka_unit_test(test_template),
		cmocka_unit_test(test_table),          cmocka_unit_test(test_table_ambiguous),
		cmocka_unit_test(test_table_mistakes), cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_hosts_line),     cmocka_unit_test(test_keyfile),
		cmocka_unit_test(test_macs),           cmocka_unit_test(test_fstab),
		cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
