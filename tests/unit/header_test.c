// SPDX-License-Identifier: GPL-3.0-or-later
/* The header: docs/FORMAT.md, "Header". */
#include "tests/unit/refuse.h"

#include <stdio.h>

#define JSON "{\"host\":\"pc07\"}"

/* Offsets of docs/FORMAT.md. */
enum {
	AT_VERSION = 16,
	AT_SHIFT = 18,
	AT_CODEC = 19,
	AT_COMPAT = 20,
	AT_RO_COMPAT = 24,
	AT_INCOMPAT = 28,
	AT_DEVICE_SIZE = 48,
	AT_SECTOR = 56,
	AT_REGIONS = 64,
	AT_JSON_LEN = 68,
	AT_USED = 72,
	AT_RESERVED = 80,
	AT_REGION = 128, /* the first */
	REGION_BYTES = 64,
	OF_OFF = 0, /* in a region */
	OF_SIZE = 8,
	OF_USED = 16,
	OF_KIND = 24,
	OF_EXTENTS = 36,
	OF_FS = 40,
	OF_RESERVED = 56,
};

static struct region regions[] = {
	{ .off = 0, .size = 1 << 20, .kind = REGION_AREA },
	{ .off = 1 << 20,
	  .size = 100 << 20,
	  .kind = REGION_AREA,
	  .flags = REGION_UNUSED_IS_ZERO,
	  .block = 4096,
	  .fs = "ext",
	  .n_extents = 17,
	  .used_bytes = 5 << 20 },
	{ .off = UINT64_C(1) << 61,
	  .size = UINT64_C(1) << 60,
	  .kind = REGION_AREA,
	  .block = 512,
	  .fs = "sixteen_letters_",
	  .n_extents = MAP_EXTENTS_MAX,
	  .used_bytes = UINT64_C(1) << 60 },
};

static struct header sample(void)
{
	return (struct header){ .compat = 0x80000001,
				.ro_compat = 0x40000002,
				.id = "0123456789abcdef",
				.chunk_shift = 18,
				.codec = 3,
				.device_size = DEVICE_SIZE_MAX,
				.used_bytes = (UINT64_C(1) << 60) + (5 << 20),
				.sector = 512,
				.physical = 4096,
				.regions = regions,
				.n_regions = COUNT(regions),
				.json = (char *)JSON,
				.json_len = sizeof(JSON) - 1 };
}

/* The sample, as bytes; the caller frees. */
static uint8_t *rendered(struct hash *hash, size_t *ret_n)
{
	struct header h = sample();
	uint8_t *buf;

	*ret_n = header_size(&h);
	buf = malloc(*ret_n);
	assert_non_null(buf);
	assert_int_equal(header_render(&h, buf, *ret_n - 1, hash), -ENOBUFS);
	assert_int_equal(header_render(&h, buf, *ret_n, hash), 0);
	return buf;
}

static int parse(const void *buf, size_t n, void *hash, struct err *e)
{
	struct header h;
	int r = header_parse(buf, n, &h, hash, e);

	header_free(&h);
	return r;
}

static void assert_region(const struct region *a, const struct region *b)
{
	assert_true(a->off == b->off && a->size == b->size);
	assert_true(a->used_bytes == b->used_bytes);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->block, b->block);
	assert_int_equal(a->n_extents, b->n_extents);
	assert_string_equal(a->fs, b->fs);
	assert_int_equal(a->used.n, 0);
}

static void test_round_trip(void **state)
{
	struct header a = sample(), b;
	struct err e = { "" };
	size_t n, m;
	uint8_t *buf = rendered(*state, &n), *again;

	assert_int_equal(n, 128 + 3 * 64 + sizeof(JSON) - 1 + 32);
	assert_int_equal(peek(buf, 0, 4), 0x184D2A57);
	assert_memory_equal(buf + 8, "SLATEIMG", 8);
	assert_int_equal(peek(buf, AT_VERSION, 2), 1);
	assert_int_equal(header_parse(buf, n, &b, *state, &e), 0);
	assert_true(a.compat == b.compat && a.ro_compat == b.ro_compat && !b.incompat);
	assert_memory_equal(a.id, b.id, IMAGE_ID_SIZE);
	assert_true(a.chunk_shift == b.chunk_shift && a.codec == b.codec);
	assert_true(a.device_size == b.device_size && a.used_bytes == b.used_bytes);
	assert_true(a.sector == b.sector && a.physical == b.physical);
	assert_int_equal(a.n_regions, b.n_regions);
	for (uint32_t i = 0; i < a.n_regions; i++)
		assert_region(&a.regions[i], &b.regions[i]);
	assert_int_equal(a.json_len, b.json_len);
	assert_string_equal(a.json, b.json);

	m = header_size(&b);
	assert_int_equal(m, n);
	again = malloc(m);
	assert_int_equal(header_render(&b, again, m, *state), 0);
	assert_memory_equal(buf, again, n);
	free(again);
	free(buf);
	header_free(&b);
	assert_null(b.regions);
}

