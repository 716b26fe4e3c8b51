// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernel's list of interfaces, and renaming; in a network namespace of the test's own. */
#include "tests/unit/scratch.h"

#include "netconf/hardware/rtnl.h"
#include "netconf/hardware/rtnl_parse.h"
#include "tests/unit/rtnl_message.h"

#include <errno.h>
#include <net/if.h>

static const uint8_t perm[6] = { 0x00, 0x1e, 0x67, 0xaa, 0x00, 0x01 };

static void two_links(struct message *m)
{
	message_link(m, 7, 2, IFF_UP, "eth0", perm);
	message_link(m, 7, 3, 0, "a-name-of-15-ch", NULL);
	message_end(m, NLMSG_DONE, 7, 0);
}

static void links_are_read(void **state)
{
	struct rtnl_reply reply = { .seq = 7 };
	struct message m = { .len = 0 };

	(void)state;
	two_links(&m);
	assert_int_equal(rtnl_parse(&reply, m.b, m.len, NULL), 0);
	assert_true(reply.done);
	assert_false(reply.interrupted);
	assert_int_equal(reply.code, 0);
	assert_int_equal(reply.n, 2);
	assert_int_equal(reply.v[0].ifindex, 2);
	assert_string_equal(reply.v[0].name, "eth0");
	assert_int_equal(reply.v[0].flags, IFF_UP);
	assert_true(reply.v[0].has_perm);
	assert_memory_equal(reply.v[0].perm.b, perm, 6);
	assert_string_equal(reply.v[1].name, "a-name-of-15-ch");
	assert_int_equal(reply.v[1].flags, 0);
	assert_false(reply.v[1].has_perm);
	free(reply.v);
}

static void other_requests_are_passed_over(void **state)
{
	struct rtnl_reply reply = { .seq = 8 };
	struct message m = { .len = 0 };

	(void)state;
	two_links(&m);
	message_link(&m, 8, 9, 0, "eth9", NULL);
	message_open(&m, RTM_NEWADDR, 0, 8);
	message_close(&m);
	assert_int_equal(rtnl_parse(&reply, m.b, m.len, NULL), 0);
	assert_false(reply.done);
	assert_int_equal(reply.n, 1);
	assert_int_equal(reply.v[0].ifindex, 9);
	free(reply.v);
}

static void an_error_ends_it(void **state)
{
	struct rtnl_reply reply = { .seq = 7 };
	struct message m = { .len = 0 };

	(void)state;
	message_end(&m, NLMSG_ERROR, 7, -EBUSY);
	message_link(&m, 7, 2, 0, "eth0", NULL);
	assert_int_equal(rtnl_parse(&reply, m.b, m.len, NULL), 0);
	assert_true(reply.done);
	assert_int_equal(reply.code, -EBUSY);
	assert_int_equal(reply.n, 0);
	free(reply.v);
}

static void a_change_meanwhile_is_seen(void **state)
{
	struct rtnl_reply reply = { .seq = 7 };
	struct message m = { .len = 0 };

	(void)state;
	message_open(&m, NLMSG_DONE, NLM_F_DUMP_INTR, 7);
	message_bytes(&m, &(int){ 0 }, sizeof(int));
	message_close(&m);
	assert_int_equal(rtnl_parse(&reply, m.b, m.len, NULL), 0);
	assert_true(reply.done && reply.interrupted);
	free(reply.v);
}

static int parse_of(const struct message *m)
{
	struct rtnl_reply reply = { .seq = 7 };
	struct err e = { "" };
	uint8_t *copy = malloc(m->len ? m->len : 1); /* so that each byte too many is seen */
	int r;

	assert_non_null(copy);
	memcpy(copy, m->b, m->len);
	r = rtnl_parse(&reply, copy, m->len, &e);
	assert_true(!r || e.msg[0]);
	free(reply.v);
	free(copy);
	return r;
}

static void every_cut_is_refused(void **state)
{
	struct message whole = { .len = 0 }, m;
	size_t ends[3], n = 0;

	(void)state;
	message_link(&whole, 7, 2, IFF_UP, "eth0", perm);
	ends[n++] = whole.len;
	message_link(&whole, 7, 3, 0, "eth1234", NULL);
	ends[n++] = whole.len;
	message_end(&whole, NLMSG_DONE, 7, 0);
	ends[n++] = whole.len;
	for (m = whole; m.len > 0; m.len--) {
		bool between = m.len == ends[0] || m.len == ends[1] || m.len == ends[2];

		assert_int_equal(parse_of(&m), between ? 0 : -EBADMSG);
	}
}

static struct message one_link(int ifindex, const char *name)
{
	struct message m = { .len = 0 };

	message_link(&m, 7, ifindex, 0, name, perm);
	return m;
}

static void wrong_fields_are_refused(void **state)
{
	struct message m = one_link(2, "eth0");
	const size_t attribute = sizeof(struct nlmsghdr) + sizeof(struct ifinfomsg);
	uint16_t len;

	(void)state;
	assert_int_equal(parse_of(&m), 0);
	m.b[0] = 15; /* the message's length: less than its header */
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = one_link(2, "eth0");
	for (len = 0; len < 4; len++) { /* an attribute's, too; 0 must not loop for ever */
		memcpy(m.b + attribute, &len, 2);
		assert_int_equal(parse_of(&m), -EBADMSG);
	}
	len = 0xffff;
	memcpy(m.b + attribute, &len, 2);
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = one_link(0, "eth0");
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = one_link(-1, "eth0");
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = one_link(2, ""); /* no name, or one that cannot be */
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = one_link(2, "a-name-of-16-chr");
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = (struct message){ .len = 0 };
	message_end(&m, NLMSG_DONE, 7, 1);
	assert_int_equal(parse_of(&m), -EBADMSG);
	m = (struct message){ .len = 0 };
	message_end(&m, NLMSG_ERROR, 7, INT32_MIN);
	assert_int_equal(parse_of(&m), -EBADMSG);
}

