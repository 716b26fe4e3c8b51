// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/save.h"

#include "imager/disk/inuse.h"
#include "imager/engine/blockers.h"
#include "imager/engine/decode.h"
#include "imager/engine/pipeline.h"
#include "imager/engine/verify.h"
#include "imager/image/volume.h"
#include "imager/image/writer.h"

#include <errno.h>
#include <fcntl.h>
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
	const struct dev *dev;
	const struct header *h;
	const struct codec *codec;
	struct writer *writer;
	struct worker *workers;
	unsigned n_workers;
	struct report *rep;
	struct meter meter;
	uint32_t region; /* the chunk that fill() gives next */
	struct window window;
};

/* What travels with a slot. */
struct job {
	const struct region *region;
	struct window window;
	struct record rec;
	bool stored; /* the chunk goes into the image as it is */
};

/* So that a disk goes on while the workers are busy. */
static void read_ahead(const struct run *r, const struct job *j)
{
	unsigned shift = r->h->chunk_shift;

	for (size_t i = 0; i < j->window.n; i++) {
		struct extent x = window_piece(&j->region->used, shift, &j->window, i);

		dev_read_hint(r->dev, j->region->off + x.off, x.len);
	}
}

static int fill(void *arg, struct slot *s, struct err *e)
{
	struct run *r = arg;
	struct job *j = s->user;

	(void)e;
	for (; r->region < r->h->n_regions; r->region++) {
		const struct region *g = &r->h->regions[r->region];

		if (!window_next(&g->used, r->h->chunk_shift, &r->window)) {
			r->window = (struct window){ 0 };
			continue;
		}
		j->region = g;
		j->window = r->window;
		/* The lists keep their room from job to job. */
		j->rec = (struct record){ .region = r->region,
					  .number = r->window.number,
					  .used = { j->rec.used.v, 0, j->rec.used.cap },
					  .bad = { j->rec.bad.v, 0, j->rec.bad.cap } };
		if (r->opt->workers)
			read_ahead(r, j);
		return 1;
	}
	return 0;
}

/* Bad places come as device offsets and are recorded as window offsets. */
static int note_bad(struct job *j, const struct extents *bad, uint64_t window_start,
		    struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < bad->n && !code; i++)
		code = extents_add(&j->rec.bad, bad->v[i].off - window_start, bad->v[i].len, e);
	return code;
}

/* The used bytes of the window, one after the other, into s->in. */
static int read_window(struct run *r, struct slot *s, struct err *e)
{
	struct job *j = s->user;
	uint64_t start = j->region->off + (j->window.number << r->h->chunk_shift);
	struct extents bad = { 0 };
	int code;

	s->in_len = 0;
	code = record_extents(j->region, r->h->chunk_shift, &j->window, &j->rec.used, e);
	for (size_t i = 0; i < j->rec.used.n && !code; i++) {
		const struct extent *x = &j->rec.used.v[i];
		uint64_t off = start + x->off;

		code = r->opt->rescue
			       ? dev_rescue(r->dev, s->in + s->in_len, x->len, off, &bad, e)
			       : dev_read(r->dev, s->in + s->in_len, x->len, off, e);
		s->in_len += x->len;
	}
	if (code == -EIO && !r->opt->rescue)
		code = err_wrap(e, code, "a bad place on the disk (--rescue saves the rest)");
	if (!code && bad.n) {
		extents_normalize(&bad);
		code = note_bad(j, &bad, start, e);
	}
	extents_free(&bad);
	return code;
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
	uint64_t start = j->region->off + (j->window.number << r->h->chunk_shift);
	int code = writer_chunk(r->writer, &j->rec, j->stored ? s->in : s->out, e);

	for (size_t i = 0; i < j->rec.bad.n && !code; i++)
		code = extents_add(&r->rep->unreadable, start + j->rec.bad.v[i].off,
				   j->rec.bad.v[i].len, e);
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
					      (size_t)1 << r->h->chunk_shift, e);
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
	size_t chunk = (size_t)1 << r->h->chunk_shift;
	struct pipeline_size size = { .workers = r->opt->workers,
				      .in = chunk,
				      .out = CODEC_BOUND(chunk),
				      .user = sizeof(struct job) };
	struct trailer t;
	int code;

	meter_begin(&r->meter, w, "save", r->h->used_bytes);
	code = writer_open(&r->writer, sink, r->h, e);
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

