// SPDX-License-Identifier: GPL-3.0-or-later
/* mbr.h - only the boot code or the partition table of a disk's image. */
#ifndef IMAGER_ENGINE_MBR_H
#define IMAGER_ENGINE_MBR_H

#include "imager/engine/restore.h"

struct mbr_options {
	struct restore_options restore; /* only deliver.expected counts */
	bool boot_code; /* the first 440 bytes, and what lies before the first partition */
	bool table;     /* with its disk id and, of a GPT, the backup copy */
};

/* As restore_plan(); the plan is freed by restore_plan_free(). */
int mbr_plan(struct restore_plan *p, const char *device, const char *image,
	     const struct mbr_options *opt, const struct watcher *w, struct report *rep,
	     struct err *e);
/* -EUCLEAN: what was written does not read back. */
int mbr_run(struct restore_plan *p, const struct mbr_options *opt, const struct watcher *w,
	    struct report *rep, struct err *e);

#endif
