// SPDX-License-Identifier: GPL-3.0-or-later
/* wishes.h - what can be filled in for each verb, and the command line it makes. */
#ifndef IMAGER_SCREEN_WISHES_H
#define IMAGER_SCREEN_WISHES_H

#include "imager/screen/words.h"

/* Texts may be "" where nothing is wished; NULL where an option is left out. */
struct save_wish {
	const char *device, *where, *name, *description;
	const char *compress; /* as after -z, NULL: the usual way */
	const char *volume;   /* as after -V, NULL: one file */
	bool overwrite, verify, rescue;
};

/* Of restore and clone. */
struct write_wish {
	const char *from, *to; /* image or source; target */
	const char *parts;     /* "1,3"; restore only */
	const char *delta;     /* an option, or NULL; restore only */
	const char *verify;    /* an option, or NULL */
	const char *space;     /* what shall be done with free space: an option, or NULL */
	bool grow, new_uuids;
	bool rescue; /* clone only */
};

void words_save(struct words *o, const struct save_wish *w);
void words_restore(struct words *o, const struct write_wish *w);
void words_clone(struct words *o, const struct write_wish *w);
void words_diff(struct words *o, const char *image, const char *device, const char *list);
void words_verify(struct words *o, const char *image);

#endif
