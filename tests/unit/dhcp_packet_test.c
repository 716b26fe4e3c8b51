// SPDX-License-Identifier: GPL-3.0-or-later
/* DHCP messages: taken apart, put together, and damaged. */
#include "tests/unit/dhcp_place.h"

#define OPTIONS DHCP_HEAD

/* A message without options: the caller adds them at OPTIONS. */
static void blank(uint8_t *buf, size_t n)
{
	struct ask a = { .who = 7, .xid = 0x01020304 };

	memset(buf, 0, n);
	(void)ask_render(&a, buf, n);
	buf[OPTIONS] = 0;
}

static int parse(const uint8_t *buf, size_t n, struct dhcp_packet *ret, const char *says)
{
	uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees each byte too many */
	struct err e = { "" };
	int r;

	assert_non_null(exact);
	memcpy(exact, buf, n);
	r = dhcp_parse(exact, n, ret, &e);
	free(exact);
	if (r) {
		assert_int_equal(r, -EBADMSG);
		if (!says || !strstr(e.msg, says))
			fail_msg("it says \"%s\"", e.msg);
	} else if (says) {
		fail_msg("it was taken, not \"%s\"", says);
	}
	return r;
}

static void test_captured(void **state)
{
	static const uint8_t arch[] = { 0, 0 }, id[] = { 1, 0x52, 0x54, 0, 0x77, 0, 1 };
	struct captured c = captured("ipxe-bios-request");
	struct dhcp_packet p;

	(void)state;
	assert_int_equal(dhcp_parse(c.data, c.len, &p, NULL), 0);
	assert_int_equal(p.op, DHCP_OP_REQUEST);
	assert_int_equal(p.type, DHCP_REQUEST);
	assert_int_equal(p.xid, 0xf704ad1e);
	assert_int_equal(p.secs, 18);
	assert_int_equal(p.flags, 0);
	assert_memory_equal(p.mac.b, id + 1, 6);
	assert_int_equal(dhcp_addr(&p, OPT_REQUESTED_ADDR), NET(199));
	assert_int_equal(dhcp_addr(&p, OPT_SERVER_ID), NET(1));
	assert_int_equal(dhcp_addr(&p, OPT_ARCH), 0); /* two bytes are no address */
	assert_memory_equal(p.options[OPT_ARCH].data, arch, 2);
	assert_int_equal(p.options[OPT_CLIENT_ID].len, 7);
	assert_memory_equal(p.options[OPT_CLIENT_ID].data, id, 7);
	assert_true(dhcp_asks_for(&p, OPT_ROUTER) && dhcp_asks_for(&p, OPT_IPXE));
	assert_false(dhcp_asks_for(&p, OPT_BROADCAST));
	assert_int_equal(p.options[OPT_UUID].len, 17);
	assert_string_equal(p.file, "");

	c = captured("dnsmasq-proxy-offer");
	assert_int_equal(dhcp_parse(c.data, c.len, &p, NULL), 0);
	assert_int_equal(p.op, DHCP_OP_REPLY);
	assert_int_equal(p.type, DHCP_OFFER);
	assert_int_equal(p.flags, DHCP_BROADCAST);
	assert_int_equal(p.options[OPT_VENDOR].len, 27);
}

static void test_head(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *says;
	} wrong[] = {
		{ 0, 0, "neither request nor reply" },
		{ 0, 3, "neither request nor reply" },
		{ 1, 6, "only Ethernet" },
		{ 2, 16, "only Ethernet" },
		{ 2, 0, "only Ethernet" },
		{ 28, 0x53, "no card can have" },
		{ 236, 0, "magic cookie" },
		{ 239, 0, "magic cookie" },
	};
	uint8_t buf[300];
	struct dhcp_packet p;

	(void)state;
	blank(buf, sizeof(buf));
	assert_int_equal(parse(buf, sizeof(buf), &p, NULL), 0);
	assert_int_equal(p.type, 0);
	assert_int_equal(parse(buf, DHCP_HEAD, &p, NULL), 0);
	for (size_t n = 0; n < DHCP_HEAD; n++)
		assert_int_equal(parse(buf, n, &p, "too few"), -EBADMSG);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t old = buf[wrong[i].at];

		buf[wrong[i].at] = wrong[i].value;
		assert_int_equal(parse(buf, sizeof(buf), &p, wrong[i].says), -EBADMSG);
		buf[wrong[i].at] = old;
	}
	memset(buf + 28, 0, 6);
	assert_int_equal(parse(buf, sizeof(buf), &p, "no card can have"), -EBADMSG);
}

