// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/retable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A memfd as a device; dev_close() closes it. */
static int wrap(struct dev *ret, int fd, uint64_t size, uint32_t sector, struct err *e)
{
	*ret = (struct dev){ .fd = fd,
			     .direct_fd = -1,
			     .path = strdup("the partition table"),
			     .size = size,
			     .sector = sector,
			     .physical = sector };
	return ret->path ? 0 : err_nomem(e);
}

static int copy_window(struct retable *t, const struct header *h, uint32_t region,
		       const struct window *w, const uint8_t *p, struct err *e)
{
	const struct region *g = &h->regions[region];
	int r = 0;

	for (size_t i = 0; i < w->n && !r; i++) {
		struct extent x = window_piece(&g->used, h->chunk_shift, w, i);

		r = dev_write(&t->old, p, x.len, g->off + x.off, e);
		p += x.len;
	}
	return r;
}

static int collect(struct retable *t, const struct header *h, retable_read *read, void *arg,
		   uint8_t *buf, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < h->n_regions && !r; i++) {
		struct window w = { 0 };

		if (h->regions[i].kind != REGION_TABLE)
			continue;
		while (!r && window_next(&h->regions[i].used, h->chunk_shift, &w)) {
			r = read(arg, i, &w, buf, e);
			if (!r)
				r = copy_window(t, h, i, &w, buf, e);
		}
	}
	return r;
}

int retable_collect(struct retable *t, const struct header *h, retable_read *read, void *arg,
		    struct err *e)
{
	uint8_t *buf = malloc((size_t)1 << h->chunk_shift);
	int fd = buf ? memfd_create("table", MFD_CLOEXEC) : -1;
	int r = buf ? 0 : err_nomem(e);

	if (!r && (fd < 0 || ftruncate(fd, (off_t)h->device_size) < 0))
		r = err_sys(e, "cannot make room for the partition table");
	if (!r)
		r = wrap(&t->old, fd, h->device_size, h->sector, e);
	else if (fd >= 0)
		close(fd);
	if (!r)
		r = collect(t, h, read, arg, buf, e);
	if (!r) {
		r = ptable_read(&t->old, &t->before, e);
		if (r == 0 || r == -EOPNOTSUPP)
			r = err_set(e, -EUCLEAN,
				    "the image's partition table is not understood");
		r = r > 0 ? 0 : r;
	}
	free(buf);
	return r;
}

int retable_make(struct retable *t, const struct ptable_change *c, struct err *e)
{
	int fd = -1;
	int r = ptable_rewrite(&t->old, &t->before, c, &fd, &t->own, e);

	if (!r)
		r = wrap(&t->now, fd, c->disk_size, t->before.sector, e);
	if (!r) {
		r = ptable_read(&t->now, &t->after, e);
		r = r == 1  ? 0
		    : r < 0 ? r
			    : err_set(e, -EIO, "the new partition table is lost");
	}
	return r;
}

int retable_put(const struct retable *t, retable_take *take, void *arg, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->own.n && !r; i++) {
		uint32_t n = (uint32_t)t->own.v[i].len;
		uint8_t *buf = malloc(n);

		r = buf ? dev_read(&t->now, buf, n, t->own.v[i].off, e) : err_nomem(e);
		if (!r)
			r = take(arg, t->own.v[i].off, buf, n, e);
		free(buf);
	}
	return r;
}

static int write_old(void *arg, uint64_t off, const void *buf, uint32_t n, struct err *e)
{
	struct retable *t = arg;

	return dev_write(&t->old, buf, n, off, e);
}

int retable_apply(struct retable *t, struct err *e)
{
	if (t->old.size < t->now.size) {
		if (ftruncate(t->old.fd, (off_t)t->now.size) < 0)
			return err_sys(e, "cannot make room for the partition table");
		t->old.size = t->now.size;
	}
	return retable_put(t, write_old, t, e);
}

int retable_lay_over(const struct retable *t, uint8_t *p, uint64_t off, uint64_t n,
		     struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->own.n && !r; i++) {
		uint64_t a = t->own.v[i].off, b = a + t->own.v[i].len;

		a = a > off ? a : off;
		b = b < off + n ? b : off + n;
		if (a < b)
			r = dev_read(&t->now, p + (a - off), b - a, a, e);
	}
	return r;
}

void retable_free(struct retable *t)
{
	dev_close(&t->old);
	dev_close(&t->now);
	ptable_free(&t->before);
	ptable_free(&t->after);
	extents_free(&t->own);
	*t = RETABLE_NONE;
}

const struct part *retable_part(const struct ptable *t, unsigned number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].number == number)
			return &t->v[i];
	return NULL;
}
