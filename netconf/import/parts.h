// SPDX-License-Identifier: GPL-3.0-or-later
/* parts.h - what the parsers of import/ have in common: lines, notes, conditions. */
#ifndef NETCONF_IMPORT_PARTS_H
#define NETCONF_IMPORT_PARTS_H

#include "netconf/import/import.h"

#define IMPORT_LINE_MAX 4095

/* Goes through a text without NUL bytes. */
struct import_lines {
	const struct importer *by;
	const char *file, *next, *end;
	unsigned number;                /* of the line in text, where it begins */
	unsigned passed;                /* lines so far */
	char text[IMPORT_LINE_MAX + 1]; /* without white space at its ends */
};

/* The next line, also an empty one; one that is too long becomes a note.  false: the end. */
bool import_line(struct import_lines *l, struct import *im, struct err *e, int *ret);

/* Adds "FILE:LINE: ...".  -ENOMEM. */
int import_note(struct import *im, const struct import_lines *l, struct err *e, const char *fmt,
		...) PRINTF(4, 5);

/* What one line has told so far. */
struct import_found {
	struct import_entry entry;
	char name[64]; /* as it stands there, perhaps cut */
	char odd[96];  /* the first condition that a policy cannot have; "" none */
};

/* A new one, for the line where @l is. */
void import_begin(const struct import_lines *l, struct import_found *f);
void import_name(struct import_found *f, const char *value);

/* A condition each; a @value that cannot be had becomes f->odd. @key is for that. */
void import_mac(struct import_found *f, const char *key, const char *value);
void import_pci(struct import_found *f, const char *key, const char *value);
void import_path(struct import_found *f, const char *key, const char *value);
void import_driver(struct import_found *f, const char *key, const char *value);
void import_onboard(struct import_found *f, const char *key, const char *value);
void import_odd(struct import_found *f, const char *key, const char *value);

/*
 * Adds the entry, if it has a good name and something to know the card by; else, and for what
 * is left out of it, a note.  -ENOMEM.
 */
int import_end(struct import *im, const struct import_lines *l, struct import_found *f,
	       struct err *e);

/* The next word of *@p, which moves on, ended by a NUL; NULL: none. */
char *import_word(char **p);

#endif
