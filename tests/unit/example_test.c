// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The worked example of docs/FORMAT.md, byte by byte: what stands there is
 * read as the text says, and written again from the same input.
 */
#include "tests/unit/memory.h"
#include "tests/unit/refuse.h"

#include "common/io.h"
#include "imager/engine/decode.h"
#include "imager/image/reader.h"
#include "imager/image/writer.h"

#include <ctype.h>
#include <stdio.h>

#define DOCUMENT "docs/FORMAT.md"
#define HEADING  "\n## A worked example\n"
#define TEXT     "Slate keeps what is used, only.\n"
#define JSON     "{\"host\":\"pc07\"}"

struct example {
	uint8_t bytes[4096];
	size_t n;
};

/*
 * A line of the dump: four blanks, the offset in four hexadecimal digits, two
 * blanks, pairs of digits with one blank between, then two blanks or the end.
 */
static void take_line(struct example *x, const char *line)
{
	unsigned off, byte;
	int n = 0;

	if (sscanf(line, "    %4x  %n", &off, &n) != 1 || n != 10)
		return;
	if (off != x->n)
		fail_msg("%s: \"%.20s\" should be offset %04zx", DOCUMENT, line, x->n);
	for (line += n; isxdigit((unsigned char)line[0]); line += line[2] == ' ' ? 3 : 2) {
		assert_int_equal(sscanf(line, "%2x", &byte), 1);
		assert_true(x->n < sizeof(x->bytes));
		x->bytes[x->n++] = (uint8_t)byte;
	}
}

