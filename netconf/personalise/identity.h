// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * identity.h - what makes a system one machine's own: names, ids and keys, as files.
 */
#ifndef NETCONF_PERSONALISE_IDENTITY_H
#define NETCONF_PERSONALISE_IDENTITY_H

#include "netconf/root/root.h"

#define IDENTITY_ITEMS_MAX 32
#define IDENTITY_NAME_MAX  64
#define IDENTITY_ITEM_MAX  65536 /* bytes */

struct item {
	char name[IDENTITY_NAME_MAX]; /* "machine-id", "ssh_host_rsa_key" ... */
	char *content;                /* NUL-terminated */
	size_t len;
	mode_t mode;
};

struct identity {
	struct item v[IDENTITY_ITEMS_MAX];
	size_t n;
};

/* Fills @ret (identity_free() it, also on failure) from a root. */
int identity_read(const struct root *r, struct identity *ret, struct err *e);
/* The keys in the folder @dir: ssh_host_*_key with .pub and certificates. */
int identity_read_keys(const struct root *r, const char *dir, struct identity *ret,
		       struct err *e);
void identity_free(struct identity *id);

/* Takes @content, also on failure. */
int identity_add(struct identity *id, const char *name, char *content, size_t len, mode_t mode,
		 struct err *e);
/* NULL: it has none; also when @id is NULL. */
const struct item *identity_find(const struct identity *id, const char *name);
bool identity_equal(const struct identity *a, const struct identity *b);

/* A name that an item may have, fit for a file's: letters, digits, "._-", no dot first. */
bool identity_name(const char *name);
bool identity_is_key(const char *name);
/* 32 hexadecimal digits and a newline: machine-id(5). */
bool identity_machine_id(const char *text, size_t len);

#endif
