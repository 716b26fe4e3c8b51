// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * state.h - a file that remembers which chunks of an image a target is known to
 * hold, so that an interrupted restore need not read them again.
 */
#ifndef IMAGER_ENGINE_STATE_H
#define IMAGER_ENGINE_STATE_H

#include "imager/disk/ident.h"
#include "imager/image/reader.h"

struct state;

/* What the file is about: another image, or another disk, and it does not count. */
struct state_key {
	const uint8_t *root; /* HASH_SIZE bytes */
	const char *device;
	const struct ident *ident;
	uint64_t size, chunks;
};

/*
 * Reads @path, if it is there.  *@ret_fits: it is about the same image and disk.
 * -ECANCELED: it is something else than such a file, and is not replaced.
 */
int state_open(struct state **ret, const char *path, const struct state_key *key,
	       bool *ret_fits, struct err *e);
void state_free(struct state *s);

bool state_has(const struct state *s, uint64_t ordinal);
void state_add(struct state *s, uint64_t ordinal);
/* Forgets all chunks. */
void state_clear(struct state *s);
/* Writes the file.  The chunks must be on stable storage before. */
int state_save(const struct state *s, struct err *e);
/* Removes it: the restore is complete. */
int state_remove(const struct state *s, struct err *e);

#endif
