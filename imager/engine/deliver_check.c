// SPDX-License-Identifier: GPL-3.0-or-later
/* deliver_check.c - where everything goes, and what stops that. */
#include "imager/engine/deliver_internal.h"

#include "imager/disk/fstools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const char *deliver_name(const struct delivery *d, uint32_t i, char *buf, size_t n)
{
	uint32_t part = d->img->h.regions[i].part;

	if (part)
		snprintf(buf, n, "partition %" PRIu32, part);
	else
		snprintf(buf, n, "%s", d->rep->device);
	return buf;
}

/* A program that is missing stops; that there is none is told. */
static void check_tool(struct delivery *d, uint32_t i, int code, const struct err *why,
		       const char *instead, struct blockers *b)
{
	char name[64];

	if (code == -EOPNOTSUPP)
		watcher_notice(d->w, "%s: %s; %s", deliver_name(d, i, name, sizeof(name)),
			       why->msg, instead);
	else if (code < 0)
		blockers_add(b, "%s: %s", deliver_name(d, i, name, sizeof(name)), why->msg);
}

static void check_grow(struct delivery *d, struct blockers *b)
{
	const struct header *h = &d->img->h;
	unsigned part = d->opt->grow_part;
	struct err why = { "" };
	bool retable;

	if (!d->opt->grow)
		return;
	d->grow = part ? place_find(h, part) : place_last(h);
	if (d->grow == h->n_regions) {
		blockers_add(b, "the image has no partition %u to grow", part);
		return;
	}
	if (h->regions[d->grow].use != USE_ALL) { /* --part: the others are left alone */
		blockers_add(b, "--grow has nothing to grow: that partition is not restored");
		return;
	}
	retable = !d->partial && place_has_table(h);
	check_tool(d, d->grow, resize_can(h->regions[d->grow].fs, false, &why), &why,
		   retable ? "only the partition grows" : "it keeps its size", b);
	d->retable = d->retable || retable;
}

static void check_new_ids(struct delivery *d, struct blockers *b)
{
	const struct header *h = &d->img->h;

	for (uint32_t i = 0; d->opt->new_ids && i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		struct err why = { "" };

		if (g->use == USE_ALL && g->kind == REGION_AREA && g->fs[0])
			check_tool(d, i, resize_can_new_uuid(g->fs, &why), &why,
				   "it keeps its UUID", b);
	}
	d->retable = d->retable || (d->opt->new_ids && !d->partial && place_has_table(h));
}

/* What does not work is found at the first use, but that is too late for a boot. */
static void check_sectors(const struct delivery *d, struct blockers *b)
{
	uint32_t want = d->img->h.sector, have = d->to.dev.sector;

	if (d->to.create || !d->to.dev.block || !want || want == have)
		return;
	blockers_add(b,
		     "%s has sectors of %" PRIu32 " bytes, the image was made of a disk with "
		     "%" PRIu32 ": partition tables and filesystems count in sectors and would "
		     "not be found. Use a disk with sectors of %" PRIu32 " bytes",
		     d->rep->device, have, want, want);
}

int deliver_make_table(struct delivery *d, struct err *e)
{
	const struct header *h = &d->img->h;
	struct ptable_change c = { .disk_size = d->to.create ? h->device_size : d->to.dev.size,
				   .new_ids = d->opt->new_ids };
	int r;

	if (d->grow != UINT32_MAX) {
		unsigned part = h->regions[d->grow].part;

		c.part_size = ptable_room(&d->table.before, part, c.disk_size);
		c.part = c.part_size ? part : 0;
		if (!c.part) {
			watcher_notice(d->w,
				       "partition %u cannot become larger: there is no "
				       "free space behind it",
				       part);
			d->grow = UINT32_MAX;
		}
	}
	r = retable_make(&d->table, &c, e);
	d->made = !r;
	return r;
}

/* While it can still stop. */
static int check_table(struct delivery *d, retable_read *read, void *arg, struct blockers *b,
		       struct err *e)
{
	uint64_t min;
	int r = retable_collect(&d->table, &d->img->h, read, arg, e);

	if (r < 0)
		return r == -EUCLEAN ? -EBADMSG : r;
	min = ptable_min_disk(&d->table.before);
	if (!d->to.create && d->to.dev.size < min && !b->n) {
		blockers_add(b,
			     "%s is too small: it has %" PRIu64
			     " bytes, the partitions and their table need %" PRIu64,
			     d->rep->device, d->to.dev.size, min);
	}
	return b->n ? 0 : deliver_make_table(d, e);
}

/* That would make a disk inside a partition, which nothing boots from or mounts. */
static void check_disk(const struct delivery *d, struct blockers *b)
{
	if (!d->partial && place_has_table(&d->img->h) && d->rep->ident.partition)
		blockers_add(b,
			     "%s is a partition, and this is the content of a whole disk: name "
			     "the disk, or with --part=N the partition that is wanted of it",
			     d->rep->device);
}

int deliver_check(struct delivery *d, const struct parts *parts, retable_read *read, void *arg,
		  struct blockers *b, struct err *e)
{
	struct header *h = &d->img->h;
	unsigned before = b->n;

	d->partial = parts->n > 0;
	if (d->partial)
		place_parts(h, d->rep->device, &d->to.table, parts, b);
	else if (!d->to.create)
		d->retable = place_whole(h, d->rep->device, d->to.dev.size, b);
	if (d->retable && b->n > before)
		blockers_add(b, "what helps: a larger disk; --shrink when saving or cloning; "
				"--part=N to restore single partitions");
	if (d->partial && !d->to.create && d->to.dev.size < h->device_size && !b->n)
		blockers_add(b,
			     "%s is too small: it has %" PRIu64
			     " bytes, the image needs %" PRIu64 " (%" PRIu64 " more)",
			     d->rep->device, d->to.dev.size, h->device_size,
			     h->device_size - d->to.dev.size);
	check_disk(d, b);
	check_sectors(d, b);
	check_grow(d, b);
	check_new_ids(d, b);
	return d->retable && read ? check_table(d, read, arg, b, e) : 0;
}
