// SPDX-License-Identifier: GPL-3.0-or-later
/* menu.h - a box with things to do, one a line. */
#ifndef IMAGER_SCREEN_MENU_H
#define IMAGER_SCREEN_MENU_H

#include "imager/screen/screen.h"

struct menu_item {
	enum text_id text;
	/* @arg: of menu_open(), after the box has gone. */
	void (*run)(struct app *a, const char *arg);
};

/* @items: the caller's, for good; @arg is copied. */
void menu_open(struct app *a, const char *title, enum text_id help,
	       const struct menu_item *items, size_t n, const char *arg);
/* Everything that is about the computer. */
void menu_main(struct app *a);

#endif