/* A filesystem that is mounted is never clean: -m grants that too, in @fs. */
static void check_use(const struct dev *dev, const struct save_options *opt,
		      const struct watcher *w, struct fs_options *fs, struct blockers *b)
{
	struct inuse use;
	struct err e = { "" };

	if (inuse_find(dev, &use, &e) < 0) {
		blockers_add(b, "%s", e.msg);
	} else if (use.busy && opt->allow_mounted) {
		fs->force = true;
		watcher_notice(w,
			       "%s is in use (%s) and may change while it is read: the image "
			       "may not be consistent",
			       dev->path, use.what);
	} else if (use.busy) {
		blockers_add(
			b,
			"%s is in use: %s; unmount it or mount it read-only, or save it all "
			"the same with -m (--allowmnt)",
			dev->path, use.what);
	}
}

/* The image must not land in what is being read. */
static void check_place(const struct dev *dev, const char *image, struct blockers *b)
{
	char *copy = strdup(image);
	struct stat st;

	if (!dev->block && stat(image, &st) == 0 && st.st_dev == dev->id &&
	    st.st_ino == dev->ino)
		blockers_add(b, "%s is the source itself", image);
	else if (copy && dev->block && stat(dirname(copy), &st) == 0 && st.st_dev == dev->id)
		blockers_add(b, "%s would be written to the device that is being saved", image);
	free(copy);
}

static int check(const struct dev *dev, const char *image, const struct save_options *opt,
		 const struct watcher *w, struct fs_options *fs, struct err *e)
{
	struct blockers b = { 0 };
	int r;

	check_use(dev, opt, w, fs, &b);
	check_place(dev, image, &b);
	r = blockers_verdict(&b, "cannot save", e);
	blockers_free(&b);
	return r;
}

static void report_layout(struct report *rep, const struct header *h, const struct fs_scan *s)
{
	rep->has_image = true;
	rep->raw = !s->ops;
	memcpy(rep->id, h->id, IMAGE_ID_SIZE);
	snprintf(rep->fs, sizeof(rep->fs), "%s", s->type);
	snprintf(rep->label, sizeof(rep->label), "%s", s->label);
	snprintf(rep->uuid, sizeof(rep->uuid), "%s", s->uuid);
	rep->device_bytes = h->device_size;
	rep->used_bytes = h->used_bytes;
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
	struct dev dev = { .fd = -1, .direct_fd = -1 };
	struct layout_options layout = opt->layout;
	struct header h = { 0 };
	struct fs_scan scan = { 0 };
	struct sink *sink = NULL;
	struct run run = {
		.opt = opt, .dev = &dev, .h = &h, .rep = rep, .codec = opt->layout.codec
	};
	int r = dev_open_source(&dev, device, e);

	if (!r) {
		ident_read(&dev, &rep->ident);
		r = check(&dev, image, opt, w, &layout.fs, e);
	}
	if (!r)
		r = layout_make(&dev, &rep->ident, &layout, w, &h, &scan, e);
	if (r < 0)
		goto out;
	report_layout(rep, &h, &scan);
	if (opt->simulate)
		goto out;
	r = sink_open(&sink, image, &opt->sink, e);
	if (r < 0)
		goto out;
	rep->touched = true;
	r = save_chunks(&run, sink, w, e);
	if (!r && opt->verify)
		r = verify_run(sink->name, NULL, opt->workers, w, rep, e);
	if (!r)
		r = judge(rep, device, e);
out:
	close_workers(&run);
	writer_free(run.writer);
	if (sink)
		sink->close(sink);
	header_free(&h);
	fs_scan_free(&scan);
	dev_close(&dev);
	return r;
}
