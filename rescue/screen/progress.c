// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/screen/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MIB (1024 * 1024)

static void __attribute__((format(printf, 2, 3)))
add(char buf[PROGRESS_TEXT_MAX], const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + n, PROGRESS_TEXT_MAX - n, fmt, ap);
	va_end(ap);
}

/* Percent, without an overflow. */
static unsigned percent(uint64_t done, uint64_t total)
{
	if (done >= total)
		return 100;
	return (unsigned)((double)done * 100 / (double)total);
}

char *screen_progress_text(const struct screen_progress *p, char buf[PROGRESS_TEXT_MAX])
{
	buf[0] = '\0';
	add(buf, "%-10.10s", p->phase);
	if (p->total)
		add(buf, " %3u %%", percent(p->done, p->total));
	add(buf, " %7" PRIu64, p->done / MIB);
	if (p->total)
		add(buf, " of %" PRIu64, p->total / MIB);
	add(buf, " MiB");
	if (p->rate)
		add(buf, " %6.1f MiB/s", (double)p->rate / MIB);
	if (p->eta >= 0 && p->eta < 360000)
		add(buf, "  %" PRId64 ":%02" PRId64 " left", p->eta / 60, p->eta % 60);
	return buf;
}
