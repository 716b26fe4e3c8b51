// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * clock.h - how late it is by a clock that nobody sets (CLOCK_MONOTONIC): for how long
 * something has taken and for waiting, not for dates.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);
double clock_seconds(void);

#endif
