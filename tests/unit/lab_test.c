// SPDX-License-Identifier: GPL-3.0-or-later
/* lab.conf, its mistakes, and what is found on the machine without it. */
#include "pxe/config/interfaces.h"
#include "pxe/config/lab.h"
#include "tests/unit/scratch.h"

#include <errno.h>

static int parse(const char *text, struct lab *l, struct err *e)
{
	e->msg[0] = '\0';
	return lab_parse("lab.conf", text, strlen(text), l, e);
}

static void test_everything(void **state)
{
	struct err e;
	struct lab l;

	(void)state;
	assert_int_equal(parse("[lab]\ninterface = eth0\nimages = /i\nboot = /b\nstate = /s\n"
			       "user = me\n[dhcp]\nmode = proxy\n"
			       "range = 10.1.2.3 - 10.1.2.9\nlease = 20m\nrouter = 10.1.2.1\n"
			       "dns = 10.1.2.1, 9.9.9.9\ndomain = lab\nprobe = no\n"
			       "known-hosts = only\n[tftp]\nenabled = no\nblock-max = 1024\n"
			       "transfers-max = 7\nper-client-max = 2\n[http]\nport = 8080\n"
			       "admin = 10.0.0.0/8 127.0.0.1\nquota = 2G\n[jobs]\n"
			       "lost-after = 90\nkernel-options = quiet net.ifnames=0\n",
			       &l, &e),
			 0);
	assert_string_equal(l.interface, "eth0");
	assert_string_equal(l.images, "/i");
	assert_string_equal(l.user, "me");
	assert_int_equal(l.dhcp, DHCP_PROXY);
	assert_int_equal(l.first, 0x0a010203);
	assert_int_equal(l.last, 0x0a010209);
	assert_int_equal(l.lease, 1200);
	assert_int_equal(l.router, 0x0a010201);
	assert_int_equal(l.n_dns, 2);
	assert_int_equal(l.dns[1], 0x09090909);
	assert_false(l.probe);
	assert_true(l.known_hosts_only);
	assert_false(l.tftp);
	assert_int_equal(l.block_max, 1024);
	assert_int_equal(l.http_port, 8080);
	assert_int_equal(l.n_admin, 2);
	assert_int_equal(l.admin[0].prefix, 8);
	assert_int_equal(l.admin[1].prefix, 32);
	assert_true(l.quota == UINT64_C(2) << 30);
	assert_int_equal(l.lost_after, 90);
	assert_string_equal(l.kernel_options, "quiet net.ifnames=0");
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "[lab]\nimages = srv\n", "lab.conf:2:10: a folder is written from /" },
		{ "[lab]\nimage = /srv\n", "lab.conf:2:9: [lab] has no \"image\"; it has "
					   "interface, images, boot, state, user" },
		{ "[labs]\n", "lab.conf:1:2: there is no section [labs]; there are lab, dhcp, "
			      "tftp, http, jobs" },
		{ "[dhcp]\nmode = both\n", "lab.conf:2:8: \"both\" is not one of" },
		{ "[dhcp]\nrange = 10.0.0.9\n", "lab.conf:2:9: a range is FIRST-LAST" },
		{ "[dhcp]\nrange = 10.0.0.9-10.0.0.1\n", "the first address stands behind" },
		{ "[dhcp]\nrange = 10.0.0.0-10.9.0.0\n", "at most 65536" },
		{ "[dhcp]\nrange = 10.0.0.900-10.9.0.0\n", "lab.conf:2:9: " },
		{ "[dhcp]\nlease = 0\n", "one second to 30 days" },
		{ "[dhcp]\nlease = 31d\n", "one second to 30 days" },
		{ "[dhcp]\nlease = 1w\n", "\"1w\" is no time" },
		{ "[dhcp]\nlease = 99999999999999\n", "is no time" },
		{ "[dhcp]\nlease = 1h\nlease = 2h\n", "lab.conf:3:9: lease is given twice" },
		{ "[dhcp]\ndns = 1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4\n", "at most 3" },
		{ "[dhcp]\nknown-hosts = yes\n", "neither only nor all" },
		{ "[dhcp]\nprobe = 1\n", "neither yes nor no" },
		{ "[tftp]\nblock-max = 9000\n", "out of range: 512 to 1468" },
		{ "[jobs]\nkernel-options = a b;c\n", "lab.conf:2:21: ';' cannot be passed" },
		{ "[http]\nport = 0\n", "out of range: 1 to 65535" },
		{ "[http]\nadmin = 10.0.0.0/33\n", "out of range: 0 to 32" },
		{ "[http]\nquota = lots\n", "not a size" },
		{ "[lab]\ninterface = a-name-that-is-far-too-long\n", "at most 15 characters" },
	};
	struct err e;
	struct lab l;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i].text, &l, &e), -EINVAL);
		if (!strstr(e.msg, cases[i].error))
			fail_msg("\"%s\" should say \"%s\"", e.msg, cases[i].error);
	}
}

