// SPDX-License-Identifier: GPL-3.0-or-later
/* local.h - a restore without any network: slate.local= on the kernel's command line. */
#ifndef RESCUE_WORK_LOCAL_H
#define RESCUE_WORK_LOCAL_H

#include "rescue/work/work.h"

/*
 * Restores slate.target from slate.image, "TAG=VALUE:/PATH", which lies on another partition of
 * this machine.  a->job.verb is filled for what is shown.
 */
void local_restore(struct agent *a, struct outcome *o);

#endif
