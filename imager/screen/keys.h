// SPDX-License-Identifier: GPL-3.0-or-later
/* keys.h - what keys mean, on every screen; the last line, which names them. */
#ifndef IMAGER_SCREEN_KEYS_H
#define IMAGER_SCREEN_KEYS_H

#include "imager/screen/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum key {
	K_NONE,
	K_CHAR, /* a letter without a meaning of its own, or any while typing */
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_NEXT,     /* Tab */
	K_PREVIOUS, /* Shift Tab */
	K_ENTER,
	K_SPACE, /* also K_CHAR with ch ' ' while typing */
	K_BACK,  /* Esc, q */
	K_HELP,  /* F1, ? */
	K_RUBOUT,
	K_DELETE,
	K_CLEAR,   /* ^U */
	K_STOP,    /* ^C */
	K_SUSPEND, /* ^Z */
	K_REDRAW,  /* ^L */
};

struct event {
	enum key key;
	wchar_t ch; /* the character typed, 0: a key without one */
};

#define HINTS 10

/* The keys that work now: names as "Enter" and what they do. */
struct hints {
	struct {
		const char *key;
		enum text_id does;
	} hint[HINTS];
	size_t n;
};

/* @key is shown as it is; more than HINTS are left out. */
void hint(struct hints *h, const char *key, enum text_id does);

/* What a key of curses (@function: a KEY_ number, else a character) means. */
struct event key_event(bool function, unsigned code, bool typing);

#endif
