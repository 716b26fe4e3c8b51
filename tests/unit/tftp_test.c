// SPDX-License-Identifier: GPL-3.0-or-later
/* TFTP: requests as real clients send them, and transfers over networks that lose and double.
 */
#include "pxe/tftp/tftp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define QUEUE 256

/* What the server has sent and the client has not taken yet. */
struct line {
	uint8_t data[QUEUE][1472];
	size_t len[QUEUE];
	unsigned n;
	bool closed;
	uint64_t size;
	size_t hidden; /* bytes that the file has lost meanwhile */
};

static uint8_t byte_at(uint64_t off)
{
	return (uint8_t)(off * 167 >> 3 ^ off);
}

static ssize_t read_pattern(void *ctx, uint64_t off, void *buf, size_t n)
{
	struct line *l = ctx;
	uint64_t size = l->size - l->hidden;

	if (off >= size)
		return 0;
	if (n > size - off)
		n = size - off;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = byte_at(off + i);
	return (ssize_t)n;
}

static void close_pattern(void *ctx)
{
	struct line *l = ctx;

	assert_false(l->closed);
	l->closed = true;
}

static void take(void *ctx, const uint8_t *data, size_t len)
{
	struct line *l = ctx;

	assert_true(len <= sizeof(l->data[0]) && l->n < QUEUE);
	memcpy(l->data[l->n], data, len);
	l->len[l->n++] = len;
}

static const struct tftp_limits limits = { .block_max = 1468, .window_max = 64, .retries = 5 };

static struct tftp *start_patient(struct line *l, const struct tftp_request *q,
				  unsigned retries)
{
	struct tftp_limits patient = limits;
	struct tftp_file file = { l, l->size, read_pattern, close_pattern };
	struct tftp *t = NULL;

	l->n = 0;
	l->closed = false;
	patient.retries = retries;
	assert_int_equal(tftp_start(q, &file, &patient, 0, take, l, &t, NULL), 0);
	return t;
}

static struct tftp *start(struct line *l, const struct tftp_request *q)
{
	return start_patient(l, q, limits.retries);
}

static int parse(const char *data, size_t len, struct tftp_request *q, struct err *e)
{
	int code = -1;

	return tftp_parse_request((const uint8_t *)data, len, q, &code, e);
}

#define PARSE(text, q, e) parse(text, sizeof(text), q, e)

static enum tftp_end ack(struct tftp *t, uint64_t block, int64_t now)
{
	uint8_t packet[4] = { 0, 4, (uint8_t)(block >> 8), (uint8_t)block };

	return tftp_take(t, packet, 4, now);
}

/* ---- requests ------------------------------------------------------------- */

static void test_requests(void **state)
{
	struct tftp_request q;
	struct err e = { "" };

	(void)state;
	/* OVMF asks for the size, iPXE, GRUB, Windows-minded firmware. */
	assert_int_equal(PARSE("\0\1shimx64.efi\0octet\0tsize\0"
			       "0\0blksize\0"
			       "1468\0windowsize\0"
			       "4",
			       &q, &e),
			 0);
	assert_string_equal(q.name, "shimx64.efi");
	assert_true(q.has_tsize && q.has_blksize && q.has_windowsize && !q.has_timeout);
	assert_int_equal(q.blksize, 1468);
	assert_int_equal(q.windowsize, 4);
	assert_int_equal(PARSE("\0\1/grub//grub.cfg\0octet\0BLKSIZE\0"
			       "1024",
			       &q, &e),
			 0);
	assert_string_equal(q.name, "grub/grub.cfg");
	assert_int_equal(q.blksize, 1024);
	assert_int_equal(PARSE("\0\1\\boot\\x64\\wdsmgfw.efi\xff\0netascii", &q, &e), 0);
	assert_string_equal(q.name, "boot/x64/wdsmgfw.efi");
	assert_true(q.netascii);
	/* Options that make no sense are as if they were not there. */
	assert_int_equal(PARSE("\0\1a\0octet\0blksize\0"
			       "4\0timeout\0"
			       "999\0windowsize\0zero\0other\0"
			       "1",
			       &q, &e),
			 0);
	assert_true(!q.has_blksize && !q.has_timeout && !q.has_windowsize && !q.has_tsize);
	assert_int_equal(q.blksize, 512);
	assert_int_equal(q.windowsize, 1);
}

