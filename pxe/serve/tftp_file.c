// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/tftp_file.h"

#include "common/below.h"
#include "common/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AHEAD (32 << 10) /* bytes; a transfer goes strictly forward, but for what is lost */

struct ahead {
	int fd;
	uint64_t off; /* of what is in buf */
	size_t n;
	uint8_t buf[AHEAD];
};

static ssize_t read_ahead(void *ctx, uint64_t off, void *buf, size_t n)
{
	struct ahead *a = ctx;
	ssize_t got;

	if (n > sizeof(a->buf))
		return -EINVAL;
	if (off < a->off || off + n > a->off + a->n) {
		a->n = 0;
		got = io_pread(a->fd, a->buf, sizeof(a->buf), off);
		if (got < 0)
			return got;
		a->off = off;
		a->n = (size_t)got;
	}
	if (n > a->n - (size_t)(off - a->off))
		n = a->n - (size_t)(off - a->off);
	memcpy(buf, a->buf + (off - a->off), n);
	return (ssize_t)n;
}

static void close_ahead(void *ctx)
{
	struct ahead *a = ctx;

	close(a->fd);
	free(a);
}

int tftp_file_open(int boot, const char *name, struct tftp_file *ret)
{
	struct ahead *a = malloc(sizeof(*a));
	struct stat st;

	if (!a)
		return -ENOMEM;
	a->off = 0;
	a->n = 0;
	a->fd = open_below(boot, name, &st);
	if (a->fd < 0) {
		int r = a->fd;

		free(a);
		return r;
	}
	ret->ctx = a;
	ret->size = (uint64_t)st.st_size;
	ret->read = read_ahead;
	ret->close = close_ahead;
	return 0;
}

static ssize_t read_text(void *ctx, uint64_t off, void *buf, size_t n)
{
	const struct text *t = ctx;

	if (off >= t->len)
		return 0;
	if (n > t->len - off)
		n = t->len - (size_t)off;
	memcpy(buf, t->s + off, n);
	return (ssize_t)n;
}

static void close_text(void *ctx)
{
	text_free(ctx);
	free(ctx);
}

int tftp_file_text(struct text *t, struct tftp_file *ret, struct err *e)
{
	struct text *own = malloc(sizeof(*own));

	if (!own) {
		text_free(t);
		return err_nomem(e);
	}
	*own = *t;
	*t = (struct text){ 0 };
	ret->ctx = own;
	ret->size = own->len;
	ret->read = read_text;
	ret->close = close_text;
	return 0;
}
