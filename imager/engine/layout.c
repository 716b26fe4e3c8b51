// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/layout_internal.h"

#include "imager/disk/inuse.h"
#include "imager/engine/metadata.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * 256 KiB: see docs/BENCHMARKS.md, "Chunk size".  A device with more used
 * chunks than CHUNKS_WANTED gets larger ones, so that the index stays small
 * enough for a PC with little memory.
 */
#define CHUNK_SHIFT_DEFAULT 18
#define CHUNKS_WANTED       (1 << 18)

int layout_open(struct layout *ret, const char *device, struct err *e)
{
	int r;

	*ret = (struct layout){ .dev = { .fd = -1, .direct_fd = -1 },
				.scratch = { { .fd = -1, .direct_fd = -1 },
					     { .fd = -1, .direct_fd = -1 } } };
	r = dev_open_source(&ret->dev, device, e);
	if (!r)
		ident_read(&ret->dev, &ret->ident);
	return r;
}

void layout_close(struct layout *l)
{
	for (uint32_t i = 0; l->pieces && i < l->h.n_regions; i++)
		fs_scan_free(&l->pieces[i].scan);
	free(l->pieces);
	header_free(&l->h);
	ptable_free(&l->table);
	dev_close(&l->scratch[0]);
	dev_close(&l->scratch[1]);
	dev_close(&l->dev);
}

/* A filesystem that is mounted is never clean: -m grants that too. */
void layout_check_use(const struct layout *l, struct layout_options *opt,
		      const struct watcher *w, struct blockers *b)
{
	struct inuse use;
	struct err e = { "" };

	if (inuse_find(&l->dev, &use, &e) < 0) {
		blockers_add(b, "%s", e.msg);
	} else if (use.busy && opt->allow_mounted) {
		opt->fs.force = true;
		watcher_notice(w,
			       "%s is in use (%s) and may change while it is read: the image "
			       "may not be consistent",
			       l->dev.path, use.what);
	} else if (use.busy) {
		blockers_add(
			b,
			"%s is in use: %s; unmount it or mount it read-only, or save it all "
			"the same with -m (--allowmnt)",
			l->dev.path, use.what);
	}
}

/* Sets l->table; without a table that can be used, the device is one area. */
static int find_table(struct layout *l, struct layout_options *opt, const struct watcher *w,
		      struct err *e)
{
	struct err why = { "" };
	int r = opt->fs.raw ? 0 : ptable_read(&l->dev, &l->table, &why);

	if (r == -EUCLEAN)
		return err_set(e, -ECANCELED, "%s; --raw takes every byte as it is", why.msg);
	if (r < 0 && r != -EOPNOTSUPP)
		return err_set(e, r, "%s", why.msg);
	if (r == -EOPNOTSUPP) { /* what is in it cannot be told apart for sure */
		opt->fs.raw = true;
		watcher_notice(w, "%s; it is imaged byte by byte", why.msg);
	}
	if (r == 1 && l->table.notice[0])
		watcher_notice(w, "%s: %s", l->dev.path, l->table.notice);
	if (r != 1)
		ptable_free(&l->table);
	return 0;
}

static void fill_region(struct region *g, struct fs_scan *s)
{
	g->flags = s->unused_is_zero ? REGION_UNUSED_IS_ZERO : 0;
	g->block = s->info.block;
	snprintf(g->fs, sizeof(g->fs), "%.16s", s->ops ? s->ops->name : "");
	extents_free(&g->used);
	g->used = s->used; /* moves */
	s->used = (struct extents){ 0 };
}

int layout_scan(struct layout *l, uint32_t i, const struct layout_options *opt,
		const struct watcher *w, struct err *e)
{
	struct piece *p = &l->pieces[i];
	char name[256];
	int r = fs_scan(&p->from, &opt->fs, &p->scan, e);

	layout_name(l, i, name, sizeof(name));
	if (r == -EIO)
		return err_wrap(e, r,
				"%s: what is in use cannot be found out (--raw --rescue "
				"saves all that can be read)",
				name);
	if (r < 0)
		return err_wrap(e, r, "%s", name);
	if (p->scan.info.notice[0])
		watcher_notice(w, "%s: %s", name, p->scan.info.notice);
	fill_region(&l->h.regions[i], &p->scan);
	return 0;
}

/* All partitions are looked at, so that all that is wrong is told at once. */
static int scan_all(struct layout *l, const struct layout_options *opt, const struct watcher *w,
		    struct err *e)
{
	struct blockers b = { 0 };
	int r = 0;

	for (uint32_t i = 0; i < l->h.n_regions && !r; i++) {
		struct err why = { "" };

		if (l->h.regions[i].kind != REGION_AREA)
			continue;
		r = layout_scan(l, i, opt, w, &why);
		if (r == -ECANCELED && l->h.n_regions > 1) {
			blockers_add(&b, "%s", why.msg);
			r = 0;
		} else if (r && e) {
			*e = why;
		}
	}
	if (!r)
		r = blockers_verdict(&b, "cannot save", e);
	blockers_free(&b);
	return r;
}

static uint64_t count_chunks(const struct header *h, unsigned shift)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < h->n_regions; i++)
		n += window_count(&h->regions[i].used, shift);
	return n;
}

static int choose_chunks(struct header *h, uint64_t wanted, struct err *e)
{
	unsigned shift = CHUNK_SHIFT_DEFAULT;

	if (wanted)
		shift = (unsigned)__builtin_ctzll(wanted);
	else
		while (shift < CHUNK_SHIFT_MAX && count_chunks(h, shift) > CHUNKS_WANTED)
			shift++;
	if (count_chunks(h, shift) > CHUNKS_MAX)
		return err_set(e, -ECANCELED, "more than %d chunks; use a larger --chunk-size",
			       CHUNKS_MAX);
	h->chunk_shift = (uint8_t)shift;
	return 0;
}

static int fill_header(struct layout *l, const struct layout_options *opt, struct err *e)
{
	struct header *h = &l->h;
	char name[256];

	h->codec = opt->codec->id;
	h->sector = l->table.type[0] ? l->table.sector : l->dev.sector;
	h->physical = l->dev.physical > h->sector ? l->dev.physical : h->sector;
	for (uint32_t i = 0; i < h->n_regions; i++) {
		struct region *g = &h->regions[i];

		g->used_bytes = extents_total(&g->used);
		g->n_extents = (uint32_t)g->used.n;
		h->used_bytes += g->used_bytes;
		if (g->used.n > MAP_EXTENTS_MAX || map_size(h, i) > MAP_SIZE_MAX)
			return err_set(e, -ECANCELED,
				       "%s: the used space is in too many pieces (%zu); use "
				       "--raw",
				       layout_name(l, i, name, sizeof(name)), g->used.n);
	}
	return choose_chunks(h, opt->chunk_size, e);
}

int layout_make(struct layout *l, const struct layout_options *opt, const struct watcher *w,
		struct err *e)
{
	struct layout_options how = *opt;
	int r = find_table(l, &how, w, e);

	l->h.device_size = l->dev.size;
	if (!r)
		r = layout_cut(l, e);
	if (!r)
		r = scan_all(l, &how, w, e);
	if (!r && how.shrink)
		r = layout_shrink(l, &how, w, e);
	if (!r)
		r = fill_header(l, &how, e);
	if (!r)
		r = metadata_make(l, &how, e);
	return r ? r : metadata_make_id(l, e);
}