static void a_permanent_address_must_be_one(void **state)
{
	static const uint8_t bad[][6] = { { 0 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rtnl_reply reply = { .seq = 7 };
		struct message m = { .len = 0 };

		message_link(&m, 7, 2, 0, "eth0", bad[i]);
		assert_int_equal(rtnl_parse(&reply, m.b, m.len, NULL), 0);
		assert_int_equal(reply.n, 1);
		assert_false(reply.v[0].has_perm);
		free(reply.v);
	}
}

/* ---- the kernel itself ------------------------------------------------- */

#define need_namespace()                                                                       \
	do {                                                                                   \
		scratch_need_root();                                                           \
		if (unshare(CLONE_NEWNET)) {                                                   \
			print_message("needs network namespaces\n");                           \
			skip();                                                                \
		}                                                                              \
	} while (0)

/* The interface called @name; all zero when there is none. */
static struct rtnl_link find(struct rtnl *r, const char *name)
{
	struct rtnl_link *v = NULL, found = { 0 };
	struct err e = { "" };
	size_t n = 0;

	assert_int_equal(rtnl_links(r, &v, &n, &e), 0);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name))
			found = v[i];
	free(v);
	return found;
}

static void the_kernel_renames(void **state)
{
	struct err e = { "" };
	struct rtnl *r = NULL;
	struct rtnl_link a, b;

	(void)state;
	need_namespace();
	assert_int_equal(scratch_run("ip link add eth0 type veth peer name eth1"), 0);
	assert_int_equal(rtnl_open(&r, &e), 0);
	a = find(r, "eth0");
	b = find(r, "eth1");
	assert_int_equal(find(r, "lo").ifindex, 1);
	assert_int_equal(a.ifindex, if_nametoindex("eth0"));
	assert_int_equal(b.ifindex, if_nametoindex("eth1"));
	assert_false(a.flags & IFF_UP);

	/* A swap by way of a third name, as the rules do it. */
	assert_int_equal(rtnl_rename(r, a.ifindex, "nc-eth1", &e), 0);
	assert_int_equal(rtnl_rename(r, b.ifindex, "a-name-of-15-ch", &e), 0);
	assert_int_equal(rtnl_rename(r, b.ifindex, "eth0", &e), 0);
	assert_int_equal(rtnl_rename(r, a.ifindex, "eth1", &e), 0);
	assert_int_equal(find(r, "eth1").ifindex, a.ifindex);
	assert_int_equal(find(r, "eth0").ifindex, b.ifindex);
	rtnl_close(r);
}

static void the_kernel_refuses(void **state)
{
	struct err e = { "" };
	struct rtnl *r = NULL;
	struct rtnl_link a;

	(void)state;
	need_namespace();
	assert_int_equal(scratch_run("ip link add eth0 type veth peer name eth1"), 0);
	assert_int_equal(rtnl_open(&r, &e), 0);
	a = find(r, "eth0");
	assert_int_equal(rtnl_rename(r, a.ifindex, "eth1", &e), -EEXIST);
	assert_non_null(strstr(e.msg, "cannot become eth1: another one has that name"));
	assert_int_equal(rtnl_rename(r, a.ifindex, "lo", &e), -EEXIST);
	assert_int_equal(rtnl_rename(r, a.ifindex, "a-name-of-16-chr", &e), -EINVAL);
	assert_int_equal(rtnl_rename(r, a.ifindex, "", &e), -EINVAL);
	assert_int_equal(rtnl_rename(r, a.ifindex, "et/0", &e), -EINVAL);
	assert_int_equal(rtnl_rename(r, 4000, "eth7", &e), -ENODEV);
	assert_non_null(strstr(e.msg, "interface 4000 cannot become eth7: it is gone"));
	assert_int_equal(rtnl_rename(r, 0, "eth7", &e), -EINVAL);
	assert_int_equal(rtnl_rename(r, -3, "eth7", &e), -EINVAL);
	assert_int_equal(find(r, "eth0").ifindex, a.ifindex);

	assert_int_equal(scratch_run("ip link set eth0 up"), 0);
	assert_true(find(r, "eth0").flags & IFF_UP);
	rtnl_close(r);
}

/* More than one datagram of them. */
static void a_long_list_is_whole(void **state)
{
	struct rtnl_link *v = NULL;
	struct err e = { "" };
	struct rtnl *r = NULL;
	size_t n = 0;

	(void)state;
	need_namespace();
	assert_int_equal(scratch_run("for i in $(seq 150); do "
				     "echo link add a$i type veth peer name b$i; done | "
				     "ip -b -"),
			 0);
	assert_int_equal(rtnl_open(&r, &e), 0);
	assert_int_equal(rtnl_links(r, &v, &n, &e), 0);
	assert_true(n >= 301);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].ifindex, if_nametoindex(v[i].name));
	free(v);
	rtnl_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_read),
		cmocka_unit_test(other_requests_are_passed_over),
		cmocka_unit_test(an_error_ends_it),
		cmocka_unit_test(a_change_meanwhile_is_seen),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(wrong_fields_are_refused),
		cmocka_unit_test(a_permanent_address_must_be_one),
		cmocka_unit_test(the_kernel_renames),
		cmocka_unit_test(the_kernel_refuses),
		cmocka_unit_test(a_long_list_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
