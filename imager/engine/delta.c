// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/delta.h"

#include "imager/engine/decode.h"
#include "imager/engine/place.h"
#include "imager/engine/restore_internal.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <stdlib.h>

/* So many places of the target are tried before all of it is read. */
#define SAMPLES   64
#define ZERO_STEP (1 << 20)

struct run {
	struct delta *d;
	struct restore_plan *p;
	struct report *rep;
	uint64_t step, met;      /* sampling: each so-many-th of the chunks that were met */
	bool cached;             /* some read of the scan could not pass the page cache by */
	uint64_t tried, matched; /* ... how many these were, and are on the target */
};

static const struct entry *entry_of(const struct run *r, uint64_t ordinal)
{
	return &r->p->img.v[ordinal];
}

/* ---- is it worth reading the target? ------------------------------------------- */

/*
 * Without target_wipe() old signatures would survive: only what the image puts
 * there may be recognised on the target, or nothing.
 */
static bool shows_the_same(const struct restore_plan *p)
{
	const struct delivery *to = &p->to;
	const struct header *h = &p->img.h;
	struct area whole = { &to->to.dev, 0, to->to.dev.size };
	bool same = true;

	for (uint32_t i = 0; i < h->n_regions && same; i++) {
		const struct region *g = &h->regions[i];
		struct area a = { &to->to.dev, g->off, g->size };

		if (g->use != USE_ALL)
			continue;
		if (g->kind == REGION_TABLE)
			same = !strcmp(to->to.table.type, g->fs) ||
			       (!to->to.table.n && fs_shows_only(&whole, ""));
		else if (g->fs[0])
			same = fs_shows_only(&a, g->fs);
	}
	return same;
}

static bool not_a_sample(void *arg, uint64_t ordinal, const struct region *g,
			 const struct window *w)
{
	struct run *r = arg;

	(void)w;
	return g->kind != REGION_AREA || entry_of(r, ordinal)->kind == CHUNK_ZERO ||
	       r->met++ % r->step;
}

static bool not_a_known(void *arg, uint64_t ordinal, const struct region *g,
			const struct window *w)
{
	const struct run *r = arg;

	return !state_has(r->d->state, ordinal) || not_a_sample(arg, ordinal, g, w);
}

static int sampled(void *arg, const struct scanned *s, struct err *e)
{
	struct run *r = arg;

	(void)e;
	r->tried++;
	r->matched += scanned_equals(s, entry_of(r, s->ordinal));
	r->rep->bytes.read += s->window.used;
	return 0;
}

/* Of all chunks, or with @known of those that the state says are there. */
static int sample(struct run *r, bool known, struct err *e)
{
	static const struct scan_ops of_all = { not_a_sample, sampled };
	static const struct scan_ops of_known = { not_a_known, sampled };
	struct scan_options opt = { .phase = "look" };
	uint64_t n = 0;
	double seconds;

	for (uint64_t i = 0; i < r->p->img.n; i++)
		n += !known || state_has(r->d->state, i);
	/* Odd, so that nothing regular on the disk is met or missed each time. */
	r->step = 1 + n / SAMPLES / 2 * 2;
	r->met = r->tried = r->matched = 0;
	return scan_device(&r->p->img, &r->p->to.to.dev, &opt, known ? &of_known : &of_all, r,
			   &seconds, e);
}

/* 1: read the target; 0: just write everything. */
static int worth_it(struct run *r, const struct restore_options *opt, const struct watcher *w,
		    struct err *e)
{
	int code;

	if (opt->delta == DELTA_NEVER || r->p->to.to.create)
		return 0;
	if (!shows_the_same(r->p)) {
		if (opt->delta == DELTA_ALWAYS)
			watcher_notice(w,
				       "%s holds something else than the image: everything is "
				       "written",
				       r->rep->device);
		return 0;
	}
	if (opt->delta == DELTA_ALWAYS)
		return 1;
	code = sample(r, false, e);
	return code ? code : r->matched > 0;
}

/* ---- what an interrupted restore has left --------------------------------------- */

