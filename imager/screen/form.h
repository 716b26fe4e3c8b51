// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * form.h - fields below each other: texts, boxes to tick, choices, buttons.
 *
 * The fields are the caller's, who may change them between keys.  Buttons that
 * follow each other share a line.
 */
#ifndef IMAGER_SCREEN_FORM_H
#define IMAGER_SCREEN_FORM_H

#include "imager/screen/draw.h"

enum field_kind { FIELD_TEXT, FIELD_CHECK, FIELD_CHOICE, FIELD_BUTTON };

struct field {
	enum field_kind kind;
	enum text_id label;
	bool off;    /* cannot be used now */
	bool secret; /* of a text: shown as stars */
	/* A text: UTF-8 in @text of @size bytes. */
	char *text;
	size_t size, cursor; /* the cursor: a byte of @text */
	bool on;             /* ticked */
	/* A choice: one of @n words. */
	const char *const *words;
	size_t n, chosen;
};

struct form {
	struct field *fields;
	size_t n, at;
	int top; /* scrolled */
};

/* What form_key() did. */
enum form_did {
	FORM_UNUSED,  /* the key is none of a form's */
	FORM_MOVED,   /* another field, or nothing */
	FORM_CHANGED, /* the value of field @at */
	FORM_PRESSED, /* the button @at; Enter in a text: as the next button */
};

/* Puts the cursors at the ends of the texts, and goes to the first field. */
void form_begin(struct form *f);
enum form_did form_key(struct form *f, const struct event *ev);
bool form_typing(const struct form *f);
void form_hints(const struct form *f, struct hints *h);
/* Lines that it takes. */
int form_lines(const struct form *f);
/* The labels have @label_w columns. */
void form_draw(const struct app *a, struct pane at, struct form *f, int label_w);

#endif
