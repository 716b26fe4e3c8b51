// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * text.h - all that the screen says, in one table, and its translations.
 *
 * text_look.h, text_dialogue.h and text_work.h are the table: T(ID, COLUMNS, "text")
 * and, where it depends on a number, P(ID, COLUMNS, "one", "many").  COLUMNS is the room
 * it has in every language, filled in formats not counted; 0: it is wrapped.  Formats
 * know strings (%s) only, but for the number of P (%lu).  `make pot' renews po/slate.pot
 * from there.
 */
#ifndef IMAGER_SCREEN_TEXT_H
#define IMAGER_SCREEN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
enum text_id {
	T_NONE, /* the empty text */
#define T(id, columns, text)      id,
#define P(id, columns, one, many) id,
#include "imager/screen/text_look.h"
#include "imager/screen/text_dialogue.h"
#include "imager/screen/text_work.h"
#undef T
#undef P
	TEXTS
};
/* clang-format on */

/*
 * Takes the language from the environment (LC_ALL, LC_MESSAGES, LANG, LANGUAGE), the
 * characters too; true: the terminal gets UTF-8.  Numbers stay as in C.
 */
bool text_begin(void);

/* The text in the user's language; UTF-8. */
const char *tr(enum text_id id);
/* The form of it that goes with @n. */
const char *tr_n(enum text_id id, unsigned long n);
/* Fills in the strings that follow; cut at the end of @buf.  Returns @buf. */
char *tr_print(char *buf, size_t size, enum text_id id, ...);
/* The same with @n as its first (%lu). */
char *tr_print_n(char *buf, size_t size, enum text_id id, unsigned long n);

/* How many columns it may have, 0: it is wrapped. */
unsigned text_columns(enum text_id id);

#endif
