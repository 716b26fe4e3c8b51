// SPDX-License-Identifier: GPL-3.0-or-later
/* target.h - the disk that a job works on, once it is there. */
#ifndef RESCUE_WORK_TARGET_H
#define RESCUE_WORK_TARGET_H

#include "rescue/work/work.h"

/* To be called at the begin and now and then: see that no disk is still appearing. */
void target_watch(struct agent *a);
/* Whether all disks are there that the machine has, as far as one can know. */
bool target_settled(struct agent *a);

/*
 * The disk, or the partition by its path, that @rule means: see rescue/disk/disks.h.  Waits
 * until one fits, and none has appeared for a second, but not for ever.  The disk called
 * @except (NULL: none) is no choice.  -ECANCELED: it stays undecided, or there is none.
 */
int target_choose(struct agent *a, const char *rule, const char *except, struct disk *ret,
		  struct err *e);

#endif
