// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * codec_gzip.c - a gzip member a chunk (RFC 1952), by libdeflate, which like us
 * works from buffer to buffer.
 */
#include "imager/codec/codec.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

struct gzip {
	struct libdeflate_compressor *pack;
	struct libdeflate_decompressor *unpack;
};

static void gzip_close(void *ctx)
{
	struct gzip *g = ctx;

	libdeflate_free_compressor(g->pack);
	libdeflate_free_decompressor(g->unpack);
	free(g);
}

static int gzip_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct gzip *g = calloc(1, sizeof(*g));

	(void)chunk;
	if (!g)
		return err_nomem(e);
	g->pack = libdeflate_alloc_compressor(level);
	g->unpack = libdeflate_alloc_decompressor();
	if (!g->pack || !g->unpack) {
		gzip_close(g);
		return err_nomem(e);
	}
	*ret_ctx = g;
	return 0;
}

static int64_t gzip_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct gzip *g = ctx;

	(void)e;
	/* 0 when the member does not fit into less than the chunk itself. */
	return (int64_t)libdeflate_gzip_compress(g->pack, in, n, out, n - 1);
}

static int gzip_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		       struct err *e)
{
	struct gzip *g = ctx;
	size_t used = 0;
	/* NULL for the size: anything but exactly out_n bytes is an error. */
	enum libdeflate_result r =
		libdeflate_gzip_decompress_ex(g->unpack, in, n, out, out_n, &used, NULL);

	if (r != LIBDEFLATE_SUCCESS || used != n)
		return err_set(e, -EBADMSG, "gzip: the packed chunk is damaged");
	return 0;
}

const struct codec codec_gzip = {
	.id = 1,
	.name = "gzip",
	.level_min = 1,
	.level_max = 9,
	/* Still smaller than what partimage's zlib makes at 6: docs/BENCHMARKS.md. */
	.level_default = 5,
	.open = gzip_open,
	.close = gzip_close,
	.pack = gzip_pack,
	.unpack = gzip_unpack,
};
