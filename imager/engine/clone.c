// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/clone.h"

#include "imager/disk/related.h"
#include "imager/engine/decode.h"
#include "imager/engine/gather.h"
#include "imager/engine/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct run {
	struct clone_plan *plan;
	const struct clone_options *opt;
	struct report *rep;
	struct hash **hashes; /* one a worker */
	struct meter meter;
	struct gather next; /* the chunk that fill() gives next */
};

/* What travels with a slot. */
struct job {
	struct gather at;
	struct entry *v;
	struct extents bad;
};

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	(void)e;
	if (!gather_next(&r->next, &r->plan->img.h))
		return 0;
	j->at = r->next;
	j->v = &r->plan->img.v[s->seq];
	j->bad.n = 0;
	if (r->opt->workers)
		gather_ahead(&r->plan->from, &r->next);
	return 1;
}

static int work(void *arg, unsigned worker, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	struct chunk c = { .ordinal = s->seq,
			   .region = &r->plan->img.h.regions[j->at.region],
			   .window = j->at.window,
			   .raw = s->in };
	int code = gather_read(&r->plan->from, j->at.region, &j->at.window, s->in,
			       r->opt->rescue ? &j->bad : NULL, e);

	if (code < 0)
		return code;
	*j->v = (struct entry){ .kind = CHUNK_DATA,
				.region = j->at.region,
				.number = j->at.window.number };
	if (hash_buf(r->hashes[worker], s->in, j->at.window.used, j->v->sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	return target_chunk(&r->plan->to.target, &c, e);
}

static int drain(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	const struct area *from = &r->plan->from.pieces[j->at.region].from;
	uint64_t start = from->off + (j->at.window.number << r->plan->img.h.chunk_shift);
	int code = 0;

	for (size_t i = 0; i < j->bad.n && !code; i++)
		code = extents_add(&r->rep->unreadable, start + j->bad.v[i].off,
				   j->bad.v[i].len, e);
	meter_chunk(&r->meter, &(struct chunk_done){ .region = j->at.region,
						     .used = j->at.window.used,
						     .damaged = extents_total(&j->bad),
						     .fetched = true,
						     .written = true });
	if (!code && meter_add(&r->meter, j->at.window.used, 0))
		code = err_set(e, -EINTR, "stopped by a signal");
	return code;
}

static int idle(void *arg, struct err *e)
{
	struct run *r = arg;

	return meter_add(&r->meter, 0, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static void release(void *user)
{
	extents_free(&((struct job *)user)->bad);
}

static int copy_chunks(struct run *r, const struct watcher *w, struct err *e)
{
	static const struct pipeline_ops stages = { fill, work, drain, idle, release };
	struct pipeline_size size = { .workers = r->opt->workers,
				      .in = (size_t)1 << r->plan->img.h.chunk_shift,
				      .user = sizeof(struct job) };
	unsigned n = r->opt->workers ? r->opt->workers : 1;
	int code = 0;

	r->hashes = calloc(n, sizeof(*r->hashes));
	if (!r->hashes)
		return err_nomem(e);
	for (unsigned i = 0; i < n && !code; i++)
		code = hash_new(&r->hashes[i], e);
	meter_begin(&r->meter, w, "clone", r->plan->img.h.used_bytes);
	meter_map(&r->meter, place_progress(&r->plan->img.h, true), r->plan->img.h.n_regions);
	if (!code)
		code = pipeline_run(&stages, r, &size, e);
	meter_end(&r->meter);
	report_phase(r->rep, "clone", r->meter.p.elapsed);
	for (unsigned i = 0; i < n; i++)
		hash_free(r->hashes[i]);
	free(r->hashes);
	return code;
}

static int finish(struct run *r, const struct watcher *w, struct err *e)
{
	struct meter m;
	int code;

	meter_begin(&m, w, "sync", 0);
	code = deliver_finish(&r->plan->to, e);
	meter_end(&m);
	report_phase(r->rep, "sync", m.p.elapsed);
	r->rep->complete = !code;
	return code ? code : deliver_compare(&r->plan->to, r->opt->workers, e);
}

static int judge(struct report *rep, const struct clone_plan *p, struct err *e)
{
	extents_normalize(&rep->unreadable);
	if (rep->different.chunks)
		return err_set(e, -EUCLEAN,
			       "%s does not hold what was written: %" PRIu64
			       " chunks differ, first at byte %" PRIu64
			       "; the disk may be failing",
			       rep->device, rep->different.chunks, rep->different.v.v[0].off);
	if (rep->unreadable.n)
		return err_set(e, -EIO,
			       "%s: %" PRIu64 " bytes in %zu places could not be read and are "
			       "zeros in the clone, first at byte %" PRIu64
			       "; all else is cloned",
			       p->from.dev.path, extents_total(&rep->unreadable),
			       rep->unreadable.n, rep->unreadable.v[0].off);
	return 0;
}

int clone_run(struct clone_plan *p, const struct clone_options *opt, const struct watcher *w,
	      struct report *rep, struct err *e)
{
	struct run r = { .plan = p, .opt = opt, .rep = rep };
	int code = deliver_begin(&p->to, false, e);
	int after;

	if (!code)
		code = copy_chunks(&r, w, e);
	if (!code)
		code = finish(&r, w, e);
	if (!code)
		code = judge(rep, p, e);
	deliver_count(&p->to);
	if (code && !rep->complete)
		return code;
	after = code == -EUCLEAN ? 0 : deliver_after(&p->to, code ? NULL : e);
	return code ? code : after;
}

/* ---- before anything is touched -------------------------------------------- */

static void check_apart(const struct clone_plan *p, struct blockers *b)
{
	const struct dev *from = &p->from.dev, *to = &p->to.to.dev;
	struct related r = { 0 };
	bool same = from->block == to->block && from->id == to->id && from->ino == to->ino;

	if (p->to.to.create)
		return;
	if (!same && to->block && related_find("/sys", from, &r, NULL) == 0)
		same = related_has(&r, to->id);
	if (same)
		blockers_add(b, "%s is the source itself, or part of it", to->path);
	related_free(&r);
}

static int read_source(void *arg, uint32_t region, const struct window *w, void *buf,
		       struct err *e)
{
	return gather_read(arg, region, w, buf, NULL, e);
}

/* What compare and deliver see of an image. */
static int make_image(struct clone_plan *p, struct err *e)
{
	const struct header *h = &p->from.h;
	struct image *img = &p->img;

	img->h = *h;
	img->h.json = NULL;
	img->h.regions = calloc(h->n_regions, sizeof(*h->regions));
	if (!img->h.regions)
		return err_nomem(e);
	memcpy(img->h.regions, h->regions, h->n_regions * sizeof(*h->regions));
	for (uint32_t i = 0; i < h->n_regions; i++) /* the maps stay the layout's */
		img->chunks += window_count(&h->regions[i].used, h->chunk_shift);
	img->v = calloc(img->chunks + 1, sizeof(*img->v));
	img->n = img->chunks;
	return img->v ? 0 : err_nomem(e);
}

int clone_plan(struct clone_plan *p, const char *source, const char *target,
	       const struct clone_options *opt, const struct watcher *w, struct report *rep,
	       struct err *e)
{
	static const struct parts all = { .n = 0 };
	struct layout_options how = opt->layout;
	struct blockers b = { 0 };
	int r;

	*p = (struct clone_plan){ .to = DELIVERY_NONE };
	p->to.opt = &opt->deliver;
	p->to.w = w;
	p->to.rep = rep;
	p->to.img = &p->img;
	r = layout_open(&p->from, source, e);
	if (!r)
		r = destination_open(&p->to.to, target, &opt->deliver.expected, rep, &b, e);
	if (r < 0)
		goto out;
	layout_check_use(&p->from, &how, w, &b);
	check_apart(p, &b);
	r = blockers_verdict(&b, "cannot clone", e);
	if (!r)
		r = layout_make(&p->from, &how, w, e);
	if (!r)
		r = make_image(p, e);
	if (r < 0)
		goto out;
	report_header(rep, &p->from.h);
	rep->chunks = p->img.chunks;
	r = deliver_check(&p->to, &all, read_source, &p->from, &b, e);
	if (!r)
		r = blockers_verdict(&b, "cannot clone", e);
out:
	blockers_free(&b);
	return r;
}

void clone_plan_free(struct clone_plan *p)
{
	deliver_free(&p->to);
	free(p->img.h.regions);
	free(p->img.v);
	layout_close(&p->from);
}
