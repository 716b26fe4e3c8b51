// SPDX-License-Identifier: GPL-3.0-or-later
/* json.h - one JSON object a line on standard output. */
#ifndef PXE_CMD_JSON_H
#define PXE_CMD_JSON_H

#include "common/err.h"

#include <jansson.h>

/* Takes @o over; NULL is -ENOMEM. */
int json_line(json_t *o, struct err *e);

#endif