static void test_no_file(void **state)
{
	struct err e = { "" };
	bool found = true;
	struct lab l;

	(void)state;
	assert_int_equal(lab_read("/nonexistent/lab.conf", &l, &found, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/nonexistent/lab.conf"));
	lab_defaults(&l);
	assert_string_equal(l.images, "/srv/slate/images");
	assert_int_equal(l.dhcp, DHCP_AUTO);
}

/* In a network of its own: which interface is the lab's. */
static void test_resolve(void **state)
{
	struct err e = { "" };
	struct lab l;

	(void)state;
	scratch_need_root();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	lab_defaults(&l);
	assert_int_equal(lab_resolve(&l, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "no interface has a private static address"));

	assert_int_equal(
		scratch_run("ip link add lab0 type veth peer name lab1; ip link set lab0 up;"
			    "ip addr add 192.168.67.1/24 dev lab0"),
		0);
	assert_int_equal(lab_resolve(&l, &e), 0);
	assert_string_equal(l.interface, "lab0");
	assert_int_equal(l.address.addr, 0xc0a84301);
	assert_int_equal(l.address.prefix, 24);
	assert_int_equal(l.first, 0xc0a84380);
	assert_int_equal(l.last, 0xc0a843fe);

	/* A leased address is no candidate, a public one neither, a second private one is. */
	assert_int_equal(
		scratch_run("ip link add up0 type veth peer name up1; ip link set up0 up;"
			    "ip addr add 10.9.9.9/24 dev up0 valid_lft 600 "
			    "preferred_lft 600; ip addr add 198.51.100.4/24 dev up0"),
		0);
	lab_defaults(&l);
	assert_int_equal(lab_resolve(&l, &e), 0);
	assert_string_equal(l.interface, "lab0");
	assert_int_equal(scratch_run("ip addr add 172.16.4.1/28 dev up0"), 0);
	lab_defaults(&l);
	assert_int_equal(lab_resolve(&l, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "several interfaces"));
	assert_non_null(strstr(e.msg, "up0 172.16.4.1/28"));
	assert_non_null(strstr(e.msg, "10.9.9.9/24 (leased)"));

	/* A range that cannot be. */
	snprintf(l.interface, sizeof(l.interface), "lab0");
	l.first = 0xc0a84301;
	l.last = 0xc0a84380;
	assert_int_equal(lab_resolve(&l, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "own address 192.168.67.1 is in the range"));
	l.first = 0xc0a84380;
	l.last = 0xc0a843ff;
	assert_int_equal(lab_resolve(&l, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "which no machine can have"));
	l.last = 0xc0a84401;
	assert_int_equal(lab_resolve(&l, &e), -ECANCELED);
	assert_non_null(strstr(e.msg, "is not in the network"));
	l.last = 0xc0a84390;
	assert_int_equal(lab_resolve(&l, &e), 0);
}

/* Answers that no kernel gives: nothing is read outside them. */
static void test_hostile(void **state)
{
	struct interfaces list = { NULL, 0 };
	uint8_t data[64];
	bool done;
	int r;

	(void)state;
	for (unsigned seed = 0; seed < 4096; seed++) {
		size_t len = seed % sizeof(data);

		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (uint8_t)((seed * 31 + i * 7) >> (i % 5) & 0x3f);
		data[4] = 20; /* RTM_NEWADDR */
		data[5] = 0;
		r = interfaces_parse(data, len, &list, &done, NULL);
		assert_true(r == 0 || r == -EIO);
	}
	free(list.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything), cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_no_file),    cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