static void test_bad_requests(void **state)
{
	char long_name[400] = "\0\1";
	struct tftp_request q;
	struct err e = { "" };

	(void)state;
	assert_int_equal(PARSE("\0\2upload\0octet", &q, &e), -EPROTO);
	assert_string_equal(e.msg, "this server takes no files");
	assert_int_equal(PARSE("\0\1x\0mail", &q, &e), -EPROTO);
	assert_int_equal(PARSE("\0\1a\nb\0octet", &q, &e), -EPROTO);
	assert_int_equal(PARSE("\0\1//\0octet", &q, &e), -EPROTO);
	memset(long_name + 2, 'a', 300);
	memcpy(long_name + 302, "\0octet", 7);
	assert_int_equal(parse(long_name, 309, &q, &e), -EPROTO);
	assert_int_equal(parse("\0\1abc", 5, &q, &e), -EBADMSG);
	assert_int_equal(parse("\0\1abc\0octet", 11, &q, &e), -EBADMSG);
	assert_int_equal(PARSE("\0\4\0", &q, &e), -EBADMSG);
	assert_int_equal(parse("", 0, &q, &e), -EBADMSG);
}

/* ---- transfers ------------------------------------------------------------ */

static void test_oack(void **state)
{
	struct tftp_request q = { "a", true, true, true, true, 9000, 3, 100, false };
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;

	(void)state;
	l->size = UINT64_C(5) << 32;
	t = start(l, &q);
	assert_int_equal(l->n, 1);
	assert_int_equal(l->len[0], sizeof("\0\6blksize\0"
					   "1468\0tsize\0"
					   "21474836480\0timeout\0"
					   "3\0windowsize\0"
					   "64"));
	assert_memory_equal(l->data[0],
			    "\0\6blksize\0"
			    "1468\0tsize\0"
			    "21474836480\0timeout\0"
			    "3\0windowsize\0"
			    "64",
			    l->len[0]);
	assert_int_equal(tftp_deadline(t), 3000);
	/* The client only wanted the size: UEFI does this each time. */
	assert_int_equal(tftp_take(t, (const uint8_t *)"\0\5\0\10User aborted", 17, 1),
			 TFTP_ABORTED);
	tftp_free(t);
	assert_true(l->closed);
	free(l);
}

static void test_sizes(void **state)
{
	/* A whole number of blocks ends with an empty one. */
	static const uint64_t sizes[] = { 0, 1, 511, 512, 513, 1024 };
	struct tftp_request q = { .name = "a", .blksize = 512, .windowsize = 1 };
	struct line *l = calloc(1, sizeof(*l));

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t got = 0, block = 0;
		enum tftp_end end = TFTP_RUNS;
		struct tftp *t;

		l->size = sizes[i];
		t = start(l, &q);
		while (end == TFTP_RUNS) {
			assert_int_equal(l->n, 1);
			got += l->len[0] - 4;
			l->n = 0;
			end = ack(t, ++block, 0);
		}
		assert_int_equal(end, TFTP_DONE);
		assert_int_equal(got, sizes[i]);
		assert_int_equal(block, sizes[i] / 512 + 1);
		assert_int_equal(tftp_sent(t), sizes[i]);
		tftp_free(t);
	}
	free(l);
}

