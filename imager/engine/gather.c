// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/gather.h"

#include <errno.h>

bool gather_next(struct gather *g, const struct header *h)
{
	for (; g->region < h->n_regions; g->region++) {
		if (window_next(&h->regions[g->region].used, h->chunk_shift, &g->window))
			return true;
		g->window = (struct window){ 0 };
	}
	return false;
}

void gather_ahead(const struct layout *l, const struct gather *g)
{
	const struct area *from = &l->pieces[g->region].from;

	for (size_t i = 0; i < g->window.n; i++) {
		struct extent x = window_piece(&l->h.regions[g->region].used, l->h.chunk_shift,
					       &g->window, i);

		dev_read_hint(from->dev, from->off + x.off, x.len);
	}
}

/* Bad places come as device offsets and are recorded as window offsets. */
static int note_bad(struct extents *bad, const struct extents *found, uint64_t window_start,
		    struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < found->n && !r; i++)
		r = extents_add(bad, found->v[i].off - window_start, found->v[i].len, e);
	return r;
}

int gather_read(const struct layout *l, uint32_t region, const struct window *w, void *buf,
		struct extents *bad, struct err *e)
{
	const struct region *g = &l->h.regions[region];
	const struct area *from = &l->pieces[region].from;
	struct extents found = { 0 };
	uint8_t *p = buf;
	int r = 0;

	for (size_t i = 0; i < w->n && !r; i++) {
		struct extent x = window_piece(&g->used, l->h.chunk_shift, w, i);
		uint64_t off = from->off + x.off;

		r = bad ? dev_rescue(from->dev, p, x.len, off, &found, e)
			: dev_read(from->dev, p, x.len, off, e);
		p += x.len;
	}
	if (r == -EIO && !bad)
		r = err_wrap(e, r, "a bad place on the disk (--rescue saves the rest)");
	if (!r && found.n) {
		extents_normalize(&found);
		r = note_bad(bad, &found, from->off + (w->number << l->h.chunk_shift), e);
	}
	extents_free(&found);
	return r;
}
