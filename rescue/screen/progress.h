// SPDX-License-Identifier: GPL-3.0-or-later
/* progress.h - how far the work is, as a line for people. */
#ifndef RESCUE_SCREEN_PROGRESS_H
#define RESCUE_SCREEN_PROGRESS_H

#include <stdint.h>

#define PROGRESS_TEXT_MAX 80

struct screen_progress {
	char phase[24];
	uint64_t done, total; /* bytes; total 0: not known */
	uint64_t rate;        /* bytes a second; 0: not known */
	int64_t eta;          /* seconds; negative: not known */
};

/* Never shows as done what is not.  Returns @buf. */
char *screen_progress_text(const struct screen_progress *p, char buf[PROGRESS_TEXT_MAX]);

#endif