static int setup(void **state)
{
	struct example *x = calloc(1, sizeof(*x));
	char *text = io_slurp(DOCUMENT, 1 << 20), *line, *end;

	*state = x;
	if (!x || !text) {
		print_error("%s: not found; run the tests from the top of the tree\n",
			    DOCUMENT);
		free(text);
		return -1;
	}
	line = strstr(text, HEADING);
	if (!line)
		print_error("%s: has no section \"A worked example\"\n", DOCUMENT);
	end = line ? strstr(line + strlen(HEADING), "\n## ") : NULL;
	if (end)
		*end = '\0';
	for (line = line ? line + strlen(HEADING) : NULL; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		take_line(x, line);
	}
	free(text);
	return x->n ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void assert_extents(const struct extents *x, const struct extent *v, size_t n)
{
	assert_int_equal(x->n, n);
	for (size_t i = 0; i < n; i++)
		assert_true(x->v[i].off == v[i].off && x->v[i].len == v[i].len);
}

static const struct extent used[] = { { 0, 16 }, { 48, 16 }, { 65536, 32 } };

static void assert_header(const struct header *h)
{
	const struct region *g = h->regions;

	assert_memory_equal(h->id, "worked example 1", IMAGE_ID_SIZE);
	assert_int_equal(h->chunk_shift, 16);
	assert_int_equal(h->codec, 0);
	assert_true(!h->compat && !h->ro_compat && !h->incompat);
	assert_true(h->device_size == 70000 && h->used_bytes == 64);
	assert_true(h->sector == 512 && h->physical == 4096);
	assert_string_equal(h->json, JSON);
	assert_int_equal(h->n_regions, 1);
	assert_true(g->off == 0 && g->size == 70000 && g->used_bytes == 64);
	assert_true(g->kind == REGION_AREA && g->flags == REGION_UNUSED_IS_ZERO);
	assert_int_equal(g->block, 16);
	assert_string_equal(g->fs, "toy");
	assert_extents(&g->used, used, COUNT(used));
}

/* Fetches chunk @i into @raw, checked; returns its record, which the caller frees. */
static struct record chunk(const struct image *img, uint64_t i, void *raw)
{
	size_t room = image_chunk_max(img);
	uint8_t *buf = malloc(room);
	struct decoder d;
	struct err e = { "" };
	struct record r;
	uint64_t len;
	int64_t n;

	assert_non_null(buf);
	assert_int_equal(decoder_init(&d, &e), 0);
	n = image_fetch(img, i, buf, &e);
	assert_true(n > 0);
	if (decode_chunk(&d, img, &img->v[i], buf, (size_t)n, raw, &e) < 0)
		fail_msg("chunk %d: %s", (int)i, e.msg);
	assert_int_equal(frame_peek(buf, (size_t)n, &len), FRAME_RECORD);
	assert_int_equal(record_parse(buf, len, &r, d.hash, &e), 0);
	decoder_free(&d);
	free(buf);
	return r;
}

static void test_the_example_is_read(void **state)
{
	static const struct extent first[] = { { 0, 16 }, { 48, 16 } }, second = { 0, 32 },
				   bad = { 0, 16 };
	static const uint8_t zeros[32];
	const struct example *x = *state;
	struct mem_source src = mem_source(x->bytes, x->n, true);
	struct image img;
	struct record r;
	uint8_t raw[1 << 16];
	struct err e;

	if (image_open(&img, &src.s, &e) < 0)
		fail_msg("%s", e.msg);
	if (!img.indexed)
		fail_msg("%s", img.tail.msg);
	assert_header(&img.h);
	assert_int_equal(img.chunks, 2);
	r = chunk(&img, 0, raw);
	assert_true(r.kind == CHUNK_DATA && r.codec == 0 && r.raw == 32 && r.packed == 32);
	assert_extents(&r.used, first, 2);
	assert_extents(&r.bad, NULL, 0);
	assert_memory_equal(raw, TEXT, 32);
	record_free(&r);
	r = chunk(&img, 1, raw);
	assert_true(r.kind == CHUNK_ZERO && r.number == 1 && r.raw == 32 && r.packed == 0);
	assert_extents(&r.used, &second, 1);
	assert_extents(&r.bad, &bad, 1);
	assert_memory_equal(raw, zeros, 32);
	record_free(&r);
	assert_true(img.trailer.raw_bytes == 64 && img.trailer.packed_bytes == 32);
	assert_int_equal(img.trailer.bad_bytes, 16);
	image_close(&img);
}

static void add_chunk(struct writer *w, struct hash *hash, const struct region *g,
		      uint64_t number, const void *raw, uint32_t bad)
{
	struct record r = { .number = number, .raw = 32 };
	struct window win;

	r.kind = raw ? CHUNK_DATA : CHUNK_ZERO;
	r.packed = raw ? 32 : 0;
	assert_true(window_find(&g->used, 16, number, &win));
	assert_int_equal(record_extents(g, 16, &win, &r.used, NULL), 0);
	assert_int_equal(extents_add(&r.bad, 0, bad, NULL), 0);
	if (raw)
		assert_int_equal(hash_buf(hash, raw, 32, r.sum), 0);
	assert_int_equal(writer_chunk(w, &r, raw, NULL), 0);
	record_free(&r);
}

static void test_the_example_is_written(void **state)
{
	struct region g = { .size = 70000,
			    .used_bytes = 64,
			    .kind = REGION_AREA,
			    .flags = REGION_UNUSED_IS_ZERO,
			    .block = 16,
			    .fs = "toy",
			    .n_extents = 3,
			    .used = { (struct extent *)used, COUNT(used), COUNT(used) } };
	struct header h = { .id = "worked example 1",
			    .chunk_shift = 16,
			    .device_size = 70000,
			    .used_bytes = 64,
			    .sector = 512,
			    .physical = 4096,
			    .regions = &g,
			    .n_regions = 1,
			    .json = (char *)JSON,
			    .json_len = sizeof(JSON) - 1 };
	const struct example *x = *state;
	struct mem_sink out = mem_sink();
	struct hash *hash;
	struct writer *w;

	assert_int_equal(hash_new(&hash, NULL), 0);
	assert_int_equal(writer_open(&w, &out.s, &h, NULL), 0);
	add_chunk(w, hash, &g, 0, TEXT, 0);
	add_chunk(w, hash, &g, 1, NULL, 16);
	assert_int_equal(writer_finish(w, NULL, NULL), 0);
	assert_int_equal(out.len, x->n);
	assert_memory_equal(out.buf, x->bytes, x->n);
	writer_free(w);
	hash_free(hash);
	out.s.close(&out.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_is_read),
		cmocka_unit_test(test_the_example_is_written),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
