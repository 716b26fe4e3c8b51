// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hostname.h - which name a machine gets: a table of them, or a template.
 *
 * The table is a text file, a line a machine: a MAC address or the serial number that the
 * firmware tells, white space, the name.  '#' begins a comment.  One line a machine: neither
 * a key nor a name may stand there twice.
 */
#ifndef NETCONF_PERSONALISE_HOSTNAME_H
#define NETCONF_PERSONALISE_HOSTNAME_H

#include "netconf/personalise/machine.h"
#include "netconf/root/root.h"

#define HOSTNAME_MAX       65 /* sethostname(2) takes 64 bytes; and a NUL */
#define HOSTNAME_FILE      "/etc/hostname"
#define HOSTNAME_LINES_MAX 4096
#define HOSTNAME_TABLE_MAX (1 << 20) /* bytes */

/* RFC 952 and 1123: labels of letters, digits and inner '-'.  -EINVAL. */
int hostname_check(const char *name, struct err *e);

/* The name a root has now; "" none. */
int hostname_read(const struct root *r, char ret[HOSTNAME_MAX], struct err *e);

struct hostname_entry {
	unsigned line;
	bool has_mac; /* a key of twelve hexadecimal digits may be either */
	struct mac mac;
	char key[64];
	char name[HOSTNAME_MAX];
};

struct hostname_table {
	struct hostname_entry *v;
	size_t n;
};

/* Fills @ret (hostname_table_free() it, also on failure).  -EINVAL "FILE:LINE:COLUMN: ...". */
int hostname_table_parse(const char *file, const char *text, size_t len,
			 struct hostname_table *ret, struct err *e);
void hostname_table_free(struct hostname_table *t);
/* *ret NULL: it has no line.  -ECANCELED: its cards and serial number have different ones. */
int hostname_table_find(const struct hostname_table *t, const struct machine *m,
			const struct hostname_entry **ret, struct err *e);

/*
 * Replaces %mac (twelve digits) and %mac6 (the last six) of the machine's first card,
 * %serial (its letters and digits, lower case) and %%.  -EINVAL: not a template of a valid
 * name; -ENODATA: this machine has no such thing.
 */
int hostname_template(const char *text, const struct machine *m, char ret[HOSTNAME_MAX],
		      struct err *e);
/* -EINVAL for a template that is wrong on any machine. */
int hostname_template_check(const char *text, struct err *e);

#endif
