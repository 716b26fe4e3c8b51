// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/deliver_internal.h"

#include "imager/disk/fstools.h"
#include "imager/engine/compare.h"
#include "imager/engine/decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing --------------------------------------------------------------- */

static bool file_is_hole(const struct dev *d)
{
	struct extents data = { 0 };
	bool hole = !d->block && dev_data(d, &data, NULL) == 0 && !data.n;

	extents_free(&data);
	return hole;
}

/* Regions whose unused part must read as zeros, on a target that may hold anything. */
static bool must_erase(const struct delivery *d)
{
	const struct header *h = &d->img->h;
	bool any = false;

	for (uint32_t i = 0; i < h->n_regions; i++)
		any = any || (h->regions[i].flags & REGION_UNUSED_IS_ZERO);
	return !d->target.fresh && !d->holes_are_zero && any;
}

int deliver_begin(struct delivery *d, bool over, struct err *e)
{
	const struct deliver_options *opt = d->opt;
	int r = 0;

	if (d->to.create)
		r = dev_open_target(&d->to.dev, d->rep->device, d->img->h.device_size, e);
	if (r < 0)
		return r;
	d->target = (struct target){ .dev = &d->to.dev,
				     .h = &d->img->h,
				     .fresh = d->to.create || file_is_hole(&d->to.dev),
				     .partial = d->partial };
	r = target_init(&d->target, e);
	if (!r && over)
		r = target_remember(&d->target, e);
	if (r < 0)
		return r;
	d->rep->touched = true;
	r = over ? target_hide(&d->target, &d->table.own, e) : target_wipe(&d->target, e);
	if (!r && opt->discard)
		r = target_clear(&d->target, CLEAR_DISCARD, d->w, e);
	if (!r && opt->erase)
		r = target_clear(&d->target, CLEAR_ZERO, d->w, e);
	else if (!r && must_erase(d))
		r = target_clear(&d->target, CLEAR_HOLES, d->w, e);
	return r;
}

static int read_written(void *arg, uint32_t region, const struct window *w, void *buf,
			struct err *e)
{
	struct delivery *d = arg;

	return target_read(&d->target, &d->img->h.regions[region], w, buf, e);
}

static int patch(void *arg, uint64_t off, const void *buf, uint32_t n, struct err *e)
{
	struct delivery *d = arg;

	return target_patch(&d->target, off, buf, n, e);
}

/* What deliver_compare() has to find now in the table's regions. */
static int expect_table(struct delivery *d, struct err *e)
{
	struct image *img = d->img;
	uint8_t *buf = malloc((size_t)1 << img->h.chunk_shift);
	struct hash *hash = NULL;
	uint64_t n = 0;
	int r = buf ? hash_new(&hash, e) : err_nomem(e);

	for (uint32_t i = 0; i < img->h.n_regions && !r; i++) {
		struct window w = { 0 };

		for (; !r && window_next(&img->h.regions[i].used, img->h.chunk_shift, &w);
		     n++) {
			if (img->h.regions[i].kind != REGION_TABLE || n >= img->n)
				continue;
			r = read_written(d, i, &w, buf, e);
			if (!r && hash_buf(hash, buf, w.used, img->v[n].sum) < 0)
				r = err_set(e, -EIO, "libcrypto failed");
			img->v[n].kind = CHUNK_DATA;
		}
	}
	hash_free(hash);
	free(buf);
	return r;
}

int deliver_finish(struct delivery *d, struct err *e)
{
	int r = 0;

	if (d->retable && !d->made) { /* from a pipe the table is known only now */
		r = retable_collect(&d->table, &d->img->h, read_written, d, e);
		if (!r)
			r = deliver_make_table(d, e);
	}
	if (!r && d->retable)
		r = retable_put(&d->table, patch, d, e);
	if (!r && d->retable && d->opt->verify)
		r = expect_table(d, e);
	return r ? r : target_finish(&d->target, d->opt->nosync, e);
}

/* ---- behind ---------------------------------------------------------------- */

int deliver_has_table(struct delivery *d, bool *ret, struct err *e)
{
	const struct extents *own = &d->table.own;
	int r = 0;

	*ret = true;
	for (size_t i = 0; d->made && i < own->n && !r && *ret; i++)
		r = dev_holds(&d->to.dev, &d->table.now, own->v[i], ret, e);
	return r;
}

