// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/verify.h"

#include "imager/engine/compare.h"
#include "imager/engine/open.h"

#include <errno.h>
#include <inttypes.h>

static int judge_image(const struct image *img, const struct report *rep, struct err *e)
{
	const struct losses *l = &rep->losses;

	if (l->chunks)
		return err_set(e, -EBADMSG,
			       "%s: %" PRIu64 " of %" PRIu64 " chunks (%" PRIu64 " of %" PRIu64
			       " bytes) are damaged or missing; the first: %.512s",
			       img->src->name, l->chunks, img->chunks, extents_total(&l->v),
			       img->h.used_bytes, l->first.msg);
	if (!img->complete)
		return err_set(
			e, -EBADMSG,
			"%s: all chunks are readable, but the end of the image is damaged "
			"or missing: %.512s",
			img->src->name, img->tail.msg);
	return 0;
}

static enum look look(void *arg, const struct region *g, const struct window *w)
{
	const bool *sample = arg;

	(void)g, (void)w;
	return *sample ? LOOK_MAYBE : LOOK_SURELY;
}

static int verify_image(struct image *img, const struct verify_options *how,
			const struct watcher *w, struct report *rep, struct err *e)
{
	struct chunks_options opt = {
		.workers = how->workers, .keep_going = true, .phase = "verify", .watcher = w
	};
	bool sample = how->sample;
	struct sample drawn = { 0 };
	struct meter m;
	int r = 0;

	if (!img->indexed && img->src->seekable)
		watcher_notice(w, "%s: %s; going by the chunks alone", img->src->name,
			       img->tail.msg);
	if (img->indexed)
		r = sample_draw(&drawn, img, look, &sample, e);
	rep->read_back = (struct read_back){ drawn.chosen, drawn.of };
	opt.want = drawn.want;
	meter_begin(&m, NULL, "verify", 0);
	if (!r)
		r = chunks_run(img, &opt, NULL, NULL, &rep->losses, e);
	meter_end(&m);
	sample_free(&drawn);
	report_phase(rep, "verify", m.p.elapsed);
	extents_normalize(&rep->losses.v);
	return r ? r : judge_image(img, rep, e);
}

/* Where the regions of @img are on @dev. */
static int place(struct image *img, const struct dev *dev, const struct parts *parts,
		 const struct watcher *w, struct err *e)
{
	struct ptable table = { 0 };
	struct blockers b = { 0 };
	bool moved = false;
	int r;

	if (parts->n) {
		(void)ptable_read(dev, &table, NULL);
		place_parts(&img->h, dev->path, &table, parts, &b);
	} else {
		moved = place_whole(&img->h, dev->path, dev->size, &b);
	}
	for (uint32_t i = 0; moved && i < img->h.n_regions; i++)
		if (img->h.regions[i].kind == REGION_TABLE)
			img->h.regions[i].use = USE_NONE;
	if (moved)
		watcher_notice(
			w,
			"%s has another size than the disk in the image: partition table "
			"and boot code are not compared",
			dev->path);
	r = blockers_verdict(&b, "cannot compare", e);
	blockers_free(&b);
	ptable_free(&table);
	return r ? -EUCLEAN : 0;
}

static int check_device(struct image *img, const char *device, const struct verify_options *opt,
			const struct watcher *w, struct report *rep, struct err *e)
{
	struct compare_options how = { .workers = opt->workers, .watcher = w };
	struct dev dev = { .fd = -1, .direct_fd = -1 };
	int r = dev_open_source(&dev, device, e);

	if (r < 0)
		return r;
	ident_read(&dev, &rep->ident);
	r = place(img, &dev, &opt->parts, w, e);
	rep->used_bytes = place_wanted(&img->h, false);
	if (!r)
		r = compare_device(img, &dev, &how, rep, e);
	extents_normalize(&rep->different.v);
	if (!r && rep->different.chunks)
		r = err_set(e, -EUCLEAN,
			    "%s differs from the image: %" PRIu64 " of %" PRIu64
			    " chunks, first at byte %" PRIu64,
			    device, rep->different.chunks, img->chunks,
			    rep->different.v.v[0].off);
	dev_close(&dev);
	return r;
}

int verify_run(const char *image, const char *device, const struct verify_options *opt,
	       const struct watcher *w, struct report *rep, struct err *e)
{
	struct source *src = NULL;
	struct image img = { 0 };
	int r = open_image(image, &opt->remote, w, &src, &img, e);

	if (r < 0)
		return r;
	if (!device || !img.indexed)
		r = verify_image(&img, opt, w, rep, e);
	report_image(rep, &img);
	if (!r && device)
		r = check_device(&img, device, opt, w, rep, e);
	image_close(&img);
	src->close(src);
	return r;
}
