// SPDX-License-Identifier: GPL-3.0-or-later
/* when.h - times as people write and read them, in this machine's time zone. */
#ifndef PXE_CMD_WHEN_H
#define PXE_CMD_WHEN_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define WHEN_TEXT_MAX 32

/*
 * "14:30" (today, or tomorrow when that is over) or "2026-12-24 07:00" to seconds since
 * 1970.  -EINVAL: no such time, or over.
 */
int when_parse(const char *text, int64_t now, int64_t *ret, struct err *e);

/* "14:30" on the day of @now, else "2026-12-24 07:00"; "" for 0.  Returns @buf. */
char *when_text(int64_t at, int64_t now, char buf[WHEN_TEXT_MAX]);
/* How long: "4 s", "3 min", "2 h", "5 days".  Returns @buf. */
char *when_age(int64_t seconds, char buf[WHEN_TEXT_MAX]);
/* "1:05", "2:03:04".  Returns @buf. */
char *when_span(int64_t seconds, char buf[WHEN_TEXT_MAX]);

#endif