/* The new table once more, also where the image has nothing. */
static int compare_table(struct delivery *d, struct err *e)
{
	const struct extents *own = &d->table.own;
	bool there = true;
	int r = 0;

	for (size_t i = 0; i < own->n && !r; i++) {
		r = dev_holds(&d->to.dev, &d->table.now, own->v[i], &there, e);
		if (r || there)
			continue;
		d->rep->different.chunks++;
		r = extents_add(&d->rep->different.v, own->v[i].off, own->v[i].len, e);
	}
	return r;
}

int deliver_compare(struct delivery *d, unsigned workers, struct err *e)
{
	enum verify how = d->opt->verify;
	struct compare_options opt = { .sample = how == VERIFY_SAMPLE ? &d->target : NULL,
				       .workers = workers,
				       .watcher = d->w };
	int r;

	if (how == VERIFY_NONE)
		return 0;
	d->rep->verify = how;
	r = compare_device(d->img, &d->to.dev, &opt, d->rep, e);
	return r || !d->made ? r : compare_table(d, e);
}

/* Where the filesystem of region @i has its place now. */
static struct area area_of(const struct delivery *d, uint32_t i)
{
	const struct region *g = &d->img->h.regions[i];
	const struct ptable *t = d->made ? &d->table.after : &d->to.table;
	const struct part *p = g->part ? retable_part(t, g->part) : NULL;

	if (p && (d->made || d->partial))
		return (struct area){ &d->to.dev, p->off, p->size };
	if (d->partial || !g->part)
		return (struct area){ &d->to.dev, 0, d->to.dev.size };
	return (struct area){ &d->to.dev, g->off, g->size };
}

static int grow(struct delivery *d, struct err *e)
{
	struct area a;
	char name[64];
	int r;

	if (d->grow == UINT32_MAX || resize_can(d->img->h.regions[d->grow].fs, false, NULL))
		return 0;
	a = area_of(d, d->grow);
	if (a.size <= d->img->h.regions[d->grow].size)
		return 0;
	deliver_name(d, d->grow, name, sizeof(name));
	r = resize_grow(&a, d->img->h.regions[d->grow].fs, e);
	if (r < 0)
		return err_wrap(e, r,
				"all is restored, but the filesystem in %s could not be grown "
				"and has its old size",
				name);
	watcher_notice(d->w, "%s: the filesystem has grown to %" PRIu64 " MiB", name,
		       a.size >> 20);
	return 0;
}

static int rename_all(struct delivery *d, struct err *e)
{
	const struct header *h = &d->img->h;
	char name[64];
	int r = 0;

	for (uint32_t i = 0; d->opt->new_ids && i < h->n_regions && !r; i++) {
		const struct region *g = &h->regions[i];
		struct area a = area_of(d, i);

		if (g->use != USE_ALL || g->kind != REGION_AREA || !g->fs[0] ||
		    resize_can_new_uuid(g->fs, NULL))
			continue;
		r = resize_new_uuid(&a, g->fs, e);
		if (r < 0)
			err_wrap(e, r,
				 "all is restored, but the filesystem in %s could not be given "
				 "a new UUID",
				 deliver_name(d, i, name, sizeof(name)));
	}
	return r;
}

int deliver_after(struct delivery *d, struct err *e)
{
	struct err why = { "" };
	/* A filesystem that was just grown may want a check before anything else. */
	int r = rename_all(d, e);

	if (!r)
		r = grow(d, e);
	if (d->partial || !place_has_table(&d->img->h))
		return r;
	if (ptable_reread(&d->to.dev, &why) < 0)
		watcher_notice(d->w,
			       "%s: the kernel does not see the new partitions yet (%s); run "
			       "partprobe, or start the machine anew",
			       d->rep->device, why.msg);
	return r;
}

void deliver_count(struct delivery *d)
{
	d->rep->bytes.written = d->target.written;
	d->rep->bytes.trimmed = d->target.cleared;
}

void deliver_free(struct delivery *d)
{
	target_free(&d->target);
	retable_free(&d->table);
	destination_close(&d->to);
}
