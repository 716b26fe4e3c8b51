// SPDX-License-Identifier: GPL-3.0-or-later
/* Index and trailer: docs/FORMAT.md, "Index" and "Trailer". */
#include "tests/unit/refuse.h"

#define W16     UINT64_C(65536)
#define CHUNKS  5
#define AT_ID   16
#define ENTRIES 40

/* Offsets in an entry. */
enum { OF_OFF = 0, OF_SAME = 8, OF_STORED = 16, OF_KIND = 20, OF_FLAGS = 21, OF_SUM = 24 };

/* Two regions: windows 0 and 2 of the first, 0, 1 and 7 of the second. */
struct world {
	struct header h;
	struct region regions[2];
	struct entry v[CHUNKS];
	struct hash *hash;
};

static void use(struct world *w, unsigned region, uint64_t off, uint64_t len)
{
	struct region *g = &w->regions[region];

	assert_int_equal(extents_add(&g->used, off, len, NULL), 0);
	g->used_bytes += len;
}

static void set(struct world *w, unsigned i, enum chunk_kind kind, uint32_t stored, char sum)
{
	struct entry *v = &w->v[i];

	*v = (struct entry){ .off = i ? v[-1].off + v[-1].stored : 1000,
			     .stored = stored,
			     .kind = (uint8_t)kind };
	memset(v->sum, sum, HASH_SIZE);
}

static void world_init(struct world *w, struct hash *hash)
{
	*w = (struct world){ .hash = hash };
	w->h = (struct header){ .id = "0123456789abcdef",
				.chunk_shift = 16,
				.device_size = 20 * W16,
				.regions = w->regions,
				.n_regions = 2 };
	use(w, 0, 0, W16);
	use(w, 0, 2 * W16 + 512, 1024);
	use(w, 1, 0, W16 + 512);
	use(w, 1, 7 * W16 + 512, W16 - 512);
	set(w, 0, CHUNK_DATA, 5000, 'a');
	set(w, 1, CHUNK_ZERO, 120, 0);
	set(w, 2, CHUNK_SAME, 120, 'a');
	set(w, 3, CHUNK_DATA, 700, 'b');
	set(w, 4, CHUNK_DATA, 112, 'c');
	w->v[3].bad = true;
}

static void world_free(struct world *w)
{
	for (unsigned i = 0; i < 2; i++)
		extents_free(&w->regions[i].used);
}

static void render(const struct world *w, uint8_t *buf, size_t n)
{
	assert_int_equal(index_size(CHUNKS), n);
	assert_int_equal(index_render(&w->h, w->v, CHUNKS, buf, n - 1), -ENOBUFS);
	assert_int_equal(index_render(&w->h, w->v, CHUNKS, buf, n), 0);
}

static int parse(const void *buf, size_t n, void *arg, struct err *e)
{
	struct world *w = arg;
	struct entry *v = calloc(CHUNKS, sizeof(*v)); /* and not one more */
	int r;

	assert_non_null(v);
	r = index_parse(buf, n, &w->h, v, CHUNKS, e);
	free(v);
	return r;
}

static void test_round_trip(void **state)
{
	static const struct {
		uint32_t region;
		uint64_t number;
	} places[CHUNKS] = { { 0, 0 }, { 0, 2 }, { 1, 0 }, { 1, 1 }, { 1, 7 } };
	uint8_t buf[ENTRIES + 56 * CHUNKS];
	struct err e = { "" };
	struct entry v[CHUNKS];
	struct world w;

	world_init(&w, *state);
	render(&w, buf, sizeof(buf));
	assert_int_equal(peek(buf, 4, 4), sizeof(buf) - 8);
	assert_memory_equal(buf + 8, "SLATEIDX0123456789abcdef", 24);
	assert_int_equal(peek(buf, 32, 8), CHUNKS);
	memset(v, 0xff, sizeof(v));
	if (index_parse(buf, sizeof(buf), &w.h, v, CHUNKS, &e) < 0)
		fail_msg("%s", e.msg);
	for (unsigned i = 0; i < CHUNKS; i++) {
		assert_true(v[i].off == w.v[i].off && v[i].same == w.v[i].same);
		assert_int_equal(v[i].stored, w.v[i].stored);
		assert_int_equal(v[i].kind, w.v[i].kind);
		assert_int_equal(v[i].bad, w.v[i].bad);
		assert_memory_equal(v[i].sum, w.v[i].sum, HASH_SIZE);
		assert_int_equal(v[i].region, places[i].region);
		assert_int_equal(v[i].number, places[i].number);
	}
	world_free(&w);
}

