// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/scan.h"

#include "imager/engine/decode.h"
#include "imager/engine/pipeline.h"
#include "imager/engine/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define ALIGN 4096 /* of direct reads */

struct run {
	const struct image *img;
	const struct dev *dev;
	const struct scan_options *opt;
	const struct scan_ops *ops;
	void *arg;
	struct hash **hashes; /* one a worker */
	struct meter meter;
	uint32_t region; /* the chunk that fill() gives next */
	struct window window;
	uint64_t ordinal;
};

static bool wanted(const struct run *r, uint64_t ordinal, const struct region *g)
{
	return g->use == USE_ALL && !r->ops->skip(r->arg, ordinal, g, &r->window);
}

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct scanned *found = s->user;

	(void)e;
	while (r->ordinal < r->img->n && r->region < r->img->h.n_regions) {
		const struct region *g = &r->img->h.regions[r->region];

		if (!window_next(&g->used, r->img->h.chunk_shift, &r->window)) {
			r->region++;
			r->window = (struct window){ 0 };
			continue;
		}
		*found = (struct scanned){ .ordinal = r->ordinal++,
					   .region = g,
					   .window = r->window };
		if (wanted(r, found->ordinal, g))
			return 1;
	}
	return 0;
}

/* From the first to the last used byte of the window, in one aligned read. */
static int read_span(struct run *r, struct scanned *s, void *buf, uint64_t *ret_off,
		     struct err *e)
{
	unsigned shift = r->img->h.chunk_shift;
	struct extent a = window_piece(&s->region->used, shift, &s->window, 0);
	struct extent b = window_piece(&s->region->used, shift, &s->window, s->window.n - 1);
	uint64_t off = (s->region->off + a.off) / ALIGN * ALIGN;
	uint64_t end = s->region->off + b.off + b.len;
	bool direct;
	int64_t n = dev_read_back(r->dev, buf, (end - off + ALIGN - 1) / ALIGN * ALIGN, off,
				  &direct, e);

	if (n < 0)
		return (int)n;
	if ((uint64_t)n < end - off)
		return err_set(e, -EIO, "%s: ends at byte %" PRIu64, r->dev->path,
			       off + (uint64_t)n);
	s->cached = !direct;
	*ret_off = off;
	return 0;
}

/* The @i-th used piece of the window, in what read_span() has read from @off on. */
static const uint8_t *piece(const struct run *r, const struct scanned *s, const uint8_t *buf,
			    uint64_t off, size_t i, size_t *ret_len)
{
	struct extent x = window_piece(&s->region->used, r->img->h.chunk_shift, &s->window, i);

	*ret_len = x.len;
	return buf + (s->region->off + x.off - off);
}

static int work(void *arg, unsigned worker, struct slot *slot, struct err *e)
{
	struct run *r = arg;
	struct scanned *s = slot->user;
	struct hash *hash = r->hashes[worker];
	const uint8_t *p;
	uint64_t off = 0;
	size_t n;
	int code = read_span(r, s, slot->in, &off, e);

	if (code < 0)
		return code;
	s->zero = r->img->v[s->ordinal].kind == CHUNK_ZERO;
	for (size_t i = 0; s->zero && i < s->window.n; i++) {
		p = piece(r, s, slot->in, off, i, &n);
		s->zero = all_zero(p, n);
	}
	if (s->zero)
		return 0;
	hash_begin(hash);
	for (size_t i = 0; i < s->window.n; i++) {
		p = piece(r, s, slot->in, off, i, &n);
		hash_add(hash, p, n);
	}
	return hash_end(hash, s->sum) < 0 ? err_set(e, -EIO, "libcrypto failed") : 0;
}

static int drain(void *arg, struct slot *slot, struct err *e)
{
	struct run *r = arg;
	struct scanned *s = slot->user;
	int code = r->ops->found(r->arg, s, e);

	bool same = scanned_equals(s, &r->img->v[s->ordinal]);

	meter_chunk(&r->meter,
		    &(struct chunk_done){
			    .region = (uint32_t)(s->region - r->img->h.regions),
			    .used = s->window.used,
			    .same = same,
			    .damaged = same || !r->opt->must_equal ? 0 : s->window.used });
	if (!code && meter_add(&r->meter, s->window.used, 0))
		code = err_set(e, -EINTR, "stopped by a signal");
	return code;
}

static int idle(void *arg, struct err *e)
{
	struct run *r = arg;

	return meter_add(&r->meter, 0, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

int scan_device(const struct image *img, const struct dev *dev, const struct scan_options *opt,
		const struct scan_ops *ops, void *arg, double *ret_seconds, struct err *e)
{
	static const struct pipeline_ops stages = { fill, work, drain, idle, NULL };
	struct run r = { .img = img, .dev = dev, .opt = opt, .ops = ops, .arg = arg };
	/* A window need not begin at a multiple of ALIGN on the device. */
	struct pipeline_size size = { .workers = opt->workers,
				      .in = ((size_t)1 << img->h.chunk_shift) + 2 * ALIGN,
				      .user = sizeof(struct scanned) };
	unsigned n = opt->workers ? opt->workers : 1;
	int code = 0;

	r.hashes = calloc(n, sizeof(*r.hashes));
	if (!r.hashes)
		return err_nomem(e);
	for (unsigned i = 0; i < n && !code; i++)
		code = hash_new(&r.hashes[i], e);
	meter_begin(&r.meter, opt->watcher, opt->phase, opt->total);
	meter_map(&r.meter, place_progress(&img->h, false), img->h.n_regions);
	if (!code)
		code = pipeline_run(&stages, &r, &size, e);
	meter_end(&r.meter);
	*ret_seconds = r.meter.p.elapsed;
	for (unsigned i = 0; i < n; i++)
		hash_free(r.hashes[i]);
	free(r.hashes);
	return code;
}

bool scanned_equals(const struct scanned *s, const struct entry *v)
{
	return v->kind == CHUNK_ZERO ? s->zero : !s->zero && !memcmp(s->sum, v->sum, HASH_SIZE);
}
