// SPDX-License-Identifier: GPL-3.0-or-later
/* restore_internal.h - between plan.c and mbr.c. */
#ifndef IMAGER_ENGINE_RESTORE_INTERNAL_H
#define IMAGER_ENGINE_RESTORE_INTERNAL_H

#include "imager/engine/restore.h"

/* Opens image and device and finds what stops any use of them. */
int restore_open(struct restore_plan *p, const char *device, const char *image,
		 const struct restore_options *opt, const struct watcher *w, struct report *rep,
		 struct blockers *b, struct err *e);
/* A retable_read from an indexed image; @arg: the plan. */
int restore_read_window(void *arg, uint32_t region, const struct window *w, void *buf,
			struct err *e);

#endif
