// SPDX-License-Identifier: GPL-3.0-or-later
/* info.h - all that is known of a disk, a partition or an image; texts to scroll. */
#ifndef IMAGER_SCREEN_INFO_H
#define IMAGER_SCREEN_INFO_H

#include "imager/screen/screen.h"

void info_place(struct app *a, const char *path);
/* Runs `slate info IMAGE'. */
void info_image(struct app *a, const char *image);
/* What slate-netconf plan says. */
void network_show(struct app *a);

#endif
