// SPDX-License-Identifier: GPL-3.0-or-later
/* codec_none.c - chunks stored as they are. */
#include "imager/codec/codec.h"

#include <errno.h>
#include <string.h>

static int64_t none_pack(void *ctx, const void *in, size_t n, void *out, struct err *e)
{
	(void)ctx, (void)in, (void)n, (void)out, (void)e;
	return 0;
}

static int none_unpack(void *ctx, const void *in, size_t n, void *out, size_t out_n,
		       struct err *e)
{
	(void)ctx;
	if (n != out_n)
		return err_set(e, -EBADMSG, "stored chunk of %zu bytes instead of %zu", n,
			       out_n);
	memcpy(out, in, n);
	return 0;
}

const struct codec codec_none = {
	.id = 0,
	.name = "none",
	.pack = none_pack,
	.unpack = none_unpack,
};
