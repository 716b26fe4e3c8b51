// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * codec_lz4.c - an LZ4 block a chunk; from level 2 on by the slower, better LZ4
 * HC.  A block, not a frame: the image has the sizes and a checksum already.
 */
#include "imager/codec/codec.h"

#include <errno.h>
#include <limits.h>
#include <lz4.h>
#include <lz4hc.h>
#include <stdlib.h>

struct lz4 {
	int level;
	void *state;
};

static void lz4_close(void *ctx)
{
	struct lz4 *l = ctx;

	free(l->state);
	free(l);
}

static int lz4_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct lz4 *l = calloc(1, sizeof(*l));

	(void)chunk;
	if (!l)
		return err_nomem(e);
	l->level = level;
	l->state = malloc((size_t)(level > 1 ? LZ4_sizeofStateHC() : LZ4_sizeofState()));
	if (!l->state) {
		lz4_close(l);
		return err_nomem(e);
	}
	*ret_ctx = l;
	return 0;
}

static int64_t lz4_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct lz4 *l = ctx;
	int room = (int)n - 1;

	(void)e;
	/* Both give 0 when there is not enough room. */
	if (l->level > 1)
		return LZ4_compress_HC_extStateHC(l->state, in, out, (int)n, room, l->level);
	return LZ4_compress_fast_extState(l->state, in, out, (int)n, room, 1);
}

static int lz4_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		      struct err *e)
{
	(void)ctx;
	if (n > INT_MAX || out_n > INT_MAX)
		return err_set(e, -EBADMSG, "lz4: the packed chunk is too large");
	if (LZ4_decompress_safe(in, out, (int)n, (int)out_n) != (int)out_n)
		return err_set(e, -EBADMSG, "lz4: the packed chunk is damaged");
	return 0;
}

const struct codec codec_lz4 = {
	.id = 4,
	.name = "lz4",
	.level_min = 1,
	.level_max = LZ4HC_CLEVEL_MAX,
	.level_default = 1,
	.open = lz4_open,
	.close = lz4_close,
	.pack = lz4_pack,
	.unpack = lz4_unpack,
};
