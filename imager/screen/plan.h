// SPDX-License-Identifier: GPL-3.0-or-later
/* plan.h - what a restore or a copy would do, and all that stands against it. */
#ifndef IMAGER_SCREEN_PLAN_H
#define IMAGER_SCREEN_PLAN_H

#include "imager/screen/dialogue.h"

/*
 * Runs the command line of @d with --dry-run, shows over it what comes out, and lets it
 * begin when nothing stands against it.  A box tells when that cannot be done.
 */
void plan_show(struct app *a, struct dialogue *d);

#endif