static void test_texts(void **state)
{
	uint8_t buf[300];
	struct dhcp_packet p;

	(void)state;
	blank(buf, sizeof(buf));
	memset(buf + 44, 's', 64); /* no NUL at their ends */
	memset(buf + 108, 'f', 128);
	assert_int_equal(parse(buf, sizeof(buf), &p, NULL), 0);
	assert_int_equal(strlen(p.sname), 64);
	assert_int_equal(strlen(p.file), 128);
}

static void test_pieces(void **state)
{
	/* RFC 3396: option 67 in three pieces, with others between; an empty one; padding. */
	static const uint8_t options[] = {
		53,  1,   1,  67, 3,  'a', 'b', 'c', 0,  0, 12,  2,
		'p', 'c', 67, 0,  67, 2,   'd', 'e', 61, 0, 255, 67
	};
	uint8_t buf[400];
	struct dhcp_packet p;

	(void)state;
	blank(buf, sizeof(buf));
	memcpy(buf + OPTIONS, options, sizeof(options));
	assert_int_equal(dhcp_parse(buf, OPTIONS + sizeof(options), &p, NULL), 0);
	assert_int_equal(p.type, DHCP_DISCOVER);
	assert_int_equal(p.options[67].len, 5);
	assert_memory_equal(p.options[67].data, "abcde", 5);
	assert_int_equal(p.options[12].len, 2);
	assert_non_null(p.options[61].data);
	assert_int_equal(p.options[61].len, 0);
	assert_null(p.options[60].data);
}

static void test_overload(void **state)
{
	static const uint8_t in_options[] = { 53, 1, 1, 52, 1, 3, 67, 2, 'a', 'b', 255 };
	static const uint8_t in_file[] = { 67, 2, 'c', 'd', 52, 1, 0, 255 };
	static const uint8_t in_sname[] = { 67, 1, 'e', 12, 1, 'x' };
	uint8_t buf[300];
	struct dhcp_packet p;

	(void)state;
	blank(buf, sizeof(buf));
	memcpy(buf + OPTIONS, in_options, sizeof(in_options));
	memcpy(buf + 108, in_file, sizeof(in_file));
	memcpy(buf + 44, in_sname, sizeof(in_sname));
	assert_int_equal(dhcp_parse(buf, sizeof(buf), &p, NULL), 0);
	assert_int_equal(p.options[67].len, 5);
	assert_memory_equal(p.options[67].data, "abcde", 5); /* options, file, sname */
	assert_memory_equal(p.options[12].data, "x", 1);
	assert_string_equal(p.file, "");
	assert_string_equal(p.sname, "");
	buf[OPTIONS + 5] = 1;
	assert_int_equal(dhcp_parse(buf, sizeof(buf), &p, NULL), 0);
	assert_int_equal(p.options[67].len, 4);
	assert_int_equal(p.sname[0], 67);
	buf[OPTIONS + 5] = 2;
	assert_int_equal(dhcp_parse(buf, sizeof(buf), &p, NULL), 0);
	assert_memory_equal(p.options[67].data, "abe", 3);
	assert_int_equal(p.file[0], 67);
	/* An option that runs over the end of its field is not continued in the next. */
	buf[OPTIONS + 5] = 3;
	buf[44 + 1] = 62;
	assert_int_equal(parse(buf, sizeof(buf), &p, NULL), 0);
	buf[44 + 1] = 63;
	assert_int_equal(parse(buf, sizeof(buf), &p, "runs over the end"), -EBADMSG);
}

