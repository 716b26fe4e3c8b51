// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of ranges against a model that cannot be wrong: one flag a byte. */
#include "common/extents.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODEL  UINT64_C(4096) /* bytes in the model */
#define ROUNDS 400

struct model {
	bool used[MODEL];
	struct extents x;
};

static void model_add(struct model *m, uint64_t off, uint64_t len)
{
	struct err e;

	memset(m->used + off, 1, len);
	assert_int_equal(extents_add(&m->x, off, len, &e), 0);
}

/* The list says what the model says, in the form that is promised. */
static void assert_model(const struct model *m)
{
	bool seen[MODEL] = { 0 };

	for (size_t i = 0; i < m->x.n; i++) {
		const struct extent *v = &m->x.v[i];

		assert_true(v->len > 0);
		assert_true(v->off + v->len <= MODEL);
		if (i)
			assert_true(v->off > v[-1].off + v[-1].len);
		memset(seen + v->off, 1, v->len);
	}
	assert_memory_equal(seen, m->used, MODEL);
}

static void random_model(struct model *m, int ranges)
{
	*m = (struct model){ 0 };
	for (int i = 0; i < ranges; i++) {
		uint64_t off = (uint64_t)rand() % MODEL, len = (uint64_t)(rand() % 200);

		model_add(m, off, len < MODEL - off ? len : MODEL - off);
	}
	extents_normalize(&m->x);
}

static void test_normalize_against_model(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct model m;
		uint64_t sum = 0;

		random_model(&m, round % 40);
		assert_model(&m);
		for (size_t i = 0; i < MODEL; i++)
			sum += m.used[i];
		assert_int_equal(extents_total(&m.x), sum);
		extents_free(&m.x);
	}
}

static void test_bound_and_invert_against_model(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct extents rest = { 0 };
		size_t size = (size_t)rand() % (MODEL + 1);
		struct model m;
		struct err e;

		random_model(&m, round % 40);
		memset(m.used + size, 0, MODEL - size);
		extents_bound(&m.x, size);
		assert_model(&m);

		assert_int_equal(extents_invert(&m.x, size, &rest, &e), 0);
		for (size_t i = 0; i < size; i++)
			m.used[i] = !m.used[i];
		extents_free(&m.x);
		m.x = rest;
		assert_model(&m);
		extents_free(&m.x);
	}
}

static void test_runs_against_model(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct model m;

		random_model(&m, round % 40);
		for (unsigned i = 0; i < 50; i++) {
			size_t off = (size_t)rand() % MODEL, n = 0;
			size_t len = (size_t)rand() % (MODEL - off + 1);
			bool inside = m.used[off];

			while (n < len && m.used[off + n] == inside)
				n++;
			assert_int_equal(extents_run(&m.x, off, len, inside), n);
			assert_int_equal(extents_run(&m.x, off, len, !inside), 0);
		}
		extents_free(&m.x);
	}
}

/* The window @w has exactly the used bytes of the model inside it. */
static void assert_window(const struct model *m, unsigned shift, const struct window *w)
{
	size_t size = (size_t)1 << shift;
	bool seen[MODEL] = { 0 };
	uint32_t sum = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct extent p = window_piece(&m->x, shift, w, i);

		assert_true(p.len > 0);
		assert_int_equal(p.off >> shift, w->number);
		assert_int_equal((p.off + p.len - 1) >> shift, w->number);
		memset(seen + p.off, 1, p.len);
		sum += (uint32_t)p.len;
	}
	assert_memory_equal(seen + w->number * size, m->used + w->number * size, size);
	assert_int_equal(w->used, sum);
	assert_true(sum > 0);
}

static void test_windows_against_model(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		unsigned shift = 4 + (unsigned)round % 9; /* 16 bytes to all of it */
		struct window w = { 0 }, found;
		uint64_t number = 0, count = 0;
		struct model m;

		random_model(&m, round % 30);
		for (; number < MODEL >> shift; number++) {
			bool any = memchr(m.used + (number << shift), 1, (size_t)1 << shift);

			assert_int_equal(window_find(&m.x, shift, number, &found), any);
			if (!any)
				continue;
			assert_true(window_next(&m.x, shift, &w));
			assert_int_equal(w.number, number);
			assert_window(&m, shift, &w);
			assert_window(&m, shift, &found);
			assert_int_equal(found.first, w.first);
			assert_int_equal(found.n, w.n);
			count++;
		}
		assert_false(window_next(&m.x, shift, &w));
		assert_int_equal(window_count(&m.x, shift), count);
		extents_free(&m.x);
	}
}

static void test_add_joins_and_refuses(void **state)
{
	struct extents x = { 0 };
	struct err e = { "" };

	(void)state;
	assert_int_equal(extents_add(&x, 100, 0, &e), 0);
	assert_int_equal(x.n, 0);
	assert_int_equal(extents_add(&x, 100, 50, &e), 0);
	assert_int_equal(extents_add(&x, 150, 50, &e), 0);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.v[0].len, 100);
	assert_int_equal(extents_add(&x, UINT64_MAX - 1, 2, &e), -ERANGE);
	assert_non_null(strstr(e.msg, "18446744073709551614+2"));
	assert_int_equal(extents_add(&x, UINT64_MAX, UINT64_MAX, &e), -ERANGE);
	assert_int_equal(x.n, 1);
	extents_free(&x);
	assert_null(x.v);
}

static void test_empty_list(void **state)
{
	struct extents x = { 0 }, rest = { 0 };
	struct window w = { 0 };
	struct err e;

	(void)state;
	extents_normalize(&x);
	extents_bound(&x, 0);
	assert_int_equal(extents_total(&x), 0);
	assert_int_equal(window_count(&x, 18), 0);
	assert_false(window_next(&x, 18, &w));
	assert_false(window_find(&x, 18, 0, &w));
	assert_int_equal(extents_invert(&x, 4096, &rest, &e), 0);
	assert_int_equal(rest.n, 1);
	assert_int_equal(rest.v[0].len, 4096);
	extents_free(&rest);
	assert_int_equal(extents_invert(&x, 0, &rest, &e), 0);
	assert_int_equal(rest.n, 0);
}

/* Terabytes: window numbers and sums need all their bits. */
static void test_far_away(void **state)
{
	const uint64_t far = UINT64_C(1) << 60, window = 1 << 18;
	struct extents x = { 0 };
	struct window w = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(extents_add(&x, far - 1, window + 2, &e), 0);
	assert_int_equal(window_count(&x, 18), 3);
	assert_true(window_next(&x, 18, &w));
	assert_int_equal(w.number, (far >> 18) - 1);
	assert_int_equal(w.used, 1);
	assert_true(window_next(&x, 18, &w));
	assert_int_equal(w.used, window);
	assert_int_equal(window_piece(&x, 18, &w, 0).off, far);
	assert_true(window_next(&x, 18, &w));
	assert_int_equal(w.used, 1);
	assert_false(window_next(&x, 18, &w));
	assert_false(window_find(&x, 18, UINT64_MAX, &w));
	assert_false(window_find(&x, 18, UINT64_MAX >> 18, &w));
	extents_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalize_against_model),
		cmocka_unit_test(test_bound_and_invert_against_model),
		cmocka_unit_test(test_runs_against_model),
		cmocka_unit_test(test_windows_against_model),
		cmocka_unit_test(test_add_joins_and_refuses),
		cmocka_unit_test(test_empty_list),
		cmocka_unit_test(test_far_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
