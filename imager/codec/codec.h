// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * codec.h - chunk codecs.  One file per codec; codec.c holds the table.
 *
 * A chunk is compressed on its own, so any worker can do any chunk.  All
 * functions are re-entrant; a context belongs to one thread at a time.
 */
#ifndef IMAGER_CODEC_CODEC_H
#define IMAGER_CODEC_CODEC_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Packed bytes never take more room than this; pack() and unpack() buffers need it. */
#define CODEC_BOUND(n) ((n) + (n) / 128 + 1024)

struct codec {
	uint8_t id; /* in image files: never reuse a number */
	const char *name;
	int level_min, level_max, level_default; /* all 0: has no levels */
	/*
	 * Every chunk is packed, also one that grows a little, so that the
	 * concatenated chunks are one legal stream of this codec's own tool.
	 */
	bool always;

	/*
	 * One context per worker thread for chunks of up to @chunk bytes;
	 * @level is within the limits above.  NULL: the codec needs none.
	 */
	int (*open)(void **ret_ctx, int level, size_t chunk, struct err *e);
	void (*close)(void *ctx);

	/*
	 * Packs @n bytes (> 0) into @out, which has room for CODEC_BOUND(n).
	 * Returns the packed size, or 0 if it would not be smaller than @n
	 * (never with @always; the caller then stores the chunk as it is), or
	 * a negative errno.  The same input, level and chunk size give the
	 * same bytes, whatever the context did before.
	 */
	int64_t (*pack)(void *ctx, const void *in, size_t n, void *out, struct err *e);

	/*
	 * Unpacks @n bytes from outside to exactly @out_n bytes, or fails with
	 * -EBADMSG: also when input is left over.  Never writes beyond @out_n.
	 */
	int (*unpack)(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		      struct err *e);
};

extern const struct codec codec_none, codec_gzip, codec_bzip2, codec_zstd, codec_lz4, codec_xz;

/* NULL if there is none. */
const struct codec *codec_by_id(uint8_t id);

/*
 * Reads "NAME" or "NAME:LEVEL", or partimage's "0" "1" "2" (none, gzip,
 * bzip2).  -EINVAL, with the known names or the level's limits in the text.
 */
int codec_parse(const char *text, const struct codec **ret_codec, int *ret_level,
		struct err *e);

#endif
