// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Unpacks chunks from outside.  The first byte picks the codec, the next two
 * (little endian) the size that should come out, the rest is the packed chunk.
 */
#include "common/bytes.h"
#include "imager/codec/codec.h"

#include <stdlib.h>

#define CHUNK 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	const struct codec *c = codec_by_id(rd_u8(&r) % 6);
	size_t out_n = rd_le16(&r), n = rd_left(&r);
	const uint8_t *in = rd_bytes(&r, n);
	uint8_t *out = malloc(out_n);
	struct err e;
	void *ctx = NULL;

	if (rd_ok(&r) && out && (!c->open || !c->open(&ctx, c->level_default, CHUNK, &e))) {
		(void)c->unpack(ctx, in, n, out, out_n, &e);
		if (c->close)
			c->close(ctx);
	}
	free(out);
	return 0;
}
