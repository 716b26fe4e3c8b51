// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/json.h"

#include <stdio.h>
#include <stdlib.h>

int json_line(json_t *o, struct err *e)
{
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(o);
	if (!text)
		return err_nomem(e);
	puts(text);
	free(text);
	return 0;
}
