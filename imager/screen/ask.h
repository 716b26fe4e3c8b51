// SPDX-License-Identifier: GPL-3.0-or-later
/* ask.h - a box with a text and a button, or with No and Yes: app_tell(), app_ask(). */
#ifndef IMAGER_SCREEN_ASK_H
#define IMAGER_SCREEN_ASK_H

#include "imager/screen/screen.h"

extern const struct screen_ops ask_screen;

#endif
