// SPDX-License-Identifier: GPL-3.0-or-later
/* A disk as a line of cells: who gets how many, how far they are, numbers above them. */
#include "imager/screen/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GiB (UINT64_C(1) << 30)

/* As letters: nothing, #, ., =, !. */
static const char *drawn(const struct region_progress *r, uint32_t n, unsigned n_cells)
{
	static char line[256];
	enum cell cells[255];

	memset(cells, 0xff, sizeof(cells));
	picture_cells(r, n, cells, n_cells);
	for (unsigned i = 0; i < n_cells; i++) {
		assert_in_range(cells[i], CELL_EMPTY, CELL_DAMAGED);
		line[i] = " #.=!"[cells[i]];
	}
	line[n_cells] = 0;
	return line;
}

static const char *ruler(const struct region_progress *r, uint32_t n, unsigned n_cells)
{
	static char line[256];

	picture_ruler(r, n, line, n_cells);
	assert_int_equal(strlen(line), n_cells);
	return line;
}

static void test_one(void **state)
{
	struct region_progress r = { .size = GiB, .total = 100 };

	(void)state;
	assert_string_equal(drawn(&r, 1, 10), "..........");
	r.done = 1;
	assert_string_equal(drawn(&r, 1, 10), "=.........");
	r.done = 55;
	assert_string_equal(drawn(&r, 1, 10), "#####=....");
	r.done = 99;
	assert_string_equal(drawn(&r, 1, 10), "#########=");
	r.done = 100;
	assert_string_equal(drawn(&r, 1, 10), "##########");
	r.damaged = 1;
	assert_string_equal(drawn(&r, 1, 10), "!#########");
	assert_string_equal(ruler(&r, 1, 10), "          ");
	r.part = 12;
	assert_string_equal(ruler(&r, 1, 10), "12        ");
	assert_string_equal(ruler(&r, 1, 1), " ");
}

/* A table of a MiB, a small, an unused and a large partition. */
static void test_disk(void **state)
{
	struct region_progress r[] = {
		{ .size = 1 << 20, .total = 10, .done = 10 },
		{ .size = GiB, .total = 10, .done = 10, .part = 1 },
		{ .size = GiB, .part = 2 },
		{ .size = 6 * GiB, .total = 10, .done = 5, .damaged = 2, .part = 3 },
	};

	(void)state;
	assert_string_equal(drawn(r, 4, 20), "####   !#####=......");
	assert_string_equal(ruler(r, 4, 20), " 1  2  3            ");
	assert_string_equal(drawn(r, 4, 4), "## !");
	assert_string_equal(ruler(r, 4, 4), " 1 3");
}

/* More regions than cells: none is forgotten, the one that tells most is seen. */
static void test_many(void **state)
{
	struct region_progress r[200];

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		r[i] = (struct region_progress){ .size = GiB, .total = 2, .part = i + 1 };
	assert_string_equal(drawn(r, 200, 10), "..........");
	r[0].done = r[199].done = 1;
	r[100].damaged = 1;
	assert_string_equal(drawn(r, 200, 10), "=....!...=");
	assert_string_equal(ruler(r, 200, 10), "1 41 101  ");
}

/* Numbers of a hostile image stay inside. */
static void test_hostile(void **state)
{
	struct region_progress r[3] = {
		{ .size = UINT64_MAX, .total = UINT64_MAX, .done = UINT64_MAX - 1 },
		{ .size = UINT64_MAX, .total = 1, .done = 5, .part = UINT32_MAX },
		{ .size = 0, .total = 1, .damaged = UINT64_MAX },
	};

	(void)state;
	assert_int_equal(strlen(drawn(r, 3, 76)), 76);
	assert_non_null(strchr(drawn(r, 3, 76), '!'));
	assert_int_equal(strlen(ruler(r, 3, 76)), 76);
	assert_string_equal(drawn(r, 3, 3), "=#!");
	assert_string_equal(drawn(r, 3, 0), "");
	assert_string_equal(drawn(r, 0, 3), "   ");
	r[0].size = r[1].size = 0;
	assert_int_equal(strlen(drawn(r, 3, 76)), 76);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