/* In lock-step a doubled acknowledgement sends nothing. */
static void test_apprentice(void **state)
{
	struct tftp_request q = { .name = "a", .blksize = 512, .windowsize = 1 };
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;

	(void)state;
	l->size = 100000;
	t = start(l, &q);
	for (unsigned block = 1; block < 50; block++) {
		l->n = 0;
		for (int copies = 0; copies < 5; copies++)
			assert_int_equal(ack(t, block, 0), TFTP_RUNS);
		assert_int_equal(ack(t, block - 1, 0), TFTP_RUNS);
		assert_int_equal(l->n, 1);
	}
	tftp_free(t);
	free(l);
}

/* A window of which the client missed the begin comes again, but only once. */
static void test_window_again(void **state)
{
	struct tftp_request q = {
		.name = "a", .has_windowsize = true, .blksize = 512, .windowsize = 8
	};
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;

	(void)state;
	l->size = 100000;
	t = start(l, &q);
	l->n = 0;
	assert_int_equal(ack(t, 0, 0), TFTP_RUNS); /* of the OACK */
	assert_int_equal(l->n, 8);
	l->n = 0;
	assert_int_equal(ack(t, 3, 0), TFTP_RUNS); /* it missed 4: all from there */
	assert_int_equal(l->n, 8);
	assert_int_equal(l->data[0][3], 4);
	l->n = 0;
	assert_int_equal(ack(t, 3, 0), TFTP_RUNS); /* it missed 4 again */
	assert_int_equal(l->n, 8);
	assert_int_equal(ack(t, 3, 0), TFTP_RUNS);
	assert_int_equal(ack(t, 2, 0), TFTP_RUNS);
	assert_int_equal(ack(t, 12, 0), TFTP_RUNS); /* more than was sent */
	assert_int_equal(l->n, 8);
	tftp_free(t);
	free(l);
}

static void test_silence(void **state)
{
	struct tftp_request q = { .name = "a", .blksize = 512, .windowsize = 1 };
	struct line *l = calloc(1, sizeof(*l));
	enum tftp_end end = TFTP_RUNS;
	int64_t now = 0;
	struct tftp *t;

	(void)state;
	l->size = 100;
	t = start(l, &q);
	assert_int_equal(tftp_tick(t, tftp_deadline(t) - 1), TFTP_RUNS);
	assert_int_equal(l->n, 1);
	while (end == TFTP_RUNS) {
		assert_true(tftp_deadline(t) > now);
		now = tftp_deadline(t);
		end = tftp_tick(t, now);
	}
	assert_int_equal(end, TFTP_FAILED);
	assert_int_equal(l->n, 1 + 5 + 1); /* the block six times, and a last word */
	assert_int_equal(l->data[6][1], 5);
	assert_string_equal(tftp_reason(t), "the client does not answer any more");
	assert_true(now <= 60000);
	tftp_free(t);
	free(l);
}

/* The file is cut while it is sent: the client must not take that for its end. */
static void test_cut_file(void **state)
{
	struct tftp_request q = { .name = "a", .blksize = 512, .windowsize = 1 };
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;

	(void)state;
	l->size = 5000;
	t = start(l, &q);
	l->hidden = 4400;
	l->n = 0;
	assert_int_equal(ack(t, 1, 0), TFTP_FAILED);
	assert_int_equal(l->n, 1);
	assert_int_equal(l->data[0][1], 5);
	tftp_free(t);
	free(l);
}

/* A client's error ends it, with its words made printable. */
static void test_client_error(void **state)
{
	struct tftp_request q = { .name = "a", .blksize = 512, .windowsize = 1 };
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;

	(void)state;
	l->size = 5000;
	t = start(l, &q);
	assert_int_equal(tftp_take(t, (const uint8_t *)"\0\5\0\3disk\033full", 14, 0),
			 TFTP_FAILED);
	assert_string_equal(tftp_reason(t), "the client ended it: error 3, disk?full");
	tftp_free(t);
	free(l);
}

