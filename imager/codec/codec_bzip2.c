// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * codec_bzip2.c - a bzip2 stream a chunk.
 *
 * libbz2 cannot reset a stream: it takes new memory for each.  So it gets its
 * memory from here, where the blocks are kept from chunk to chunk.
 */
#include "imager/codec/codec.h"

#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#define BLOCKS 4 /* as many as libbz2 asks for at most */

struct bzip2 {
	int level;
	struct block {
		void *p;
		size_t n;
	} block[BLOCKS];
	size_t used;
};

static void *take(void *opaque, int items, int size)
{
	struct bzip2 *z = opaque;
	size_t n = (size_t)items * (size_t)size;
	struct block *b;

	if (z->used == BLOCKS)
		return NULL;
	b = &z->block[z->used++];
	if (b->n < n) {
		free(b->p);
		b->p = malloc(n);
		b->n = b->p ? n : 0;
	}
	return b->p;
}

static void keep(void *opaque, void *p)
{
	(void)opaque, (void)p;
}

static bz_stream stream(struct bzip2 *z, const void *in, size_t n, void *out, size_t out_n)
{
	z->used = 0;
	return (bz_stream){ .bzalloc = take,
			    .bzfree = keep,
			    .opaque = z,
			    /* The library does not write to its input. */
			    .next_in = (char *)(uintptr_t)in,
			    .avail_in = (unsigned)n,
			    .next_out = out,
			    .avail_out = (unsigned)out_n };
}

static void bzip2_close(void *ctx)
{
	struct bzip2 *z = ctx;

	for (size_t i = 0; i < BLOCKS; i++)
		free(z->block[i].p);
	free(z);
}

static int bzip2_open(void **ret_ctx, int level, size_t chunk, struct err *e)
{
	struct bzip2 *z = calloc(1, sizeof(*z));
	/* A block is level x 100 000 bytes; one larger than a chunk costs memory only. */
	size_t enough = chunk / 100000 + 1;

	if (!z)
		return err_nomem(e);
	z->level = (size_t)level > enough ? (int)enough : level;
	*ret_ctx = z;
	return 0;
}

static int64_t bzip2_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	struct bzip2 *z = ctx;
	bz_stream s = stream(z, in, n, out, n - 1);
	int r = BZ2_bzCompressInit(&s, z->level, 0, 0);

	if (r == BZ_OK) {
		r = BZ2_bzCompress(&s, BZ_FINISH);
		BZ2_bzCompressEnd(&s);
	}
	if (r == BZ_STREAM_END)
		return (int64_t)(n - 1 - s.avail_out);
	if (r == BZ_FINISH_OK) /* ran out of room */
		return 0;
	return r == BZ_MEM_ERROR ? err_nomem(e) : err_set(e, -EIO, "libbz2: error %d", r);
}

static int bzip2_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
			struct err *e)
{
	bz_stream s = stream(ctx, in, n, out, out_n);
	int r;

	if (n > UINT_MAX || out_n > UINT_MAX)
		return err_set(e, -EBADMSG, "bzip2: the packed chunk is too large");
	r = BZ2_bzDecompressInit(&s, 0, 0);
	if (r == BZ_OK) {
		r = BZ2_bzDecompress(&s);
		BZ2_bzDecompressEnd(&s);
	}
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
