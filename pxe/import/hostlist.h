// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hostlist.h - lists of machines that others have written.
 *
 * CSV: the first line names the columns, in any order: mac and name, and if wanted group
 * and address; others are passed over.  Between the columns are commas, semicolons or
 * tabs; values may stand in quotes (RFC 4180, but within a line).
 * ethers(5): a MAC (single digits, too) and a name, with blanks between.
 * In both, empty lines and those that begin with '#' mean nothing.
 */
#ifndef PXE_IMPORT_HOSTLIST_H
#define PXE_IMPORT_HOSTLIST_H

#include "pxe/store/store.h"

#define HOSTLIST_FILE_MAX (4u << 20) /* bytes */
#define HOSTLIST_LINE_MAX 1024
#define HOSTLIST_MOST     20000 /* machines */

struct hostlist_row {
	struct host host;            /* mac, name, group, addr */
	bool has_group, has_address; /* the list says so, if by an empty value */
	unsigned line;               /* from 1 */
};

/*
 * Takes a whole list apart; @file is its name for messages.  The caller frees *ret.
 * -EINVAL "FILE:LINE: ..."; every row is valid by itself, and no MAC stands there twice.
 */
int hostlist_parse(const char *file, const char *text, size_t len, struct hostlist_row **ret,
		   size_t *ret_n, struct err *e);

/* An address that a machine can have; "" is 0, none. */
int hostlist_address(const char *text, uint32_t *ret, struct err *e);

#endif
