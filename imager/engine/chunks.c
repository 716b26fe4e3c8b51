// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/chunks.h"

#include "imager/engine/decode.h"
#include "imager/engine/pipeline.h"
#include "imager/engine/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TRIES 3 /* of a chunk that comes out damaged from a server */

struct run {
	struct image *img;
	const struct chunks_options *opt;
	const struct chunks_ops *ops;
	void *arg;
	struct decoder *decoders; /* one a worker, one for drain() */
	unsigned n_decoders;
	struct losses *losses;
	struct err walk_err; /* first damage that the walk met; fill()'s until the end */
	struct meter meter;
	bool walk;
	struct region_at {
		uint32_t region;
		struct window window;
		uint64_t ordinal;
	} next; /* by index: the chunk that fill() gives next */
};

/* What travels with a slot. */
struct job {
	struct chunk c;
	struct entry same; /* what a SAME chunk refers to */
	bool fetched;      /* its bytes came out of the image */
	int code;          /* of the worker; damage is judged in order, by drain() */
	struct err err;
};

static int add_lost(struct run *r, const struct chunk *c, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < c->window.n && !code; i++) {
		struct extent x =
			window_piece(&c->region->used, r->img->h.chunk_shift, &c->window, i);

		code = extents_add(&r->losses->v, c->region->off + x.off, x.len, e);
	}
	return code;
}

static int lose(struct run *r, const struct chunk *c, const char *why, struct err *e)
{
	r->meter.p.damaged += c->window.used;
	if (r->meter.map)
		r->meter.map[c->region - r->img->h.regions].damaged += c->window.used;
	if (!r->losses->chunks++)
		err_set(&r->losses->first, -EBADMSG, "%s", why);
	return add_lost(r, c, e);
}

static enum want wanted(const struct run *r, uint64_t ordinal, const struct region *g)
{
	return g->use == USE_NONE ? WANT_NOT
	       : r->opt->want     ? r->opt->want[ordinal]
				  : WANT_FETCH;
}

static int fill_indexed(struct run *r, struct slot *s)
{
	struct job *j = s->user;
	const struct header *h = &r->img->h;

	while (r->next.region < h->n_regions) {
		const struct region *g = &h->regions[r->next.region];

		if (!window_next(&g->used, h->chunk_shift, &r->next.window)) {
			r->next.region++;
			r->next.window = (struct window){ 0 };
			continue;
		}
		j->c.ordinal = r->next.ordinal++;
		if (wanted(r, j->c.ordinal, g) == WANT_NOT)
			continue;
		j->c.window = r->next.window;
		s->in_len = 0; /* the worker reads */
		return 1;
	}
	return 0;
}

static int fill_walk(struct run *r, struct slot *s, struct err *e)
{
	struct job *j = s->user;
	struct image *img = r->img;
	int64_t n;

	do {
		n = image_walk(img, s->in, &j->c.ordinal, e);
		if (n == -EBADMSG && !r->walk_err.msg[0])
			r->walk_err = *e;
	} while (n == -EBADMSG && r->opt->keep_going);
	if (n <= 0)
		return (int)n;
	s->in_len = (size_t)n;
	j->c.window = img->window;
	return 1;
}

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	int code = r->walk ? fill_walk(r, s, e) : fill_indexed(r, s);

	if (code <= 0)
		return code;
	j->c.v = r->img->v[j->c.ordinal];
	j->c.region = &r->img->h.regions[j->c.v.region];
	j->c.raw = s->out;
	j->code = 0;
	j->fetched = false;
	if (j->c.v.kind == CHUNK_SAME)
		j->same = r->img->v[j->c.v.same];
	return code;
}

/* Chunk @ordinal of an indexed image. */
static int fetch_once(struct run *r, struct decoder *d, uint64_t ordinal, struct slot *s,
		      struct err *e)
{
	int64_t n = image_fetch(r->img, ordinal, s->in, e);

	/* A bad place of the medium that holds the image. */
	if (n == -EIO && !r->img->src->remote)
		n = -EBADMSG;
	if (n < 0)
		return (int)n;
	s->in_len = (size_t)n;
	return decode_chunk(d, r->img, &r->img->v[ordinal], s->in, s->in_len, s->out, e);
}

static int fetch(struct run *r, struct decoder *d, uint64_t ordinal, struct slot *s,
		 struct err *e)
{
	int code = fetch_once(r, d, ordinal, s, e);

