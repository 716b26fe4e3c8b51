// SPDX-License-Identifier: GPL-3.0-or-later
/* codec_bzip2.c - a bzip2 stream a chunk. */
#include "imager/codec/codec.h"

#include <bzlib.h>
#include <errno.h>
#include <stdlib.h>

struct bzip2 {
	int level;
};

static int bzip2_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct bzip2 *b = calloc(1, sizeof(*b));
	/* A block is level x 100 000 bytes; one larger than a chunk costs memory only. */
	size_t enough = chunk / 100000 + 1;

	if (!b)
		return err_nomem(e);
	b->level = (size_t)level > enough ? (int)enough : level;
	*ret_ctx = b;
	return 0;
}

static void bzip2_close(void *ctx)
{
	free(ctx);
}

static int64_t bzip2_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	const struct bzip2 *b = ctx;
	unsigned len = (unsigned)n - 1;
	/* The library takes the input as char *, but does not write to it. */
	int r = BZ2_bzBuffToBuffCompress(out, &len, (char *)(uintptr_t)in, (unsigned)n,
					 b->level, 0, 0);

	if (r == BZ_OUTBUFF_FULL)
		return 0;
	if (r == BZ_MEM_ERROR)
		return err_nomem(e);
	return r == BZ_OK ? (int64_t)len : err_set(e, -EIO, "libbz2: error %d", r);
}

static int bzip2_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
			struct err *e)
{
	bz_stream s = { .next_in = (char *)(uintptr_t)in,
			.avail_in = (unsigned)n,
			.next_out = out,
			.avail_out = (unsigned)out_n };
	int r = BZ2_bzDecompressInit(&s, 0, 0);

	(void)ctx;
	if (r != BZ_OK)
		return r == BZ_MEM_ERROR ? err_nomem(e)
					 : err_set(e, -EIO, "libbz2: error %d", r);
	r = BZ2_bzDecompress(&s);
	BZ2_bzDecompressEnd(&s);
	if (r == BZ_MEM_ERROR)
		return err_nomem(e);
	if (r != BZ_STREAM_END || s.avail_in || s.avail_out)
		return err_set(e, -EBADMSG, "bzip2: the packed chunk is damaged");
	return 0;
}

const struct codec codec_bzip2 = {
	.id = 2,
	.name = "bzip2",
	.level_min = 1,
	.level_max = 9,
	.level_default = 9,
	.open = bzip2_open,
	.close = bzip2_close,
	.pack = bzip2_pack,
	.unpack = bzip2_unpack,
};