static void test_hostile(void **state)
{
	uint8_t buf[4000];
	struct dhcp_packet p;

	(void)state;
	blank(buf, sizeof(buf));
	memcpy(buf + OPTIONS, "\x35\1\1\x0c\x05pc", 7);
	assert_int_equal(parse(buf, OPTIONS + 7, &p, "option 12 runs over the end"), -EBADMSG);
	assert_int_equal(parse(buf, OPTIONS + 4, &p, "option 12 runs over the end"), -EBADMSG);
	assert_int_equal(parse(buf, OPTIONS + 3, &p, NULL), 0); /* no end mark: no harm */
	memcpy(buf + OPTIONS, "\x35\2\1\1\xff", 5);
	assert_int_equal(parse(buf, OPTIONS + 5, &p, "type (option 53) has 2"), -EBADMSG);
	memcpy(buf + OPTIONS, "\x35\0\xff", 3);
	assert_int_equal(parse(buf, OPTIONS + 3, &p, "type (option 53) has 0"), -EBADMSG);
	/* More in pieces than a frame can have. */
	for (size_t at = OPTIONS; at + 257 <= sizeof(buf); at += 257) {
		buf[at] = 67;
		buf[at + 1] = 255;
	}
	assert_int_equal(parse(buf, OPTIONS + 5 * 257, &p, NULL), 0);
	assert_int_equal(p.options[67].len, 5 * 255);
	assert_int_equal(parse(buf, OPTIONS + 6 * 257, &p, "too many pieces"), -EBADMSG);
}

static void begin(struct dhcp_reply *r, uint8_t *buf, const struct dhcp_packet *to,
		  enum dhcp_type type, const char *file)
{
	struct dhcp_answer a = { type, NET(5), NET(1), file };

	dhcp_begin(r, buf, DATAGRAM_MAX, to, &a);
}

static void test_render(void **state)
{
	static const uint8_t relay[] = { 82, 4, 1, 2, 9, 9 };
	struct ask q = { .type = DHCP_DISCOVER,
			 .who = 7,
			 .xid = 0xaabbccdd,
			 .flags = 0x8000,
			 .ciaddr = NET(9),
			 .giaddr = NET(3),
			 .more = relay,
			 .n_more = 6 };
	uint8_t in[400], out[DATAGRAM_MAX], text[600];
	struct dhcp_packet to, p;
	struct dhcp_reply r;
	struct err e = { "" };
	size_t n;

	(void)state;
	assert_int_equal(dhcp_parse(in, ask_render(&q, in, sizeof(in)), &to, NULL), 0);
	begin(&r, out, &to, DHCP_OFFER, "lpxelinux.0");
	dhcp_add_u32(&r, OPT_MASK, 0xffffff00);
	dhcp_add_text(&r, OPT_DOMAIN, "lab");
	assert_int_equal(dhcp_end(&r, &n, &e), 0);
	assert_int_equal(n, 300);
	assert_int_equal(dhcp_parse(out, n, &p, &e), 0);
	assert_int_equal(p.op, DHCP_OP_REPLY);
	assert_int_equal(p.xid, 0xaabbccdd);
	assert_int_equal(p.flags, 0x8000);
	assert_int_equal(p.ciaddr, 0);
	assert_int_equal(p.yiaddr, NET(5));
	assert_int_equal(p.siaddr, NET(1));
	assert_int_equal(p.giaddr, NET(3));
	assert_true(mac_equal(&p.mac, &to.mac));
	assert_string_equal(p.file, "lpxelinux.0");
	assert_int_equal(dhcp_addr(&p, OPT_MASK), 0xffffff00);
	assert_memory_equal(p.options[OPT_DOMAIN].data, "lab", 3);
	assert_memory_equal(p.options[OPT_RELAY].data, relay + 2, 4);
	/* The type is first, what the relay added last. */
	assert_memory_equal(out + OPTIONS, "\x35\1\2", 3);
	assert_ptr_equal(p.options[OPT_RELAY].data + 4, out + OPTIONS + 3 + 6 + 5 + 6);
	assert_int_equal(out[OPTIONS + 20], 255);
	/* A long option comes in pieces, a long file name not at all. */
	memset(text, 'x', sizeof(text));
	text[128] = '\0';
	to.options[OPT_MAX_SIZE] = (struct dhcp_value){ (const uint8_t *)"\5\xdc", 2 };
	begin(&r, out, &to, DHCP_ACK, (char *)text);
	text[128] = 'x';
	dhcp_add(&r, OPT_BOOTFILE, text, 600);
	assert_int_equal(dhcp_end(&r, &n, &e), 0);
	assert_int_equal(dhcp_parse(out, n, &p, &e), 0);
	assert_string_equal(p.file, "");
	assert_int_equal(p.options[OPT_BOOTFILE].len, 600);
	assert_memory_equal(p.options[OPT_BOOTFILE].data, text, 600);
	assert_int_equal(p.ciaddr, NET(9));
}

