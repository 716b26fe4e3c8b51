// SPDX-License-Identifier: GPL-3.0-or-later
/* write_fields.h - the fields that restore and clone have in common. */
#ifndef IMAGER_SCREEN_WRITE_FIELDS_H
#define IMAGER_SCREEN_WRITE_FIELDS_H

#include "imager/screen/dialogue.h"
#include "imager/screen/wishes.h"

/* Their numbers in the dialogue, and the words of the choices. */
struct write_fields {
	size_t verify, space, grow, uuids;
	const char *verify_words[3], *space_words[3];
};

void write_fields_add(struct write_fields *f, struct dialogue *d);
void write_fields_get(const struct write_fields *f, const struct dialogue *d,
		      struct write_wish *w);

#endif
