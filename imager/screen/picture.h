// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * picture.h - a disk as a line of cells, by its regions: how far each is.  Each region
 * has at least one cell, as long as there are enough; what is between them has none.
 */
#ifndef IMAGER_SCREEN_PICTURE_H
#define IMAGER_SCREEN_PICTURE_H

#include "imager/engine/progress.h"

/* Where a cell stands for more than one region, the greatest counts. */
enum cell {
	CELL_EMPTY, /* nothing of it is worked on */
	CELL_DONE,
	CELL_WAITS,
	CELL_BEGUN,
	CELL_DAMAGED, /* somewhere in this region: the first cell of it */
};

/* @r: @n regions; fills all @n_cells of @cells. */
void picture_cells(const struct region_progress *r, uint32_t n, enum cell *cells,
		   unsigned n_cells);

/*
 * Numbers of the partitions above the cells where they begin, blanks elsewhere; one
 * that would touch the one before is left out.  @line has @n_cells + 1 bytes.
 */
void picture_ruler(const struct region_progress *r, uint32_t n, char *line, unsigned n_cells);

#endif
