// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/estimate.h"

#include "imager/engine/decode.h"
#include "imager/engine/gather.h"

#include <errno.h>
#include <stdlib.h>

struct run {
	const struct layout *l;
	struct estimate *v;
	size_t n;
	uint64_t sampled; /* used bytes */
	uint8_t *in, *out;
};

static int pack(struct run *r, struct estimate *x, size_t used, struct err *e)
{
	const struct codec *codec;
	void *ctx = NULL;
	int64_t n = 0;
	int level, code = codec_parse(x->compress, &codec, &level, e);

	if (!code && codec->open)
		code = codec->open(&ctx, level, (size_t)1 << r->l->h.chunk_shift, e);
	if (!code && !all_zero(r->in, used)) {
		n = codec->pack(ctx, r->in, used, r->out, e);
		x->bytes += n > 0 ? (uint64_t)n : used;
	}
	if (ctx && codec->close)
		codec->close(ctx);
	return code ? code : n < 0 ? (int)n : 0;
}

static int sample(struct run *r, const struct gather *at, struct err *e)
{
	int code = gather_read(r->l, at->region, &at->window, r->in, NULL, e);

	/* A bad sector is the save's affair. */
	if (code == -EIO)
		return 0;
	for (size_t i = 0; i < r->n && !code; i++)
		code = pack(r, &r->v[i], at->window.used, e);
	r->sampled += at->window.used;
	return code;
}

static int sample_all(struct run *r, const struct watcher *w, struct err *e)
{
	const struct header *h = &r->l->h;
	struct gather at = { 0 };
	uint64_t chunks = 0, step, met = 0;
	struct meter m;
	int code = 0;

	for (uint32_t i = 0; i < h->n_regions; i++)
		chunks += window_count(&h->regions[i].used, h->chunk_shift);
	/* Odd, so that nothing regular on the disk is met or missed each time. */
	step = 1 + chunks / ESTIMATE_SAMPLES / 2 * 2;
	meter_begin(&m, w, "estimate", h->used_bytes);
	while (!code && gather_next(&at, h)) {
		if (met++ % step == 0)
			code = sample(r, &at, e);
		if (!code && meter_add(&m, at.window.used, 0))
			code = err_set(e, -EINTR, "stopped by a signal");
	}
	meter_end(&m);
	return code;
}

int estimate_run(const char *device, struct estimate *v, size_t n, uint64_t *ret_used,
		 const struct watcher *w, struct err *e)
{
	struct layout_options how = { .allow_mounted = true };
	struct layout l;
	struct run r = { .l = &l, .v = v, .n = n };
	int code = layout_open(&l, device, e);

	if (!code)
		code = codec_parse("zstd", &how.codec, &how.level, e);
	if (!code)
		code = layout_make(&l, &how, w, e);
	if (!code) {
		size_t chunk = (size_t)1 << l.h.chunk_shift;

		r.in = malloc(chunk);
		r.out = malloc(CODEC_BOUND(chunk));
		for (size_t i = 0; i < n; i++)
			v[i].bytes = 0;
		code = r.in && r.out ? sample_all(&r, w, e) : err_nomem(e);
		*ret_used = l.h.used_bytes;
	}
	for (size_t i = 0; i < n && !code && r.sampled; i++)
		v[i].bytes = (uint64_t)((double)v[i].bytes / (double)r.sampled *
					(double)l.h.used_bytes);
	free(r.in);
	free(r.out);
	layout_close(&l);
	return code;
}
