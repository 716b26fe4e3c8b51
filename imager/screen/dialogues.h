// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dialogues.h - where the screens that look around hand over to those that work.
 * Each shows a screen that asks for the rest.  Texts are copied.
 */
#ifndef IMAGER_SCREEN_DIALOGUES_H
#define IMAGER_SCREEN_DIALOGUES_H

#include "imager/screen/screen.h"

void dialogue_save(struct app *a, const char *device);
/* One of them may be NULL: it is asked for. */
void dialogue_restore(struct app *a, const char *device, const char *image);
void dialogue_diff(struct app *a, const char *device, const char *image);
void dialogue_verify(struct app *a, const char *image);
void dialogue_clone(struct app *a, const char *source);

#endif
