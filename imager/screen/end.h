// SPDX-License-Identifier: GPL-3.0-or-later
/* end.h - how the task ended: what was done, or what failed, why, and what to do. */
#ifndef IMAGER_SCREEN_END_H
#define IMAGER_SCREEN_END_H

#include "imager/screen/screen.h"

void end_show(struct app *a);

#endif
