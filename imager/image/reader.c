// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/reader.h"

#include "imager/codec/codec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define PEEK (FRAME_HEAD + 8) /* what frame_peek() needs */

size_t image_chunk_max(const struct image *img)
{
	size_t chunk = (size_t)1 << img->h.chunk_shift;

	return record_size(RECORD_EXTENTS_MAX, 0) + CODEC_BOUND(chunk);
}

/* Reads the whole frame that comes next in the stream; the caller frees *@ret. */
static int take_frame(struct stream *s, enum frame kind, const char *what, uint8_t **ret,
		      size_t *ret_len, struct err *e)
{
	const uint8_t *head;
	uint64_t len = 0;
	int64_t r = stream_peek(s, PEEK, &head, e);

	if (r < 0)
		return (int)r;
	if (frame_peek(head, (size_t)r, &len) != (int)kind)
		return err_set(e, -EBADMSG, "%s: %s", what,
			       r < PEEK ? "the file ends before it" : "not found in its place");
	*ret = malloc(len);
	if (!*ret)
		return err_nomem(e);
	*ret_len = len;
	r = stream_take(s, *ret, len, e);
	if (r >= 0 && (uint64_t)r != len)
		r = err_set(e, -EBADMSG, "%s: cut short", what);
	if (r < 0) {
		free(*ret);
		*ret = NULL;
	}
	return r < 0 ? (int)r : 0;
}

/* The very first bytes decide if this is an image at all. */
static int check_magic(struct stream *s, struct err *e)
{
	const uint8_t *head;
	uint64_t len;
	int64_t r = stream_peek(s, PEEK, &head, e);

	if (r < 0)
		return (int)r;
	if (r == 0)
		return err_set(e, -EBADMSG, "is empty");
	if (frame_peek(head, (size_t)r, &len) != FRAME_HEADER)
		return err_set(e, -EBADMSG, "is not a slate image");
	return 0;
}

static int read_header(struct image *img, struct hash *all, struct err *e)
{
	uint8_t *buf = NULL;
	size_t n = 0;
	int r = take_frame(&img->stream, FRAME_HEADER, "header", &buf, &n, e);

	if (!r) {
		hash_add(all, buf, n);
		r = header_parse(buf, n, &img->h, img->hash, e);
		free(buf);
	}
	for (uint32_t i = 0; !r && i < img->h.n_regions; i++) {
		r = take_frame(&img->stream, FRAME_MAP, "map", &buf, &n, e);
		if (r < 0)
			break;
		hash_add(all, buf, n);
		r = map_parse(buf, n, &img->h, i, img->hash, e);
		free(buf);
		img->chunks += window_count(&img->h.regions[i].used, img->h.chunk_shift);
	}
	if (!r && img->chunks > CHUNKS_MAX)
		r = err_set(e, -EBADMSG, "map: more than %d chunks", CHUNKS_MAX);
	if (!r && hash_end(all, img->header_sum) < 0)
		r = err_set(e, -EIO, "libcrypto failed");
	img->first = img->stream.off;
	return r;
}

/* Reads [off, off + n) of a seekable source or says that the image is short. */
static int read_exact(const struct image *img, void *buf, size_t n, uint64_t off,
		      const char *what, struct err *e)
{
	int64_t r = img->src->read(img->src, buf, n, off, e);

	if (r >= 0 && (uint64_t)r != n)
		return err_set(e, -EBADMSG, "%s: cut short", what);
	return r < 0 ? (int)r : 0;
}

