// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * codec_xz.c - an .xz stream a chunk, with CRC32: the cheapest check, so that
 * xz -dc notices damage without us, too.
 */
#include "imager/codec/codec.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

struct xz {
	lzma_options_lzma options;
	/* liblzma keeps their memory when they start anew with the same filters. */
	lzma_stream pack, unpack;
	uint64_t unpack_memory;
};

static void xz_close(void *ctx)
{
	struct xz *x = ctx;

	lzma_end(&x->pack);
	lzma_end(&x->unpack);
	free(x);
}

/* What it takes to unpack a chunk that was packed with any level. */
static uint64_t memory_for(uint32_t dict)
{
	/* .xz files round the size of the dictionary up, by less than a half. */
	lzma_options_lzma o = { .dict_size = dict + dict / 2 };
	const lzma_filter f[] = { { LZMA_FILTER_LZMA2, &o }, { LZMA_VLI_UNKNOWN, NULL } };

	return lzma_raw_decoder_memusage(f);
}

static int xz_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	uint32_t dict = chunk < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)chunk;
	struct xz *x = calloc(1, sizeof(*x));

	if (!x)
		return err_nomem(e);
	x->pack = x->unpack = (lzma_stream)LZMA_STREAM_INIT;
	x->unpack_memory = memory_for(dict);
	if (lzma_lzma_preset(&x->options, (uint32_t)level)) {
		xz_close(x);
		return err_set(e, -EINVAL, "liblzma has no preset %d", level);
	}
	/* A dictionary beyond the chunk would cost memory only. */
	if (x->options.dict_size > dict)
		x->options.dict_size = dict;
	*ret_ctx = x;
	return 0;
}

static lzma_ret run(lzma_stream *s, const void *in, size_t n, void *out, size_t out_n)
{
	s->next_in = in;
	s->avail_in = n;
	s->next_out = out;
	s->avail_out = out_n;
	return lzma_code(s, LZMA_FINISH);
}

static int64_t xz_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct xz *x = ctx;
	const lzma_filter f[] = { { LZMA_FILTER_LZMA2, &x->options },
				  { LZMA_VLI_UNKNOWN, NULL } };
	lzma_ret r = lzma_stream_encoder(&x->pack, f, LZMA_CHECK_CRC32);

	if (r == LZMA_OK)
		r = run(&x->pack, in, n, out, n - 1);
	if (r == LZMA_STREAM_END)
		return (int64_t)x->pack.total_out;
	if ((r == LZMA_OK || r == LZMA_BUF_ERROR) && !x->pack.avail_out) /* out of room */
		return 0;
	return r == LZMA_MEM_ERROR ? err_nomem(e) : err_set(e, -EIO, "liblzma: error %d", r);
}

static int xz_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		     struct err *e)
{
	struct xz *x = ctx;
	lzma_ret r = lzma_stream_decoder(&x->unpack, x->unpack_memory, 0);

	if (r == LZMA_OK)
		r = run(&x->unpack, in, n, out, out_n);
	if (r == LZMA_MEM_ERROR)
		return err_nomem(e);
	if (r != LZMA_STREAM_END || x->unpack.avail_in || x->unpack.avail_out)
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
