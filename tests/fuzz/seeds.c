// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes the seeds of the image format's fuzz targets, by the real renderers,
 * to tests/fuzz/corpus/.  Only needed again when the format has changed; from
 * the top of the tree:
 *
 *	cc -I. -D_GNU_SOURCE -o build/seeds tests/fuzz/seeds.c common/?*.c \
 *	   imager/image/?*.c imager/codec/?*.c \
 *	   -lcrypto -ldeflate -lbz2 -lzstd -llz4 -llzma
 *	build/seeds
 */
#include "tests/unit/tiny.h"

#include <stdio.h>
#include <sys/stat.h>

#define CORPUS "tests/fuzz/corpus"

/* @prefix bytes in front say how the target has to take the rest. */
static void save(const char *target, const char *name, const void *prefix, size_t n_prefix,
		 const void *buf, size_t n)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), CORPUS "/%s", target);
	mkdir(CORPUS, 0777);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), CORPUS "/%s/%s", target, name);
	f = fopen(path, "wb");
	if (!f || fwrite(prefix, 1, n_prefix, f) != n_prefix || fwrite(buf, 1, n, f) != n ||
	    fclose(f)) {
		perror(path);
		exit(1);
	}
}

static void need(bool is_true, const char *what)
{
	if (is_true)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void headers_and_maps(struct tiny *t, struct hash *hash)
{
	static uint8_t buf[4096], prefix[21];

	need(header_render(&t->h, buf, sizeof(buf), hash) == 0, "header");
	save("header", "two-regions", "\0", 1, buf, header_size(&t->h));
	save("header", "two-regions-sealed", "\1", 1, buf, header_size(&t->h));
	for (uint32_t i = 0; i < 2; i++) {
		struct region *g = &t->regions[i];
		char name[] = "region-0";

		name[7] = (char)('0' + i);
		need(map_render(&t->h, i, buf, sizeof(buf), hash) == 0, "map");
		prefix[0] = 1;
		poke(prefix, 1, 8, g->size - 1); /* the target adds 1 */
		poke(prefix, 9, 8, g->used_bytes);
		poke(prefix, 17, 4, g->n_extents);
		save("map", name, prefix, sizeof(prefix), buf, map_size(&t->h, i));
	}
}

static void records_and_rest(const struct tiny *t, const struct mem_sink *image)
{
	static uint8_t entries[4096];
	size_t index = t->begin[TINY_CHUNKS], end = image->len - TRAILER_SIZE;

	for (unsigned i = 0; i < TINY_CHUNKS; i++) {
		const uint8_t *p = image->buf + t->begin[i];
		char name[] = "chunk-0";

		name[6] = (char)('0' + i);
		save("record", name, "\1", 1, p, FRAME_HEAD + peek(p, 4, 4));
	}
	save("record", "chunk-0-as-it-is", "\0", 1, image->buf + t->begin[0], 128);
	memcpy(entries, image->buf + index, end - index);
	/* The maps of the target: a SAME and what it refers to have one length. */
	poke(entries, INDEX_FIXED + TINY_SAME * INDEX_ENTRY + 8, 8, 0);
	memcpy(entries + INDEX_FIXED + TINY_SAME * INDEX_ENTRY + 24, entries + INDEX_FIXED + 24,
	       HASH_SIZE);
	save("index", "seven", "\1\7", 2, entries, end - index);
	save("index", "as-it-is", "\0\7", 2, entries, end - index);
	save("trailer", "sealed", "\1", 1, image->buf + end, TRAILER_SIZE);
	save("trailer", "as-it-is", "\0", 1, image->buf + end, TRAILER_SIZE);
	save("image", "tiny", "\0", 1, image->buf, image->len);
	save("image", "tiny-sealed", "\1", 1, image->buf, image->len);
	save("image", "tiny-forged", "\2", 1, image->buf, image->len);
}

/* A small image of one chunk a codec, which a fuzzer gets through quickly. */
static void small_image(void)
{
	static const uint8_t codecs[] = { 0, 1, 2, 3, 4, 5 };
	struct region g = { .size = 6 * TINY_WINDOW, .kind = REGION_AREA, .fs = "toy" };
	struct header h = { .id = "small image no 1",
			    .chunk_shift = 16,
			    .codec = 3,
			    .device_size = 6 * TINY_WINDOW,
			    .sector = 512,
			    .physical = 512,
			    .regions = &g,
			    .n_regions = 1,
			    .json = (char *)"{}",
			    .json_len = 2 };
	struct mem_sink out = mem_sink();
	struct writer *w;
	uint8_t raw[256];

	for (unsigned i = 0; i < 6; i++)
		need(tiny_use(&g, i * TINY_WINDOW + 64 * i, sizeof(raw)) == 0, "map");
	h.used_bytes = g.used_bytes;
	need(writer_open(&w, &out.s, &h, NULL) == 0, "writer");
	for (unsigned i = 0; i < 6; i++) {
		struct record r = { .kind = CHUNK_DATA,
				    .codec = codecs[i],
				    .number = i,
				    .raw = sizeof(raw),
				    .packed = sizeof(raw) };
		uint8_t *packed = NULL;

		memset(raw, 'a' + (int)i, sizeof(raw));
		sum_to(raw, sizeof(raw), r.sum, HASH_SIZE);
		if (codecs[i])
			packed = tiny_pack(codecs[i], raw, sizeof(raw), &r.packed);
		need(extents_add(&r.used, 64 * i, sizeof(raw), NULL) == 0, "record");
		need(writer_chunk(w, &r, packed ? packed : raw, NULL) == 0, "chunk");
		record_free(&r);
		free(packed);
	}
	need(writer_finish(w, NULL, NULL) == 0, "end");
	save("image", "codecs", "\0", 1, out.buf, out.len);
	save("image", "codecs-forged", "\2", 1, out.buf, out.len);
	writer_free(w);
	extents_free(&g.used);
	out.s.close(&out.s);
}

int main(void)
{
	struct mem_sink image = mem_sink();
	struct hash *hash = NULL;
	struct tiny t;

	need(hash_new(&hash, NULL) == 0, "no SHA-256");
	need(tiny_make(&t, &image.s, NULL) == 0, "tiny image");
	headers_and_maps(&t, hash);
	records_and_rest(&t, &image);
	small_image();
	tiny_free(&t);
	image.s.close(&image.s);
	hash_free(hash);
	return 0;
}
