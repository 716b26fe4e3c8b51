// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * pace.h - how often snapshots are shown.
 *
 * Time is what the snapshots say has passed since their phase began, so
 * there is no clock here.
 */
#ifndef IMAGER_UI_PACE_H
#define IMAGER_UI_PACE_H

#include <stdbool.h>

struct pace {
	double first; /* seconds into a phase when its first snapshot is due */
	double every; /* seconds from one to the next */
	double next;  /* begins as @first */
};

/* Whether the snapshot taken after @elapsed seconds shall be shown; the @last one always is. */
bool pace_due(struct pace *p, double elapsed, bool last);

#endif
