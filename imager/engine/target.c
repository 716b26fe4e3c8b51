// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/target.h"

#include "imager/disk/wipe.h"
#include "imager/engine/decode.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Zeroed at the begin of every region: holds the superblocks of all filesystems we know. */
#define WIPE_HEAD (128 << 10)
#define BLOCK     4096 /* granularity of holes in files */

int target_init(struct target *t, const struct dev *dev, const struct header *h, bool fresh,
		struct err *e)
{
	*t = (struct target){ .dev = dev, .h = h, .fresh = fresh };
	t->held = calloc(h->n_regions, sizeof(*t->held));
	if (!t->held)
		return err_nomem(e);
	for (uint32_t i = 0; i < h->n_regions; i++) {
		const struct region *g = &h->regions[i];
		struct extent super = fs_super(g->fs);
		struct held *held = &t->held[i];

		held->off = g->off + super.off;
		held->len = (uint32_t)super.len;
		if (super.off + super.len > g->size) /* tiny region: hold back what there is */
			held->len = super.off < g->size ? (uint32_t)(g->size - super.off) : 0;
		held->bytes = calloc(1, held->len + 1);
		if (!held->bytes)
			return err_nomem(e);
	}
	return 0;
}

void target_free(struct target *t)
{
	for (uint32_t i = 0; t->held && i < t->h->n_regions; i++)
		free(t->held[i].bytes);
	free(t->held);
	*t = (struct target){ 0 };
}

int target_wipe(struct target *t, struct err *e)
{
	struct area whole = { t->dev, 0, t->dev->size };
	uint64_t head = whole.size < WIPE_HEAD ? whole.size : WIPE_HEAD;
	int r;

	if (t->fresh)
		return 0;
	r = wipe_signatures(&whole, head, e);
	for (uint32_t i = 0; i < t->h->n_regions && !r; i++)
		if (t->h->regions[i].off) {
			const struct region *g = &t->h->regions[i];

			r = dev_zero(t->dev, g->off, g->size < WIPE_HEAD ? g->size : WIPE_HEAD,
				     e);
		}
	return r ? r : dev_sync(t->dev, e);
}

static int clear_range(struct target *t, struct extent x, bool discard, bool *can_discard,
		       struct err *e)
{
	int r;

	if (!discard)
		return dev_zero(t->dev, x.off, x.len, e);
	if (!*can_discard)
		return 0;
	r = dev_discard(t->dev, x.off, x.len, e);
	if (r == -EOPNOTSUPP) {
		*can_discard = false;
		r = 0;
	}
	return r;
}

int target_clear(struct target *t, bool discard, const struct watcher *w, struct err *e)
{
	struct extents used = { 0 }, unused = { 0 };
	bool can_discard = true;
	uint64_t total;
	struct meter m;
	int r = 0;

	for (uint32_t i = 0; i < t->h->n_regions && !r; i++) {
		const struct region *g = &t->h->regions[i];

		for (size_t k = 0; k < g->used.n && !r; k++)
			r = extents_add(&used, g->off + g->used.v[k].off, g->used.v[k].len, e);
	}
	if (!r)
		r = extents_invert(&used, t->dev->size, &unused, e);
	total = extents_total(&unused);
	meter_begin(&m, w, discard ? "discard" : "erase", total);
	for (size_t i = 0; i < unused.n && !r; i++) {
		struct extent x = unused.v[i];

		while (x.len && !r) { /* in steps that can be watched and stopped */
			uint64_t n = x.len < 64 << 20 ? x.len : 64 << 20;

			r = clear_range(t, (struct extent){ x.off, n }, discard, &can_discard,
					e);
			x.off += n;
			x.len -= n;
			if (!r && meter_add(&m, n, 0))
				r = err_set(e, -EINTR, "stopped by a signal");
		}
	}
	meter_end(&m);
	if (!r && !can_discard)
		watcher_notice(w, "%s cannot discard; its free space was left as it was",
			       t->dev->path);
	extents_free(&used);
	extents_free(&unused);
	return r;
}