	/* Only what was fetched more than once is damaged on the server, too. */
	for (int i = 1; i < TRIES && code == -EBADMSG && r->img->src->remote; i++)
		code = fetch_once(r, d, ordinal, s, e);
	return code;
}

static int decode(struct run *r, unsigned worker, struct slot *s, struct err *e)
{
	struct job *j = s->user;
	struct decoder *d = &r->decoders[worker];

	j->fetched = r->walk;
	if (r->walk)
		return decode_chunk(d, r->img, &j->c.v, s->in, s->in_len, s->out, e);
	if (wanted(r, j->c.ordinal, j->c.region) == WANT_LOCAL &&
	    r->ops->local(r->arg, worker, &j->c))
		return 0;
	j->fetched = true;
	return fetch(r, d, j->c.ordinal, s, e);
}

/* A SAME chunk waits for the one that has its bytes: drain() is the first to know. */
static bool waits(const struct run *r, const struct entry *v)
{
	return r->ops && v->kind == CHUNK_SAME;
}

static int work(void *arg, unsigned worker, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	if (!waits(r, &j->c.v) || r->walk)
		j->code = decode(r, worker, s, &j->err);
	if (j->code == -EBADMSG)
		return 0;
	if (j->code < 0) {
		*e = j->err;
		return j->code;
	}
	return !r->ops || waits(r, &j->c.v) ? 0 : r->ops->take(r->arg, &j->c, e);
}

/* From where the bytes were put; an index can also give them once more. */
static int copy(struct run *r, struct slot *s)
{
	struct job *j = s->user;
	int code = r->ops->copy(r->arg, &j->c, &j->same, &j->err);

	if (code == 1 && r->walk)
		return err_set(&j->err, -EBADMSG, "equal to a chunk that is lost");
	if (code == 1) {
		j->fetched = true;
		code = fetch(r, &r->decoders[r->n_decoders - 1], j->c.v.same, s, &j->err);
		if (!code)
			code = r->ops->take(r->arg, &j->c, &j->err);
	}
	return code;
}

static void tell_news(const struct run *r)
{
	struct source *src = r->img->src;
	char text[ERR_MSG_MAX];

	if (src->news && src->news(src, text, sizeof(text)))
		watcher_notice(r->opt->watcher, "%s", text);
}

static int drain(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	int code = j->code;

	tell_news(r);
	if (!code && waits(r, &j->c.v)) {
		code = copy(r, s);
		if (code < 0 && code != -EBADMSG) {
			*e = j->err;
			return code;
		}
	}
	if (!code && r->ops && r->ops->done) {
		code = r->ops->done(r->arg, &j->c, e);
		if (code < 0)
			return code;
	}
	if (code == -EBADMSG) {
		char why[ERR_MSG_MAX];

		snprintf(why, sizeof(why),
			 "chunk %" PRIu64 " (device byte %" PRIu64 "): %.512s", j->c.ordinal,
			 j->c.region->off + (j->c.v.number << r->img->h.chunk_shift),
			 j->err.msg);
		if (!r->opt->keep_going)
			return err_set(e, -EBADMSG, "%s", why);
		code = lose(r, &j->c, why, e);
		if (code < 0)
			return code;
	}
	meter_chunk(&r->meter, &(struct chunk_done){ .region = j->c.v.region,
						     .used = j->c.window.used,
						     .same = waits(r, &j->c.v) && !j->fetched,
						     .fetched = j->fetched,
						     .written = !j->code && r->ops });
	return meter_add(&r->meter, j->c.window.used, s->in_len)
		       ? err_set(e, -EINTR, "stopped by a signal")
		       : 0;
}