/* One region, no metadata; and as many regions as there may be. */
static void test_extremes(void **state)
{
	struct region *many = calloc(REGIONS_MAX, sizeof(*many));
	struct header h = { .chunk_shift = CHUNK_SHIFT_MAX,
			    .device_size = REGIONS_MAX,
			    .sector = SECTOR_MAX,
			    .physical = UINT32_MAX,
			    .regions = many,
			    .json = (char *)"" };
	struct header back;
	uint8_t *buf;
	struct err e;

	assert_non_null(many);
	for (uint32_t i = 0; i < REGIONS_MAX; i++)
		many[i] = (struct region){ .off = i, .size = 1, .kind = REGION_AREA };
	for (h.n_regions = 1; h.n_regions <= REGIONS_MAX; h.n_regions += REGIONS_MAX - 1) {
		size_t n = header_size(&h);

		buf = malloc(n);
		assert_non_null(buf);
		assert_int_equal(header_render(&h, buf, n, *state), 0);
		assert_int_equal(header_parse(buf, n, &back, *state, &e), 0);
		assert_int_equal(back.n_regions, h.n_regions);
		assert_int_equal(back.regions[h.n_regions - 1].off, h.n_regions - 1);
		assert_string_equal(back.json, "");
		header_free(&back);
		free(buf);
	}
	free(many);
}

static void test_every_flip_is_refused(void **state)
{
	size_t n;
	uint8_t *buf = rendered(*state, &n);

	refuse_flips(parse, buf, n, *state);
	free(buf);
}

static void test_every_cut_is_refused(void **state)
{
	size_t n;
	uint8_t *buf = rendered(*state, &n);

	refuse_cuts(parse, buf, n, SEAL_WHOLE, *state);
	free(buf);
}

