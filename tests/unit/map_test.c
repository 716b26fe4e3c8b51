// SPDX-License-Identifier: GPL-3.0-or-later
/* Maps: docs/FORMAT.md, "Map". */
#include "tests/unit/refuse.h"

#define AT_NUMBER 32
#define AT_SHIFT  36
#define AT_LIST   40

/* A header with one region more than needed, so that the region's number counts. */
struct world {
	struct header h;
	struct region regions[2];
	struct hash *hash;
};

static void world_init(struct world *w, struct hash *hash, uint64_t size)
{
	*w = (struct world){ .hash = hash };
	w->h = (struct header){ .id = "0123456789abcdef",
				.chunk_shift = 16,
				.device_size = DEVICE_SIZE_MAX,
				.regions = w->regions,
				.n_regions = 2 };
	w->regions[1] = (struct region){ .size = size, .kind = REGION_AREA };
}

static void use(struct world *w, uint64_t off, uint64_t len)
{
	struct region *g = &w->regions[1];

	assert_int_equal(extents_add(&g->used, off, len, NULL), 0);
	g->used_bytes += len;
	g->n_extents = (uint32_t)g->used.n;
}

/* The caller frees. */
static uint8_t *rendered(struct world *w, size_t *ret_n)
{
	uint8_t *buf;

	*ret_n = map_size(&w->h, 1);
	buf = malloc(*ret_n);
	assert_non_null(buf);
	assert_int_equal(map_render(&w->h, 1, buf, *ret_n - 1, w->hash), -ENOBUFS);
	assert_int_equal(map_render(&w->h, 1, buf, *ret_n, w->hash), 0);
	return buf;
}

static int parse(const void *buf, size_t n, void *arg, struct err *e)
{
	struct world *w = arg;
	int r;

	w->regions[1].used = (struct extents){ 0 };
	r = map_parse(buf, n, &w->h, 1, w->hash, e);
	extents_free(&w->regions[1].used);
	return r;
}

/* Renders, parses, compares; returns the unit shift that was used. */
static uint64_t round_trip(struct world *w)
{
	struct extents before = w->regions[1].used;
	const struct extents *after = &w->regions[1].used;
	size_t n;
	uint8_t *buf = rendered(w, &n);
	uint64_t shift = peek(buf, AT_SHIFT, 4);
	struct err e = { "" };

	w->regions[1].used = (struct extents){ 0 };
	assert_int_equal(map_parse(buf, n, &w->h, 1, w->hash, &e), 0);
	assert_int_equal(after->n, before.n);
	for (size_t i = 0; i < before.n; i++) {
		assert_true(after->v[i].off == before.v[i].off);
		assert_true(after->v[i].len == before.v[i].len);
	}
	free(buf);
	extents_free(&before);
	extents_free(&w->regions[1].used);
	return shift;
}

static void test_units(void **state)
{
	static const struct {
		uint64_t off, len, shift;
	} cases[] = {
		{ 0, 1, 0 },
		{ 0, 4096, 12 },
		{ 512, 4096, 9 },
		{ 4096, 4096 * 3, 12 },
		{ 4096, 8191, 0 },
		{ 0, UINT64_C(1) << 30, 30 },
		{ 0, UINT64_C(1) << 31, 30 }, /* never more than 30 */
		{ 0, DEVICE_SIZE_MAX, 30 },
		{ DEVICE_SIZE_MAX - 1, 1, 0 },
		{ 1, DEVICE_SIZE_MAX - 1, 0 },
	};
	struct world w;

	for (size_t i = 0; i < COUNT(cases); i++) {
		world_init(&w, *state, DEVICE_SIZE_MAX);
		use(&w, cases[i].off, cases[i].len);
		assert_int_equal(round_trip(&w), cases[i].shift);
	}
}

static void test_empty(void **state)
{
	struct world w;

	world_init(&w, *state, 1);
	assert_int_equal(map_size(&w.h, 1), AT_LIST + 32);
	assert_int_equal(round_trip(&w), 30);
}

static void test_many_extents_of_odd_sizes(void **state)
{
	struct world w;
	uint64_t at = 0;

	world_init(&w, *state, DEVICE_SIZE_MAX);
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t len = 1 + (i * i * 2654435761U) % (UINT64_C(1) << (i % 43));

		use(&w, at, len);
		at += len + 1 + i % 300;
	}
	assert_int_equal(w.regions[1].n_extents, 20000);
	assert_int_equal(round_trip(&w), 0);
}

/* The bytes of docs/FORMAT.md by hand: gaps and lengths in units, LEB128. */
static void test_bytes(void **state)
{
	static const uint8_t list[] = { 0, 1, 2, 0x80, 1, 0xff, 0x7f, 3 };
	struct world w;
	uint8_t *buf;
	size_t n;

	world_init(&w, *state, 1 << 30);
	use(&w, 0, 512);
	use(&w, 3 * 512, 128 * 512);
	use(&w, (3 + 128 + 16383) * 512, 3 * 512);
	buf = rendered(&w, &n);
	assert_int_equal(n, AT_LIST + sizeof(list) + 32);
	assert_memory_equal(buf + 8, "SLATEMAP0123456789abcdef", 24);
	assert_int_equal(peek(buf, AT_NUMBER, 4), 1);
	assert_int_equal(peek(buf, AT_SHIFT, 4), 9);
	assert_memory_equal(buf + AT_LIST, list, sizeof(list));
	free(buf);
	extents_free(&w.regions[1].used);
}

