// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ptable.h"

#include "imager/disk/ptable_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 1000

void ptable_free(struct ptable *t)
{
	free(t->v);
	extents_free(&t->own);
	*t = (struct ptable){ 0 };
}

static int by_offset(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->off < y->off ? -1 : x->off > y->off;
}

static int check_part(const struct dev *d, const struct ptable *t, size_t i, struct err *e)
{
	const struct part *p = &t->v[i], *before = i ? p - 1 : NULL;
	uint64_t end = d->size / t->sector * t->sector;

	if (p->off >= end || p->size > end - p->off)
		return err_set(
			e, -EUCLEAN,
			"partition %u ends %llu bytes beyond the end of the disk; was the "
			"disk copied from a larger one? Mend the table (fdisk)",
			p->number, (unsigned long long)(p->off + p->size - end));
	if (before && before->off + before->size > p->off)
		return err_set(e, -EUCLEAN,
			       "partitions %u and %u overlap; mend the table (fdisk, gdisk)",
			       before->number, p->number);
	if (p->off == 0)
		return err_set(e, -EOPNOTSUPP,
			       "partition %u covers the partition table itself, as on a hybrid "
			       "CD image",
			       p->number);
	if (extents_touch(&t->own, p->off, p->size))
		return err_set(e, -EUCLEAN,
			       "partition %u covers a part of the partition table; mend the "
			       "table (fdisk, gdisk)",
			       p->number);
	return 0;
}

static int check(const struct dev *d, struct ptable *t, struct err *e)
{
	int r = 0;

	if (t->n > PARTS_MAX)
		return err_set(e, -EUCLEAN,
			       "the partition table has %zu partitions, more than %d", t->n,
			       PARTS_MAX);
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_offset);
	for (size_t i = 0; i < t->n && !r; i++)
		r = check_part(d, t, i, e);
	return r;
}

/* For when the MBR says that there is a GPT, but no copy of it is good. */
static int no_gpt(const struct dev *d, uint32_t sector, struct err *e)
{
	uint32_t other = sector == 512 ? 4096 : 512;
	struct gpt g;
	int r = gpt_read(d, other, &g, NULL);

	gpt_free(&g);
	if (r == 1)
		return err_set(e, -EUCLEAN,
			       "the partition table (GPT) was made for sectors of %u bytes, "
			       "this disk has sectors of %u bytes; copy it back to a disk like "
			       "the one it is from",
			       other, sector);
	return err_set(e, -EUCLEAN,
		       "both copies of the partition table (GPT) are damaged, or the disk is "
		       "smaller than the one it was made for; mend it (gdisk), or remove what "
		       "is left of it (wipefs -a)");
}

static int read_gpt(const struct dev *d, const uint8_t *first, struct ptable *t, struct err *e)
{
	struct gpt g;
	int r = gpt_read(d, t->sector, &g, e);

	memcpy(t->type, "gpt", 4);
	if (r == 0)
		r = no_gpt(d, t->sector, e);
	else if (r == 1)
		r = gpt_list(&g, t, e);
	gpt_free(&g);
	if (!r && gpt_hybrid(first) && !t->notice[0])
		snprintf(t->notice, sizeof(t->notice),
			 "the disk has a hybrid MBR besides its GPT; the GPT is used, the MBR "
			 "is kept");
	if (!r)
		r = check(d, t, e);
	return r ? r : 1;
}

static int read_mbr(const struct dev *d, struct ptable *t, struct err *e)
{
	struct mbr m;
	int r = mbr_read(d, t->sector, &m, e);

	memcpy(t->type, "dos", 4);
	if (!r)
		r = mbr_list(&m, t, e);
	mbr_free(&m);
	if (!r && t->n)
		r = check(d, t, e);
	return r ? r : t->n ? 1 : 0;
}

static bool has_gpt_record(const uint8_t *first, uint32_t sector)
{
	for (unsigned i = 0; i < 4; i++) {
		struct mbr_entry x = mbr_entry_get(first, i, 0, sector);

		if (x.type == MBR_GPT)
			return true;
	}
	return false;
}

static int read_table(const struct dev *d, struct ptable *t, struct err *e)
{
	uint8_t first[MBR_SIZE];
	int r;

	if (d->size < MBR_SIZE)
		return 0;
	r = dev_read(d, first, sizeof(first), 0, e);
	if (r)
		return r;
	if (mbr_signed(first) && has_gpt_record(first, t->sector))
		return read_gpt(d, first, t, e);
	r = ptable_kind(d, t->sector, e);
	/* Some kinds are easily seen where there is none: a filesystem comes first. */
	if (r == -EOPNOTSUPP && ptable_conflict(d, t, NULL) != 1)
		return 0;
	if (r == 1)
		r = read_mbr(d, t, e);
	return r == 1 ? ptable_conflict(d, t, e) : r;
}

int ptable_read_as(const struct dev *d, uint32_t sector, struct ptable *ret, struct err *e)
{
	int r;

	*ret = (struct ptable){ .sector = sector };
	r = read_table(d, ret, e);
	if (r == 1)
		r = ptable_describe(d, ret, e);
	if (r < 0)
		return err_wrap(e, r, "%s", d->path);
	return r;
}

/* How good a GPT the disk has if its sectors are @sector bytes large. */
static int rate(const struct dev *d, uint32_t sector)
{
	struct gpt g;
	int r = gpt_read(d, sector, &g, NULL), rating;

	rating = r < 1 ? 0 : 1 + 2 * g.copy[0].good + g.copy[1].good;
	gpt_free(&g);
	return rating;
}

int ptable_read(const struct dev *d, struct ptable *ret, struct err *e)
{
	uint32_t sector = d->sector;

	if (!d->block && sector == 512 && rate(d, 4096) > rate(d, 512))
		sector = 4096;
	return ptable_read_as(d, sector, ret, e);
}
