// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dialogue.h - what save, restore, clone, diff and verify have in common: whom it is
 * about, fields, and the command line that they make, renewed at each change.
 */
#ifndef IMAGER_SCREEN_DIALOGUE_H
#define IMAGER_SCREEN_DIALOGUE_H

#include "imager/screen/form.h"
#include "imager/screen/words.h"

#define DIALOGUE_FIELDS   14
#define DIALOGUE_PARTNERS 2

/* A disk, a partition or an image. */
struct partner {
	enum text_id label;
	bool image;           /* else a disk or a partition */
	bool open;            /* it is for the user to choose */
	char name[4096];      /* path or URL; "": not chosen yet */
	char about[640];      /* what is known of it */
	uint64_t seq;         /* of a disk: as in the inventory when it was chosen */
	enum text_id trouble; /* since then; T_NONE: none */
};

struct dialogue;

struct dialogue_kind {
	enum text_id title, help;
	bool plan; /* a dry run comes first */
	void (*write)(const struct dialogue *d, struct words *o);
	/* Why it cannot begin yet, T_NONE: it can.  May be NULL. */
	enum text_id (*missing)(const struct dialogue *d);
	/* As that of a screen; true: something is new.  May be NULL. */
	bool (*tick)(struct dialogue *d, bool top);
	/* The task is wanted for something else, and free.  May be NULL. */
	void (*release)(struct dialogue *d);
	/* Frees what @own has; it itself is freed.  May be NULL. */
	void (*free)(struct dialogue *d);
};

struct dialogue {
	const struct dialogue_kind *kind;
	struct screen_ops ops;
	struct app *app;
	void *own; /* of the kind */
	struct partner partner[DIALOGUE_PARTNERS];
	size_t n_partners;
	struct field field[DIALOGUE_FIELDS];
	size_t n_fields; /* without the buttons, which follow */
	struct form form;
	struct words words;
	char note[ERR_MSG_MAX + 256]; /* "": there is none; the kind's, too */
	bool goes;                    /* Go was pressed, the task is not free yet */
};

/*
 * @own_size bytes, zeroed, become @own.  The caller adds partners and fields, and then
 * has it shown; NULL: out of memory, a box has told.
 */
struct dialogue *dialogue_new(struct app *a, const struct dialogue_kind *kind, size_t own_size);
/* @name: NULL: for the user to choose. */
void dialogue_partner(struct dialogue *d, enum text_id label, bool image, const char *name);
/* Each returns the number of the field. */
size_t dialogue_text(struct dialogue *d, enum text_id label, char *text, size_t size);
size_t dialogue_check(struct dialogue *d, enum text_id label);
size_t dialogue_choice(struct dialogue *d, enum text_id label, const char *const *words,
		       size_t n);
/* Takes @d.  What is to be chosen by the user is asked for at once. */
void dialogue_show(struct dialogue *d);

/* What partner @i is called; "IMAGE" or "DEVICE" as long as it is not chosen. */
const char *dialogue_name(const struct dialogue *d, size_t i);
/* Why it cannot begin, filled into @buf; NULL: it can. */
const char *dialogue_trouble(const struct dialogue *d, char *buf, size_t n);
/* Broken so that a shell takes it, too; returns its lines. */
int dialogue_draw_words(const struct app *a, struct pane at, const struct words *o);

#endif