/* A file keeps its holes: blocks of zeros are not written but punched. */
static int write_sparse(struct target *t, const uint8_t *p, uint64_t off, uint64_t len,
			struct err *e)
{
	int r = 0;

	while (len && !r) {
		uint64_t n = 0;
		bool zero = false;

		while (n < len) { /* as far as blocks are alike */
			uint64_t step = BLOCK - (off + n) % BLOCK;
			bool z;

			if (step > len - n)
				step = len - n;
			z = all_zero(p + n, step);
			if (n && z != zero)
				break;
			zero = z;
			n += step;
		}
		if (!zero) {
			r = dev_write(t->dev, p, n, off, e);
			dev_flush_hint(t->dev, off, n);
		}
		if (zero && !t->fresh)
			r = dev_zero(t->dev, off, n, e);
		p += n;
		off += n;
		len -= n;
	}
	return r;
}

static int write_piece(struct target *t, const uint8_t *p, uint64_t off, uint64_t len,
		       struct err *e)
{
	int r;

	if (!t->dev->block)
		return write_sparse(t, p, off, len, e);
	r = dev_write_through(t->dev, p, len, off, e);
	if (r == 0) /* keeps the disk busy while we unpack, and the last sync short */
		dev_flush_hint(t->dev, off, len);
	return r < 0 ? r : 0;
}

/* Keeps the part of a piece that lies in the held range, writes the rest. */
static int hold_or_write(struct target *t, struct held *held, const uint8_t *p, uint64_t off,
			 uint64_t len, struct err *e)
{
	uint64_t end = off + len, held_end = held->off + held->len;
	uint64_t a = off > held->off ? off : held->off;
	uint64_t b = end < held_end ? end : held_end;
	int r = 0;

	if (a >= b)
		return write_piece(t, p, off, len, e);
	memcpy(held->bytes + (a - held->off), p + (a - off), b - a);
	if (off < a)
		r = write_piece(t, p, off, a - off, e);
	if (!r && b < end)
		r = write_piece(t, p + (b - off), b, end - b, e);
	return r;
}

int target_chunk(struct target *t, const struct chunk *c, struct err *e)
{
	const struct region *g = c->region;
	struct held *held = &t->held[g - t->h->regions];
	const uint8_t *p = c->raw;
	int r = 0;

	for (size_t i = 0; i < c->window.n && !r; i++) {
		struct extent x = window_piece(&g->used, t->h->chunk_shift, &c->window, i);

		r = hold_or_write(t, held, p, g->off + x.off, x.len, e);
		p += x.len;
	}
	return r;
}

int target_read(const struct target *t, const struct region *g, const struct window *w,
		void *buf, struct err *e)
{
	const struct held *held = &t->held[g - t->h->regions];
	uint8_t *p = buf;

	for (size_t i = 0; i < w->n; i++) {
		struct extent x = window_piece(&g->used, t->h->chunk_shift, w, i);
		uint64_t off = g->off + x.off;
		int r = dev_read(t->dev, p, x.len, off, e);

		if (r < 0)
			return r;
		for (uint64_t k = 0; k < x.len; k++)
			if (off + k >= held->off && off + k < held->off + held->len)
				p[k] = held->bytes[off + k - held->off];
		p += x.len;
	}
	return 0;
}

int target_finish(struct target *t, bool nosync, struct err *e)
{
	int r = nosync ? 0 : dev_sync(t->dev, e);

	/* The last region's first: the first region's makes a disk bootable. */
	for (uint32_t i = t->h->n_regions; i-- > 0 && !r;)
		r = dev_write(t->dev, t->held[i].bytes, t->held[i].len, t->held[i].off, e);
	return r || nosync ? r : dev_sync(t->dev, e);
}
