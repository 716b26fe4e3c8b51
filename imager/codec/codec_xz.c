// SPDX-License-Identifier: GPL-3.0-or-later
/* codec_xz.c - an .xz stream a chunk. */
#include "imager/codec/codec.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

/* What a decoder of the largest chunk needs, and no more, whatever a stream says. */
#define DECODER_MEMORY (64 << 20)

struct xz {
	lzma_options_lzma options;
};

static int xz_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct xz *x = calloc(1, sizeof(*x));

	if (!x)
		return err_nomem(e);
	if (lzma_lzma_preset(&x->options, (uint32_t)level)) {
		free(x);
		return err_set(e, -EINVAL, "liblzma has no preset %d", level);
	}
	/* A dictionary beyond the chunk would cost memory only. */
	if (x->options.dict_size > chunk)
		x->options.dict_size = (uint32_t)chunk;
	*ret_ctx = x;
	return 0;
}

static void xz_close(void *ctx)
{
	free(ctx);
}

static int64_t xz_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct xz *x = ctx;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &x->options },
				  { LZMA_VLI_UNKNOWN, NULL } };
	size_t len = 0;
	/* The image has SHA-256 for the chunk: the smallest check will do. */
	lzma_ret r = lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, in, n, out,
					       &len, n - 1);

	if (r == LZMA_BUF_ERROR)
		return 0;
	if (r == LZMA_MEM_ERROR)
		return err_nomem(e);
	return r == LZMA_OK ? (int64_t)len : err_set(e, -EIO, "liblzma: error %d", r);
}

static int xz_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		     struct err *e)
{
	uint64_t limit = DECODER_MEMORY;
	size_t in_pos = 0, out_pos = 0;
	lzma_ret r = lzma_stream_buffer_decode(&limit, 0, NULL, in, &in_pos, n, out, &out_pos,
					       out_n);

	(void)ctx;
	if (r == LZMA_MEM_ERROR)
		return err_nomem(e);
	if (r != LZMA_OK || in_pos != n || out_pos != out_n)
		return err_set(e, -EBADMSG, "xz: the packed chunk is damaged");
	return 0;
}

const struct codec codec_xz = {
	.id = 5,
	.name = "xz",
	.level_min = 0,
	.level_max = 9,
	.level_default = 6,
	.open = xz_open,
	.close = xz_close,
	.pack = xz_pack,
	.unpack = xz_unpack,
};
