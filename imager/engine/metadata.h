// SPDX-License-Identifier: GPL-3.0-or-later
/* metadata.h - the part of an image's header that is for people. */
#ifndef IMAGER_ENGINE_METADATA_H
#define IMAGER_ENGINE_METADATA_H

#include "imager/engine/layout.h"

/* Sets l->h.json.  docs/FORMAT.md, "Header", lists the members. */
int metadata_make(struct layout *l, const struct layout_options *opt, struct err *e);
/* Sets l->h.id, when all else in the header is there. */
int metadata_make_id(struct layout *l, struct err *e);

#endif
