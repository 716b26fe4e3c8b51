// SPDX-License-Identifier: GPL-3.0-or-later
/* job_json.h - what of a job its machine and an administrator are told in the same words. */
#ifndef PXE_STORE_JOB_JSON_H
#define PXE_STORE_JOB_JSON_H

#include "pxe/store/store.h"

#include <jansson.h>

/* Adds to @o what has a meaning for some jobs only; its password is among that. */
void job_json_options(json_t *o, const struct job *j);

#endif
