// SPDX-License-Identifier: GPL-3.0-or-later
/* help.h - what F1 shows: about the screen it is given to, and about keys. */
#ifndef IMAGER_SCREEN_HELP_H
#define IMAGER_SCREEN_HELP_H

#include "imager/screen/screen.h"

extern const struct screen_ops help_screen;

#endif
