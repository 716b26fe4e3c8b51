// SPDX-License-Identifier: GPL-3.0-or-later
/* Which chunks --verify=sample reads back. */
#include "imager/engine/sample.h"

#include "imager/engine/chunks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHIFT   16
#define CHUNK   (UINT64_C(1) << SHIFT)
#define REGIONS 3

/* An image of so many chunks in each region, all in use; the second one is left out. */
struct place {
	struct image img;
	struct region regions[REGIONS];
	uint64_t sure; /* that many chunks at the begin of each region must be read */
};

static void make(struct place *p, uint64_t each)
{
	*p = (struct place){ .img = { .n = REGIONS * each } };
	for (uint32_t i = 0; i < REGIONS; i++) {
		struct region *g = &p->regions[i];

		g->use = i == 1 ? USE_NONE : USE_ALL;
		assert_int_equal(extents_add(&g->used, 0, each * CHUNK, NULL), 0);
	}
	p->img.h = (struct header){ .chunk_shift = SHIFT,
				    .n_regions = REGIONS,
				    .regions = p->regions };
}

static void unmake(struct place *p)
{
	for (uint32_t i = 0; i < REGIONS; i++)
		extents_free(&p->regions[i].used);
}

static enum look look(void *arg, const struct region *g, const struct window *w)
{
	const struct place *p = arg;

	if (g->use == USE_NONE)
		return LOOK_NOT;
	return w->number < p->sure ? LOOK_SURELY : LOOK_MAYBE;
}

static struct sample draw_from(struct place *p)
{
	struct err e = { "" };
	struct sample s;
	uint64_t n = 0;

	if (sample_draw(&s, &p->img, look, p, &e))
		fail_msg("%s", e.msg);
	for (uint64_t i = 0; i < p->img.n; i++) {
		assert_true(s.want[i] == WANT_NOT || s.want[i] == WANT_FETCH);
		n += s.want[i] == WANT_FETCH;
	}
	assert_int_equal(n, s.chosen);
	assert_int_equal(s.bytes, n * CHUNK);
	assert_int_equal(s.of, p->img.n / REGIONS * 2);
	return s;
}

static void test_how_many(void **state)
{
	static const struct {
		uint64_t each, sure, chosen;
	} cases[] = {
		{ 0, 0, 0 },        { 1, 0, 2 },
		{ 32, 0, 64 },  /* all, as they are few */
		{ 33, 0, 64 },  /* the least */
		{ 512, 0, 64 }, /* both are the same */
		{ 520, 0, 65 }, /* a sixteenth */
		{ 8000, 0, 1000 },  { 8000, 8000, 16000 },
		{ 8010, 10, 1020 }, /* what must be, and a sixteenth of the others */
		{ 50, 40, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct place p;
		struct sample s;

		make(&p, cases[i].each);
		p.sure = cases[i].sure;
		s = draw_from(&p);
		assert_int_equal(s.chosen, cases[i].chosen);
		sample_free(&s);
		unmake(&p);
	}
}

static void test_which(void **state)
{
	struct place p;

	(void)state;
	make(&p, 4000);
	p.sure = 7;
	for (int round = 0; round < 20; round++) {
		struct sample s = draw_from(&p);

		for (uint64_t i = 0; i < 4000; i++) {
			assert_true(i >= 7 || s.want[i] == WANT_FETCH);
			assert_int_equal(s.want[4000 + i], WANT_NOT);
			assert_true(i >= 7 || s.want[8000 + i] == WANT_FETCH);
		}
		sample_free(&s);
	}
	unmake(&p);
}

/* Every chunk has its turn, about equally often: the bounds are passed once in 10^7 runs. */
static void test_by_lot(void **state)
{
	enum { EACH = 2048, ROUNDS = 400 };
	unsigned met[REGIONS * EACH] = { 0 };
	uint8_t before[REGIONS * EACH] = { 0 };
	uint64_t first_half = 0;
	struct place p;

	(void)state;
	make(&p, EACH);
	for (int round = 0; round < ROUNDS; round++) {
		struct sample s = draw_from(&p);

		assert_int_equal(s.chosen, 256);
		assert_memory_not_equal(s.want, before, sizeof(before));
		memcpy(before, s.want, sizeof(before));
		for (uint64_t i = 0; i < REGIONS * EACH; i++)
			met[i] += s.want[i] == WANT_FETCH;
		sample_free(&s);
	}
	for (uint64_t i = 0; i < EACH; i++) {
		assert_in_range(met[i], 1, 80); /* 25, give or take 5 */
		assert_in_range(met[2 * EACH + i], 1, 80);
		first_half += met[i];
	}
	assert_in_range(first_half, 50000, 52400); /* 51200, give or take 155 */
	unmake(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_many),
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_by_lot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
