// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/writer.h"

#include "imager/image/same.h"

#include <errno.h>
#include <stdlib.h>

/* Below this a SAME saves next to nothing, and zstd -dc would miss the bytes. */
#define SAME_MIN 4096

struct writer {
	struct sink *sink;
	const struct header *h;
	struct hash *hash;
	struct entry *v;
	uint64_t n, cap, chunks; /* written, allocated, expected */
	uint64_t pos, raw, packed, bad;
	uint8_t header_sum[HASH_SIZE];
	struct same same;
	uint8_t *buf; /* for one record */
	size_t buf_len;
};

static int put(struct writer *w, const void *p, size_t n, struct err *e)
{
	int r = w->sink->write(w->sink, p, n, e);

	if (!r)
		w->pos += n;
	return r;
}

static int reserve(struct writer *w, size_t n, struct err *e)
{
	uint8_t *p;

	if (n <= w->buf_len)
		return 0;
	p = realloc(w->buf, n);
	if (!p)
		return err_nomem(e);
	w->buf = p;
	w->buf_len = n;
	return 0;
}

static int render_failed(struct err *e, int r)
{
	return err_set(e, r, "cannot render a part of the image (%d)", r);
}

/* header_sum runs over header and maps, so the map needs a hash of its own. */
static int put_header(struct writer *w, struct err *e)
{
	struct hash *all;
	size_t n = header_size(w->h);
	int r = hash_new(&all, e);

	if (r < 0)
		return r;
	hash_begin(all);
	for (uint32_t i = 0; i <= w->h->n_regions && !r; i++) {
		if (i)
			n = map_size(w->h, i - 1);
		r = reserve(w, n, e);
		if (r < 0)
			break;
		r = i ? map_render(w->h, i - 1, w->buf, n, w->hash)
		      : header_render(w->h, w->buf, n, w->hash);
		if (r < 0) {
			r = render_failed(e, r);
			break;
		}
		hash_add(all, w->buf, n);
		r = put(w, w->buf, n, e);
	}
	if (!r && hash_end(all, w->header_sum) < 0)
		r = render_failed(e, -EIO);
	hash_free(all);
	return r;
}

int writer_open(struct writer **ret, struct sink *sink, const struct header *h, struct err *e)
{
	struct writer *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_nomem(e);
	w->sink = sink;
	w->h = h;
	for (uint32_t i = 0; i < h->n_regions; i++)
		w->chunks += window_count(&h->regions[i].used, h->chunk_shift);
	r = hash_new(&w->hash, e);
	if (!r)
		r = put_header(w, e);
	if (r < 0) {
		writer_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

static int grow(struct writer *w, struct err *e)
{
	uint64_t cap = w->cap ? 2 * w->cap : 1024;
	struct entry *v;

	if (cap > w->chunks)
		cap = w->chunks;
	v = reallocarray(w->v, cap, sizeof(*v));
	if (!v)
		return err_nomem(e);
	w->v = v;
	w->cap = cap;
	return 0;
}

/* Turns a chunk whose bytes are in the image already into a reference. */
static void find_same(struct writer *w, struct record *r)
{
	int64_t same;

	if (r->kind != CHUNK_DATA || r->packed < SAME_MIN)
		return;
	same = same_find(&w->same, w->v, r->sum);
	if (same < 0)
		return;
	r->kind = CHUNK_SAME;
	r->codec = 0;
	r->packed = 0;
	r->same = (uint64_t)same;
}

int writer_chunk(struct writer *w, struct record *r, const void *packed, struct err *e)
{
	size_t n = record_size(r->used.n, r->bad.n);
	struct entry *v;
	int code;

	if (w->n == w->chunks)
		return err_set(e, -EOVERFLOW, "more chunks than the maps have");
	code = w->n == w->cap ? grow(w, e) : 0;
	if (!code)
		code = reserve(w, n, e);
	if (code < 0)
		return code;
	find_same(w, r);
	memcpy(r->id, w->h->id, IMAGE_ID_SIZE);
	code = record_render(r, w->buf, n, w->hash);
	if (code < 0)
		return render_failed(e, code);
	v = &w->v[w->n];
	*v = (struct entry){ .off = w->pos,
			     .same = r->same,
			     .stored = (uint32_t)(n + r->packed),
			     .kind = r->kind,
			     .bad = r->bad.n > 0,
			     .region = r->region,
			     .number = r->number };
	memcpy(v->sum, r->sum, HASH_SIZE);
	if (r->kind == CHUNK_DATA && same_add(&w->same, w->v, w->n) < 0)
		return err_nomem(e);
	w->n++;
	w->raw += r->raw;
	w->packed += r->packed;
	w->bad += extents_total(&r->bad);
	code = put(w, w->buf, n, e);
	return code || !r->packed ? code : put(w, packed, r->packed, e);
}

static int put_index(struct writer *w, struct trailer *t, struct err *e)
{
	uint64_t n = index_size(w->n);
	int r;

	if (n > UINT32_MAX)
		return err_set(e, -EFBIG, "too many chunks for one index; use --chunk-size=4M");
	r = reserve(w, n, e);
	if (r < 0)
		return r;
	r = index_render(w->h, w->v, w->n, w->buf, n);
	if (!r)
		r = hash_buf(w->hash, w->buf, n, t->index_sum);
	if (r < 0)
		return render_failed(e, r);
	t->index_off = w->pos;
	t->index_len = n;
	return put(w, w->buf, n, e);
}

int writer_finish(struct writer *w, struct trailer *ret, struct err *e)
{
	struct trailer t = { .chunks = w->n,
			     .raw_bytes = w->raw,
			     .packed_bytes = w->packed,
			     .bad_bytes = w->bad };
	uint8_t buf[TRAILER_SIZE];
	int r;

	if (w->n != w->chunks)
		return err_set(e, -EOVERFLOW, "fewer chunks than the maps have");
	memcpy(t.id, w->h->id, IMAGE_ID_SIZE);
	memcpy(t.header_sum, w->header_sum, HASH_SIZE);
	r = put_index(w, &t, e);
	if (r < 0)
		return r;
	t.image_len = w->pos + TRAILER_SIZE;
	r = trailer_render(&t, buf, w->hash);
	if (r < 0)
		return render_failed(e, r);
	r = put(w, buf, TRAILER_SIZE, e);
	if (!r)
		r = w->sink->publish(w->sink, e);
	if (!r && ret)
		*ret = t;
	return r;
}

uint64_t writer_bytes(const struct writer *w)
{
	return w->pos;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	hash_free(w->hash);
	same_free(&w->same);
	free(w->v);
	free(w->buf);
	free(w);
}
