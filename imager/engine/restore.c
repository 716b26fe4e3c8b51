// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/restore.h"

#include <errno.h>
#include <inttypes.h>

struct run {
	struct restore_plan *plan;
	const struct restore_options *opt;
	const struct watcher *w;
	struct report *rep;
	struct hash *hash; /* the draining thread's */
};

static int take(void *arg, const struct chunk *c, struct err *e)
{
	struct run *r = arg;

	return target_chunk(&r->plan->to.target, c, e);
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
	code = target_read(&r->plan->to.target, g, &w, c->raw, e);
	if (code < 0)
		return code;
	if (hash_buf(r->hash, c->raw, w.used, sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	if (memcmp(sum, c->v.sum, HASH_SIZE))
		return err_set(e, -EBADMSG, "equal to a chunk that is lost");
	return target_chunk(&r->plan->to.target, c, e);
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
	code = deliver_finish(&r->plan->to, e);
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
			       rep->device, diff->chunks, p->img.chunks, diff->v.v[0].off);
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
	int code = hash_new(&r.hash, e);

	if (!code)
		code = deliver_begin(&p->to, e);
	if (!code)
		code = write_all(&r, e);
	if (!code) { /* a pipe has all it tells only now */
		rep->complete = true;
		report_image(rep, &p->img);
		extents_normalize(&rep->losses.v);
		code = deliver_compare(&p->to, opt->workers, e);
	}
	if (!code)
		code = judge(p, rep, e);
	if (!code)
		code = deliver_after(&p->to, e);
	hash_free(r.hash);
	return code;
}
