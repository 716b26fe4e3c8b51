// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/compare.h"

#include "imager/engine/scan.h"

#include <stdlib.h>

struct run {
	const struct image *img;
	const struct compare_options *opt;
	struct report *rep;
	struct sample sample;
	bool cached; /* some read could not pass the page cache by */
};

/* What the image has lost cannot be compared, nor was it restored. */
static bool is_lost(const struct run *r, const struct region *g, const struct window *w)
{
	struct extent x = window_piece(&g->used, r->img->h.chunk_shift, w, 0);

	return extents_touch(&r->rep->losses.v, g->off + x.off, x.len);
}

static enum look look(void *arg, const struct region *g, const struct window *w)
{
	const struct run *r = arg;

	if (g->use != USE_ALL || is_lost(r, g, w))
		return LOOK_NOT;
	return r->opt->sample && target_has_all(r->opt->sample, g, w) ? LOOK_MAYBE
								      : LOOK_SURELY;
}

static bool not_drawn(void *arg, uint64_t ordinal, const struct region *g,
		      const struct window *w)
{
	const struct run *r = arg;

	(void)g, (void)w;
	return r->sample.want[ordinal] == WANT_NOT;
}

static int found(void *arg, const struct scanned *s, struct err *e)
{
	struct run *r = arg;
	struct losses *d = &r->rep->different;
	struct tally *t = &r->rep->tallies[s->region - r->img->h.regions];
	int code = 0;

	t->of++;
	r->rep->read_back.chunks++;
	r->cached = r->cached || s->cached;
	r->rep->bytes.read += s->window.used;
	if (scanned_equals(s, &r->img->v[s->ordinal]))
		return 0;
	d->chunks++;
	t->chunks++;
	t->bytes += s->window.used;
	t->stored += r->img->v[s->ordinal].stored;
	for (size_t i = 0; i < s->window.n && !code; i++) {
		struct extent x =
			window_piece(&s->region->used, r->img->h.chunk_shift, &s->window, i);

		code = extents_add(&d->v, s->region->off + x.off, x.len, e);
	}
	return code;
}

int compare_device(const struct image *img, const struct dev *dev,
		   const struct compare_options *opt, struct report *rep, struct err *e)
{
	static const struct scan_ops ops = { not_drawn, found };
	struct scan_options how = { .workers = opt->workers,
				    .phase = "compare",
				    .must_equal = true,
				    .watcher = opt->watcher };
	struct run r = { .img = img, .opt = opt, .rep = rep };
	double seconds = 0;
	int code;

	free(rep->tallies);
	rep->n_tallies = img->h.n_regions;
	rep->tallies = calloc(rep->n_tallies, sizeof(*rep->tallies));
	if (!rep->tallies)
		return err_nomem(e);
	code = sample_draw(&r.sample, img, look, &r, e);
	how.total = r.sample.bytes;
	rep->read_back = (struct read_back){ .of = r.sample.of };
	if (!code)
		code = scan_device(img, dev, &how, &ops, &r, &seconds, e);
	sample_free(&r.sample);
	report_phase(rep, "compare", seconds);
	rep->compared = !code;
	rep->direct = !r.cached;
	return code;
}