/*
 * Whole transfers through a network that loses, doubles and reorders, by a client that
 * keeps to RFC 7440; over the roll-over of block numbers.
 */
static void transfer(uint64_t size, unsigned window, unsigned loss, unsigned seed)
{
	struct tftp_request q = { .name = "a",
				  .has_blksize = true,
				  .has_windowsize = window > 1,
				  .blksize = 8,
				  .windowsize = window };
	struct line *l = calloc(1, sizeof(*l));
	uint64_t expect = 1, got = 0, in_window = 0;
	enum tftp_end end = TFTP_RUNS;
	int64_t now = 0;
	bool started = false, last = false;
	struct tftp *t;

	l->size = size;
	t = start_patient(l, &q, 30);
	while (end == TFTP_RUNS) {
		unsigned n = l->n;
		bool answer = false;

		for (unsigned i = 0; i < n && !last; i++) {
			const uint8_t *p = l->data[i];

			seed = seed * 1103515245 + 12345;
			if ((seed >> 16) % 100 < loss)
				continue;
			if (p[1] == 6 && expect == 1) {
				started = answer = true;
				continue;
			}
			if (p[1] != 3 || !started)
				continue;
			if ((unsigned)(p[2] << 8 | p[3]) != (expect & 0xffff)) {
				answer = true; /* a gap: what is here so far */
				in_window = 0;
				continue;
			}
			for (size_t k = 4; k < l->len[i]; k++)
				assert_int_equal(p[k], byte_at(got++));
			last = l->len[i] < 12;
			expect++;
			in_window++;
			if (in_window == window || last) {
				answer = true;
				in_window = 0;
			}
		}
		l->n = 0;
		seed = seed * 1103515245 + 12345;
		if (answer && (last || (seed >> 16) % 100 >= loss)) {
			end = ack(t, expect - 1, now);
		} else if (end == TFTP_RUNS) {
			now = tftp_deadline(t);
			end = tftp_tick(t, now);
		}
	}
	assert_int_equal(end, TFTP_DONE);
	assert_int_equal(got, size);
	tftp_free(t);
	assert_true(l->closed);
	free(l);
}

static void test_bad_network(void **state)
{
	(void)state;
	transfer(8 * 70000 + 3, 1, 0, 1); /* past block 65535 */
	transfer(8 * 140000, 16, 0, 2);   /* twice past it */
	for (unsigned seed = 0; seed < 20; seed++) {
		transfer(2000, 1, 10, seed);
		transfer(5000, 4, 10, seed);
		transfer(20000, 64, 5, seed);
	}
	transfer(8 * 66000, 16, 3, 7);
}

static void test_netascii(void **state)
{
	struct tftp_request q = {
		.name = "a", .netascii = true, .blksize = 512, .windowsize = 1
	};
	struct line *l = calloc(1, sizeof(*l));
	struct tftp *t;
	size_t want = 0;

	(void)state;
	l->size = 300;
	for (uint64_t i = 0; i < l->size; i++)
		want += byte_at(i) == '\n' || byte_at(i) == '\r' ? 2 : 1;
	assert_true(want > l->size);
	t = start(l, &q);
	assert_true(l->closed); /* it was read as a whole */
	assert_int_equal(l->len[0], 4 + want);
	for (uint64_t i = 0, at = 4; i < l->size; i++, at++) {
		uint8_t b = byte_at(i);

		if (b == '\n')
			assert_int_equal(l->data[0][at++], '\r');
		assert_int_equal(l->data[0][at], b);
		if (b == '\r')
			assert_int_equal(l->data[0][++at], 0);
	}
	tftp_free(t);
	free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),     cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_oack),         cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_apprentice),   cmocka_unit_test(test_window_again),
		cmocka_unit_test(test_silence),      cmocka_unit_test(test_cut_file),
		cmocka_unit_test(test_client_error), cmocka_unit_test(test_bad_network),
		cmocka_unit_test(test_netascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
