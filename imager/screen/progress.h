// SPDX-License-Identifier: GPL-3.0-or-later
/* progress.h - how far the task is; shows its questions, and at last how it ended. */
#ifndef IMAGER_SCREEN_PROGRESS_H
#define IMAGER_SCREEN_PROGRESS_H

#include "imager/screen/screen.h"

/* The task has begun, and the inventory is paused until this screen goes. */
extern const struct screen_ops progress_screen;

#endif
