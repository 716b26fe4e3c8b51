// SPDX-License-Identifier: GPL-3.0-or-later
/* blockers.h - every reason at once why something cannot be done. */
#ifndef IMAGER_ENGINE_BLOCKERS_H
#define IMAGER_ENGINE_BLOCKERS_H

#include "common/err.h"

struct blockers {
	char *text[16]; /* owned */
	unsigned n;
};

void blockers_add(struct blockers *b, const char *fmt, ...) PRINTF(2, 3);
void blockers_free(struct blockers *b);
/* 0 when there are none, else -ECANCELED and all of them in @e, a line each. */
int blockers_verdict(const struct blockers *b, const char *what, struct err *e);

#endif