static int use_state(struct run *r, const struct restore_options *opt, const struct watcher *w,
		     bool *ret_known, struct err *e)
{
	struct delivery *to = &r->p->to;
	struct state_key key = { .root = r->p->img.trailer.root,
				 .device = r->rep->device,
				 .ident = &r->rep->ident,
				 .size = to->to.dev.size,
				 .chunks = r->p->img.n };
	int code = state_open(&r->d->state, opt->state, &key, ret_known, e);

	if (code < 0 || !*ret_known)
		return code;
	*ret_known = opt->delta != DELTA_NEVER && !to->to.create && shows_the_same(r->p);
	if (*ret_known)
		code = sample(r, true, e);
	if (!code && *ret_known && (r->matched < r->tried || !r->tried)) {
		watcher_notice(w,
			       "%s: %s has changed since this was written; all of it is read "
			       "again",
			       opt->state, r->rep->device);
		*ret_known = false;
	}
	if (!*ret_known)
		state_clear(r->d->state);
	return code;
}

/* ---- reading the target ----------------------------------------------------------- */

static bool is_known(void *arg, uint64_t ordinal, const struct region *g,
		     const struct window *w)
{
	struct run *r = arg;
	bool known = r->d->state && state_has(r->d->state, ordinal);

	(void)w;
	if (known)
		r->d->want[ordinal] = WANT_NOT;
	return known || (r->p->to.made && g->kind == REGION_TABLE);
}

static int compared(void *arg, const struct scanned *s, struct err *e)
{
	struct run *r = arg;

	r->rep->bytes.read += s->window.used;
	r->rep->read_back.chunks++;
	r->cached = r->cached || s->cached;
	if (!scanned_equals(s, entry_of(r, s->ordinal)))
		return seeds_note(&r->d->seeds, &r->p->to.to.dev, s, e);
	r->d->want[s->ordinal] = WANT_NOT;
	return 0;
}

static int scan(struct run *r, unsigned workers, const struct watcher *w, struct err *e)
{
	static const struct scan_ops ops = { is_known, compared };
	struct scan_options opt = { .workers = workers,
				    .phase = "scan",
				    .total = place_wanted(&r->p->img.h, false),
				    .watcher = w };
	double seconds = 0;
	int code = scan_device(&r->p->img, &r->p->to.to.dev, &opt, &ops, r, &seconds, e);

	report_phase(r->rep, "scan", seconds);
	return code;
}

/* Does @x of the target hold only zeros? */
static int is_zero(const struct dev *dev, struct extent x, uint8_t *buf, bool *ret,
		   struct err *e)
{
	int code = 0;

	while (x.len && *ret && !code) {
		size_t n = x.len < ZERO_STEP ? (size_t)x.len : ZERO_STEP;

		code = dev_read(dev, buf, n, x.off, e);
		*ret = !code && all_zero(buf, n);
		x.off += n;
		x.len -= n;
	}
	return code;
}

/* Unused space of which the image says that it was zeros. */
static int scan_holes(struct run *r, const struct watcher *w, struct err *e)
{
	struct delivery *to = &r->p->to;
	const struct header *h = &r->p->img.h;
	uint8_t *buf = malloc(ZERO_STEP);
	int code = buf ? 0 : err_nomem(e);

	to->holes_are_zero = true;
	for (uint32_t i = 0; i < h->n_regions && !code; i++) {
		const struct region *g = &h->regions[i];
		struct extents unused = { 0 };

		if (g->use == USE_ALL && g->flags & REGION_UNUSED_IS_ZERO)
			code = extents_invert(&g->used, g->size, &unused, e);
		for (size_t k = 0; k < unused.n && !code && to->holes_are_zero; k++) {
			struct extent x = { g->off + unused.v[k].off, unused.v[k].len };

			code = is_zero(&to->to.dev, x, buf, &to->holes_are_zero, e);
			if (!code && watcher_cancelled(w))
				code = err_set(e, -EINTR, "stopped by a signal");
		}
		extents_free(&unused);
	}
	free(buf);
	return code;
}

/*
 * With a new table the bytes around it are not the image's: does the target hold
 * what will be written there?
 */
static int table_window(struct run *r, uint32_t region, const struct window *w, uint8_t *want,
			uint8_t *have, bool *ret_same, struct err *e)
{
	const struct header *h = &r->p->img.h;
	const struct region *g = &h->regions[region];
	const struct retable *t = &r->p->to.table;
	int code = restore_read_window(r->p, region, w, want, e);

	*ret_same = true;
	for (size_t i = 0; i < w->n && !code && *ret_same; i++) {
		struct extent x = window_piece(&g->used, h->chunk_shift, w, i);

		code = dev_read(&r->p->to.to.dev, have, x.len, g->off + x.off, e);
		if (!code)
			code = retable_lay_over(t, want, g->off + x.off, x.len, e);
		*ret_same = !code && !memcmp(want, have, x.len);
		want += x.len;
	}
	return code;
}

