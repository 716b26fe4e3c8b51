// SPDX-License-Identifier: GPL-3.0-or-later
/* regions.c - cuts a disk along its partition table. */
#include "imager/engine/layout_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Of space outside all partitions so much is kept at either end: boot code and
 * GRUB's core image behind an MBR, what firmware and RAID cards put at the end
 * of a disk.  The rest is free.
 */
#define GAP_KEPT (UINT64_C(1) << 20)

const char *layout_name(const struct layout *l, uint32_t i, char *buf, size_t n)
{
	uint32_t part = l->h.regions ? l->h.regions[i].part : 0;

	if (part)
		snprintf(buf, n, "%s, partition %u", l->dev.path, part);
	else
		snprintf(buf, n, "%s", l->dev.path);
	return buf;
}

static void add_region(struct layout *l, const struct region *g)
{
	uint32_t n = l->h.n_regions;

	l->h.regions[n] = *g;
	l->pieces[n].from = (struct area){ &l->dev, g->off, g->size };
	l->h.n_regions++;
}

static void add_gap(struct layout *l, uint64_t from, uint64_t to)
{
	struct region g = { .off = from, .size = to - from, .kind = REGION_TABLE };

	if (from >= to)
		return;
	snprintf(g.fs, sizeof(g.fs), "%s", l->table.type);
	add_region(l, &g);
}

int layout_keep(const struct extents *own, struct region *g, struct err *e)
{
	uint64_t kept = g->size < GAP_KEPT ? g->size : GAP_KEPT;
	int r = extents_add(&g->used, 0, kept, e);

	if (!r)
		r = extents_add(&g->used, g->size - kept, kept, e);
	for (size_t i = 0; i < own->n && !r; i++) {
		uint64_t a = own->v[i].off, b = a + own->v[i].len;

		a = a > g->off ? a : g->off;
		b = b < g->off + g->size ? b : g->off + g->size;
		if (a < b)
			r = extents_add(&g->used, a - g->off, b - a, e);
	}
	extents_normalize(&g->used);
	return r;
}

int layout_cut(struct layout *l, struct err *e)
{
	const struct ptable *t = &l->table;
	size_t max = 2 * t->n + 1;
	uint64_t at = 0;
	int r = 0;

	if (max > REGIONS_MAX)
		return err_set(e, -ECANCELED,
			       "%s: more partitions than an image can hold; use --raw",
			       l->dev.path);
	l->h.regions = calloc(max, sizeof(*l->h.regions));
	l->pieces = calloc(max, sizeof(*l->pieces));
	if (!l->h.regions || !l->pieces)
		return err_nomem(e);
	for (size_t i = 0; i < t->n; i++) {
		struct region g = { .off = t->v[i].off,
				    .size = t->v[i].size,
				    .kind = REGION_AREA,
				    .part = t->v[i].number };

		add_gap(l, at, g.off);
		add_region(l, &g);
		at = g.off + g.size;
	}
	if (t->type[0]) {
		add_gap(l, at, l->dev.size);
	} else {
		struct region g = { .size = l->dev.size, .kind = REGION_AREA };

		add_region(l, &g);
	}
	for (uint32_t i = 0; i < l->h.n_regions && !r; i++)
		if (l->h.regions[i].kind == REGION_TABLE)
			r = layout_keep(&t->own, &l->h.regions[i], e);
	return r;
}
