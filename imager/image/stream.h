// SPDX-License-Identifier: GPL-3.0-or-later
/* stream.h - a source read forward through a window that can be looked into. */
#ifndef IMAGER_IMAGE_STREAM_H
#define IMAGER_IMAGE_STREAM_H

#include "imager/image/source.h"

#include <stddef.h>

struct stream {
	struct source *src;
	uint8_t *buf;
	size_t cap, begin, len; /* buf[begin .. begin + len) is unread */
	uint64_t off;           /* of the first unread byte in the image */
};

/* Never looks further ahead than @cap bytes. */
int stream_init(struct stream *s, struct source *src, size_t cap, struct err *e);
void stream_free(struct stream *s);

/*
 * *@ret points at the next unread bytes, valid until the next call.  Returns
 * how many there are: at least @n (<= cap) unless the source ends before.
 */
int64_t stream_peek(struct stream *s, size_t n, const uint8_t **ret, struct err *e);
/* Passes over bytes that stream_peek() has shown. */
void stream_skip(struct stream *s, size_t n);
/* Copies @n bytes, any number; returns fewer only at the end. */
int64_t stream_take(struct stream *s, void *dst, size_t n, struct err *e);

#endif