static int scan_table(struct run *r, bool *ret_same, struct err *e)
{
	const struct header *h = &r->p->img.h;
	uint8_t *want = malloc((size_t)1 << h->chunk_shift);
	uint8_t *have = malloc((size_t)1 << h->chunk_shift);
	uint64_t ordinal = 0;
	int code = want && have ? deliver_has_table(&r->p->to, ret_same, e) : err_nomem(e);

	for (uint32_t i = 0; i < h->n_regions && !code; i++) {
		struct window w = { 0 };

		for (; !code && window_next(&h->regions[i].used, h->chunk_shift, &w);
		     ordinal++) {
			bool same = false;

			if (h->regions[i].kind != REGION_TABLE)
				continue;
			if (h->regions[i].use == USE_ALL)
				code = table_window(r, i, &w, want, have, &same, e);
			if (same || h->regions[i].use != USE_ALL)
				r->d->want[ordinal] = WANT_NOT;
		}
	}
	free(want);
	free(have);
	return code;
}

/* ---- the plan ------------------------------------------------------------------------ */

/* Chunks that need not be fetched, as somebody here has their bytes. */
static void find_local(struct run *r)
{
	const struct image *img = &r->p->img;
	uint64_t ordinal = 0;

	r->d->nothing = r->d->over;
	for (uint32_t i = 0; i < img->h.n_regions; i++) {
		const struct region *g = &img->h.regions[i];
		struct window w = { 0 };

		for (; window_next(&g->used, img->h.chunk_shift, &w); ordinal++) {
			uint8_t *want = &r->d->want[ordinal];

			if (g->use == USE_NONE || *want == WANT_NOT)
				continue;
			r->rep->wanted++;
			r->d->nothing = false;
			if (img->v[ordinal].kind == CHUNK_DATA &&
			    seeds_have(&r->d->seeds, w.used, img->v[ordinal].sum))
				*want = WANT_LOCAL;
		}
	}
}

static int plan(struct run *r, const struct restore_options *opt, const struct watcher *w,
		struct err *e)
{
	bool known = false, table = true;
	int code = opt->state ? use_state(r, opt, w, &known, e) : 0;

	if (!code)
		code = known ? 1 : worth_it(r, opt, w, e);
	r->d->over = code == 1;
	if (r->d->over)
		code = scan(r, opt->workers, w, e);
	if (!code && r->d->over && r->p->to.made)
		code = scan_table(r, &table, e);
	if (!code && r->d->over)
		code = scan_holes(r, w, e);
	if (!code && opt->seed)
		code = seeds_open(&r->d->seeds, opt->seed, w, r->rep, e);
	if (!code)
		find_local(r);
	/* What only the state knows of was left half-way: that is to be ended. */
	r->d->nothing = r->d->nothing && table && !known && r->p->to.holes_are_zero;
	/* Then it was compared: reading it once more would tell nothing new. */
	r->rep->compared = !code && r->d->nothing;
	r->rep->direct = !r->cached;
	r->rep->delta = r->d->over;
	return code;
}

int delta_plan(struct delta *ret, struct restore_plan *p, const struct restore_options *opt,
	       const struct watcher *w, struct report *rep, struct err *e)
{
	struct run r = { .d = ret, .p = p, .rep = rep };
	int code;

	*ret = (struct delta){ 0 };
	if (!p->img.indexed) {
		if (opt->delta == DELTA_ALWAYS || opt->seed || opt->state)
			watcher_notice(w,
				       "the image can only be read from its begin to its end: "
				       "everything is written");
		rep->wanted = p->img.chunks;
		return 0;
	}
	ret->want = malloc(p->img.n + 1);
	if (!ret->want)
		return err_nomem(e);
	memset(ret->want, WANT_FETCH, p->img.n);
	code = seeds_init(&ret->seeds, &p->img, opt->workers, e);
	return code ? code : plan(&r, opt, w, e);
}

void delta_free(struct delta *d)
{
	seeds_free(&d->seeds);
	state_free(d->state);
	free(d->want);
	*d = (struct delta){ 0 };
}
