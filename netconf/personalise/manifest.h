// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * manifest.h - what is in one machine's folder of a vault:
 *
 *	slate-netconf vault 1
 *	SHA256 MODE SIZE NAME		(hexadecimal, octal, bytes)
 *	end SHA256			(of all lines before)
 */
#ifndef NETCONF_PERSONALISE_MANIFEST_H
#define NETCONF_PERSONALISE_MANIFEST_H

#include "common/hash.h"
#include "common/text.h"
#include "netconf/personalise/identity.h"

#define MANIFEST_MAX 8192 /* bytes */

struct manifest_line {
	uint8_t sum[HASH_SIZE];
	mode_t mode;
	size_t size;
	char name[IDENTITY_NAME_MAX];
};

struct manifest {
	struct manifest_line v[IDENTITY_ITEMS_MAX];
	size_t n;
};

/* -EBADMSG "line N: what is wrong". */
int manifest_parse(const char *text, size_t len, struct manifest *ret, struct err *e);
int manifest_render(const struct identity *id, struct text *ret, struct err *e);
/* -EBADMSG: @content is not what @line was made from. */
int manifest_check(const struct manifest_line *line, const char *content, size_t len,
		   struct err *e);

#endif
