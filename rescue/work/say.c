// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/work.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void agent_say(struct agent *a, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_add(&a->log, text);
	screen_say(a->screen, "%s", text);
}

void agent_step(struct agent *a, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	agent_say(a, "%s", text);
	json_array_append_new(a->steps, json_string(text));
}

const struct mac *agent_card(const struct agent *a)
{
	return a->line.has_boot_card ? &a->line.boot_card : &a->net.card.mac;
}

void outcome_fail(struct outcome *o, int code)
{
	o->status = code == -ECANCELED ? WORK_REFUSED : WORK_FAILED;
	if (code == -EINTR)
		o->gone = true;
}

int64_t work_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void work_sleep(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}
