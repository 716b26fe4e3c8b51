// SPDX-License-Identifier: GPL-3.0-or-later
/* imager.h - runs slate for a job: its progress goes to server and consoles. */
#ifndef RESCUE_WORK_IMAGER_H
#define RESCUE_WORK_IMAGER_H

#include "rescue/work/work.h"

/*
 * slate @args (a verb, options and operands; NULL ends them) with what all jobs need.  Fills @o
 * by its exit status and its receipt.  A job that the server cancels meanwhile stops it, in
 * the state that it leaves for power cuts.
 */
void imager_run(struct agent *a, const char *const args[], struct outcome *o);

/* "--verify=sample" and the like; NULL: nothing is to be read back. */
const char *imager_verify(const char *word);

#endif
