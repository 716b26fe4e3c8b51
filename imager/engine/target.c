// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/target.h"

#include "imager/disk/wipe.h"
#include "imager/engine/decode.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* Zeroed at the begin of every region: holds the superblocks of all filesystems we know. */
#define WIPE_HEAD  (128 << 10)
#define BLOCK      4096 /* granularity of holes in files */
#define FIRST      4096 /* the very last bytes that are written */
#define CLEAR_STEP (64 << 20)

static int hold(struct held *held, uint64_t off, uint64_t len, struct err *e)
{
	held->off = off;
	held->len = (uint32_t)len;
	held->bytes = calloc(1, len + 1);
	return held->bytes ? 0 : err_nomem(e);
}

int target_init(struct target *t, struct err *e)
{
	const struct header *h = t->h;
	int r = 0;

	t->held = calloc(2 * (size_t)h->n_regions, sizeof(*t->held));
	if (!t->held)
		return err_nomem(e);
	for (uint32_t i = 0; i < h->n_regions && !r; i++) {
		const struct region *g = &h->regions[i];
		struct fs_edges x =
			g->use == USE_NONE ? (struct fs_edges){ 0, 0 } : fs_edges(g->fs);
		uint64_t head = x.head < g->size ? x.head : g->size;
		uint64_t tail = x.tail < g->size - head ? x.tail : g->size - head;

		r = hold(&t->held[2 * i], g->off, head, e);
		if (!r)
			r = hold(&t->held[2 * i + 1], g->off + g->size - tail, tail, e);
	}
	return r;
}

void target_free(struct target *t)
{
	for (uint32_t i = 0; t->held && i < 2 * t->h->n_regions; i++)
		free(t->held[i].bytes);
	for (size_t i = 0; i < t->n_patches; i++)
		free(t->patches[i].bytes);
	free(t->held);
	free(t->patches);
	*t = (struct target){ 0 };
}

int target_wipe(struct target *t, struct err *e)
{
	struct area whole = { t->dev, 0, t->dev->size };
	int r = 0;

	if (t->fresh)
		return 0;
	if (!t->partial)
		r = wipe_signatures(&whole, WIPE_HEAD, e);
	for (uint32_t i = 0; i < t->h->n_regions && !r; i++) {
		const struct region *g = &t->h->regions[i];
		struct area a = { t->dev, g->off, g->size };

		if (g->use == USE_ALL && (g->off || t->partial))
			r = wipe_signatures(&a, WIPE_HEAD, e);
	}
	return r;
}

int target_remember(struct target *t, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < 2 * t->h->n_regions && !r; i++) {
		struct held *held = &t->held[i];

		if (t->h->regions[i / 2].use == USE_ALL)
			r = dev_read(t->dev, held->bytes, held->len, held->off, e);
	}
	return r;
}

int target_hide(struct target *t, const struct extents *table, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < 2 * t->h->n_regions && !r; i++) {
		const struct held *held = &t->held[i];

		if (t->h->regions[i / 2].use == USE_ALL && held->len)
			r = dev_zero(t->dev, held->off, held->len, e);
	}
	for (size_t i = 0; i < table->n && !r; i++)
		r = dev_zero(t->dev, table->v[i].off, table->v[i].len, e);
	return r ? r : dev_sync(t->dev, e);
}

/* The ranges to clear, as device offsets. */
static int find_unused(const struct target *t, bool holes, struct extents *ret, struct err *e)
{
	struct extents covered = { 0 };
	int r = 0;

	for (uint32_t i = 0; i < t->h->n_regions && !r; i++) {
		const struct region *g = &t->h->regions[i];
		struct extents unused = { 0 };

		if (g->use != USE_ALL)
			continue;
		r = extents_add(&covered, g->off, g->size, e);
		if (!r && (!holes || g->flags & REGION_UNUSED_IS_ZERO))
			r = extents_invert(&g->used, g->size, &unused, e);
		for (size_t k = 0; k < unused.n && !r; k++)
			r = extents_add(ret, g->off + unused.v[k].off, unused.v[k].len, e);
		extents_free(&unused);
	}
	extents_normalize(&covered);
	if (!r && !holes && !t->partial)
		r = extents_invert(&covered, t->dev->size, ret, e);
	extents_free(&covered);
	extents_normalize(ret);
	return r;
}

