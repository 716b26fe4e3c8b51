// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of machines that others have written: CSV and ethers(5). */
#include "pxe/import/hostlist.h"

#include "tests/unit/scratch.h"

#include <errno.h>

static struct hostlist_row *rows;
static size_t n_rows;

static int parse(const char *text, struct err *e)
{
	free(rows);
	rows = NULL;
	n_rows = 0;
	return hostlist_parse("list", text, strlen(text), &rows, &n_rows, e);
}

static void good(const char *text, size_t n)
{
	struct err e = { "" };

	if (parse(text, &e))
		fail_msg("%s: %s", text, e.msg);
	assert_int_equal(n_rows, n);
}

static void bad(const char *text, const char *words)
{
	struct err e = { "" };

	assert_int_equal(parse(text, &e), -EINVAL);
	assert_null(rows);
	if (!strstr(e.msg, words))
		fail_msg("\"%s\", not \"%s\"", e.msg, words);
}

static void is(size_t i, const char *mac, const char *name, const char *group, uint32_t addr)
{
	char text[MAC_TEXT_MAX];

	assert_in_range(i, 0, n_rows - 1);
	assert_string_equal(mac_text(&rows[i].host.mac, text), mac);
	assert_string_equal(rows[i].host.name, name);
	assert_string_equal(rows[i].host.group, group);
	assert_int_equal(rows[i].host.addr, addr);
}

static void test_csv(void **state)
{
	(void)state;
	good("mac,name,group,address\n52:54:00:00:00:01,pc01,room1,10.77.0.11\n"
	     "52-54-00-00-00-0A,pc02,,\n",
	     2);
	is(0, "52:54:00:00:00:01", "pc01", "room1", 0x0a4d000b);
	is(1, "52:54:00:00:00:0a", "pc02", "", 0);
	assert_true(rows[0].has_group && rows[0].has_address);
	assert_int_equal(rows[1].line, 3);
}

/* A mark, semicolons, quotes, DOS lines, more columns. */
static void test_csv_of_spreadsheets(void **state)
{
	(void)state;
	good("\xef\xbb\xbf\"Name\";\"Inventory\";\"MAC\"\r\n\r\n# ours\r\n"
	     "\"pc01\" ; \"a;\"\"b\"\"\" ;52:54:00:00:00:01\r\npc02;;52:54:00:00:00:02",
	     2);
	is(0, "52:54:00:00:00:01", "pc01", "", 0);
	is(1, "52:54:00:00:00:02", "pc02", "", 0);
	assert_false(rows[0].has_group || rows[0].has_address);
	good("MAC\tNAME\taddress\n52:54:00:00:00:01\tpc01\t\n", 1);
	good("mac,name\n", 0);
	good("", 0);
	good("\n \n#\n", 0);
}

