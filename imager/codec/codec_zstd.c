// SPDX-License-Identifier: GPL-3.0-or-later
/* codec_zstd.c - a zstd frame a chunk (RFC 8878), with its content size. */
#include "imager/codec/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

struct zstd {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
};

static void zstd_close(void *ctx)
{
	struct zstd *z = ctx;

	ZSTD_freeCCtx(z->pack);
	ZSTD_freeDCtx(z->unpack);
	free(z);
}

static int zstd_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct zstd *z = calloc(1, sizeof(*z));

	(void)chunk;
	if (!z)
		return err_nomem(e);
	z->pack = ZSTD_createCCtx();
	z->unpack = ZSTD_createDCtx();
	if (!z->pack || !z->unpack ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->pack, ZSTD_c_compressionLevel, level))) {
		zstd_close(z);
		return err_nomem(e);
	}
	*ret_ctx = z;
	return 0;
}

static int64_t zstd_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct zstd *z = ctx;
	size_t r = ZSTD_compress2(z->pack, out, CODEC_BOUND(n), in, n);

	return ZSTD_isError(r) ? err_set(e, -EIO, "libzstd: %s", ZSTD_getErrorName(r))
			       : (int64_t)r;
}

static int zstd_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		       struct err *e)
{
	struct zstd *z = ctx;
	size_t r;

	/* ZSTD_decompressDCtx() would also take several frames in a row. */
	if (ZSTD_findFrameCompressedSize(in, n) != n ||
	    ZSTD_getFrameContentSize(in, n) != out_n)
		return err_set(e, -EBADMSG,
			       "zstd: the packed chunk is not the frame it should be");
	r = ZSTD_decompressDCtx(z->unpack, out, out_n, in, n);
	if (ZSTD_isError(r) || r != out_n)
		return err_set(e, -EBADMSG, "zstd: the packed chunk is damaged");
	return 0;
}

const struct codec codec_zstd = {
	.id = 3,
	.name = "zstd",
	.level_min = 1,
	.level_max = 19,
	.level_default = 3,
	.always = true,
	.open = zstd_open,
	.close = zstd_close,
	.pack = zstd_pack,
	.unpack = zstd_unpack,
};
