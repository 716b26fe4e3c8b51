// SPDX-License-Identifier: GPL-3.0-or-later
/* facts.h - lines of "what: value" in a text. */
#ifndef IMAGER_SCREEN_FACTS_H
#define IMAGER_SCREEN_FACTS_H

#include "common/text.h"
#include "imager/screen/text.h"

#include <stdint.h>

/* A @value that is "" is said to be none. */
void facts_add(struct text *t, enum text_id what, const char *value);
/* "27.3 GiB (29313970176 bytes)" */
void facts_size(struct text *t, enum text_id what, uint64_t bytes);

#endif
