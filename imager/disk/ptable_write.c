// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ptable.h"

#include "common/io.h"
#include "imager/disk/ptable_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGN (UINT64_C(1) << 20)

static bool is_gpt(const struct ptable *t)
{
	return !strcmp(t->type, "gpt");
}

static const struct part *find(const struct ptable *t, unsigned number)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].number == number)
			return &t->v[i];
	}
	return NULL;
}

/* Where the space ends that a partition at @off can have. */
static uint64_t limit(const struct ptable *t, uint64_t off, uint64_t disk_size)
{
	uint64_t end = disk_size / t->sector * t->sector;
	uint64_t most = (uint64_t)UINT32_MAX * t->sector;

	if (is_gpt(t))
		end = end > t->tail ? end - t->tail : 0;
	else if (end > most)
		end = most; /* an MBR counts sectors with 32 bits */
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].off > off && t->v[i].off < end)
			end = t->v[i].off;
	}
	/* A GPT's own sectors move out of the way, an EBR does not. */
	for (size_t i = 0; i < t->own.n && !is_gpt(t); i++) {
		if (t->own.v[i].off > off && t->own.v[i].off < end)
			end = t->own.v[i].off;
	}
	return end;
}

uint64_t ptable_room(const struct ptable *t, unsigned number, uint64_t disk_size)
{
	const struct part *p = find(t, number);
	uint64_t end;

	if (!p)
		return 0;
	end = limit(t, p->off, disk_size) / ALIGN * ALIGN;
	return end > p->off && end - p->off > p->size ? end - p->off : 0;
}

/* The size that partition @p is to have; @c may be NULL. */
static uint64_t new_size(const struct part *p, const struct ptable_change *c)
{
	return c && c->part == p->number ? c->part_size : p->size;
}

static uint64_t disk_needed(const struct ptable *t, const struct ptable_change *c)
{
	uint64_t end = t->front + (is_gpt(t) ? t->sector : 0);

	for (size_t i = 0; i < t->n; i++) {
		uint64_t part_end = t->v[i].off + new_size(&t->v[i], c);

		end = part_end > end ? part_end : end;
	}
	for (size_t i = 0; i < t->own.n && !is_gpt(t); i++) {
		uint64_t own_end = t->own.v[i].off + t->own.v[i].len;

		end = own_end > end ? own_end : end;
	}
	return end + t->tail;
}

uint64_t ptable_min_disk(const struct ptable *t)
{
	return disk_needed(t, NULL);
}

static int check_change(const struct ptable *t, const struct ptable_change *c, struct err *e)
{
	const struct part *p = c->part ? find(t, c->part) : NULL;
	uint64_t needed;

	if (c->part && (!p || !c->part_size || c->part_size % t->sector ||
			c->part_size > limit(t, p->off, UINT64_MAX) - p->off))
		return err_set(e, -EINVAL, "partition %u cannot be made %llu bytes large",
			       c->part, (unsigned long long)c->part_size);
	needed = disk_needed(t, c);
	if (c->disk_size / t->sector * t->sector < needed)
		return err_set(e, -ENOSPC,
			       "the partitions and their table need a disk of %llu bytes, this "
			       "one has %llu",
			       (unsigned long long)needed, (unsigned long long)c->disk_size);
	return 0;
}

static bool no_change(const struct dev *old, const struct ptable *t,
		      const struct ptable_change *c)
{
	const struct part *p = find(t, c->part);

	return c->disk_size == old->size && !c->new_ids && (!p || p->size == c->part_size);
}

static int write_gpt(const struct dev *old, const struct gpt *g, const struct ptable_change *c,
		     int fd, struct err *e)
{
	uint8_t *mbr = malloc(g->sector);
	int r = mbr ? dev_read(old, mbr, g->sector, 0, e) : err_nomem(e);

	if (!r)
		r = gpt_write(g, c, mbr, fd, e);
	if (!r && io_pwrite(fd, mbr, g->sector, 0))
		r = err_set(e, -EIO, "cannot write the new partition table");
	free(mbr);
	return r;
}

static int rewrite_gpt(const struct dev *old, const struct ptable *t,
		       const struct ptable_change *c, int fd, struct err *e)
{
	struct gpt g;
	int r = gpt_read(old, t->sector, &g, e);

	if (r == 0)
		r = err_set(e, -EUCLEAN, "the old partition table is not there");
	else if (r == 1 && g.copy[0].good && g.copy[1].good && no_change(old, t, c))
		r = ptable_copy(old, &t->own, fd, e);
	else if (r == 1)
		r = write_gpt(old, &g, c, fd, e);
	gpt_free(&g);
	return r;
}

static int rewrite_mbr(const struct dev *old, const struct ptable *t,
		       const struct ptable_change *c, int fd, struct err *e)
{
	struct mbr m;
	int r = ptable_copy(old, &t->own, fd, e);

	if (r || no_change(old, t, c))
		return r;
	r = mbr_read(old, t->sector, &m, e);
	if (!r)
		r = mbr_write(&m, c, fd, e);
	mbr_free(&m);
	return r;
}

static bool as_wanted(const struct part *old, const struct part *now,
		      const struct ptable_change *c)
{
	return now->number == old->number && now->off == old->off &&
	       now->size == new_size(old, c) && !strcmp(now->type_id, old->type_id) &&
	       !strcmp(now->name, old->name) && now->boot == old->boot &&
	       now->logical == old->logical && !strcmp(now->uuid, old->uuid) != c->new_ids;
}

/* Reads the new table, as anybody else would, and compares. */
static int check_result(const struct ptable *t, const struct ptable_change *c, int fd,
			struct extents *ret_own, struct err *e)
{
	char path[] = "the new partition table";
	struct dev d = { .fd = fd, .direct_fd = -1, .path = path, .size = c->disk_size };
	struct ptable now;
	int r = ptable_read_as(&d, t->sector, &now, e);

	if (r >= 0)
		r = r && now.n == t->n && !strcmp(now.type, t->type) &&
				    !strcmp(now.id, t->id) != c->new_ids
			    ? 0
			    : -EUCLEAN;
	for (size_t i = 0; i < now.n && !r; i++)
		r = as_wanted(&t->v[i], &now.v[i], c) ? 0 : -EUCLEAN;
	if (r == -EUCLEAN)
		r = err_set(e, r, "the new partition table did not become what it should be");
	if (!r) {
		*ret_own = now.own;
		now.own = (struct extents){ 0 };
	}
	ptable_free(&now);
	return r;
}

int ptable_rewrite(const struct dev *old, const struct ptable *t, const struct ptable_change *c,
		   int *ret_fd, struct extents *ret_own, struct err *e)
{
	int fd, r = check_change(t, c, e);

	*ret_fd = -1;
	*ret_own = (struct extents){ 0 };
	if (r)
		return r;
	fd = ptable_scratch(c->disk_size, e);
	if (fd < 0)
		return fd;
	r = is_gpt(t) ? rewrite_gpt(old, t, c, fd, e) : rewrite_mbr(old, t, c, fd, e);
	if (!r)
		r = check_result(t, c, fd, ret_own, e);
	if (r)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}
