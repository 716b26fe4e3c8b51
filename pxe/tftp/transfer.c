// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One transfer.  Blocks are counted from 1 in 64 bits; on the wire the number rolls over
 * from 65535 to 0, as all clients expect.
 *
 * A window is sent when the one before it is acknowledged, or again when a client
 * acknowledges less of it (RFC 7440 section 4: it missed a block).  An acknowledgement that
 * says nothing new sends a window again at most once, and in lock-step never: so a
 * doubled packet cannot double all that follow (the Sorcerer's Apprentice).
 */
#include "pxe/tftp/tftp_internal.h"

#include "common/bytes.h"
#include "common/plain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_FIRST 1000 /* ms; doubled each time, when the client names none */
#define TIMEOUT_MOST  8000

struct tftp {
	struct tftp_file file;
	struct tftp_request request;
	tftp_send *send;
	void *ctx;
	unsigned blksize, window, retries;
	int64_t timeout, deadline; /* ms */
	uint64_t last;        /* number of the last block, which is shorter than the others */
	uint64_t acked, sent; /* blocks; acked <= sent <= acked + window */
	bool oack;            /* is out, and not acknowledged */
	bool again;           /* this window was sent twice for an acknowledgement already */
	unsigned tries;       /* since something new was acknowledged */
	char reason[128];
};

static enum tftp_end end_with(struct tftp *t, enum tftp_end how, const char *why)
{
	char clean[100];

	snprintf(t->reason, sizeof(t->reason), "%s", plain_text(clean, sizeof(clean), why, ""));
	return how;
}

/* Tells the client why, then fails. */
static enum tftp_end give_up(struct tftp *t, const char *why)
{
	uint8_t buf[128];

	t->send(t->ctx, buf, tftp_error(buf, sizeof(buf), TFTP_UNDEFINED, why));
	return end_with(t, TFTP_FAILED, why);
}

static void add_option(struct wr *w, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	wr_bytes(w, name, strlen(name) + 1);
	wr_bytes(w, text, strlen(text) + 1);
}

/* What was asked for and is granted; nothing at all when nothing was. */
static void send_oack(struct tftp *t)
{
	const struct tftp_request *q = &t->request;
	uint8_t buf[128];
	struct wr w = wr_init(buf, sizeof(buf));

	wr_u8(&w, 0);
	wr_u8(&w, TFTP_OACK);
	if (q->has_blksize)
		add_option(&w, "blksize", t->blksize);
	if (q->has_tsize)
		add_option(&w, "tsize", t->file.size);
	if (q->has_timeout)
		add_option(&w, "timeout", q->timeout);
	if (q->has_windowsize)
		add_option(&w, "windowsize", t->window);
	t->send(t->ctx, buf, w.pos);
}

static bool send_block(struct tftp *t, uint64_t block)
{
	uint8_t buf[4 + DATAGRAM_MAX];
	uint64_t off = (block - 1) * t->blksize;
	size_t want = block < t->last ? t->blksize : (size_t)(t->file.size - off);
	ssize_t n = want ? t->file.read(t->file.ctx, off, buf + 4, want) : 0;

	/* A file that has become shorter cannot be told from its end: the client must know. */
	if (n != (ssize_t)want)
		return false;
	buf[0] = 0;
	buf[1] = TFTP_DATA;
	buf[2] = (uint8_t)(block >> 8);
	buf[3] = (uint8_t)block;
	t->send(t->ctx, buf, 4 + want);
	return true;
}

static enum tftp_end send_window(struct tftp *t, int64_t now)
{
	uint64_t end = t->acked + t->window;

	if (end > t->last)
		end = t->last;
	for (t->sent = t->acked; t->sent < end; t->sent++)
		if (!send_block(t, t->sent + 1))
			return give_up(t, "the file can no longer be read");
	t->deadline = now + t->timeout;
	return TFTP_RUNS;
}

static enum tftp_end take_ack(struct tftp *t, uint16_t number, int64_t now)
{
	/* The only block of this window with that number; far away when it is an old one. */
	uint64_t ahead = (uint16_t)(number - (uint16_t)t->acked);

	if (t->oack && ahead == 0) {
		t->oack = false;
		t->tries = 0;
		return send_window(t, now);
	}
	if (t->oack || ahead > t->sent - t->acked)
		return TFTP_RUNS;
	if (ahead == 0) {
		if (t->window == 1 || t->again)
			return TFTP_RUNS;
		t->again = true;
		return send_window(t, now);
	}
	t->acked += ahead;
	t->again = false;
	t->tries = 0;
	if (t->acked == t->last)
		return end_with(t, TFTP_DONE, "");
	return send_window(t, now);
}

static enum tftp_end take_error(struct tftp *t, struct rd *r)
{
	uint16_t code = rd_be16(r);
	const char *text = rd_cstr(r);
	char why[160];

	/* UEFI asks for the size like this, and then asks again for the file. */
	if (t->oack)
		return end_with(t, TFTP_ABORTED, "it only wanted to know the size");
	snprintf(why, sizeof(why), "the client ended it: error %u, %.100s", code,
		 text ? text : "without words");
	return end_with(t, TFTP_FAILED, why);
}

enum tftp_end tftp_take(struct tftp *t, const uint8_t *data, size_t len, int64_t now)
{
	struct rd r = rd_init(data, len);
	uint16_t opcode = rd_be16(&r), number;

	if (rd_ok(&r) && opcode == TFTP_ERROR)
		return take_error(t, &r);
	number = rd_be16(&r);
	if (!rd_ok(&r) || opcode != TFTP_ACK)
		return TFTP_RUNS;
	return take_ack(t, number, now);
}

enum tftp_end tftp_tick(struct tftp *t, int64_t now)
{
	if (now < t->deadline)
		return TFTP_RUNS;
	if (++t->tries > t->retries)
		return give_up(t, "the client does not answer any more");
	if (!t->request.has_timeout && t->timeout < TIMEOUT_MOST)
		t->timeout *= 2;
	t->again = false;
	if (!t->oack)
		return send_window(t, now);
	send_oack(t);
	t->deadline = now + t->timeout;
	return TFTP_RUNS;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

int tftp_start(const struct tftp_request *q, const struct tftp_file *file,
	       const struct tftp_limits *l, int64_t now, tftp_send *send, void *ctx,
	       struct tftp **ret, struct err *e)
{
	struct tftp *t = calloc(1, sizeof(*t));
	int r = 0;

	if (!t) {
		file->close(file->ctx);
		return err_nomem(e);
	}
	t->file = *file;
	if (q->netascii)
		r = tftp_netascii(file, &t->file, e);
	if (r) {
		free(t);
		return r;
	}
	t->request = *q;
	t->send = send;
	t->ctx = ctx;
	t->blksize = least(least(q->blksize, l->block_max), DATAGRAM_MAX - 4);
	t->window = least(least(q->windowsize, l->window_max), TFTP_WINDOW_MAX);
	t->retries = l->retries;
	t->timeout = q->has_timeout ? 1000 * (int64_t)q->timeout : TIMEOUT_FIRST;
	t->deadline = now + t->timeout;
	t->last = t->file.size / t->blksize + 1;
	t->oack = q->has_blksize || q->has_tsize || q->has_timeout || q->has_windowsize;
	if (t->oack)
		send_oack(t);
	else if (send_window(t, now) != TFTP_RUNS)
		r = err_set(e, -EIO, "%s", t->reason);
	if (r)
		tftp_free(t);
	else
		*ret = t;
	return r;
}

void tftp_free(struct tftp *t)
{
	if (!t)
		return;
	t->file.close(t->file.ctx);
	free(t);
}

int64_t tftp_deadline(const struct tftp *t)
{
	return t->deadline;
}

uint64_t tftp_sent(const struct tftp *t)
{
	uint64_t bytes = t->acked * t->blksize;

	return bytes < t->file.size ? bytes : t->file.size;
}

const char *tftp_reason(const struct tftp *t)
{
	return t->reason;
}