static int idle(void *arg, struct err *e)
{
	struct run *r = arg;

	tell_news(r);
	return meter_add(&r->meter, 0, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

/* Behind a walk: what never came is lost as well. */
static int lose_missing(struct run *r, struct err *e)
{
	const struct image *img = r->img;
	struct chunk c = { 0 };
	int code = 0;

	for (uint32_t g = 0; g < img->h.n_regions && !code; g++) {
		c.region = &img->h.regions[g];
		c.window = (struct window){ 0 };
		for (; !code && window_next(&c.region->used, img->h.chunk_shift, &c.window);
		     c.ordinal++)
			if (c.ordinal >= img->n || img->v[c.ordinal].kind == CHUNK_MISSING)
				code = lose(r, &c, r->img->tail.msg, e);
	}
	return code;
}

static int finish_walk(struct run *r, struct err *e)
{
	struct err end = { "" };
	int code = image_walk_end(r->img, &end);

	if (code == -EBADMSG && r->opt->keep_going) {
		r->img->tail = r->walk_err.msg[0] ? r->walk_err : end;
		return lose_missing(r, e);
	}
	if (code < 0)
		*e = end;
	return code;
}

/* What of @map need not be worked on is the same already. */
static void leave_out(struct run *r, struct region_progress *map)
{
	const struct header *h = &r->img->h;
	uint64_t ordinal = 0;

	for (uint32_t i = 0; i < h->n_regions; i++) {
		struct window w = { 0 };

		for (; window_next(&h->regions[i].used, h->chunk_shift, &w); ordinal++) {
			if (h->regions[i].use == USE_NONE || r->opt->want[ordinal] != WANT_NOT)
				continue;
			r->meter.p.chunks.same++;
			r->meter.p.total -= w.used;
			if (map)
				map[i].done += w.used;
		}
	}
}

static void begin(struct run *r)
{
	const struct header *h = &r->img->h;
	struct region_progress *map = place_progress(h, true);
	const struct watcher *w = r->opt->watcher;

	meter_begin(&r->meter, NULL, r->opt->phase, place_wanted(h, true));
	if (r->opt->want)
		leave_out(r, map);
	r->meter.watcher = w;
	meter_map(&r->meter, map, h->n_regions);
	(void)meter_add(&r->meter, 0, 0);
}

/* The chunk that is to be fetched for chunk @i; NULL: none, or perhaps none. */
static const struct entry *needed(const struct run *r, uint64_t i)
{
	const struct header *h = &r->img->h;
	const struct entry *v = &r->img->v[i];

	if (wanted(r, i, &h->regions[v->region]) != WANT_FETCH)
		return NULL;
	if (waits(r, v)) {
		v = &r->img->v[v->same];
		return h->regions[v->region].use == USE_ALL ? NULL : v;
	}
	return v;
}

/* Tells the source what will be read. */
static int plan(const struct run *r, struct err *e)
{
	const struct image *img = r->img;
	struct extents x = { 0 };
	int code = 0;

	if (!img->src->plan)
		return 0;
	if (r->walk && img->src->size > img->first)
		code = extents_add(&x, img->first, img->src->size - img->first, e);
	for (uint64_t i = 0; !r->walk && i < img->n && !code; i++) {
		const struct entry *v = needed(r, i);

		if (v)
			code = extents_add(&x, v->off, v->stored, e);
	}
	extents_normalize(&x);
	if (!code)
		code = img->src->plan(img->src, &x, e);
	extents_free(&x);
	return code;
}

int chunks_run(struct image *img, const struct chunks_options *opt,
	       const struct chunks_ops *ops, void *arg, struct losses *ret_losses,
	       struct err *e)
{
	static const struct pipeline_ops stages = { fill, work, drain, idle, NULL };
	struct run r = { .img = img,
			 .opt = opt,
			 .ops = ops,
			 .arg = arg,
			 .losses = ret_losses,
			 .walk = !img->indexed };
	struct pipeline_size size = { .workers = opt->workers,
				      .in = image_chunk_max(img),
				      .out = (size_t)1 << img->h.chunk_shift,
				      .user = sizeof(struct job) };
	int code = 0;

	r.n_decoders = (opt->workers ? opt->workers : 1) + 1;
	r.decoders = calloc(r.n_decoders, sizeof(*r.decoders));
	if (!r.decoders)
		return err_nomem(e);
	for (unsigned i = 0; i < r.n_decoders && !code; i++)
		code = decoder_init(&r.decoders[i], e);
	begin(&r);
	if (!code)
		code = plan(&r, e);
	if (!code)
		code = pipeline_run(&stages, &r, &size, e);
	tell_news(&r);
	if (!code && r.walk)
		code = finish_walk(&r, e);
	meter_end(&r.meter);
	for (unsigned i = 0; i < r.n_decoders; i++)
		decoder_free(&r.decoders[i]);
	free(r.decoders);
	if (code == -EBADMSG)
		err_wrap(e, code, "%s", img->src->name);
	return code;
}

void losses_free(struct losses *l)
{
	extents_free(&l->v);
	*l = (struct losses){ 0 };
}
