// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/stream.h"

#include <stdlib.h>
#include <string.h>

int stream_init(struct stream *s, struct source *src, size_t cap, struct err *e)
{
	*s = (struct stream){ .src = src, .cap = cap, .buf = malloc(cap) };
	return s->buf ? 0 : err_nomem(e);
}

void stream_free(struct stream *s)
{
	free(s->buf);
	*s = (struct stream){ 0 };
}

int64_t stream_peek(struct stream *s, size_t n, const uint8_t **ret, struct err *e)
{
	if (s->len < n) {
		int64_t r;

		memmove(s->buf, s->buf + s->begin, s->len);
		s->begin = 0;
		r = s->src->read(s->src, s->buf + s->len, n - s->len, s->off + s->len, e);
		if (r < 0)
			return r;
		s->len += (size_t)r;
	}
	*ret = s->buf + s->begin;
	return (int64_t)s->len;
}

void stream_skip(struct stream *s, size_t n)
{
	s->begin += n;
	s->len -= n;
	s->off += n;
}

int64_t stream_take(struct stream *s, void *dst, size_t n, struct err *e)
{
	size_t have = s->len < n ? s->len : n;
	int64_t r = 0;

	memcpy(dst, s->buf + s->begin, have);
	stream_skip(s, have);
	if (have < n)
		r = s->src->read(s->src, (char *)dst + have, n - have, s->off, e);
	if (r < 0)
		return r;
	s->off += (uint64_t)r;
	return (int64_t)have + r;
}
