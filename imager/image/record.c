// SPDX-License-Identifier: GPL-3.0-or-later
/* record.c - docs/FORMAT.md, "Chunk record". */
#include "imager/image/format.h"

#include "imager/codec/codec.h"

#include <errno.h>
#include <inttypes.h>

#define SEAL_SIZE 8

int record_render(const struct record *r, void *buf, size_t n, struct hash *hash)
{
	const struct extents *lists[] = { &r->used, &r->bad };
	struct wr w = wr_init(buf, n);

	frame_begin(&w, FRAME_RECORD);
	wr_bytes(&w, r->id, IMAGE_ID_SIZE);
	wr_le32(&w, r->region);
	wr_u8(&w, r->kind);
	wr_u8(&w, r->codec);
	wr_le16(&w, 0);
	wr_le64(&w, r->number);
	wr_le32(&w, r->raw);
	wr_le32(&w, r->packed);
	wr_le32(&w, (uint32_t)r->used.n);
	wr_le32(&w, (uint32_t)r->bad.n);
	wr_bytes(&w, r->sum, HASH_SIZE);
	wr_le64(&w, r->same);
	for (unsigned k = 0; k < 2; k++) {
		for (size_t i = 0; i < lists[k]->n; i++) {
			wr_le32(&w, (uint32_t)lists[k]->v[i].off);
			wr_le32(&w, (uint32_t)lists[k]->v[i].len);
		}
	}
	return frame_seal(&w, 0, SEAL_SIZE, hash);
}

static int parse_list(struct rd *r, uint32_t n, struct extents *ret, struct err *e)
{
	uint64_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t off = rd_le32(r), len = rd_le32(r);
		int code;

		if (!rd_ok(r) || !len || (i && off <= at) ||
		    off + len > UINT64_C(1) << CHUNK_SHIFT_MAX)
			return err_set(e, -EBADMSG, "chunk record: impossible extents");
		at = off + len;
		code = extents_add(ret, off, len, e);
		if (code < 0)
			return code;
	}
	return 0;
}

/* Readers take an ordinal that is there for one that was checked: only SAME has one. */
static bool plausible(const struct record *r)
{
	static const uint8_t none[HASH_SIZE];

	if (!r->raw || r->raw > UINT32_C(1) << CHUNK_SHIFT_MAX ||
	    r->packed > CODEC_BOUND(UINT32_C(1) << CHUNK_SHIFT_MAX))
		return false;
	switch (r->kind) {
	case CHUNK_DATA:
		return !r->same && r->packed && (r->codec || r->packed == r->raw);
	case CHUNK_ZERO:
		return !r->same && (r->codec || !r->packed) && !memcmp(r->sum, none, HASH_SIZE);
	case CHUNK_SAME:
		return !r->packed && !r->codec;
	default:
		return false;
	}
}

/* Only what is in the chunk can have been unreadable. */
static bool bad_is_used(const struct record *r)
{
	size_t u = 0;

	for (size_t i = 0; i < r->bad.n; i++) {
		const struct extent *x = &r->bad.v[i];

		while (u < r->used.n && r->used.v[u].off + r->used.v[u].len <= x->off)
			u++;
		if (u == r->used.n || x->off < r->used.v[u].off ||
		    x->off + x->len > r->used.v[u].off + r->used.v[u].len)
			return false;
	}
	return true;
}

int record_parse(const void *buf, size_t n, struct record *ret, struct hash *hash,
		 struct err *e)
{
	uint32_t n_used, n_bad;
	const uint8_t *p;
	struct rd r;
	int code;

	*ret = (struct record){ 0 };
	code = frame_open(buf, n, FRAME_RECORD, &r, e);
	if (!code)
		code = frame_check_seal(buf, n, SEAL_SIZE, hash, "chunk record", e);
	if (code < 0)
		return code;
	p = rd_bytes(&r, IMAGE_ID_SIZE);
	if (p)
		memcpy(ret->id, p, IMAGE_ID_SIZE);
	ret->region = rd_le32(&r);
	ret->kind = rd_u8(&r);
	ret->codec = rd_u8(&r);
	rd_skip(&r, 2);
	ret->number = rd_le64(&r);
	ret->raw = rd_le32(&r);
	ret->packed = rd_le32(&r);
	n_used = rd_le32(&r);
	n_bad = rd_le32(&r);
	p = rd_bytes(&r, HASH_SIZE);
	if (p)
		memcpy(ret->sum, p, HASH_SIZE);
	ret->same = rd_le64(&r);
	if (!rd_ok(&r) || !plausible(ret) ||
	    rd_left(&r) != 8 * ((uint64_t)n_used + n_bad) + SEAL_SIZE)
		return err_set(e, -EBADMSG, "chunk record: impossible values");
	code = parse_list(&r, n_used, &ret->used, e);
	if (!code)
		code = parse_list(&r, n_bad, &ret->bad, e);
	if (!code && extents_total(&ret->used) != ret->raw)
		code = err_set(e, -EBADMSG, "chunk record: extents and length disagree");
	if (!code && !bad_is_used(ret))
		code = err_set(e, -EBADMSG, "chunk record: unreadable outside its extents");
	return code;
}

void record_free(struct record *r)
{
	extents_free(&r->used);
	extents_free(&r->bad);
}

int record_extents(const struct region *region, unsigned shift, const struct window *w,
		   struct extents *ret, struct err *e)
{
	int code = 0;

	for (size_t i = 0; i < w->n && !code; i++) {
		struct extent x = window_piece(&region->used, shift, w, i);

		code = extents_add(ret, x.off - (w->number << shift), x.len, e);
	}
	return code;
}
