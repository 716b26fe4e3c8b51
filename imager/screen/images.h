// SPDX-License-Identifier: GPL-3.0-or-later
/* images.h - the images of a folder or of a server, to do something or to choose one. */
#ifndef IMAGER_SCREEN_IMAGES_H
#define IMAGER_SCREEN_IMAGES_H

#include "imager/screen/screen.h"

/* The images to look around in. */
void images_show(struct app *a);
/* Asks for an image; @chosen gets its path or URL, after the list has gone. */
void images_choose(struct app *a, void (*chosen)(void *arg, const char *image), void *arg);

#endif