/* A world whose map begins with used bytes 0+16 and goes on with 48+32; @buf has the map. */
static uint8_t *two_extents(struct world *w, struct hash *hash, size_t *ret_n)
{
	uint8_t *buf;

	world_init(w, hash, 1 << 20);
	use(w, 0, 16);
	use(w, 48, 32);
	buf = rendered(w, ret_n);
	extents_free(&w->regions[1].used);
	assert_int_equal(*ret_n, AT_LIST + 4 + 32);
	return buf;
}

static void test_every_flip_and_cut_is_refused(void **state)
{
	struct world w;
	size_t n;
	uint8_t *buf = two_extents(&w, *state, &n);

	refuse_flips(parse, buf, n, &w);
	refuse_cuts(parse, buf, n, SEAL_WHOLE, &w);
	free(buf);
}

static void test_impossible_values_are_refused(void **state)
{
	static const struct wrong wrong[] = {
		{ 16, 1, 'x', "not that of region 1" }, /* another image's */
		{ AT_NUMBER, 4, 0, "not that of region 1" },
		{ AT_NUMBER, 4, 2, "not that of region 1" },
		{ AT_SHIFT, 4, 31, "not that of region 1" },
		{ AT_SHIFT, 4, UINT32_MAX, "not that of region 1" },
		{ AT_SHIFT, 4, 3, "impossible" }, /* the lengths do not add up */
		{ AT_SHIFT, 4, 30, "impossible" },
		{ AT_LIST + 1, 1, 0, "impossible" }, /* length 0 */
		{ AT_LIST + 3, 1, 0, "impossible" },
		{ AT_LIST + 2, 1, 0, "impossible" },      /* touches the one before */
		{ AT_LIST, 4, 0x00020300, "impossible" }, /* adds up, with a length of 0 */
		{ AT_LIST + 1, 1, 2, "impossible" },      /* used bytes do not add up */
		{ AT_LIST + 3, 1, 1, "impossible" },
		{ AT_LIST + 1, 3, 0x010280, "impossible" }, /* two numbers in three bytes */
		{ AT_LIST + 3, 1, 0x82, "impossible" },     /* a number goes on into the seal */
	};
	struct world w;
	size_t n;
	uint8_t *buf = two_extents(&w, *state, &n);

	refuse_values(parse, buf, n, SEAL_WHOLE, wrong, COUNT(wrong), &w);
	free(buf);
}

/* What the header says of the map, and what the map says. */
static void test_header_and_map_must_agree(void **state)
{
	struct world w;
	size_t n;
	uint8_t *buf = two_extents(&w, *state, &n);
	struct region *g = &w.regions[1];
	struct err e;

	static const uint32_t counts[] = { 0, 1, 3, 20, 1000, MAP_EXTENTS_MAX };
	for (size_t i = 0; i < COUNT(counts); i++) {
		g->n_extents = counts[i];
		assert_int_equal(parse_copy(parse, buf, n, &w, &e), -EBADMSG);
	}
	g->n_extents = 2;
	g->used_bytes = 47;
	assert_int_equal(parse_copy(parse, buf, n, &w, &e), -EBADMSG);
	g->used_bytes = 48;
	g->size = 79; /* the last extent ends at 80 */
	assert_int_equal(parse_copy(parse, buf, n, &w, &e), -EBADMSG);
	g->size = 40; /* and begins at 48 */
	assert_int_equal(parse_copy(parse, buf, n, &w, &e), -EBADMSG);
	g->size = 80;
	assert_int_equal(parse_copy(parse, buf, n, &w, &e), 0);
	free(buf);
}

/* A map with one extent and the @n bytes of @list, sealed, parses to @expected. */
static void assert_list(struct hash *hash, uint64_t used, const void *list, size_t n,
			int expected)
{
	struct wr out;
	uint8_t buf[128];
	struct world w;
	struct err e;

	world_init(&w, hash, UINT64_MAX);
	w.regions[1].n_extents = 1;
	w.regions[1].used_bytes = used;
	out = wr_init(buf, sizeof(buf));
	frame_begin(&out, FRAME_MAP);
	wr_bytes(&out, w.h.id, IMAGE_ID_SIZE);
	wr_le32(&out, 1);
	wr_le32(&out, 0);
	wr_bytes(&out, list, n);
	assert_int_equal(frame_seal(&out, 0, HASH_SIZE, hash), 0);
	assert_int_equal(parse_copy(parse, buf, out.pos, &w, &e), expected);
}

static void test_leb128(void **state)
{
	static const uint8_t most[] = { 0,    0xff, 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0x01 };
	static const uint8_t bit_64[] = { 0,    0x81, 0x80, 0x80, 0x80, 0x80,
					  0x80, 0x80, 0x80, 0x80, 0x02 };
	static const uint8_t bit_70[] = { 0,    0x81, 0x80, 0x80, 0x80, 0x80,
					  0x80, 0x80, 0x80, 0x80, 0x80, 0x01 };
	static const uint8_t endless[] = { 0,    0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
					   0x80, 0x80, 0x80, 0x80, 0x80, 0x80 };
	static const uint8_t gap_wraps[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					     0xff, 0xff, 0xff, 0x01, 0x02 };

	assert_list(*state, UINT64_MAX, most, sizeof(most), 0);
	assert_list(*state, 1, bit_64, sizeof(bit_64), -EBADMSG);
	assert_list(*state, 1, bit_70, sizeof(bit_70), -EBADMSG);
	assert_list(*state, 0, endless, sizeof(endless), -EBADMSG);
	assert_list(*state, 2, gap_wraps, sizeof(gap_wraps), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_many_extents_of_odd_sizes),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_every_flip_and_cut_is_refused),
		cmocka_unit_test(test_impossible_values_are_refused),
		cmocka_unit_test(test_header_and_map_must_agree),
		cmocka_unit_test(test_leb128),
	};

	return cmocka_run_group_tests(tests, hash_setup, hash_teardown);
}
