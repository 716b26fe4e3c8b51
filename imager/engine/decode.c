// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/decode.h"

#include "imager/codec/codec.h"

#include <errno.h>
#include <inttypes.h>

int decoder_init(struct decoder *d, struct err *e)
{
	*d = (struct decoder){ 0 };
	return hash_new(&d->hash, e);
}

void decoder_free(struct decoder *d)
{
	for (unsigned i = 0; i < DECODER_CODECS; i++)
		if (d->open[i] && codec_by_id((uint8_t)i)->close)
			codec_by_id((uint8_t)i)->close(d->ctx[i]);
	hash_free(d->hash);
	*d = (struct decoder){ 0 };
}

bool all_zero(const void *p, size_t n)
{
	const uint8_t *b = p;

	/* Each byte equals the one before it, and the first is zero. */
	return !n || (!b[0] && !memcmp(b, b + 1, n - 1));
}

static int unpack(struct decoder *d, const struct image *img, const struct record *r,
		  const void *packed, void *raw, struct err *e)
{
	const struct codec *c = codec_by_id(r->codec);
	int code;

	if (!c || r->codec >= DECODER_CODECS)
		return err_set(e, -EBADMSG, "unknown codec %u; use a newer slate", r->codec);
	if (!d->open[r->codec] && c->open) {
		code = c->open(&d->ctx[r->codec], c->level_default,
			       (size_t)1 << img->h.chunk_shift, e);
		if (code < 0)
			return code;
		d->open[r->codec] = true;
	}
	return c->unpack(d->ctx[r->codec], packed, r->packed, raw, r->raw, e);
}

static int check_extents(const struct image *img, const struct record *r, struct err *e)
{
	const struct extents *map = &img->h.regions[r->region].used;
	unsigned shift = img->h.chunk_shift;
	struct window w;

	if (!window_find(map, shift, r->number, &w) || w.used != r->raw || w.n != r->used.n)
		return err_set(e, -EBADMSG, "record and map disagree");
	for (size_t i = 0; i < w.n; i++) {
		struct extent x = window_piece(map, shift, &w, i);

		if (r->used.v[i].off != x.off - (w.number << shift) ||
		    r->used.v[i].len != x.len)
			return err_set(e, -EBADMSG, "record and map disagree");
	}
	return 0;
}

static int check_record(const struct image *img, const struct entry *v, const struct record *r,
			size_t n, struct err *e)
{
	if (memcmp(r->id, img->h.id, IMAGE_ID_SIZE))
		return err_set(e, -EBADMSG, "belongs to another image: are volumes mixed up?");
	if (r->region != v->region || r->number != v->number || r->kind != v->kind ||
	    r->same != v->same || (r->bad.n > 0) != v->bad ||
	    memcmp(r->sum, v->sum, HASH_SIZE) || n != v->stored)
		return err_set(e, -EBADMSG, "record and index disagree");
	return check_extents(img, r, e);
}

static int check_content(struct decoder *d, const struct image *img, const struct record *r,
			 const void *packed, void *raw, struct err *e)
{
	uint8_t sum[HASH_SIZE];
	int code = 0;

	if (r->kind == CHUNK_SAME)
		return 0;
	if (r->packed)
		code = unpack(d, img, r, packed, raw, e);
	else
		memset(raw, 0, r->raw);
	if (code < 0)
		return code;
	if (r->kind == CHUNK_ZERO)
		return all_zero(raw, r->raw)
			       ? 0
			       : err_set(e, -EBADMSG, "should be zeros and is not");
	if (hash_buf(d->hash, raw, r->raw, sum) < 0)
		return err_set(e, -EIO, "libcrypto failed");
	if (memcmp(sum, r->sum, HASH_SIZE))
		return err_set(e, -EBADMSG, "its SHA-256 does not match");
	return 0;
}

int decode_chunk(struct decoder *d, const struct image *img, const struct entry *v,
		 const void *buf, size_t n, void *raw, struct err *e)
{
	struct record r = { 0 };
	uint64_t len = 0;
	int code;

	if (frame_peek(buf, n, &len) != FRAME_RECORD || len > n)
		return err_set(e, -EBADMSG, "no chunk record");
	code = record_parse(buf, len, &r, d->hash, e);
	if (!code && len + r.packed != n)
		code = err_set(e, -EBADMSG, "record and index disagree");
	if (!code)
		code = check_record(img, v, &r, n, e);
	if (!code)
		code = check_content(d, img, &r, (const uint8_t *)buf + len, raw, e);
	record_free(&r);
	return code;
}
