// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/ui/size.h"

#include <stdbool.h>
#include <stdio.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

#define CLOCK_MAX (100 * HOUR)          /* up to here hours can be counted */
#define TIME_MAX  ((double)DAY * 10000) /* more is no forecast, but a stalled disk */

char *size_text(char buf[static SIZE_TEXT_MAX], uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	unsigned u = 0;
	uint64_t v;

	if (bytes < 1024) {
		snprintf(buf, SIZE_TEXT_MAX, "%u B", (unsigned)bytes);
		return buf;
	}
	for (v = bytes; v >= UINT64_C(1024) * 1024; v >>= 10)
		u++;
	snprintf(buf, SIZE_TEXT_MAX, "%u.%u %ciB", (unsigned)(v >> 10),
		 (unsigned)((v & 1023) * 10 >> 10), units[u]);
	return buf;
}

char *time_text(char buf[static SIZE_TEXT_MAX], double seconds)
{
	bool known = seconds >= 0 && seconds < TIME_MAX; /* not a number compares false */
	unsigned s = known ? (unsigned)seconds : 0;

	if (!known)
		snprintf(buf, SIZE_TEXT_MAX, "-:--");
	else if (s < HOUR)
		snprintf(buf, SIZE_TEXT_MAX, "%u:%02u", s / MINUTE, s % MINUTE);
	else if (s < CLOCK_MAX)
		snprintf(buf, SIZE_TEXT_MAX, "%u:%02u:%02u", s / HOUR, s % HOUR / MINUTE,
			 s % MINUTE);
	else
		snprintf(buf, SIZE_TEXT_MAX, "%u days", s / DAY);
	return buf;
}

unsigned share(uint64_t done, uint64_t total, unsigned parts)
{
	if (total == 0)
		return 0;
	if (done >= total)
		return parts;
	if (total <= UINT64_MAX / parts)
		return (unsigned)(done * parts / total);
	return (unsigned)(done / (total / parts + 1));
}

uint64_t whole(double v)
{
	const uint64_t most = UINT64_C(1) << 62;

	if (!(v > 0))
		return 0;
	return v < (double)most ? (uint64_t)v : most;
}
