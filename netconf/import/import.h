// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * import.h - names that older tools gave, as a policy.
 *
 * Each format is one .c file with one struct importer; import.c has their table.
 * A parser gives entries, one a name and card, and notes: what could not be
 * taken over, with its place.  import_policy() makes a policy of all of them.
 * Files come from anywhere: lines, entries and notes are bounded.
 */
#ifndef NETCONF_IMPORT_IMPORT_H
#define NETCONF_IMPORT_IMPORT_H

#include "common/err.h"
#include "common/mac.h"
#include "netconf/policy/policy.h"

#include <stdbool.h>
#include <stddef.h>

#define IMPORT_FILE_MAX    (1 << 20) /* bytes; larger files are refused */
#define IMPORT_ENTRIES_MAX 256
#define IMPORT_NOTES_MAX   100

struct importer;

/* One name, and the card that had it.  Of mac, path, onboard and driver at least one is there.
 */
struct import_entry {
	const struct importer *by;
	const char *file; /* the caller's string */
	unsigned line;
	char name[NIC_NAME_MAX];
	bool has_mac;
	struct mac mac;
	char path[64]; /* ID_PATH; "" none */
	char driver[32];
	unsigned onboard; /* index; 0 none */
	char about[96]; /* the comment above it: "PCI device 0x8086:0x10d3 (e1000e)"; "" none */
};

struct import {
	struct import_entry *v;
	size_t n;
	char **notes;               /* "FILE:LINE: what, and what becomes of it" */
	size_t n_notes, more_notes; /* more_notes: those that found no room */
};

struct import_lines;

struct importer {
	const char *name; /* "udev rules" */
	bool last_wins;   /* of two lines for one card; else the first */
	bool joined;      /* a line that ends with a backslash goes on */
	/* How sure: 0 no, 1 by the content, 2 by the name; @base is without its folder. */
	int (*probe)(const char *base, const char *text, size_t len);
	/* Adds to @ret.  Only -ENOMEM: what is not understood becomes a note. */
	int (*parse)(struct import_lines *lines, struct import *ret, struct err *e);
};

extern const struct importer import_rules;  /* 70-persistent-net.rules: rules.c */
extern const struct importer import_link;   /* systemd.link(5): link.c */
extern const struct importer import_iftab;  /* of ifrename(8): iftab.c */
extern const struct importer import_mactab; /* of nameif(8): mactab.c */

/*
 * Adds what @text (@len bytes and a NUL) of @file says to @ret; import_free() it, also on
 * failure.  @file and @ret's entries live as long as one another.  -EINVAL: no text, or
 * none of the formats.
 */
int import_parse(const char *file, const char *text, size_t len, struct import *ret,
		 struct err *e);
void import_free(struct import *im);

/*
 * The policy of all entries (policy_free() it, also on failure).  A name that stands for
 * several cards gets a selector for each; of two names for one card one counts. @im gets
 * a note for both.
 */
int import_policy(struct import *im, struct policy *ret, struct err *e);

/* What the policy will know the card by: mac, else path, else onboard, else driver. */
void import_selector(const struct import_entry *entry, struct selector *ret);

#endif