static int read_trailer(struct image *img, struct err *e)
{
	const struct trailer *t = &img->trailer;
	uint8_t buf[TRAILER_SIZE];
	int r;

	if (img->src->size < img->first + TRAILER_SIZE)
		return err_set(e, -EBADMSG, "the image ends behind its header");
	r = read_exact(img, buf, TRAILER_SIZE, img->src->size - TRAILER_SIZE, "trailer", e);
	if (!r)
		r = trailer_parse(buf, TRAILER_SIZE, &img->trailer, img->hash, e);
	if (r == -EBADMSG && img->src->volumes)
		err_wrap(e, r, "the image does not end with volume %u: is one missing?",
			 img->src->volumes - 1);
	if (r < 0)
		return r;
	if (memcmp(t->id, img->h.id, IMAGE_ID_SIZE))
		return err_set(e, -EBADMSG,
			       "the end belongs to another image: are volumes mixed up?");
	if (t->image_len != img->src->size)
		return err_set(e, -EBADMSG,
			       "the image should have %" PRIu64 " bytes and has %" PRIu64
			       ": is a volume missing?",
			       t->image_len, img->src->size);
	if (memcmp(t->header_sum, img->header_sum, HASH_SIZE) || t->chunks != img->chunks ||
	    t->raw_bytes != img->h.used_bytes)
		return err_set(e, -EBADMSG, "trailer and header disagree");
	return 0;
}

/* Every byte between the maps and the index belongs to exactly one chunk. */
static int check_tiling(const struct image *img, const struct entry *v, struct err *e)
{
	uint64_t at = img->first;

	for (uint64_t i = 0; i < img->chunks; i++) {
		if (v[i].off != at)
			return err_set(e, -EBADMSG,
				       "index: chunk %" PRIu64 " is not where it should be", i);
		at += v[i].stored;
	}
	if (at != img->trailer.index_off)
		return err_set(e, -EBADMSG, "index: the last chunk does not end at it");
	return 0;
}

static int read_index(struct image *img, struct err *e)
{
	const struct trailer *t = &img->trailer;
	uint8_t sum[HASH_SIZE], *buf = malloc(t->index_len);
	struct entry *v = calloc(img->chunks + 1, sizeof(*v));
	int r = buf && v ? 0 : err_nomem(e);

	if (!r)
		r = read_exact(img, buf, t->index_len, t->index_off, "index", e);
	if (!r && hash_buf(img->hash, buf, t->index_len, sum) < 0)
		r = err_set(e, -EIO, "libcrypto failed");
	if (!r && memcmp(sum, t->index_sum, HASH_SIZE))
		r = err_set(e, -EBADMSG, "index: its checksum does not match");
	if (!r)
		r = index_parse(buf, t->index_len, &img->h, v, img->chunks, e);
	if (!r)
		r = check_tiling(img, v, e);
	free(buf);
	if (r < 0) {
		free(v);
		return r;
	}
	img->v = v;
	img->n = img->chunks;
	img->indexed = img->complete = true;
	return 0;
}

int image_open(struct image *ret, struct source *src, struct err *e)
{
	struct hash *all = NULL;
	int r;

	*ret = (struct image){ .src = src };
	/* Records are the longest that is looked at; all else is taken. */
	r = stream_init(&ret->stream, src, record_size(RECORD_EXTENTS_MAX, 0), e);
	if (!r)
		r = hash_new(&ret->hash, e);
	if (!r)
		r = hash_new(&all, e);
	if (!r)
		r = check_magic(&ret->stream, e);
	if (!r) {
		hash_begin(all);
		r = read_header(ret, all, e);
	}
	if (!r && src->seekable) {
		r = read_trailer(ret, &ret->tail);
		if (!r)
			r = read_index(ret, &ret->tail);
		if (r < 0 && r != -EBADMSG)
			*e = ret->tail;
		else
			r = 0;
	}
	hash_free(all);
	if (r < 0) {
		err_wrap(e, r, "%s", src->name);
		image_close(ret);
	}
	return r;
}

void image_close(struct image *img)
{
	header_free(&img->h);
	hash_free(img->hash);
	stream_free(&img->stream);
	free(img->v);
	*img = (struct image){ 0 };
}

int64_t image_fetch(const struct image *img, uint64_t ordinal, void *buf, struct err *e)
{
	const struct entry *v = &img->v[ordinal];
	int r;

	if (v->stored > image_chunk_max(img))
		return err_set(e, -EBADMSG, "chunk %" PRIu64 ": too large", ordinal);
	r = read_exact(img, buf, v->stored, v->off, "chunk", e);
	return r < 0 ? r : (int64_t)v->stored;
}
