// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A request to port 69, and then whatever the client sends to its transfer: packets, each with
 * its length before it, and timeouts between them.
 */
#include "common/bytes.h"
#include "pxe/tftp/tftp.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct sent {
	uint64_t packets, bytes;
};

static ssize_t read_zeros(void *ctx, uint64_t off, void *buf, size_t n)
{
	(void)ctx;
	(void)off;
	memset(buf, 0, n);
	return (ssize_t)n;
}

static void close_nothing(void *ctx)
{
	(void)ctx;
}

static void count(void *ctx, const uint8_t *data, size_t len)
{
	struct sent *s = ctx;

	/* What is sent is a packet of ours that fits into a frame. */
	if (len < 4 || len > 1472 || data[0] != 0 || data[1] < 3 || data[1] > 6)
		__builtin_trap();
	s->packets++;
	s->bytes += len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tftp_limits limits = { .block_max = 1468, .window_max = 16, .retries = 3 };
	struct rd r = rd_init(data, size);
	uint64_t length = rd_be32(&r);
	size_t n = rd_u8(&r);
	struct tftp_file file = { NULL, length, read_zeros, close_nothing };
	enum tftp_end end = TFTP_RUNS;
	struct sent sent = { 0, 0 };
	struct tftp_request q;
	struct tftp *t;
	struct rd packet;
	int code;

	packet = rd_sub(&r, n < rd_left(&r) ? n : rd_left(&r));
	if (tftp_parse_request(packet.buf, packet.len, &q, &code, NULL))
		return 0;
	if (strlen(q.name) >= sizeof(q.name) || q.name[0] == '/' || strchr(q.name, '\\'))
		__builtin_trap();
	if (tftp_start(&q, &file, &limits, 0, count, &sent, &t, NULL))
		return 0;
	while (end == TFTP_RUNS && rd_left(&r)) {
		uint64_t before = sent.packets;

		n = rd_u8(&r) % 16;
		packet = rd_sub(&r, n < rd_left(&r) ? n : rd_left(&r));
		if (n)
			end = tftp_take(t, packet.buf, packet.len, 0);
		else
			end = tftp_tick(t, tftp_deadline(t));
		/* Nothing makes it send more than a window and a last word. */
		if (sent.packets - before > 17)
			__builtin_trap();
	}
	tftp_free(t);
	return 0;
}
