// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/save.h"

#include "imager/disk/related.h"
#include "imager/engine/blockers.h"
#include "imager/engine/decode.h"
#include "imager/engine/gather.h"
#include "imager/engine/pipeline.h"
#include "imager/engine/place.h"
#include "imager/engine/verify.h"
#include "imager/image/volume.h"
#include "imager/image/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct worker {
	void *ctx; /* the codec's */
	struct hash *hash;
};

struct run {
	const struct save_options *opt;
	const struct layout *l;
	const struct codec *codec;
	struct writer *writer;
	struct worker *workers;
	unsigned n_workers;
	struct report *rep;
	struct meter meter;
	struct gather next; /* the chunk that fill() gives next */
};

/* What travels with a slot. */
struct job {
	struct window window;
	struct record rec;
	bool stored; /* the chunk goes into the image as it is */
};

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	(void)e;
	if (!gather_next(&r->next, &r->l->h))
		return 0;
	j->window = r->next.window;
	/* The lists keep their room from job to job. */
	j->rec = (struct record){ .region = r->next.region,
				  .number = r->next.window.number,
				  .used = { j->rec.used.v, 0, j->rec.used.cap },
				  .bad = { j->rec.bad.v, 0, j->rec.bad.cap } };
	if (r->opt->workers)
		gather_ahead(r->l, &r->next);
	return 1;
}

static int read_window(struct run *r, struct slot *s, struct err *e)
{
	struct job *j = s->user;
	const struct header *h = &r->l->h;
	int code = record_extents(&h->regions[j->rec.region], h->chunk_shift, &j->window,
				  &j->rec.used, e);

	s->in_len = j->window.used;
	if (code)
		return code;
	return gather_read(r->l, j->rec.region, &j->window, s->in,
			   r->opt->rescue ? &j->rec.bad : NULL, e);
}

