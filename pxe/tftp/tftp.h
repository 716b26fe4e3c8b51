// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * tftp.h - one read transfer as a state machine (RFC 1350, 2347, 2348, 2349, 7440).
 *
 * The request comes to port 69; serve/ opens a socket of its own for the transfer, whose
 * address is the transfer's identity.  Datagrams and time in, datagrams out.
 */
#ifndef PXE_TFTP_TFTP_H
#define PXE_TFTP_TFTP_H

#include "common/err.h"
#include "pxe/wire/datagram.h"

#include <sys/types.h>

#define TFTP_WINDOW_MAX 64

/* Codes of ERROR packets: RFC 1350, appendix. */
enum tftp_code {
	TFTP_UNDEFINED,
	TFTP_NOT_FOUND,
	TFTP_ACCESS,
	TFTP_DISK_FULL,
	TFTP_ILLEGAL,
};

/* Where the bytes of a file come from: a descriptor or memory.  @close frees ctx. */
struct tftp_file {
	void *ctx;
	uint64_t size;
	/* The bytes read, fewer than @n only at the end; a negative errno. */
	ssize_t (*read)(void *ctx, uint64_t off, void *buf, size_t n);
	void (*close)(void *ctx);
};

struct tftp_request {
	char name[256]; /* made clean: no leading '/', '\' became '/' */
	bool has_blksize, has_tsize, has_timeout, has_windowsize;
	unsigned blksize, timeout, windowsize;
	bool netascii;
};

/*
 * A packet to port 69.  -EBADMSG nothing that needs an answer; -EPROTO: @e is
 * the text of an ERROR packet to send, *ret_code its code.
 */
int tftp_parse_request(const uint8_t *data, size_t len, struct tftp_request *ret, int *ret_code,
		       struct err *e);
/* An ERROR packet; the length. */
size_t tftp_error(uint8_t *buf, size_t n, int code, const char *text);

struct tftp;

enum tftp_end { TFTP_RUNS, TFTP_DONE, TFTP_ABORTED, TFTP_FAILED };

/* Sends through this, at once; may be called several times by one call below (a window). */
typedef void tftp_send(void *ctx, const uint8_t *data, size_t len);

struct tftp_limits {
	unsigned block_max; /* by MTU and configuration */
	unsigned window_max;
	unsigned retries; /* without an answer, then it fails */
};

/* Takes @file over (closes it, also on failure) and sends OACK or the first window. */
int tftp_start(const struct tftp_request *q, const struct tftp_file *file,
	       const struct tftp_limits *l, int64_t now, tftp_send *send, void *ctx,
	       struct tftp **ret, struct err *e);
void tftp_free(struct tftp *t);
enum tftp_end tftp_take(struct tftp *t, const uint8_t *data, size_t len, int64_t now);
enum tftp_end tftp_tick(struct tftp *t, int64_t now);
int64_t tftp_deadline(const struct tftp *t);
/* For the log: bytes acknowledged so far, and why it ended (belongs to @t). */
uint64_t tftp_sent(const struct tftp *t);
const char *tftp_reason(const struct tftp *t);

#endif