static void test_empty(void **state)
{
	struct region region = { .size = 1 };
	struct header h = { .chunk_shift = 16, .regions = &region, .n_regions = 1 };
	uint8_t buf[ENTRIES];
	struct err e;

	(void)state;
	assert_int_equal(index_render(&h, NULL, 0, buf, sizeof(buf)), 0);
	assert_int_equal(index_parse(buf, sizeof(buf), &h, NULL, 0, &e), 0);
}

/* The sum of the index is in the trailer: here are lies that have a right one. */
static void test_impossible_values_are_refused(void **state)
{
	const size_t e1 = ENTRIES + 56, e2 = e1 + 56, e3 = e2 + 56, e4 = e3 + 56;
	const struct wrong wrong[] = {
		{ AT_ID, 1, 'x', "another image" },
		{ 32, 8, CHUNKS - 1, "entries" },
		{ 32, 8, CHUNKS + 1, "entries" },
		{ 32, 8, UINT64_MAX, "entries" },
		{ ENTRIES + OF_KIND, 1, CHUNK_MISSING, "entry 0" },
		{ ENTRIES + OF_KIND, 1, CHUNK_KINDS, "entry 0" },
		{ ENTRIES + OF_KIND, 1, 255, "entry 0" },
		{ ENTRIES + OF_KIND, 1, CHUNK_SAME, "entry 0" }, /* nothing is before it */
		{ ENTRIES + OF_KIND, 1, CHUNK_ZERO, "entry 2" }, /* SAME as no DATA */
		{ ENTRIES + OF_OFF, 8, 1001, "entry 1" },        /* overlaps the next */
		{ ENTRIES + OF_OFF, 8, UINT64_MAX, "entry 0" },
		{ ENTRIES + OF_OFF, 8, DEVICE_SIZE_MAX + 1, "entry 0" },
		{ ENTRIES + OF_STORED, 4, 5001, "entry 1" },
		{ ENTRIES + OF_STORED, 4, UINT32_MAX, "entry 1" },
		{ e1 + OF_STORED, 4, 111, "entry 1" }, /* shorter than any record */
		{ e1 + OF_STORED, 4, 0, "entry 1" },
		{ e1 + OF_SAME, 8, 1, "entry 1" }, /* only SAME refers to something */
		{ e1 + OF_OFF, 8, 0, "entry 1" },
		{ e2 + OF_SAME, 8, 1, "entry 2" },
		{ e2 + OF_SAME, 8, 2, "entry 2" }, /* itself */
		{ e2 + OF_SAME, 8, 3, "entry 2" }, /* a later chunk */
		{ e2 + OF_SAME, 8, CHUNKS, "entry 2" },
		{ e2 + OF_SAME, 8, UINT64_MAX, "entry 2" },
		{ e2 + OF_SUM, 1, 'b', "entry 2" },
		{ e2 + OF_SUM + 31, 1, 'b', "entry 2" },
		{ e3 + OF_SAME, 8, UINT64_MAX, "entry 3" },
		{ e4 + OF_OFF, 8, 2000, "entry 4" },
	};
	uint8_t buf[ENTRIES + 56 * CHUNKS];
	struct world w;

	world_init(&w, *state);
	render(&w, buf, sizeof(buf));
	refuse_values(parse, buf, sizeof(buf), 0, wrong, COUNT(wrong), &w);
	world_free(&w);
}

/* Equal bytes have equal lengths, whatever the sums say. */
static void test_same_of_another_length_is_refused(void **state)
{
	uint8_t buf[ENTRIES + 56 * CHUNKS];
	struct world w;
	struct err e;

	world_init(&w, *state);
	set(&w, 3, CHUNK_SAME, 120, 'a');
	set(&w, 4, CHUNK_SAME, 120, 'a');
	render(&w, buf, sizeof(buf));
	assert_int_equal(parse_copy(parse, buf, sizeof(buf), &w, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "entry 3"));
	world_free(&w);
}

static void test_every_cut_is_refused(void **state)
{
	uint8_t buf[ENTRIES + 56 * CHUNKS];
	struct world w;

	world_init(&w, *state);
	render(&w, buf, sizeof(buf));
	refuse_cuts(parse, buf, sizeof(buf), 0, &w);
	world_free(&w);
}

/* Fewer or more windows than entries. */
static void test_index_and_maps_must_agree(void **state)
{
	uint8_t buf[ENTRIES + 56 * CHUNKS];
	struct world w;
	struct err e;

	world_init(&w, *state);
	render(&w, buf, sizeof(buf));
	w.regions[1].used.n--;
	assert_int_equal(parse_copy(parse, buf, sizeof(buf), &w, &e), -EBADMSG);
	w.regions[1].used.n++;
	w.h.n_regions = 1;
	assert_int_equal(parse_copy(parse, buf, sizeof(buf), &w, &e), -EBADMSG);
	w.h.n_regions = 2;
	use(&w, 1, 10 * W16, 1);
	assert_int_equal(parse_copy(parse, buf, sizeof(buf), &w, &e), -EBADMSG);
	world_free(&w);
}

