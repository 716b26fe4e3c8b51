// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/sample.h"

#include "imager/engine/chunks.h"

#include <stdlib.h>
#include <sys/random.h>

/* Where a run through all chunks of an image stands. */
struct place {
	const struct region *g;
	struct window w;
	uint64_t ordinal, next;
	uint32_t region;
};

static bool step(const struct image *img, struct place *p)
{
	while (p->next < img->n && p->region < img->h.n_regions) {
		p->g = &img->h.regions[p->region];
		if (window_next(&p->g->used, img->h.chunk_shift, &p->w)) {
			p->ordinal = p->next++;
			return true;
		}
		p->region++;
		p->w = (struct window){ 0 };
	}
	return false;
}

/* Drawing without putting back: @take of the @left chunks that are still to come. */
struct draw {
	uint64_t take, left;
	uint64_t random[32]; /* getrandom() gives up to 256 bytes whole */
	unsigned n;
};

static int draw(struct draw *d, bool *ret_chosen, struct err *e)
{
	if (!d->n) {
		if (getrandom(d->random, sizeof(d->random), 0) != sizeof(d->random))
			return err_sys(e, "no random numbers to choose chunks by");
		d->n = sizeof(d->random) / sizeof(d->random[0]);
	}
	*ret_chosen = d->random[--d->n] % d->left-- < d->take;
	d->take -= *ret_chosen;
	return 0;
}

static struct draw draw_of(uint64_t maybe)
{
	uint64_t take = (maybe + SAMPLE_SHARE - 1) / SAMPLE_SHARE;

	take = take < SAMPLE_LEAST ? SAMPLE_LEAST : take;
	return (struct draw){ .take = take < maybe ? take : maybe, .left = maybe };
}

int sample_draw(struct sample *ret, const struct image *img, look_at *look, void *arg,
		struct err *e)
{
	struct place p = { 0 };
	struct draw d;
	uint64_t maybe = 0;
	int r = 0;

	*ret = (struct sample){ .want = calloc(img->n + 1, 1) };
	if (!ret->want)
		return err_nomem(e);
	while (step(img, &p)) {
		enum look l = look(arg, p.g, &p.w);

		ret->want[p.ordinal] = (uint8_t)l;
		ret->of += l != LOOK_NOT;
		maybe += l == LOOK_MAYBE;
	}
	d = draw_of(maybe);
	p = (struct place){ 0 };
	while (!r && step(img, &p)) {
		uint8_t *want = &ret->want[p.ordinal];
		bool chosen = *want == LOOK_SURELY;

		if (*want == LOOK_MAYBE)
			r = draw(&d, &chosen, e);
		*want = chosen ? WANT_FETCH : WANT_NOT;
		ret->chosen += chosen;
		ret->bytes += chosen ? p.w.used : 0;
	}
	return r;
}

void sample_free(struct sample *s)
{
	free(s->want);
	*s = (struct sample){ 0 };
}