static void test_limit(void **state)
{
	static const struct {
		uint16_t option;
		size_t limit;
	} limits[] = { { 0, 548 },   { 100, 548 },   { 576, 548 },
		       { 700, 672 }, { 1472, 1444 }, { 65280, 1472 } };
	uint8_t in[400], out[DATAGRAM_MAX], text[1500] = { 0 };
	struct dhcp_packet to, p;
	struct dhcp_reply r;
	struct err e = { "" };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint8_t size[] = { 57, 2, (uint8_t)(limits[i].option >> 8),
				   (uint8_t)limits[i].option };
		struct ask q = { .type = DHCP_DISCOVER,
				 .more = size,
				 .n_more = limits[i].option ? 4 : 0 };
		/* Type 3 bytes, end 1, and 2 for each 255 bytes. */
		size_t room = limits[i].limit - DHCP_HEAD - 4;
		size_t most = room - 2 * ((room + 256) / 257);

		assert_int_equal(dhcp_parse(in, ask_render(&q, in, sizeof(in)), &to, &e), 0);
		begin(&r, out, &to, DHCP_ACK, NULL);
		dhcp_add_spare(&r, OPT_BOOTFILE, text, most + 1);
		dhcp_add(&r, OPT_BOOTFILE, text, most);
		dhcp_add_spare(&r, OPT_DOMAIN, "", 0);
		assert_int_equal(dhcp_end(&r, &n, &e), 0);
		assert_int_equal(n, limits[i].limit);
		assert_int_equal(dhcp_parse(out, n, &p, &e), 0);
		assert_int_equal(p.options[OPT_BOOTFILE].len, most);
		assert_null(p.options[OPT_DOMAIN].data);
		begin(&r, out, &to, DHCP_ACK, NULL);
		dhcp_add(&r, OPT_BOOTFILE, text, most + 1);
		assert_int_equal(dhcp_end(&r, &n, &e), -EMSGSIZE);
	}
}

/* 15000 captured packets with something wrong: no crash, and what is taken is bounded. */
static void test_damaged(void **state)
{
	static const char *const names[] = { "ipxe-bios-discover", "ovmf-request",
					     "dnsmasq-proxy-offer" };
	uint64_t random = 1;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct captured c = captured(names[i]);

		for (unsigned k = 0; k < 5000; k++) {
			uint8_t *exact = malloc(c.len);
			struct dhcp_packet p;
			size_t n;

			assert_non_null(exact);
			memcpy(exact, c.data, c.len);
			for (unsigned j = 0; j < 1 + k % 8; j++) {
				random = random * UINT64_C(6364136223846793005) + 1442695;
				n = (random >> 33) % (c.len - 236);
				exact[236 + n] = (uint8_t)(random >> 24);
			}
			n = c.len - (random >> 40) % 40;
			if (!dhcp_parse(exact, n, &p, NULL)) {
				taken++;
				assert_in_range(p.n_joined, 0, sizeof(p.joined));
				for (unsigned o = 0; o < 256; o++)
					assert_in_range(p.options[o].len, 0, n);
			}
			free(exact);
		}
	}
	assert_in_range(taken, 1000, 14000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured), cmocka_unit_test(test_head),
		cmocka_unit_test(test_texts),    cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_overload), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_render),   cmocka_unit_test(test_limit),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