static int clear_range(struct target *t, struct extent x, bool *discard, struct err *e)
{
	int r;

	if (!*discard)
		return dev_zero(t->dev, x.off, x.len, e);
	r = dev_discard(t->dev, x.off, x.len, e);
	if (r == -EOPNOTSUPP)
		*discard = false;
	return r;
}

/* In steps that can be watched and stopped. */
static int clear_all(struct target *t, const struct extents *unused, bool discard,
		     const struct watcher *w, struct meter *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < unused->n && !r; i++) {
		struct extent x = unused->v[i];

		while (x.len && !r) {
			uint64_t n = x.len < CLEAR_STEP ? x.len : CLEAR_STEP;

			r = clear_range(t, (struct extent){ x.off, n }, &discard, e);
			x.off += n;
			x.len -= n;
			if (!r && meter_add(m, n, 0))
				r = err_set(e, -EINTR, "stopped by a signal");
		}
	}
	if (r != -EOPNOTSUPP)
		return r;
	watcher_notice(w, "%s cannot discard; its free space was left as it was", t->dev->path);
	return 0;
}

int target_clear(struct target *t, enum clear how, const struct watcher *w, struct err *e)
{
	struct extents unused = { 0 };
	struct meter m;
	int r = find_unused(t, how == CLEAR_HOLES, &unused, e);

	meter_begin(&m, w, how == CLEAR_DISCARD ? "discard" : "erase", extents_total(&unused));
	if (!r)
		r = clear_all(t, &unused, how == CLEAR_DISCARD, w, &m, e);
	meter_end(&m);
	t->cleared += m.p.done;
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

	t->written += len;
	if (!t->dev->block)
		return write_sparse(t, p, off, len, e);
	r = dev_write_through(t->dev, p, len, off, e);
	if (r == 0) /* keeps the disk busy while we unpack, and the last sync short */
		dev_flush_hint(t->dev, off, len);
	return r < 0 ? r : 0;
}

/* Keeps the parts of a piece that lie in one of @n held ranges, writes the rest. */
static int hold_or_write(struct target *t, struct held *held, unsigned n, const uint8_t *p,
			 uint64_t off, uint64_t len, struct err *e)
{
	uint64_t end = off + len, a, b;
	int r = 0;

	if (!n)
		return write_piece(t, p, off, len, e);
	a = off > held->off ? off : held->off;
	b = end < held->off + held->len ? end : held->off + held->len;
	if (a >= b)
		return hold_or_write(t, held + 1, n - 1, p, off, len, e);
	memcpy(held->bytes + (a - held->off), p + (a - off), b - a);
	if (off < a)
		r = hold_or_write(t, held + 1, n - 1, p, off, a - off, e);
	if (!r && b < end)
		r = hold_or_write(t, held + 1, n - 1, p + (b - off), b, end - b, e);
	return r;
}

static struct held *held_of(const struct target *t, const struct region *g)
{
	return &t->held[2 * (g - t->h->regions)];
}

bool target_has_all(const struct target *t, const struct region *g, const struct window *w)
{
	const struct held *held = held_of(t, g);
	bool all = true;

	for (size_t i = 0; i < w->n && all; i++) {
		struct extent x = window_piece(&g->used, t->h->chunk_shift, w, i);
		uint64_t from = g->off + x.off, end = from + x.len;

		for (unsigned k = 0; k < 2; k++)
			all = all && (end <= held[k].off || from >= held[k].off + held[k].len);
	}
	return all;
}

/* Of a region that is not written. */
static void keep_edges(struct held held[2], const uint8_t *p, uint64_t off, uint64_t len)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t a = off > held[i].off ? off : held[i].off;
		uint64_t end = held[i].off + held[i].len;
		uint64_t b = off + len < end ? off + len : end;

		if (a < b)
			memcpy(held[i].bytes + (a - held[i].off), p + (a - off), b - a);
	}
}

int target_chunk(struct target *t, const struct chunk *c, struct err *e)
{
	const struct region *g = c->region;
	const uint8_t *p = c->raw;
	int r = 0;

	for (size_t i = 0; i < c->window.n && !r; i++) {
		struct extent x = window_piece(&g->used, t->h->chunk_shift, &c->window, i);

		if (g->use == USE_ALL)
			r = hold_or_write(t, held_of(t, g), 2, p, g->off + x.off, x.len, e);
		else
			keep_edges(held_of(t, g), p, g->off + x.off, x.len);
		p += x.len;
	}
	return r;
}

