// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/mbr.h"

#include "imager/engine/restore_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Of the first sector; disk id and table follow (as in GRUB and in Windows). */
#define BOOT_CODE 440

/* ---- before anything is touched -------------------------------------------- */

/* Boot code goes up to where the image's first partition begins. */
static void check_gap(const struct restore_plan *p, struct blockers *b)
{
	const struct region *first = &p->img.h.regions[0];
	const struct ptable *have = &p->to.to.table;

	if (first->kind == REGION_TABLE && have->n && have->v[0].off < first->size)
		blockers_add(b,
			     "the first partition of %s begins at byte %" PRIu64
			     ", the boot code of the image needs the space up to %" PRIu64,
			     p->to.rep->device, have->v[0].off, first->size);
}

static void check_image(const struct restore_plan *p, struct blockers *b)
{
	const struct dev *dev = &p->to.to.dev;

	if (!place_has_table(&p->img.h))
		blockers_add(b, "the image is not that of a disk: it has neither boot code nor "
				"a partition table");
	if (!p->img.indexed)
		blockers_add(b, "this needs a whole image in a file");
	if (p->to.to.create)
		blockers_add(b, "%s is not there", p->to.rep->device);
	else if (dev->block && dev->sector != p->img.h.sector)
		blockers_add(b,
			     "%s has sectors of %" PRIu32
			     " bytes, the image was made of a disk with %" PRIu32,
			     p->to.rep->device, dev->sector, p->img.h.sector);
}

static int make_table(struct restore_plan *p, struct blockers *b, struct err *e)
{
	struct retable *t = &p->to.table;
	struct ptable_change c = { .disk_size = p->to.to.dev.size };

	if (c.disk_size < ptable_min_disk(&t->before)) {
		blockers_add(b,
			     "%s is too small: it has %" PRIu64
			     " bytes, the partitions and their table need %" PRIu64,
			     p->to.rep->device, c.disk_size, ptable_min_disk(&t->before));
		return 0;
	}
	return retable_make(t, &c, e);
}

int mbr_plan(struct restore_plan *p, const char *device, const char *image,
	     const struct mbr_options *opt, const struct watcher *w, struct report *rep,
	     struct err *e)
{
	struct blockers b = { 0 };
	int r = restore_open(p, device, image, &opt->restore, w, rep, &b, e);

	if (!r)
		check_image(p, &b);
	if (!r && !b.n)
		r = retable_collect(&p->to.table, &p->img.h, restore_read_window, p, e);
	if (!r && !b.n && opt->table)
		r = make_table(p, &b, e);
	if (!r && !b.n && opt->boot_code && !opt->table)
		check_gap(p, &b);
	if (!r)
		r = blockers_verdict(&b, "cannot restore", e);
	blockers_free(&b);
	return r;
}

/* ---- writing ----------------------------------------------------------------- */

/* What region 0 has outside the table's own sectors. */
static int add_gap(const struct restore_plan *p, struct extents *ret, struct err *e)
{
	const struct region *g = &p->img.h.regions[0];
	struct extents others = { 0 };
	int r = extents_invert(&p->to.table.before.own, g->size, &others, e);

	for (size_t i = 0; i < others.n; i++)
		for (size_t k = 0; k < g->used.n && !r; k++) {
			struct extent x = others.v[i], y = g->used.v[k];
			uint64_t from = x.off > y.off ? x.off : y.off;
			uint64_t to =
				x.off + x.len < y.off + y.len ? x.off + x.len : y.off + y.len;
			if (from < to)
				r = extents_add(ret, from, to - from, e);
		}
	extents_free(&others);
	return r;
}

/* The bytes to be written, as they are in the scratch afterwards. */
static int collect(struct restore_plan *p, const struct mbr_options *opt, struct extents *ret,
		   struct err *e)
{
	struct retable *t = &p->to.table;
	int r = opt->table ? retable_apply(t, e) : 0;

	if (!r && opt->boot_code)
		r = extents_add(ret, 0, BOOT_CODE, e);
	if (!r && opt->boot_code && !p->img.h.regions[0].off)
		r = add_gap(p, ret, e);
	for (size_t i = 0; i < t->own.n && !r; i++) {
		struct extent x = t->own.v[i];
		uint64_t skip = x.off < BOOT_CODE ? BOOT_CODE - x.off : 0;

		r = extents_add(ret, x.off + skip, x.len - skip, e);
	}
	extents_normalize(ret);
	return r;
}

/* The last first: the sector that a machine boots from comes last. */
static int write_all(struct restore_plan *p, const struct extents *x, struct err *e)
{
	int r = 0;

	for (size_t i = x->n; i-- > 0 && !r;) {
		size_t n = (size_t)x->v[i].len;
		uint8_t *buf = malloc(n);

		r = buf ? dev_read(&p->to.table.old, buf, n, x->v[i].off, e) : err_nomem(e);
		if (!r)
			r = dev_write(&p->to.to.dev, buf, n, x->v[i].off, e);
		if (!r && i < 2)
			r = dev_sync(&p->to.to.dev, e);
		free(buf);
	}
	return r;
}

static int compare(struct restore_plan *p, const struct extents *x, struct err *e)
{
	bool there = true;
	int r = 0;

	for (size_t i = 0; i < x->n && !r; i++) {
		r = dev_holds(&p->to.to.dev, &p->to.table.old, x->v[i], &there, e);
		if (!r && !there)
			r = err_set(e, -EUCLEAN,
				    "%s does not hold what was written at byte %" PRIu64
				    "; the disk may be failing",
				    p->to.rep->device, x->v[i].off);
	}
	return r;
}

int mbr_run(struct restore_plan *p, const struct mbr_options *opt, const struct watcher *w,
	    struct report *rep, struct err *e)
{
	struct extents x = { 0 };
	struct err why = { "" };
	int r = collect(p, opt, &x, e);

	rep->touched = !r;
	if (!r)
		r = write_all(p, &x, e);
	rep->complete = !r;
	if (!r)
		r = compare(p, &x, e);
	if (!r && opt->table && ptable_reread(&p->to.to.dev, &why) < 0)
		watcher_notice(w, "%s: the kernel does not see the new partitions yet (%s)",
			       rep->device, why.msg);
	extents_free(&x);
	return r;
}