/* An image of the future is told from a damaged one, though its seal is of no use. */
static void test_the_future_is_named(void **state)
{
	size_t n;
	uint8_t *buf = rendered(*state, &n);
	struct err e;

	for (unsigned bit = 0; bit < 16; bit++) {
		buf[AT_VERSION + bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(parse_copy(parse, buf, n, *state, &e), -EBADMSG);
		assert_non_null(strstr(e.msg, "format version"));
		assert_non_null(strstr(e.msg, "newer slate"));
		buf[AT_VERSION + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		char word[16];

		snprintf(word, sizeof(word), "0x%x)", 1U << bit);
		poke(buf, AT_INCOMPAT, 4, UINT32_C(1) << bit);
		assert_int_equal(parse_copy(parse, buf, n, *state, &e), -EBADMSG);
		assert_non_null(strstr(e.msg, word));
		assert_non_null(strstr(e.msg, "newer slate"));
	}
	poke(buf, AT_INCOMPAT, 4, 0);
	poke(buf, AT_CODEC, 1, 255); /* all else is damage, as long as the seal is wrong */
	assert_int_equal(parse_copy(parse, buf, n, *state, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "checksum"));
	free(buf);
}

/* Unknown compat and ro-compat features, reserved bytes, unknown flags. */
static void test_what_may_be_unknown(void **state)
{
	static const struct wrong fine[] = {
		{ AT_COMPAT, 4, UINT32_MAX, "" },
		{ AT_RO_COMPAT, 4, UINT32_MAX, "" },
		{ AT_RESERVED, 8, UINT64_MAX, "" },
		{ AT_RESERVED + 40, 8, UINT64_MAX, "" },
		{ AT_REGION + OF_RESERVED, 8, UINT64_MAX, "" },
		{ AT_REGION + 28, 4, UINT32_MAX, "" }, /* flags */
	};
	size_t n;
	uint8_t *buf = rendered(*state, &n);
	struct err e;

	for (size_t i = 0; i < COUNT(fine); i++) {
		poke(buf, fine[i].off, fine[i].width, fine[i].value);
		seal(buf, n, SEAL_WHOLE);
		assert_int_equal(parse_copy(parse, buf, n, *state, &e), 0);
	}
	free(buf);
}

static void test_impossible_values_are_refused(void **state)
{
	const size_t second = AT_REGION + REGION_BYTES, third = second + REGION_BYTES;
	const struct wrong wrong[] = {
		{ AT_SHIFT, 1, 15, "chunk size" },
		{ AT_SHIFT, 1, 23, "chunk size" },
		{ AT_SHIFT, 1, 255, "chunk size" },
		{ AT_CODEC, 1, 6, "codec 6" },
		{ AT_CODEC, 1, 255, "newer slate" },
		{ AT_DEVICE_SIZE, 8, DEVICE_SIZE_MAX + 1, "sizes" },
		{ AT_DEVICE_SIZE, 8, UINT64_MAX, "sizes" },
		{ AT_DEVICE_SIZE, 8, 1 << 20, "region 1" },
		{ AT_DEVICE_SIZE, 8, 0, "region 0" },
		{ AT_REGIONS, 4, 0, "sizes" },
		{ AT_REGIONS, 4, REGIONS_MAX + 1, "sizes" },
		{ AT_REGIONS, 4, UINT32_MAX, "sizes" },
		{ AT_REGIONS, 4, 2, "add up" },
		{ AT_REGIONS, 4, 4, "region 3" }, /* the metadata and what is behind */
		{ AT_REGIONS, 4, 1000, "region 3" },
		{ AT_JSON_LEN, 4, sizeof(JSON), "fill" },
		{ AT_JSON_LEN, 4, sizeof(JSON) - 2, "fill" },
		{ AT_JSON_LEN, 4, UINT32_MAX, "fill" },
		{ AT_USED, 8, 5 << 20, "add up" },
		{ AT_USED, 8, 0, "add up" },
		{ second + OF_OFF, 8, (1 << 20) - 1, "region 1" }, /* overlaps the one before */
		{ third + OF_OFF, 8, 1 << 20, "region 2" },
		{ third + OF_OFF, 8, 0, "region 2" }, /* not in order */
		{ third + OF_OFF, 8, UINT64_C(7) << 59,
		  "region 2" },                                /* ends behind the device */
		{ third + OF_OFF, 8, UINT64_MAX, "region 2" }, /* ends behind 2^64 */
		{ third + OF_SIZE, 8, UINT64_MAX, "region 2" },
		{ third + OF_SIZE, 8, 0, "region 2" },
		{ AT_REGION + OF_SIZE, 8, 0, "region 0" },
		{ AT_REGION + OF_SIZE, 8, (1 << 20) + 1, "region 1" },
		{ second + OF_USED, 8, (100 << 20) + 1, "region 1" },
		{ AT_REGION + OF_USED, 8, 1, "add up" },
		{ AT_REGION + OF_KIND, 4, 0, "region 0" },
		{ AT_REGION + OF_KIND, 4, 3, "region 0" },
		{ AT_SECTOR, 4, 0, "sizes" },
		{ AT_SECTOR, 4, 256, "sizes" },
		{ AT_SECTOR, 4, 768, "sizes" },
		{ AT_SECTOR, 4, 1 << 17, "sizes" },
		{ AT_SECTOR, 4, 8192, "sizes" }, /* more than the physical one */
		{ second + OF_EXTENTS, 4, MAP_EXTENTS_MAX + 1, "region 1" },
		{ second + OF_EXTENTS, 4, UINT32_MAX, "region 1" },
		{ second + OF_FS, 1, 0x1b, "region 1" }, /* names go to terminals */
		{ second + OF_FS + 2, 1, ' ', "region 1" },
		{ second + OF_FS, 1, 0xe4, "region 1" },
		{ third + REGION_BYTES + 3, 1, 0, "fill" }, /* a NUL in the metadata */
	};
	size_t n;
	uint8_t *buf = rendered(*state, &n);

	refuse_values(parse, buf, n, SEAL_WHOLE, wrong, COUNT(wrong), *state);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_every_flip_is_refused),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_the_future_is_named),
		cmocka_unit_test(test_what_may_be_unknown),
		cmocka_unit_test(test_impossible_values_are_refused),
	};

	return cmocka_run_group_tests(tests, hash_setup, hash_teardown);
}
