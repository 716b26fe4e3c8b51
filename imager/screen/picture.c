// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/picture.h"

#include "imager/ui/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The sizes of an image's header are anything: their sum stays below 2^64. */
static uint64_t weight(const struct region_progress *r, uint32_t n)
{
	return n ? r->size / n : 0;
}

static uint64_t sum(const struct region_progress *r, uint32_t upto, uint32_t n)
{
	uint64_t s = 0;

	for (uint32_t i = 0; i < upto; i++)
		s += weight(&r[i], n);
	return s;
}

/* Where region @i of @n begins, of which those before it weigh @before of @all. */
static unsigned first_cell(uint32_t i, uint32_t n, uint64_t before, uint64_t all,
			   unsigned n_cells)
{
	if (n > n_cells)
		return (unsigned)((uint64_t)i * n_cells / n);
	if (i == n || n == n_cells)
		return i < n ? i : n_cells;
	return i + share(before, all, n_cells - n);
}

static void raise(enum cell *c, enum cell to)
{
	if (*c < to)
		*c = to;
}

static void fill(const struct region_progress *r, enum cell *cells, unsigned n)
{
	unsigned full = share(r->done, r->total, n);

	for (unsigned i = 0; i < n; i++)
		raise(&cells[i], !r->total ? CELL_EMPTY : i < full ? CELL_DONE : CELL_WAITS);
	if (r->done && full < n)
		raise(&cells[full], CELL_BEGUN);
	if (r->damaged)
		raise(&cells[0], CELL_DAMAGED);
}

void picture_cells(const struct region_progress *r, uint32_t n, enum cell *cells,
		   unsigned n_cells)
{
	uint64_t all = sum(r, n, n), before = 0;

	for (unsigned i = 0; i < n_cells; i++)
		cells[i] = CELL_EMPTY;
	for (uint32_t i = 0; i < n && n_cells; i++) {
		unsigned from = first_cell(i, n, before, all, n_cells), to;

		before += weight(&r[i], n);
		to = first_cell(i + 1, n, before, all, n_cells);
		fill(&r[i], cells + from, to > from ? to - from : 1);
	}
}

void picture_ruler(const struct region_progress *r, uint32_t n, char *line, unsigned n_cells)
{
	uint64_t all = sum(r, n, n), before = 0;
	unsigned free_from = 0;

	memset(line, ' ', n_cells);
	line[n_cells] = 0;
	for (uint32_t i = 0; i < n; i++) {
		unsigned at = first_cell(i, n, before, all, n_cells);
		char number[16];
		unsigned len =
			(unsigned)snprintf(number, sizeof(number), "%" PRIu32, r[i].part);

		before += weight(&r[i], n);
		if (!r[i].part || at < free_from || at + len > n_cells)
			continue;
		memcpy(line + at, number, len);
		free_from = at + len + 1;
	}
}
