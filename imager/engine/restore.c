// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/restore.h"

#include "imager/engine/delta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <time.h>

/* What is done is remembered this often, as far as it is on stable storage. */
#define SAVE_SECONDS 10

struct run {
	struct restore_plan *plan;
	const struct restore_options *opt;
	const struct watcher *w;
	struct report *rep;
	struct hash *hash; /* the draining thread's */
	struct delta delta;
	_Atomic uint64_t local; /* bytes that workers had from seeds */
	time_t saved;           /* the state */
};

static int take(void *arg, const struct chunk *c, struct err *e)
{
	struct run *r = arg;

	return target_chunk(&r->plan->to.target, c, e);
}

/* The bytes are where they were written; a pipe could not give them again. */
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
	if (g->use != USE_ALL)
		return 1;
	code = target_read(&r->plan->to.target, g, &w, c->raw, e);
	if (code < 0)
		return code;
	if (hash_buf(r->hash, c->raw, w.used, sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	if (memcmp(sum, c->v.sum, HASH_SIZE))
		return 1;
	r->rep->bytes.local += w.used;
	return target_chunk(&r->plan->to.target, c, e);
}

static bool local(void *arg, unsigned worker, const struct chunk *c)
{
	struct run *r = arg;

	if (!seeds_get(&r->delta.seeds, worker, c))
		return false;
	r->local += c->window.used;
	return true;
}

static int save_state(struct run *r, struct err *e)
{
	int code = dev_sync(&r->plan->to.to.dev, e);

	r->saved = time(NULL);
	return code ? code : state_save(r->delta.state, e);
}

static int done(void *arg, const struct chunk *c, struct err *e)
{
	struct run *r = arg;

	if (!r->delta.state)
		return 0;
	if (target_has_all(&r->plan->to.target, c->region, &c->window))
		state_add(r->delta.state, c->ordinal);
	return time(NULL) - r->saved < SAVE_SECONDS ? 0 : save_state(r, e);
}

static int write_chunks(struct run *r, struct err *e)
{
	static const struct chunks_ops ops = { take, copy, local, done };
	struct chunks_options opt = { .workers = r->opt->workers,
				      .keep_going = r->opt->force,
				      .phase = "restore",
				      .want = r->delta.want,
				      .watcher = r->w };
	struct meter m;
	int code;

	meter_begin(&m, NULL, "restore", 0);
	code = chunks_run(&r->plan->img, &opt, &ops, r, &r->rep->losses, e);
	meter_end(&m);
	report_phase(r->rep, "restore", m.p.elapsed);
	/* Where it can go on is worth most after a failure. */
	if (code < 0 && r->delta.state)
		(void)save_state(r, NULL);
	return code;
}

static int write_all(struct run *r, struct err *e)
{
	struct meter m;
	int code = write_chunks(r, e);

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
			       " chunks that were read back differ, first at byte %" PRIu64
			       "; the disk may be failing",
			       rep->device, diff->chunks, rep->read_back.chunks,
			       diff->v.v[0].off);
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

static bool nothing_to_do(const struct run *r)
{
	const struct deliver_options *opt = &r->opt->deliver;

	return r->delta.nothing && !opt->erase && !opt->discard;
}

/* What the target has already, and keeps all the time. */
static void note_kept(struct run *r)
{
	const struct header *h = &r->plan->img.h;
	uint64_t ordinal = 0;

	state_clear(r->delta.state);
	for (uint32_t i = 0; i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		struct window w = { 0 };

		for (; window_next(&g->used, h->chunk_shift, &w); ordinal++)
			if (g->use == USE_ALL && r->delta.want[ordinal] == WANT_NOT &&
			    target_has_all(&r->plan->to.target, g, &w))
				state_add(r->delta.state, ordinal);
	}
}

static int write_target(struct run *r, struct err *e)
{
	int code = deliver_begin(&r->plan->to, r->delta.over, e);

	if (!code && r->delta.state) {
		note_kept(r);
		code = save_state(r, e);
	}
	return code ? code : write_all(r, e);
}

static int finish(struct run *r, struct err *e)
{
	struct report *rep = r->rep;
	int code;

	rep->complete = true; /* a pipe has all it tells only now */
	report_image(rep, &r->plan->img);
	extents_normalize(&rep->losses.v);
	code = r->delta.state ? state_remove(r->delta.state, e) : 0;
	if (!rep->touched && r->opt->deliver.verify) /* it was just read, all of it */
		rep->verify = VERIFY_FULL;
	else if (!code)
		code = deliver_compare(&r->plan->to, r->opt->workers, e);
	if (!code)
		code = judge(r->plan, rep, e);
	return code || !rep->touched ? code : deliver_after(&r->plan->to, e);
}

int restore_run(struct restore_plan *p, const struct restore_options *opt,
		const struct watcher *w, struct report *rep, struct err *e)
{
	struct run r = { .plan = p, .opt = opt, .w = w, .rep = rep };
	int code = hash_new(&r.hash, e);

	if (!code)
		code = delta_plan(&r.delta, p, opt, w, rep, e);
	if (!code && !nothing_to_do(&r))
		code = write_target(&r, e);
	if (!code)
		code = finish(&r, e);
	deliver_count(&p->to);
	rep->bytes.fetched = p->src->fetched;
	rep->bytes.local += r.local;
	delta_free(&r.delta);
	hash_free(r.hash);
	return code;
}
