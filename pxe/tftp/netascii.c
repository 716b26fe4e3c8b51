// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/tftp/tftp_internal.h"

#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static ssize_t read_text(void *ctx, uint64_t off, void *buf, size_t n)
{
	const struct text *t = ctx;

	if (off >= t->len)
		return 0;
	if (n > t->len - off)
		n = t->len - off;
	memcpy(buf, t->s + off, n);
	return (ssize_t)n;
}

static void close_text(void *ctx)
{
	text_free(ctx);
	free(ctx);
}

static int convert(const struct tftp_file *file, struct text *to, struct err *e)
{
	char buf[4096];
	ssize_t n;

	for (uint64_t off = 0; off < file->size; off += (uint64_t)n) {
		n = file->read(file->ctx, off, buf, sizeof(buf));
		if (n < 0)
			return err_set(e, (int)n, "cannot be read: %s", strerror((int)-n));
		if (!n)
			break;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] == '\n')
				text_add_bytes(to, "\r", 1);
			text_add_bytes(to, buf + i, 1);
			if (buf[i] == '\r')
				text_add_bytes(to, "\0", 1);
		}
	}
	return text_ok(to) ? 0 : err_nomem(e);
}

int tftp_netascii(const struct tftp_file *file, struct tftp_file *ret, struct err *e)
{
	struct text *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		r = err_nomem(e);
	else if (file->size > TFTP_NETASCII_MAX)
		r = err_set(e, -EFBIG, "too large for text; ask in the mode octet (binary)");
	else
		r = convert(file, t, e);
	file->close(file->ctx);
	if (r) {
		if (t)
			close_text(t);
		return r;
	}
	*ret = (struct tftp_file){ t, t->len, read_text, close_text };
	return 0;
}
