// SPDX-License-Identifier: GPL-3.0-or-later
/* walk.c - through an image without its index, record by record. */
#include "imager/image/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define PEEK     (FRAME_HEAD + 8)
#define LOOKOUT  (64 << 10) /* bytes that resync() searches at a time */
#define LOST_MAX (1 << 16)  /* chunks that may be missing however short the image is */

/* Steps the expected window; false behind the last. */
static bool expect_next(struct image *img)
{
	while (img->region < img->h.n_regions) {
		if (window_next(&img->h.regions[img->region].used, img->h.chunk_shift,
				&img->window))
			return true;
		img->region++;
		img->window = (struct window){ 0 };
	}
	return false;
}

static int add_entry(struct image *img, const struct entry *v, struct err *e)
{
	if (!(img->n & (img->n - 1)) || !img->v) { /* at powers of two */
		uint64_t cap = img->n ? 2 * img->n : 1;
		struct entry *more = reallocarray(img->v, cap, sizeof(*more));

		if (!more)
			return err_nomem(e);
		img->v = more;
	}
	img->v[img->n++] = *v;
	return 0;
}

/*
 * Walks the expectation up to the record's chunk; windows in between are
 * missing from the image.  Each took room in it: a short image that asks for
 * much memory lies.
 */
static int meet(struct image *img, const struct record *r, const struct entry *found,
		struct err *e)
{
	struct window w;
	int code;

	if (r->region >= img->h.n_regions ||
	    !window_find(&img->h.regions[r->region].used, img->h.chunk_shift, r->number, &w) ||
	    r->region < img->region ||
	    (r->region == img->region && img->window.n && r->number <= img->window.number))
		return err_set(e, -EBADMSG, "chunk record: out of order");
	while (expect_next(img)) {
		struct entry v = { .region = img->region, .number = img->window.number };
		bool here = img->region == r->region && img->window.number == r->number;

		code = add_entry(img, here ? found : &v, e);
		if (code < 0 || here)
			return code;
		if (img->n >= LOST_MAX + img->stream.off / RECORD_FIXED)
			return err_set(e, -EBADMSG, "chunk record: too many missing before it");
	}
	return err_set(e, -EBADMSG, "chunk record: out of order");
}

/* Skips to the next thing that looks like a record of ours; 0 when there is none. */
static int resync(struct image *img, struct err *e)
{
	for (;;) {
		const uint8_t *p, *hit;
		int64_t n = stream_peek(&img->stream, LOOKOUT, &p, e);

		if (n < PEEK + IMAGE_ID_SIZE)
			return n < 0 ? (int)n : 0;
		hit = frame_find(p, (size_t)n, FRAME_RECORD, img->h.id);
		if (hit) {
			stream_skip(&img->stream, (size_t)(hit - p));
			return 1;
		}
		stream_skip(&img->stream, (size_t)n - (PEEK + IMAGE_ID_SIZE) + 1);
	}
}

/* The record at the stream's begin; *@ret_len its bytes with the packed chunk. */
static int look(struct image *img, struct record *r, size_t *ret_len, struct err *e)
{
	const uint8_t *p;
	uint64_t len = 0;
	int64_t n = stream_peek(&img->stream, PEEK, &p, e);
	int code;

	if (n < 0)
		return (int)n;
	if (n == 0)
		return err_set(e, -EBADMSG, "the image ends before its last chunk");
	code = frame_peek(p, (size_t)n, &len);
	if (code == FRAME_INDEX)
		return 0;
	if (code != FRAME_RECORD)
		return err_set(e, -EBADMSG, "no chunk record at byte %" PRIu64,
			       img->stream.off);
	n = stream_peek(&img->stream, len, &p, e);
	if (n < 0)
		return (int)n;
	if ((uint64_t)n < len)
		return err_set(e, -EBADMSG, "the image ends inside a chunk record");
	code = record_parse(p, len, r, img->hash, e);
	if (!code && memcmp(r->id, img->h.id, IMAGE_ID_SIZE))
		code = err_set(e, -EBADMSG, "a chunk of another image: are volumes mixed up?");
	if (!code && len + r->packed > image_chunk_max(img))
		code = err_set(e, -EBADMSG, "chunk record: too large");
	*ret_len = len + r->packed;
	return code < 0 ? code : 1;
}

/* What the last entry, a SAME, refers to may be lost, but not something else. */
static bool same_is_there(const struct image *img, const struct record *r)
{
	if (r->same >= img->n - 1)
		return false;
	return img->v[r->same].kind == CHUNK_MISSING ||
	       entry_equals(&img->h, &img->v[r->same], r->raw, r->sum);
}