static struct trailer sample(void)
{
	return (struct trailer){ .id = "0123456789abcdef",
				 .image_len = 10000,
				 .index_off = 10000 - TRAILER_SIZE - 40 - 56 * CHUNKS,
				 .index_len = 40 + 56 * CHUNKS,
				 .chunks = CHUNKS,
				 .raw_bytes = 77,
				 .packed_bytes = 66,
				 .bad_bytes = 55,
				 .header_sum = "thirty-two bytes of header's sum",
				 .index_sum = "and as many of the index's sum.." };
}

static int parse_trailer(const void *buf, size_t n, void *hash, struct err *e)
{
	struct trailer t;

	return trailer_parse(buf, n, &t, hash, e);
}

static void test_trailer_round_trip(void **state)
{
	uint8_t buf[TRAILER_SIZE], root[HASH_SIZE];
	struct trailer a = sample(), b;
	struct err e = { "" };

	assert_int_equal(trailer_render(&a, buf, *state), 0);
	assert_int_equal(peek(buf, 4, 4), 248);
	sum_to(buf, 224, root, HASH_SIZE);
	assert_memory_equal(a.root, root, HASH_SIZE);
	assert_int_equal(trailer_parse(buf, TRAILER_SIZE, &b, *state, &e), 0);
	assert_memory_equal(a.id, b.id, IMAGE_ID_SIZE);
	assert_true(a.image_len == b.image_len && a.index_off == b.index_off);
	assert_true(a.index_len == b.index_len && a.chunks == b.chunks);
	assert_true(a.raw_bytes == b.raw_bytes && a.packed_bytes == b.packed_bytes);
	assert_int_equal(a.bad_bytes, b.bad_bytes);
	assert_memory_equal(a.header_sum, b.header_sum, HASH_SIZE);
	assert_memory_equal(a.index_sum, b.index_sum, HASH_SIZE);
	assert_memory_equal(a.root, b.root, HASH_SIZE);
}

static void test_trailer_flips_and_cuts_are_refused(void **state)
{
	struct trailer t = sample();
	uint8_t buf[TRAILER_SIZE];

	assert_int_equal(trailer_render(&t, buf, *state), 0);
	refuse_flips(parse_trailer, buf, TRAILER_SIZE, *state);
	refuse_cuts(parse_trailer, buf, TRAILER_SIZE, SEAL_WHOLE, *state);
}

static void test_trailer_impossible_values_are_refused(void **state)
{
	const uint64_t index_len = 40 + 56 * CHUNKS;
	const struct wrong wrong[] = {
		{ 32, 8, 0, "values" }, /* image length */
		{ 32, 8, TRAILER_SIZE - 1, "values" },
		{ 32, 8, 10001, "values" }, /* a gap between index and trailer */
		{ 32, 8, 9999, "values" },  /* index overlaps the trailer */
		{ 40, 8, 10000 - TRAILER_SIZE - index_len + 1, "values" },
		{ 40, 8, UINT64_MAX, "values" },
		{ 40, 8, UINT64_MAX - index_len, "values" },
		{ 48, 8, index_len - 1, "values" },
		{ 48, 8, index_len + 56, "values" },
		{ 48, 8, UINT64_MAX, "values" },
		{ 56, 8, CHUNKS + 1, "values" },
		{ 56, 8, 0, "values" },
		{ 56, 8, UINT64_MAX, "values" },
		/* Times 56 this is 2^64 + 5 * 56. */
		{ 56, 8, (UINT64_C(1) << 61) + CHUNKS, "values" },
	};
	struct trailer t = sample();
	uint8_t buf[TRAILER_SIZE];
	struct err e;

	assert_int_equal(trailer_render(&t, buf, *state), 0);
	refuse_values(parse_trailer, buf, TRAILER_SIZE, SEAL_WHOLE, wrong, COUNT(wrong),
		      *state);

	memset(buf + 88, 0xff, 40); /* reserved */
	memset(buf + 192, 0xff, 32);
	seal(buf, TRAILER_SIZE, SEAL_WHOLE);
	assert_int_equal(parse_copy(parse_trailer, buf, TRAILER_SIZE, *state, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_impossible_values_are_refused),
		cmocka_unit_test(test_same_of_another_length_is_refused),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_index_and_maps_must_agree),
		cmocka_unit_test(test_trailer_round_trip),
		cmocka_unit_test(test_trailer_flips_and_cuts_are_refused),
		cmocka_unit_test(test_trailer_impossible_values_are_refused),
	};

	return cmocka_run_group_tests(tests, hash_setup, hash_teardown);
}
