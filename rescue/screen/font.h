// SPDX-License-Identifier: GPL-3.0-or-later
/* font.h - letters of five by seven '#', to be read across a room, on any terminal. */
#ifndef RESCUE_SCREEN_FONT_H
#define RESCUE_SCREEN_FONT_H

#include "common/text.h"

#define FONT_ROWS   7
#define FONT_COLUMN 6 /* with the space behind it */

/* Adds @text (ASCII; small letters become large) as FONT_ROWS lines, cut at @columns. */
void font_write(struct text *out, const char *text, unsigned columns);

#endif
