// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/seed.h"

#include "imager/engine/decode.h"
#include "imager/engine/open.h"
#include "imager/engine/place.h"
#include "imager/image/same.h"

#include <errno.h>
#include <stdlib.h>

struct seed {
	const struct header *h; /* that the entries' regions and numbers mean */
	struct entry *v;        /* of an image its index, else what a scan has found */
	uint64_t n, cap;
	struct same map;
	const struct dev *dev; /* NULL: it is an image */
	struct dev own;        /* *dev, when it was opened for this */
	struct image img;
	struct source *src;
};

static struct seed *seed_new(const struct header *h)
{
	struct seed *s = calloc(1, sizeof(*s));

	if (s) {
		s->h = h;
		s->own = (struct dev){ .fd = -1, .direct_fd = -1 };
	}
	return s;
}

static void seed_free(struct seed *s)
{
	if (!s)
		return;
	same_free(&s->map);
	if (s->dev)
		free(s->v);
	dev_close(&s->own);
	if (s->src) {
		image_close(&s->img);
		s->src->close(s->src);
	}
	free(s);
}

int seeds_init(struct seeds *s, const struct image *img, unsigned workers, struct err *e)
{
	int r = 0;

	*s = (struct seeds){ .img = img, .workers = workers ? workers : 1 };
	s->decoders = calloc(s->workers, sizeof(*s->decoders));
	s->in = calloc(s->workers, sizeof(*s->in));
	if (!s->decoders || !s->in)
		r = err_nomem(e);
	for (unsigned i = 0; i < s->workers && !r; i++)
		r = decoder_init(&s->decoders[i], e);
	return r;
}

void seeds_free(struct seeds *s)
{
	seed_free(s->target);
	seed_free(s->other);
	for (unsigned i = 0; i < s->workers; i++) {
		if (s->decoders)
			decoder_free(&s->decoders[i]);
		if (s->in)
			free(s->in[i]);
	}
	free(s->decoders);
	free(s->in);
	*s = (struct seeds){ 0 };
}

/* ---- what is there ----------------------------------------------------------- */

static int add_entry(struct seed *s, const struct scanned *found, const struct image *img,
		     struct err *e)
{
	struct entry *v = s->v;

	if (found->zero)
		return 0;
	if (s->n == s->cap) {
		uint64_t cap = s->cap ? 2 * s->cap : 256;

		v = reallocarray(s->v, cap, sizeof(*v));
		if (!v)
			return err_nomem(e);
		s->v = v;
		s->cap = cap;
	}
	v[s->n] = (struct entry){ .kind = CHUNK_DATA,
				  .region = (uint32_t)(found->region - img->h.regions),
				  .number = found->window.number };
	memcpy(v[s->n].sum, found->sum, HASH_SIZE);
	s->n++;
	return same_add(&s->map, v, s->n - 1) ? err_nomem(e) : 0;
}

int seeds_note(struct seeds *s, const struct dev *dev, const struct scanned *found,
	       struct err *e)
{
	if (!s->target) {
		s->target = seed_new(&s->img->h);
		if (!s->target)
			return err_nomem(e);
		s->target->dev = dev;
	}
	return add_entry(s->target, found, s->img, e);
}

/* ---- another image, another device --------------------------------------------- */

struct scan {
	struct seeds *s;
	struct report *rep;
};

/* It may be smaller than the target. */
static bool beyond(void *arg, uint64_t ordinal, const struct region *g, const struct window *w)
{
	const struct scan *scan = arg;
	struct extent x = window_piece(&g->used, scan->s->img->h.chunk_shift, w, w->n - 1);

	(void)ordinal;
	return g->off + x.off + x.len > scan->s->other->own.size;
}

static int found(void *arg, const struct scanned *s, struct err *e)
{
	struct scan *scan = arg;

	scan->rep->bytes.read += s->window.used;
	return add_entry(scan->s->other, s, scan->s->img, e);
}

static int use_device(struct seeds *s, const char *path, const struct watcher *w,
		      struct report *rep, struct err *e)
{
	static const struct scan_ops ops = { beyond, found };
	struct scan_options opt = { .workers = s->workers,
				    .phase = "seed",
				    .total = place_wanted(&s->img->h, false),
				    .watcher = w };
	struct scan scan = { s, rep };
	double seconds = 0;
	int r = dev_open_source(&s->other->own, path, e);