static void test_csv_refused(void **state)
{
	char many[3000];

	(void)state;
	bad("mac,group\n", "list:1: the first line names no column \"name\"");
	bad("mac,name,MAC\n", "there are 2 columns \"mac\"");
	bad("mac,name\n52:54:00:00:00:01\n", "names 2 columns, but here are fewer");
	bad("mac,name\n52:54:00:00:00:01,a,b\n", "but here are more");
	bad("mac,name\n52:54:00:00:00,a\n", "list:2: \"52:54:00:00:00\" is no MAC");
	bad("mac,name\n01:54:00:00:00:01,a\n", "no card can have that MAC");
	bad("mac,name\n00:00:00:00:00:00,a\n", "no card can have that MAC");
	bad("mac,name\n52:54:00:00:00:01,\n", "\"\" is no name of a machine");
	bad("mac,name\n52:54:00:00:00:01,a.b\n", "\"a.b\" is no name");
	bad("mac,name\n52:54:00:00:00:01,101\n", "not digits alone");
	bad("mac,name\n52:54:00:00:00:01,all\n", "\"all\" means all");
	bad("mac,name,group\n52:54:00:00:00:01,a,all\n", "\"all\" means all");
	bad("mac,name,group\n52:54:00:00:00:01,a,b c\n", "\"b c\" is no name of a group");
	bad("mac,name\n52:54:00:00:00:01,\"a\n", "quotes that do not end");
	bad("mac,name\n52:54:00:00:00:01,\"a\"b\n", "quotes that do not end, or go on");
	bad("mac,name,address\n52:54:00:00:00:01,a,10.0.0.256\n", "is no address");
	bad("mac,name,address\n52:54:00:00:00:01,a,224.0.0.1\n", "no machine can have");
	bad("mac,name,address\n52:54:00:00:00:01,a,0.0.0.1\n", "no machine can have");
	bad("mac,name,address\n52:54:00:00:00:01,a,127.0.0.1\n", "no machine can have");
	bad("mac,name\n52:54:00:00:00:01,a\n52:54:00:00:00:02,b\n52-54-00-00-00-01,c\n",
	    "list:4: 52:54:00:00:00:01 stands in line 2 already");
	snprintf(many, sizeof(many), "mac,name\n52:54:00:00:00:01,%064d\n", 0);
	bad(many, "at most 63 characters");
	snprintf(many, sizeof(many), "mac,name\n52:54:00:00:00:01,%01024d\n", 0);
	bad(many, "list:2: a line of more than 1023 bytes");
}

static void test_ethers(void **state)
{
	(void)state;
	good("# /etc/ethers\n52:54:00:00:00:01 pc01\n8:0:20:1:a:3\tpc02 # the old one\n"
	     "  52-54-00-00-00-04   pc-04  \n",
	     3);
	is(0, "52:54:00:00:00:01", "pc01", "", 0);
	is(1, "08:00:20:01:0a:03", "pc02", "", 0);
	is(2, "52:54:00:00:00:04", "pc-04", "", 0);
	assert_false(rows[0].has_group || rows[0].has_address);
	bad("52:54:00:00:00:01\n", "\"\" is no name");
	bad("52:54:00:00:00:01 a b\n", "more than a MAC and a name");
	bad("52:54:00:00:00:01 10.0.0.1\n", "an address where the machine's name should be");
	bad("8:0:20:1:a: pc\n", "is no MAC");
	bad("52:54:00:00:00:01:8 pc\n", "is no MAC");
	bad("1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5 pc\n", "is no MAC");
	bad("name;mac\"\n", "is no MAC");
}

static void test_no_text(void **state)
{
	static const char text[] = "mac,name\n52:54:00:00:00:01,a\0b\n";
	struct err e = { "" };
	char *large;

	(void)state;
	assert_int_equal(hostlist_parse("list", text, sizeof(text) - 1, &rows, &n_rows, &e),
			 -EINVAL);
	assert_string_equal(e.msg, "list:2: a NUL byte: this is not a text file");
	large = calloc(1, HOSTLIST_FILE_MAX + 1);
	assert_non_null(large);
	assert_int_equal(
		hostlist_parse("list", large, HOSTLIST_FILE_MAX + 1, &rows, &n_rows, &e),
		-EINVAL);
	free(large);
}

static void test_limit(void **state)
{
	size_t room = (size_t)40 * (HOSTLIST_MOST + 2), n = 0;
	char *text = malloc(room);

	(void)state;
	assert_non_null(text);
	n += (size_t)snprintf(text, room, "mac,name\n");
	for (unsigned i = 0; i < HOSTLIST_MOST; i++)
		n += (size_t)snprintf(text + n, room - n, "52:54:00:%02x:%02x:%02x,pc%u\n",
				      i >> 16, i >> 8 & 255, i & 255, i);
	good(text, HOSTLIST_MOST);
	snprintf(text + n, room - n, "52:54:01:00:00:00,one-more\n");
	bad(text, "more than 20000 machines");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),         cmocka_unit_test(test_csv_of_spreadsheets),
		cmocka_unit_test(test_csv_refused), cmocka_unit_test(test_ethers),
		cmocka_unit_test(test_no_text),     cmocka_unit_test(test_limit),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(rows);
	return r;
}