static int pack(struct run *r, struct worker *w, struct slot *s, struct err *e)
{
	struct record *rec = &((struct job *)s->user)->rec;
	bool zero = all_zero(s->in, s->in_len);
	int64_t n = 0;

	rec->raw = (uint32_t)s->in_len;
	rec->kind = zero ? CHUNK_ZERO : CHUNK_DATA;
	if (!zero && hash_buf(w->hash, s->in, s->in_len, rec->sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	if (!zero || r->codec->always) /* for zstd -dc zeros are bytes like others */
		n = r->codec->pack(w->ctx, s->in, s->in_len, s->out, e);
	if (n < 0)
		return (int)n;
	((struct job *)s->user)->stored = !zero && !n;
	rec->codec = n ? r->codec->id : 0;
	rec->packed = n ? (uint32_t)n : zero ? 0 : rec->raw;
	return 0;
}

static int work(void *arg, unsigned worker, struct slot *s, struct err *e)
{
	struct run *r = arg;
	int code = read_window(r, s, e);

	return code ? code : pack(r, &r->workers[worker], s, e);
}

static int drain(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;
	uint64_t before = writer_bytes(r->writer);
	uint64_t start =
		r->l->h.regions[j->rec.region].off + (j->window.number << r->l->h.chunk_shift);
	int code = writer_chunk(r->writer, &j->rec, j->stored ? s->in : s->out, e);

	for (size_t i = 0; i < j->rec.bad.n && !code; i++)
		code = extents_add(&r->rep->unreadable, start + j->rec.bad.v[i].off,
				   j->rec.bad.v[i].len, e);
	meter_chunk(&r->meter, &(struct chunk_done){ .region = j->rec.region,
						     .used = j->window.used,
						     .damaged = extents_total(&j->rec.bad),
						     .same = j->rec.kind != CHUNK_DATA,
						     .fetched = true,
						     .written = j->rec.kind == CHUNK_DATA });
	if (!code && meter_add(&r->meter, j->window.used, writer_bytes(r->writer) - before))
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
	record_free(&((struct job *)user)->rec);
}

static int open_workers(struct run *r, struct err *e)
{
	int code = 0;

	r->n_workers = r->opt->workers ? r->opt->workers : 1;
	r->workers = calloc(r->n_workers, sizeof(*r->workers));
	if (!r->workers)
		return err_nomem(e);
	for (unsigned i = 0; i < r->n_workers && !code; i++) {
		code = hash_new(&r->workers[i].hash, e);
		if (!code && r->codec->open)
			code = r->codec->open(&r->workers[i].ctx, r->opt->layout.level,
					      (size_t)1 << r->l->h.chunk_shift, e);
	}
	return code;
}

static void close_workers(struct run *r)
{
	for (unsigned i = 0; r->workers && i < r->n_workers; i++) {
		if (r->workers[i].ctx && r->codec->close)
			r->codec->close(r->workers[i].ctx);
		hash_free(r->workers[i].hash);
	}
	free(r->workers);
}

static int save_chunks(struct run *r, struct sink *sink, const struct watcher *w, struct err *e)
{
	static const struct pipeline_ops stages = { fill, work, drain, idle, release };
	size_t chunk = (size_t)1 << r->l->h.chunk_shift;
	struct pipeline_size size = { .workers = r->opt->workers,
				      .in = chunk,
				      .out = CODEC_BOUND(chunk),
				      .user = sizeof(struct job) };
	struct trailer t;
	int code;

	meter_begin(&r->meter, w, "save", r->l->h.used_bytes);
	meter_map(&r->meter, place_progress(&r->l->h, true), r->l->h.n_regions);
	code = writer_open(&r->writer, sink, &r->l->h, e);
	if (!code)
		code = open_workers(r, e);
	if (!code)
		code = pipeline_run(&stages, r, &size, e);
	meter_end(&r->meter);
	report_phase(r->rep, "save", r->meter.p.elapsed);
	if (code < 0)
		return code;
	meter_begin(&r->meter, w, "sync", 0);
	code = writer_finish(r->writer, &t, e);
	meter_end(&r->meter);
	report_phase(r->rep, "sync", r->meter.p.elapsed);
	if (!code) {
		r->rep->has_root = true;
		memcpy(r->rep->root, t.root, HASH_SIZE);
		r->rep->image_bytes = t.image_len;
		r->rep->chunks = t.chunks;
	}
	return code;
}

/* True when @id is the source or lies on it: a partition of the disk, a loop device. */
static bool lies_on(const struct dev *dev, dev_t id)
{
	struct related r = { 0 };
	bool yes =
		related_find("/sys", dev, &r, NULL) == 0 ? related_has(&r, id) : id == dev->id;

	related_free(&r);
	return yes;
}

/* The image must not land in what is being read. */
static void check_place(const struct dev *dev, const char *image, struct blockers *b)
{
	char *copy = strdup(image);
	struct stat st;

	if (!dev->block && stat(image, &st) == 0 && st.st_dev == dev->id &&
	    st.st_ino == dev->ino)
		blockers_add(b, "%s is the source itself", image);
	else if (copy && dev->block && stat(dirname(copy), &st) == 0 && lies_on(dev, st.st_dev))
		blockers_add(b, "%s would be written to the device that is being saved", image);
	free(copy);
}

static int check(const struct layout *l, const char *image, struct layout_options *opt,
		 const struct watcher *w, struct err *e)
{
	struct blockers b = { 0 };
	int r;

	layout_check_use(l, opt, w, &b);
	check_place(&l->dev, image, &b);
	r = blockers_verdict(&b, "cannot save", e);
	blockers_free(&b);
	return r;
}

static int judge(struct report *rep, const char *device, struct err *e)
{
	if (!rep->unreadable.n)
		return 0;
	extents_normalize(&rep->unreadable);
	return err_set(e, -EIO,
		       "%s: %" PRIu64 " bytes in %zu places could not be read and are zeros in "
		       "the image, first at byte %" PRIu64 "; all else is saved",
		       device, extents_total(&rep->unreadable), rep->unreadable.n,
		       rep->unreadable.v[0].off);
}

int save_run(const char *device, const char *image, const struct save_options *opt,
	     const struct watcher *w, struct report *rep, struct err *e)
{
	struct layout_options how = opt->layout;
	struct layout l;
	struct verify_options how_verified = { .workers = opt->workers,
					       .sample = opt->verify == VERIFY_SAMPLE,
					       .remote = opt->sink.remote };
	struct sink *sink = NULL;
	struct run run = { .opt = opt, .l = &l, .rep = rep, .codec = opt->layout.codec };
	int r = layout_open(&l, device, e);

	if (!r) {
		rep->ident = l.ident;
		r = check(&l, image, &how, w, e);
	}
	if (!r)
		r = layout_make(&l, &how, w, e);
	if (r < 0)
		goto out;
	report_header(rep, &l.h);
	if (opt->simulate)
		goto out;
	r = sink_open(&sink, image, &opt->sink, e);
	if (r < 0)
		goto out;
	rep->touched = true;
	r = save_chunks(&run, sink, w, e);
	if (!r && opt->verify) {
		rep->verify = opt->verify;
		r = verify_run(sink->name, NULL, &how_verified, w, rep, e);
	}
	if (!r)
		r = judge(rep, device, e);
out:
	close_workers(&run);
	writer_free(run.writer);
	if (sink)
		sink->close(sink);
	layout_close(&l);
	return r;
}
