// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * frame.c - everything but the packed chunks lives in zstd skippable frames
 * (RFC 8878 section 3.1.2), so that zstd's own tools pass over it.
 */
#include "imager/image/format.h"

#include <errno.h>

#define TAG_SIZE 8

static const struct {
	char tag[TAG_SIZE + 1];
	const char *name;
	uint64_t max; /* bytes of a whole frame */
} kinds[FRAME_KINDS] = {
	[FRAME_HEADER] = { "SLATEIMG", "header", HEADER_SIZE_MAX },
	[FRAME_MAP] = { "SLATEMAP", "map", MAP_SIZE_MAX },
	[FRAME_RECORD] = { "SLATEREC", "chunk record", RECORD_FIXED + 8 * RECORD_EXTENTS_MAX },
	[FRAME_INDEX] = { "SLATEIDX", "index", FRAME_HEAD + (uint64_t)UINT32_MAX },
	[FRAME_TRAILER] = { "SLATEEND", "trailer", TRAILER_SIZE },
};

int frame_peek(const void *p, size_t n, uint64_t *ret_len)
{
	struct rd r = rd_init(p, n);
	uint32_t magic = rd_le32(&r);
	uint64_t len = FRAME_HEAD + (uint64_t)rd_le32(&r);
	const uint8_t *tag = rd_bytes(&r, TAG_SIZE);

	if (!rd_ok(&r) || magic != FRAME_MAGIC)
		return -EBADMSG;
	for (int k = 0; k < FRAME_KINDS; k++) {
		if (memcmp(tag, kinds[k].tag, TAG_SIZE))
			continue;
		if (len < FRAME_HEAD + TAG_SIZE || len > kinds[k].max)
			return -EBADMSG;
		*ret_len = len;
		return k;
	}
	return -EBADMSG;
}

void frame_begin(struct wr *w, enum frame kind)
{
	wr_le32(w, FRAME_MAGIC);
	wr_le32(w, 0);
	wr_bytes(w, kinds[kind].tag, TAG_SIZE);
}

void frame_end(struct wr *w, size_t begin, size_t end)
{
	struct wr size = wr_init(w->buf ? w->buf + begin + 4 : NULL, 4);

	wr_le32(&size, (uint32_t)(end - begin - FRAME_HEAD));
}

int frame_open(const void *p, size_t n, enum frame kind, struct rd *ret, struct err *e)
{
	uint64_t len = 0;
	int k = frame_peek(p, n, &len);

	if (k != (int)kind || len != n)
		return err_set(e, -EBADMSG, "%s: not there, or of the wrong length",
			       kinds[kind].name);
	*ret = rd_init(p, n);
	rd_skip(ret, FRAME_HEAD + TAG_SIZE);
	return 0;
}

int frame_seal(struct wr *w, size_t begin, size_t sum_len, struct hash *h)
{
	uint8_t sum[HASH_SIZE] = { 0 };
	int r;

	frame_end(w, begin, w->pos + sum_len);
	if (!wr_ok(w))
		return -ENOBUFS;
	r = hash_buf(h, w->buf + begin, w->pos - begin, sum);
	wr_bytes(w, sum, sum_len);
	return r < 0 ? r : wr_ok(w) ? 0 : -ENOBUFS;
}

int frame_check_seal(const void *p, size_t n, size_t sum_len, struct hash *h, const char *what,
		     struct err *e)
{
	uint8_t sum[HASH_SIZE];
	int r;

	if (n < sum_len)
		return err_set(e, -EBADMSG, "%s: too short", what);
	r = hash_buf(h, p, n - sum_len, sum);
	if (r < 0)
		return err_set(e, r, "%s: libcrypto failed", what);
	if (memcmp(sum, (const uint8_t *)p + n - sum_len, sum_len))
		return err_set(e, -EBADMSG, "%s: its checksum does not match", what);
	return 0;
}

const uint8_t *frame_find(const void *p, size_t n, enum frame kind,
			  const uint8_t id[IMAGE_ID_SIZE])
{
	const uint8_t *at = p, *end = at + n, *tag;

	while ((tag = memmem(at, (size_t)(end - at), kinds[kind].tag, TAG_SIZE))) {
		at = tag + 1;
		if (tag - (const uint8_t *)p >= FRAME_HEAD &&
		    end - tag >= TAG_SIZE + IMAGE_ID_SIZE &&
		    !memcmp(tag + TAG_SIZE, id, IMAGE_ID_SIZE))
			return tag - FRAME_HEAD;
	}
	return NULL;
}
