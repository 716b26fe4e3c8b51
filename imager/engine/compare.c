// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/compare.h"

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
	struct hash **hashes; /* one a worker */
	struct report *rep;
	struct meter meter;
	uint32_t region; /* the chunk that fill() gives next */
	struct window window;
	uint64_t ordinal;
	bool cached; /* some read could not pass the page cache by */
};

struct job {
	const struct region *region;
	const struct entry *v;
	struct window window;
	bool different, cached;
};

/* What the image has lost cannot be compared, nor was it restored. */
static bool is_lost(const struct run *r, const struct job *j)
{
	struct extent x = window_piece(&j->region->used, r->img->h.chunk_shift, &j->window, 0);

	return extents_touch(&r->rep->losses.v, j->region->off + x.off, x.len);
}

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	(void)e;
	while (r->ordinal < r->img->n && r->region < r->img->h.n_regions) {
		const struct region *g = &r->img->h.regions[r->region];

		if (!window_next(&g->used, r->img->h.chunk_shift, &r->window)) {
			r->region++;
			r->window = (struct window){ 0 };
			continue;
		}
		*j = (struct job){ .region = g,
				   .v = &r->img->v[r->ordinal++],
				   .window = r->window };
		if (g->use == USE_ALL && !is_lost(r, j))
			return 1;
	}
	return 0;
}

/* From the first to the last used byte of the window, in one aligned read. */
static int read_span(struct run *r, struct job *j, void *buf, uint64_t *ret_off, struct err *e)
{
	unsigned shift = r->img->h.chunk_shift;
	struct extent a = window_piece(&j->region->used, shift, &j->window, 0);
	struct extent b = window_piece(&j->region->used, shift, &j->window, j->window.n - 1);
	uint64_t off = (j->region->off + a.off) / ALIGN * ALIGN;
	uint64_t end = j->region->off + b.off + b.len;
	bool direct;
	int64_t n = dev_read_back(r->dev, buf, (end - off + ALIGN - 1) / ALIGN * ALIGN, off,
				  &direct, e);

	if (n < 0)
		return (int)n;
	if ((uint64_t)n < end - off)
		return err_set(e, -EIO, "%s: ends at byte %" PRIu64, r->dev->path,
			       off + (uint64_t)n);
	j->cached = !direct;
	*ret_off = off;
	return 0;
}

static int work(void *arg, unsigned worker, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	struct hash *hash = r->hashes[worker];
	uint8_t sum[HASH_SIZE];
	uint64_t off = 0;
	bool zero = true;
	int code = read_span(r, j, s->in, &off, e);

	if (code < 0)
		return code;
	hash_begin(hash);
	for (size_t i = 0; i < j->window.n; i++) {
		struct extent x =
			window_piece(&j->region->used, r->img->h.chunk_shift, &j->window, i);
		const uint8_t *p = s->in + (j->region->off + x.off - off);

		if (j->v->kind == CHUNK_ZERO)
			zero = zero && all_zero(p, x.len);
		else
			hash_add(hash, p, x.len);
	}
	if (j->v->kind == CHUNK_ZERO)
		j->different = !zero;
	else if (hash_end(hash, sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	else
		j->different = memcmp(sum, j->v->sum, HASH_SIZE) != 0;
	return 0;
}

static int drain(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	struct losses *d = &r->rep->different;
	int code = 0;

	r->cached = r->cached || j->cached;
	for (size_t i = 0; j->different && i < j->window.n && !code; i++) {
		struct extent x =
			window_piece(&j->region->used, r->img->h.chunk_shift, &j->window, i);

		code = extents_add(&d->v, j->region->off + x.off, x.len, e);
	}
	if (j->different)
		d->chunks++;
	if (!code && meter_add(&r->meter, j->window.used, 0))
		code = err_set(e, -EINTR, "stopped by a signal");
	return code;
}

static int idle(void *arg, struct err *e)
{
	struct run *r = arg;

	return meter_add(&r->meter, 0, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

int compare_device(const struct image *img, const struct dev *dev, unsigned workers,
		   const struct watcher *w, struct report *rep, struct err *e)
{
	static const struct pipeline_ops stages = { fill, work, drain, idle, NULL };
	struct run r = { .img = img, .dev = dev, .rep = rep };
	/* A window need not begin at a multiple of ALIGN on the device. */
	struct pipeline_size size = { .workers = workers,
				      .in = ((size_t)1 << img->h.chunk_shift) + 2 * ALIGN,
				      .user = sizeof(struct job) };
	unsigned n = workers ? workers : 1;
	int code = 0;

	r.hashes = calloc(n, sizeof(*r.hashes));
	if (!r.hashes)
		return err_nomem(e);
	for (unsigned i = 0; i < n && !code; i++)
		code = hash_new(&r.hashes[i], e);
	meter_begin(&r.meter, w, "compare", place_wanted(&img->h, false));
	if (!code)
		code = pipeline_run(&stages, &r, &size, e);
	meter_end(&r.meter);
	report_phase(rep, "compare", r.meter.p.elapsed);
	rep->compared = !code;
	rep->direct = !r.cached;
	for (unsigned i = 0; i < n; i++)
		hash_free(r.hashes[i]);
	free(r.hashes);
	return code;
}
