// SPDX-License-Identifier: GPL-3.0-or-later
/* index.c - docs/FORMAT.md, "Index" and "Trailer". */
#include "imager/image/format.h"

#include <errno.h>
#include <inttypes.h>

#define ENTRY_BAD        1 /* flag: holds bytes that could not be read */
#define TRAILER_RESERVED 40
#define TRAILER_SPARE    32

int index_render(const struct header *h, const struct entry *v, uint64_t n, void *buf,
		 size_t len)
{
	struct wr w = wr_init(buf, len);

	frame_begin(&w, FRAME_INDEX);
	wr_bytes(&w, h->id, IMAGE_ID_SIZE);
	wr_le64(&w, n);
	for (uint64_t i = 0; i < n; i++) {
		wr_le64(&w, v[i].off);
		wr_le64(&w, v[i].same);
		wr_le32(&w, v[i].stored);
		wr_u8(&w, v[i].kind);
		wr_u8(&w, v[i].bad ? ENTRY_BAD : 0);
		wr_le16(&w, 0);
		wr_bytes(&w, v[i].sum, HASH_SIZE);
	}
	frame_end(&w, 0, w.pos);
	return wr_ok(&w) ? 0 : -ENOBUFS;
}

bool entry_equals(const struct header *h, const struct entry *v, uint32_t used,
		  const uint8_t sum[HASH_SIZE])
{
	struct window w;

	return v->kind == CHUNK_DATA && !memcmp(v->sum, sum, HASH_SIZE) &&
	       window_find(&h->regions[v->region].used, h->chunk_shift, v->number, &w) &&
	       w.used == used;
}

/* Entry @i, for a window with @used bytes. */
static int entry_parse(struct rd *r, const struct header *h, const struct entry *v, uint64_t i,
		       uint32_t used, struct entry *ret)
{
	uint64_t prev_end = i ? v[i - 1].off + v[i - 1].stored : 0;
	const uint8_t *sum;
	uint8_t flags;

	*ret = (struct entry){ 0 };
	ret->off = rd_le64(r);
	ret->same = rd_le64(r);
	ret->stored = rd_le32(r);
	ret->kind = rd_u8(r);
	flags = rd_u8(r);
	rd_skip(r, 2);
	sum = rd_bytes(r, HASH_SIZE);
	if (!rd_ok(r) || ret->kind < CHUNK_DATA || ret->kind >= CHUNK_KINDS ||
	    ret->stored < RECORD_FIXED || ret->off > DEVICE_SIZE_MAX || ret->off < prev_end)
		return -EBADMSG;
	if (ret->kind == CHUNK_SAME
		    ? ret->same >= i || !entry_equals(h, &v[ret->same], used, sum)
		    : ret->same != 0)
		return -EBADMSG;
	ret->bad = flags & ENTRY_BAD;
	memcpy(ret->sum, sum, HASH_SIZE);
	return 0;
}

int index_parse(const void *buf, size_t len, const struct header *h, struct entry *v,
		uint64_t n, struct err *e)
{
	const uint8_t *id;
	uint64_t count, i = 0;
	struct rd r;
	int code = frame_open(buf, len, FRAME_INDEX, &r, e);

	if (code < 0)
		return code;
	id = rd_bytes(&r, IMAGE_ID_SIZE);
	count = rd_le64(&r);
	if (!rd_ok(&r) || memcmp(id, h->id, IMAGE_ID_SIZE))
		return err_set(e, -EBADMSG, "index: it belongs to another image");
	if (count != n || rd_left(&r) / INDEX_ENTRY != n || rd_left(&r) % INDEX_ENTRY)
		return err_set(e, -EBADMSG,
			       "index: %" PRIu64 " entries, the maps have %" PRIu64 " chunks",
			       count, n);
	for (uint32_t g = 0; g < h->n_regions; g++) {
		struct window w = { 0 };

		while (window_next(&h->regions[g].used, h->chunk_shift, &w)) {
			if (i == n || entry_parse(&r, h, v, i, w.used, &v[i]) < 0)
				return err_set(e, -EBADMSG,
					       "index: entry %" PRIu64 " is impossible", i);
			v[i].region = g;
			v[i++].number = w.number;
		}
	}
	return i == n ? 0 : err_set(e, -EBADMSG, "index: too many entries");
}

int trailer_render(struct trailer *t, uint8_t buf[TRAILER_SIZE], struct hash *hash)
{
	struct wr w = wr_init(buf, TRAILER_SIZE);
	int r;

	frame_begin(&w, FRAME_TRAILER);
	wr_bytes(&w, t->id, IMAGE_ID_SIZE);
	wr_le64(&w, t->image_len);
	wr_le64(&w, t->index_off);
	wr_le64(&w, t->index_len);
	wr_le64(&w, t->chunks);
	wr_le64(&w, t->raw_bytes);
	wr_le64(&w, t->packed_bytes);
	wr_le64(&w, t->bad_bytes);
	wr_zero(&w, TRAILER_RESERVED);
	wr_bytes(&w, t->header_sum, HASH_SIZE);
	wr_bytes(&w, t->index_sum, HASH_SIZE);
	wr_zero(&w, TRAILER_SPARE);
	r = frame_seal(&w, 0, HASH_SIZE, hash);
	if (!r)
		memcpy(t->root, buf + TRAILER_SIZE - HASH_SIZE, HASH_SIZE);
	return r;
}

int trailer_parse(const void *buf, size_t n, struct trailer *ret, struct hash *hash,
		  struct err *e)
{
	const uint8_t *id, *header_sum, *index_sum, *root;
	uint64_t end;
	struct rd r;
	int code;

	*ret = (struct trailer){ 0 };
	code = n == TRAILER_SIZE ? frame_open(buf, n, FRAME_TRAILER, &r, e)
				 : err_set(e, -EBADMSG, "trailer: not there");
	if (!code)
		code = frame_check_seal(buf, n, HASH_SIZE, hash, "trailer", e);
	if (code < 0)
		return code;
	id = rd_bytes(&r, IMAGE_ID_SIZE);
	ret->image_len = rd_le64(&r);
	ret->index_off = rd_le64(&r);
	ret->index_len = rd_le64(&r);
	ret->chunks = rd_le64(&r);
	ret->raw_bytes = rd_le64(&r);
	ret->packed_bytes = rd_le64(&r);
	ret->bad_bytes = rd_le64(&r);
	rd_skip(&r, TRAILER_RESERVED);
	header_sum = rd_bytes(&r, HASH_SIZE);
	index_sum = rd_bytes(&r, HASH_SIZE);
	rd_skip(&r, TRAILER_SPARE);
	root = rd_bytes(&r, HASH_SIZE);
	if (!rd_ok(&r) || !add_u64(ret->index_off, ret->index_len, &end) ||
	    ret->image_len < TRAILER_SIZE || end != ret->image_len - TRAILER_SIZE ||
	    ret->chunks > (UINT32_MAX - INDEX_FIXED) / INDEX_ENTRY ||
	    ret->index_len != index_size(ret->chunks))
		return err_set(e, -EBADMSG, "trailer: impossible values");
	memcpy(ret->id, id, IMAGE_ID_SIZE);
	memcpy(ret->header_sum, header_sum, HASH_SIZE);
	memcpy(ret->index_sum, index_sum, HASH_SIZE);
	memcpy(ret->root, root, HASH_SIZE);
	return 0;
}
