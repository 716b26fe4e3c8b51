// SPDX-License-Identifier: GPL-3.0-or-later
/* place.h - asks where images are: a folder, a server, or the address of one image. */
#ifndef IMAGER_SCREEN_PLACE_H
#define IMAGER_SCREEN_PLACE_H

#include "imager/screen/screen.h"

/* @now: what the field has at first.  @went gets what was typed, after the box has gone. */
void place_ask(struct app *a, const char *now, void (*went)(void *arg, const char *where),
	       void *arg);

#endif
