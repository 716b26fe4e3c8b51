// SPDX-License-Identifier: GPL-3.0-or-later
/* Read requests and their options (RFC 1350 section 5, RFC 2347), ERROR packets. */
#include "pxe/tftp/tftp_internal.h"

#include "common/bytes.h"
#include "common/opt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Refusals that the client is told. */
static int refuse(int code, int *ret_code, struct err *e, const char *text)
{
	*ret_code = code;
	return err_set(e, -EPROTO, "%s", text);
}

/*
 * Leading slashes go, backslashes are those of Windows-minded firmware.  Some firmware adds a
 * byte of rubbish behind the name.
 */
static bool clean_name(const char *from, char *to, size_t size)
{
	size_t n = strlen(from), out = 0;

	while (n && ((unsigned char)from[n - 1] < 0x20 || (unsigned char)from[n - 1] >= 0x7f))
		n--;
	for (size_t i = 0; i < n; i++) {
		char c = from[i] == '\\' ? '/' : from[i];

		if ((unsigned char)c < 0x20 || c == 0x7f || out + 1 >= size)
			return false;
		if (c == '/' && (!out || to[out - 1] == '/'))
			continue;
		to[out++] = c;
	}
	to[out] = '\0';
	return out > 0;
}

/* An option whose value makes no sense is left out of the OACK, as RFC 2347 allows. */
static void take_option(struct tftp_request *q, const char *name, const char *value)
{
	const struct {
		const char *name;
		uint64_t min, max;
		bool *has;
		unsigned *field; /* NULL: the value does not matter */
	} options[] = {
		{ "blksize", 8, 65464, &q->has_blksize, &q->blksize },          /* RFC 2348 */
		{ "timeout", 1, 255, &q->has_timeout, &q->timeout },            /* RFC 2349 */
		{ "tsize", 0, UINT64_MAX, &q->has_tsize, NULL },                /* RFC 2349 */
		{ "windowsize", 1, 65535, &q->has_windowsize, &q->windowsize }, /* RFC 7440 */
	};
	uint64_t v;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcasecmp(name, options[i].name) != 0)
			continue;
		if (opt_number(value, options[i].min, options[i].max, &v, NULL))
			return;
		*options[i].has = true;
		if (options[i].field)
			*options[i].field = (unsigned)v;
	}
}

int tftp_parse_request(const uint8_t *data, size_t len, struct tftp_request *ret, int *ret_code,
		       struct err *e)
{
	struct rd r = rd_init(data, len);
	uint16_t opcode = rd_be16(&r);
	const char *name = rd_cstr(&r), *mode = rd_cstr(&r), *option, *value;
	struct tftp_request q = { .blksize = 512, .windowsize = 1, .timeout = 0 };

	*ret_code = TFTP_UNDEFINED;
	if (opcode == TFTP_WRQ)
		return refuse(TFTP_ACCESS, ret_code, e, "this server takes no files");
	if (opcode != TFTP_RRQ || !name || !mode)
		return err_set(e, -EBADMSG, "no request for a file");
	if (!clean_name(name, q.name, sizeof(q.name)))
		return refuse(TFTP_NOT_FOUND, ret_code, e, "that is no name of a file");
	q.netascii = !strcasecmp(mode, "netascii");
	if (!q.netascii && strcasecmp(mode, "octet") != 0)
		return refuse(TFTP_ILLEGAL, ret_code, e,
			      "the mode is neither octet nor netascii");
	while ((option = rd_cstr(&r)) && (value = rd_cstr(&r)))
		take_option(&q, option, value);
	*ret = q;
	return 0;
}

size_t tftp_error(uint8_t *buf, size_t n, int code, const char *text)
{
	struct wr w = wr_init(buf, n);

	wr_u8(&w, 0);
	wr_u8(&w, TFTP_ERROR);
	wr_u8(&w, 0);
	wr_u8(&w, (uint8_t)code);
	wr_bytes(&w, text, strlen(text) + 1);
	return wr_ok(&w) ? w.pos : 0;
}
