// SPDX-License-Identifier: GPL-3.0-or-later
/* remark.h - what there is to say of a job besides its state. */
#ifndef PXE_CMD_REMARK_H
#define PXE_CMD_REMARK_H

#include "pxe/store/store.h"

#define JOB_REMARK_MAX 384

/* Why it failed, whether it goes on, how often it was begun; "" nothing.  Returns @buf. */
const char *job_remark(const struct job *j, char buf[JOB_REMARK_MAX]);

#endif