static int64_t take(struct image *img, const struct record *r, size_t len, void *buf,
		    struct err *e)
{
	struct entry v = { .off = img->stream.off,
			   .same = r->same,
			   .stored = (uint32_t)len,
			   .kind = r->kind,
			   .bad = r->bad.n > 0,
			   .region = r->region,
			   .number = r->number };
	int64_t n;
	int code;

	memcpy(v.sum, r->sum, HASH_SIZE);
	code = meet(img, r, &v, e);
	if (code < 0)
		return code;
	if (r->kind == CHUNK_SAME && !same_is_there(img, r)) {
		img->v[img->n - 1].kind = CHUNK_MISSING;
		return err_set(e, -EBADMSG, "chunk record: equal to what is not there");
	}
	n = stream_take(&img->stream, buf, len, e);
	if (n >= 0 && (size_t)n < len) {
		img->v[img->n - 1].kind = CHUNK_MISSING;
		return err_set(e, -EBADMSG, "the image ends inside chunk %" PRIu64, img->n - 1);
	}
	return n;
}

int64_t image_walk(struct image *img, void *buf, uint64_t *ret_ordinal, struct err *e)
{
	struct record r = { 0 };
	size_t len = 0;
	int64_t code;

	if (img->lost) {
		code = resync(img, e);
		if (code <= 0)
			return code;
	}
	code = look(img, &r, &len, e);
	if (code > 0)
		code = take(img, &r, len, buf, e);
	if (code > 0)
		*ret_ordinal = img->n - 1;
	record_free(&r);
	img->lost = code == -EBADMSG;
	if (img->lost && img->stream.len) /* so that resync() does not find it again */
		stream_skip(&img->stream, 1);
	return code;
}

static bool equal(const struct entry *a, const struct entry *b)
{
	return a->off == b->off && a->same == b->same && a->stored == b->stored &&
	       a->kind == b->kind && a->bad == b->bad && !memcmp(a->sum, b->sum, HASH_SIZE);
}

/* Compares the stored index with the one the walk has built. */
static int check_index(struct image *img, uint8_t sum[HASH_SIZE], struct err *e)
{
	uint64_t n = index_size(img->n);
	struct entry *v = calloc(img->n + 1, sizeof(*v));
	uint8_t *buf = malloc(n);
	int64_t r = v && buf ? 0 : err_nomem(e);

	if (!r)
		r = stream_take(&img->stream, buf, n, e);
	if (r >= 0)
		r = index_parse(buf, (size_t)r, &img->h, v, img->n, e);
	for (uint64_t i = 0; i < img->n && !r; i++)
		if (!equal(&v[i], &img->v[i]))
			r = err_set(e, -EBADMSG, "index: not that of chunk %" PRIu64, i);
	if (!r && hash_buf(img->hash, buf, n, sum) < 0)
		r = err_set(e, -EIO, "libcrypto failed");
	free(v);
	free(buf);
	return (int)r;
}

static int check_trailer(struct image *img, const uint8_t index_sum[HASH_SIZE], struct err *e)
{
	struct trailer *t = &img->trailer;
	uint64_t before = img->stream.off;
	uint8_t buf[TRAILER_SIZE + 1]; /* one more, to see that nothing follows */
	int64_t n = stream_take(&img->stream, buf, sizeof(buf), e);
	int r;

	if (n < 0)
		return (int)n;
	if (n > TRAILER_SIZE)
		return err_set(e, -EBADMSG, "there is something behind the image's end");
	r = trailer_parse(buf, (size_t)n, t, img->hash, e);
	if (r < 0)
		return r;
	if (memcmp(t->id, img->h.id, IMAGE_ID_SIZE) || t->chunks != img->n ||
	    t->image_len != before + TRAILER_SIZE || t->index_off + t->index_len != before ||
	    t->raw_bytes != img->h.used_bytes ||
	    memcmp(t->header_sum, img->header_sum, HASH_SIZE) ||
	    memcmp(t->index_sum, index_sum, HASH_SIZE))
		return err_set(e, -EBADMSG, "trailer: not that of this image");
	img->complete = true;
	return 0;
}

int image_walk_end(struct image *img, struct err *e)
{
	uint8_t sum[HASH_SIZE];
	int r;

	if (img->n < img->chunks)
		return err_set(e, -EBADMSG, "the last %" PRIu64 " chunks are missing",
			       img->chunks - img->n);
	r = check_index(img, sum, e);
	return r ? r : check_trailer(img, sum, e);
}
