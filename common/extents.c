// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/extents.h"

#include "common/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

void extents_free(struct extents *x)
{
	free(x->v);
	*x = (struct extents){ 0 };
}

int extents_add(struct extents *x, uint64_t off, uint64_t len, struct err *e)
{
	struct extent *last = x->n ? &x->v[x->n - 1] : NULL;
	uint64_t end;

	if (!add_u64(off, len, &end) || end > INT64_MAX) /* beyond it window ends overflow */
		return err_set(e, -ERANGE, "range %" PRIu64 "+%" PRIu64 " is impossible", off,
			       len);
	if (!len)
		return 0;
	if (last && off == last->off + last->len) {
		last->len += len; /* the usual case keeps the list short */
		return 0;
	}
	if (x->n == x->cap) {
		size_t cap = x->cap ? 2 * x->cap : 64;
		struct extent *v = reallocarray(x->v, cap, sizeof(*v));

		if (!v)
			return err_nomem(e);
		x->v = v;
		x->cap = cap;
	}
	x->v[x->n++] = (struct extent){ off, len };
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct extent *p = a, *q = b;

	return (p->off > q->off) - (p->off < q->off);
}

void extents_normalize(struct extents *x)
{
	size_t kept = 0;

	if (x->n)
		qsort(x->v, x->n, sizeof(*x->v), by_offset);
	for (size_t i = 0; i < x->n; i++) {
		struct extent *last = kept ? &x->v[kept - 1] : NULL;
		struct extent cur = x->v[i];

		if (!last || cur.off > last->off + last->len)
			x->v[kept++] = cur;
		else if (cur.off + cur.len > last->off + last->len)
			last->len = cur.off + cur.len - last->off;
	}
	x->n = kept;
}

void extents_bound(struct extents *x, uint64_t size)
{
	while (x->n && x->v[x->n - 1].off >= size)
		x->n--;
	if (x->n) {
		struct extent *last = &x->v[x->n - 1];

		if (last->len > size - last->off)
			last->len = size - last->off;
	}
}

uint64_t extents_total(const struct extents *x)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->n; i++)
		sum += x->v[i].len;
	return sum;
}

/* The first extent that ends after @at; x->n if there is none. */
static size_t first_after(const struct extents *x, uint64_t at)
{
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->v[mid].off + x->v[mid].len <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool extents_touch(const struct extents *x, uint64_t off, uint64_t len)
{
	size_t i = first_after(x, off);

	return len && i < x->n && x->v[i].off < off + len;
}

uint64_t extents_run(const struct extents *x, uint64_t off, uint64_t len, bool inside)
{
	size_t i = first_after(x, off);
	bool hit = i < x->n && x->v[i].off <= off;
	uint64_t end = len;

	if (hit != inside)
		return 0;
	if (i < x->n)
		end = (hit ? x->v[i].off + x->v[i].len : x->v[i].off) - off;
	return end < len ? end : len;
}

int extents_invert(const struct extents *x, uint64_t size, struct extents *ret, struct err *e)
{
	uint64_t at = 0;
	int r = 0;

	for (size_t i = 0; i < x->n && !r; i++) {
		r = extents_add(ret, at, x->v[i].off - at, e);
		at = x->v[i].off + x->v[i].len;
	}
	if (!r && at < size)
		r = extents_add(ret, at, size - at, e);
	return r;
}

/* Fills @w from the first extent at or after index @i that reaches beyond @from. */
static bool window_at(const struct extents *x, unsigned shift, size_t i, uint64_t from,
		      struct window *w)
{
	uint64_t start, end;

	while (i < x->n && x->v[i].off + x->v[i].len <= from)
		i++;
	if (i == x->n)
		return false;
	start = x->v[i].off > from ? x->v[i].off : from;
	*w = (struct window){ .number = start >> shift, .first = i };
	start = w->number << shift;
	end = start + (UINT64_C(1) << shift);
	for (; i < x->n && x->v[i].off < end; i++, w->n++) {
		uint64_t a = x->v[i].off > start ? x->v[i].off : start;
		uint64_t b = x->v[i].off + x->v[i].len;

		w->used += (uint32_t)((b < end ? b : end) - a);
	}
	return true;
}

bool window_next(const struct extents *x, unsigned shift, struct window *w)
{
	if (!w->n)
		return window_at(x, shift, 0, 0, w);
	/* The last extent of this window may go on in the next. */
	return window_at(x, shift, w->first + w->n - 1, (w->number + 1) << shift, w);
}

bool window_find(const struct extents *x, unsigned shift, uint64_t number, struct window *w)
{
	uint64_t start = number << shift;

	if (number > UINT64_MAX >> shift)
		return false;
	return window_at(x, shift, first_after(x, start), start, w) && w->number == number;
}

struct extent window_piece(const struct extents *x, unsigned shift, const struct window *w,
			   size_t i)
{
	const struct extent *v = &x->v[w->first + i];
	uint64_t start = w->number << shift, end = start + (UINT64_C(1) << shift);
	uint64_t a = v->off > start ? v->off : start;
	uint64_t b = v->off + v->len < end ? v->off + v->len : end;

	return (struct extent){ a, b - a };
}

uint64_t window_count(const struct extents *x, unsigned shift)
{
	uint64_t n = 0, next = 0;

	for (size_t i = 0; i < x->n; i++) {
		uint64_t a = x->v[i].off >> shift;
		uint64_t b = (x->v[i].off + x->v[i].len - 1) >> shift;

		if (a < next)
			a = next;
		if (b >= a)
			n += b - a + 1;
		next = b + 1;
	}
	return n;
}
