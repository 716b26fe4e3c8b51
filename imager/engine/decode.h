// SPDX-License-Identifier: GPL-3.0-or-later
/* decode.h - from a record and its packed bytes to the used bytes of a window. */
#ifndef IMAGER_ENGINE_DECODE_H
#define IMAGER_ENGINE_DECODE_H

#include "imager/image/reader.h"

#define DECODER_CODECS 16

/* One thread's tools.  Start zeroed. */
struct decoder {
	struct hash *hash;
	void *ctx[DECODER_CODECS]; /* by codec id */
	bool open[DECODER_CODECS];
};

int decoder_init(struct decoder *d, struct err *e);
void decoder_free(struct decoder *d);

/*
 * Takes apart the @n bytes at @buf, which should be the chunk of @v, and
 * compares everything with the map and with @v.  @raw gets the used bytes:
 * all of them for DATA and ZERO, none for SAME.  -EBADMSG: damaged, the text
 * says how.
 */
int decode_chunk(struct decoder *d, const struct image *img, const struct entry *v,
		 const void *buf, size_t n, void *raw, struct err *e);

bool all_zero(const void *p, size_t n);

#endif
