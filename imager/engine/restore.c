// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/restore.h"

#include "imager/engine/compare.h"
#include "imager/engine/target.h"

#include <errno.h>
#include <inttypes.h>

struct run {
	struct restore_plan *plan;
	const struct restore_options *opt;
	const struct watcher *w;
	struct report *rep;
	struct target target;
	struct hash *hash; /* the draining thread's */
};

static int take(void *arg, const struct chunk *c, struct err *e)
{
	struct run *r = arg;

	return target_chunk(&r->target, c, e);
}

/* A pipe does not come back: the bytes are where they were written. */
static int copy(void *arg, const struct chunk *c, const struct entry *same, struct err *e)
{
	struct run *r = arg;
	const struct header *h = &r->plan->img.h;
	const struct region *g = &h->regions[same->region];
	uint8_t sum[HASH_SIZE];
	struct window w;
	int code;

	if (!window_find(&g->used, h->chunk_shift, same->number, &w) ||
	    w.used != c->window.used)
		return err_set(e, -EBADMSG, "equal to a chunk of another length");
	code = target_read(&r->target, g, &w, c->raw, e);
	if (code < 0)
		return code;
	if (hash_buf(r->hash, c->raw, w.used, sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	if (memcmp(sum, c->v.sum, HASH_SIZE))
		return err_set(e, -EBADMSG, "equal to a chunk that is lost");
	return target_chunk(&r->target, c, e);
}

static bool file_is_hole(const struct dev *d)
{
	struct extents data = { 0 };
	bool hole = !d->block && dev_data(d, &data, NULL) == 0 && !data.n;

	extents_free(&data);
	return hole;
}

/* Regions whose unused part must read as zeros, on a target that may hold anything. */
static bool must_erase(const struct run *r)
{
	const struct header *h = &r->plan->img.h;
	bool any = false;

	for (uint32_t i = 0; i < h->n_regions; i++)
		any = any || (h->regions[i].flags & REGION_UNUSED_IS_ZERO);
	return !r->target.fresh && any;
}

static int prepare(struct run *r, struct err *e)
{
	const struct restore_options *opt = r->opt;
	int code;

	r->rep->touched = true;
	code = target_wipe(&r->target, e);
	if (!code && opt->discard)
		code = target_clear(&r->target, CLEAR_DISCARD, r->w, e);
	if (!code && opt->erase)
		code = target_clear(&r->target, CLEAR_ZERO, r->w, e);
	else if (!code && must_erase(r))
		code = target_clear(&r->target, CLEAR_HOLES, r->w, e);
	return code;
}

static int write_all(struct run *r, struct err *e)
{
	static const struct chunks_ops ops = { take, copy };
	struct chunks_options opt = { .workers = r->opt->workers,
				      .keep_going = r->opt->force,
				      .phase = "restore",
				      .watcher = r->w };
	struct meter m;
	int code;

	meter_begin(&m, NULL, "restore", 0);
	code = chunks_run(&r->plan->img, &opt, &ops, r, &r->rep->losses, e);
	meter_end(&m);
	report_phase(r->rep, "restore", m.p.elapsed);
	if (code < 0)
		return code;
	meter_begin(&m, r->w, "sync", 0);
	code = target_finish(&r->target, r->opt->nosync, e);
	meter_end(&m);
	report_phase(r->rep, "sync", m.p.elapsed);
	return code;
}

static int judge(const struct restore_plan *p, const struct report *rep, struct err *e)
{
	const struct losses *lost = &rep->losses;
	const struct losses *diff = &rep->different;

	if (diff->chunks)
		return err_set(e, -EUCLEAN,
			       "%s does not hold what was written: %" PRIu64 " of %" PRIu64
			       " chunks differ, first at byte %" PRIu64
			       "; the disk may be failing",
			       p->dev.path, diff->chunks, p->img.chunks, diff->v.v[0].off);
	if (lost->chunks)
		return err_set(
			e, -EBADMSG,
			"%s: %" PRIu64 " of %" PRIu64 " chunks (%" PRIu64
			" bytes) cannot be restored, they are damaged; the first: %.512s",
			p->src->name, lost->chunks, p->img.chunks, extents_total(&lost->v),
			lost->first.msg);
	return 0;
}

int restore_simulate(struct restore_plan *p, const struct restore_options *opt,
		     const struct watcher *w, struct report *rep, struct err *e)
{
	struct chunks_options how = { .workers = opt->workers,
				      .keep_going = opt->force,
				      .phase = "simulate",
				      .watcher = w };
	int r = chunks_run(&p->img, &how, NULL, NULL, &rep->losses, e);

	report_image(rep, &p->img);
	return r ? r : judge(p, rep, e);
}

int restore_run(struct restore_plan *p, const struct restore_options *opt,
		const struct watcher *w, struct report *rep, struct err *e)
{
	struct run r = { .plan = p, .opt = opt, .w = w, .rep = rep };
	bool fresh = p->create;
	int code = hash_new(&r.hash, e);

	if (!code && p->create)
		code = dev_open_target(&p->dev, rep->device, p->img.h.device_size, e);
	if (!code) {
		fresh = fresh || file_is_hole(&p->dev);
		code = target_init(&r.target, &p->dev, &p->img.h, fresh, e);
	}
	if (!code)
		code = prepare(&r, e);
	if (!code)
		code = write_all(&r, e);
	if (!code) { /* a pipe has all it tells only now */
		rep->complete = true;
		report_image(rep, &p->img);
		extents_normalize(&rep->losses.v);
	}
	if (!code && opt->verify)
		code = compare_device(&p->img, &p->dev, opt->workers, w, rep, e);
	if (!code)
		code = judge(p, rep, e);
	target_free(&r.target);
	hash_free(r.hash);
	return code;
}