	if (r < 0)
		return r;
	s->other->dev = &s->other->own;
	r = scan_device(s->img, s->other->dev, &opt, &ops, &scan, &seconds, e);
	report_phase(rep, "seed", seconds);
	return r;
}

static int use_image(struct seeds *s, struct err *e)
{
	struct seed *o = s->other;
	int r = 0;

	o->h = &o->img.h;
	o->v = o->img.v;
	o->n = o->img.n;
	for (uint64_t i = 0; i < o->n && !r; i++)
		if (o->v[i].kind == CHUNK_DATA && same_add(&o->map, o->v, i))
			r = err_nomem(e);
	for (unsigned i = 0; i < s->workers && !r; i++) {
		s->in[i] = malloc(image_chunk_max(&o->img));
		if (!s->in[i])
			r = err_nomem(e);
	}
	return r;
}

int seeds_open(struct seeds *s, const char *path, const struct watcher *w, struct report *rep,
	       struct err *e)
{
	struct remote none = { 0 };
	struct err why = { "" };
	int r;

	s->other = seed_new(&s->img->h);
	if (!s->other)
		return err_nomem(e);
	r = open_image(path, &none, w, &s->other->src, &s->other->img, &why);
	if (!r && s->other->img.indexed)
		return use_image(s, e);
	if (!r)
		return err_set(e, -ECANCELED,
			       "--seed %s: only a whole image can be used, and this one is "
			       "not: %.512s",
			       path, s->other->img.tail.msg);
	if (r != -EBADMSG)
		return err_set(e, r, "--seed: %s", why.msg);
	r = use_device(s, path, w, rep, e);
	return r ? err_wrap(e, r, "--seed") : 0;
}

/* ---- the bytes ------------------------------------------------------------------- */

/* The entry of @s with these bytes, or NULL. */
static const struct entry *find(const struct seed *s, uint32_t used,
				const uint8_t sum[HASH_SIZE])
{
	int64_t i = s ? same_find(&s->map, s->v, sum) : -1;

	return i >= 0 && entry_equals(s->h, &s->v[i], used, sum) ? &s->v[i] : NULL;
}

bool seeds_have(const struct seeds *s, uint32_t used, const uint8_t sum[HASH_SIZE])
{
	return find(s->target, used, sum) || find(s->other, used, sum);
}

static int read_device(const struct seed *s, const struct entry *v, unsigned shift, void *buf)
{
	const struct region *g = &s->h->regions[v->region];
	struct window w;
	uint8_t *p = buf;
	int r = window_find(&g->used, shift, v->number, &w) ? 0 : -ENOENT;

	for (size_t i = 0; !r && i < w.n; i++) {
		struct extent x = window_piece(&g->used, shift, &w, i);

		r = dev_read(s->dev, p, x.len, g->off + x.off, NULL);
		p += x.len;
	}
	return r;
}

static int read_image(struct seeds *s, unsigned worker, const struct entry *v, void *buf)
{
	const struct seed *o = s->other;
	int64_t n = image_fetch(&o->img, (uint64_t)(v - o->v), s->in[worker], NULL);

	return n < 0 ? (int)n
		     : decode_chunk(&s->decoders[worker], &o->img, v, s->in[worker], (size_t)n,
				    buf, NULL);
}

/* A seed that cannot be read, or has changed since, is no failure: others have it. */
static bool take(struct seeds *s, const struct seed *from, unsigned worker,
		 const struct chunk *c)
{
	const struct entry *v = find(from, c->window.used, c->v.sum);
	uint8_t sum[HASH_SIZE];

	if (!v)
		return false;
	if (from->dev ? read_device(from, v, s->img->h.chunk_shift, c->raw)
		      : read_image(s, worker, v, c->raw))
		return false;
	return !hash_buf(s->decoders[worker].hash, c->raw, c->window.used, sum) &&
	       !memcmp(sum, c->v.sum, HASH_SIZE);
}

bool seeds_get(struct seeds *s, unsigned worker, const struct chunk *c)
{
	return take(s, s->target, worker, c) || take(s, s->other, worker, c);
}