/* Puts held bytes over what was read from [off, off + len). */
static void lay_over(const struct held *held, uint8_t *p, uint64_t off, uint64_t len)
{
	uint64_t a = off > held->off ? off : held->off;
	uint64_t end = held->off + held->len;
	uint64_t b = off + len < end ? off + len : end;

	if (a < b)
		memcpy(p + (a - off), held->bytes + (a - held->off), b - a);
}

int target_read(const struct target *t, const struct region *g, const struct window *w,
		void *buf, struct err *e)
{
	const struct held *held = held_of(t, g);
	uint8_t *p = buf;

	for (size_t i = 0; i < w->n; i++) {
		struct extent x = window_piece(&g->used, t->h->chunk_shift, w, i);
		int r = 0;

		if (g->use == USE_ALL)
			r = dev_read(t->dev, p, x.len, g->off + x.off, e);
		if (r < 0)
			return r;
		lay_over(&held[0], p, g->off + x.off, x.len);
		lay_over(&held[1], p, g->off + x.off, x.len);
		for (size_t k = 0; k < t->n_patches; k++)
			lay_over(&t->patches[k], p, g->off + x.off, x.len);
		p += x.len;
	}
	return 0;
}

int target_patch(struct target *t, uint64_t off, const void *bytes, uint32_t n, struct err *e)
{
	struct held *more = reallocarray(t->patches, t->n_patches + 1, sizeof(*more));
	struct held *p;
	int r;

	if (!more)
		return err_nomem(e);
	t->patches = more;
	p = &more[t->n_patches];
	r = hold(p, off, n, e);
	if (r < 0)
		return r;
	t->n_patches++;
	memcpy(p->bytes, bytes, n);
	for (uint32_t i = 0; i < 2 * t->h->n_regions;
	     i++) /* or they would be written over it */
		lay_over(p, t->held[i].bytes, t->held[i].off, t->held[i].len);
	return 0;
}

/* What lies in [from, to) of the patches. */
static int write_patches(struct target *t, uint64_t from, uint64_t to, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < t->n_patches && !r; i++) {
		const struct held *p = &t->patches[i];
		uint64_t a = p->off > from ? p->off : from;
		uint64_t b = p->off + p->len < to ? p->off + p->len : to;

		if (a < b)
			r = write_piece(t, p->bytes + (a - p->off), a, b - a, e);
	}
	return r;
}

/* Writes what is used of the held bytes in [from, to), device offsets. */
static int write_held(struct target *t, const struct region *g, const struct held *held,
		      uint64_t from, uint64_t to, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < g->used.n && !r; i++) {
		uint64_t a = g->off + g->used.v[i].off, b = a + g->used.v[i].len;

		a = a > from ? a : from;
		b = b < to ? b : to;
		if (a < b)
			r = write_piece(t, held->bytes + (a - held->off), a, b - a, e);
	}
	return r;
}

/* The first bytes of each region (@first), or all else that was held back. */
static int write_edges(struct target *t, bool first, struct err *e)
{
	int r = first ? 0 : write_patches(t, FIRST, UINT64_MAX, e);

	/* The last region first: the first region is what a disk boots from. */
	for (uint32_t i = t->h->n_regions; i-- > 0 && !r;) {
		const struct region *g = &t->h->regions[i];
		const struct held *head = held_of(t, g), *tail = head + 1;
		uint64_t end = head->off + head->len;
		uint64_t split = head->len < FIRST ? end : head->off + FIRST;

		if (g->use != USE_ALL)
			continue;
		if (first) {
			r = write_held(t, g, head, head->off, split, e);
			continue;
		}
		r = write_held(t, g, tail, tail->off, tail->off + tail->len, e);
		if (!r)
			r = write_held(t, g, head, split, end, e);
	}
	return r || !first ? r : write_patches(t, 0, FIRST, e);
}

int target_finish(struct target *t, bool nosync, struct err *e)
{
	int r = nosync ? 0 : dev_sync(t->dev, e);

	if (!r)
		r = write_edges(t, false, e);
	if (!r && !nosync)
		r = dev_sync(t->dev, e);
	if (!r)
		r = write_edges(t, true, e);
	return r || nosync ? r : dev_sync(t->dev, e);
}
