// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * library.h - the images of one folder, or of a Slate server, with what `info'
 * knows of each.  Listing and reading are done by a thread, as folders may be
 * on a network, too.
 */
#ifndef IMAGER_SCREEN_LIBRARY_H
#define IMAGER_SCREEN_LIBRARY_H

#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIBRARY_MAX 4096 /* images of one folder that are listed */

enum book_state {
	BOOK_NEW,    /* not asked for yet: library_want() */
	BOOK_OPENS,  /* a thread reads it */
	BOOK_READ,   /* @info is there */
	BOOK_BROKEN, /* @error tells why not */
};

struct book {
	char *name;      /* printable: "lynx.slate", "room1/lynx.slate" */
	char *image;     /* what a command line calls it: a path or a URL */
	uint64_t bytes;  /* of the file, its first volume, or what the server says */
	int64_t changed; /* seconds since 1970 */
	enum book_state state;
	json_t *info; /* see docs/man/slate.8, "INFO" */
	char error[ERR_MSG_MAX];
};

struct library;

/*
 * @where: a folder, or the server's address, "http://10.0.0.1" or "10.0.0.1".
 * Listing begins at once.
 */
int library_new(struct library **ret, const char *where, struct err *e);
/* Waits at most a second for what cannot be interrupted. */
void library_free(struct library *l);

/* Readable when something has been found: then call library_refresh(). */
int library_fd(const struct library *l);
/* True: something is new. */
bool library_refresh(struct library *l);

/* True until the list is complete.  @ret_error: "" or why there is none. */
bool library_listing(const struct library *l, const char **ret_error);
const struct book *library_books(const struct library *l, size_t *ret_n);
/* Has book @i read, before those that were asked for earlier. */
void library_want(struct library *l, size_t i);

/*
 * A folder or the address of a server, which may be named without "http://".  The
 * caller frees; NULL: out of memory.
 */
char *library_place(const char *where);

/*
 * The address of the Slate server that this machine knows of: slate.server= of
 * @cmdline (the text of /proc/cmdline), else @env (SLATE_SERVER); NULL: none.  The
 * caller frees.
 */
char *library_server(const char *cmdline, const char *env);

#endif
