// SPDX-License-Identifier: GPL-3.0-or-later
/* status.h - exit statuses, as docs/man/slate.8 has them. */
#ifndef IMAGER_CMD_STATUS_H
#define IMAGER_CMD_STATUS_H

#include <stdbool.h>

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3,
	STATUS_BAD_IMAGE = 4,
	STATUS_DIFFERS = 5,
	STATUS_SIGNAL = 128, /* plus the signal's number */
};

/*
 * The status for what the engine returned.  @touched: something was written
 * before it failed; @signal: what ended it, or 0.
 */
int status_of(int code, bool touched, int signal);

#endif
