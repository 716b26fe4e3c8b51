// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Digits where @form has 'd', and else the same characters; an hour may have one digit. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == 'd' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return !*text;
}

static int number(const char *text, size_t digits)
{
	int v = 0;

	for (size_t i = 0; i < digits; i++)
		v = v * 10 + text[i] - '0';
	return v;
}

static bool read_clock(const char *text, struct tm *ret)
{
	size_t hour = strcspn(text, ":");

	if (!has_form(text, "dd:dd") && !has_form(text, "d:dd"))
		return false;
	ret->tm_hour = number(text, hour);
	ret->tm_min = number(text + hour + 1, 2);
	ret->tm_sec = 0;
	ret->tm_isdst = -1;
	return ret->tm_hour < 24 && ret->tm_min < 60;
}

static bool read_date(const char *text, struct tm *ret)
{
	if (!has_form(text, "dddd-dd-dd"))
		return false;
	ret->tm_year = number(text, 4) - 1900;
	ret->tm_mon = number(text + 5, 2) - 1;
	ret->tm_mday = number(text + 8, 2);
	return ret->tm_year >= 100 && ret->tm_mon >= 0 && ret->tm_mon < 12 && ret->tm_mday >= 1;
}

/* mktime() makes the 1st of March of the 30th of February, and moves what a clock skips. */
static int to_seconds(const char *text, const struct tm *want, int64_t *ret, struct err *e)
{
	struct tm got = *want;
	time_t t = mktime(&got);

	if (t == (time_t)-1 || got.tm_mday != want->tm_mday || got.tm_mon != want->tm_mon ||
	    got.tm_hour != want->tm_hour || got.tm_min != want->tm_min)
		return err_set(e, -EINVAL, "there is no such day or hour as \"%s\"", text);
	*ret = t;
	return 0;
}

static int on_a_day(const char *text, int64_t now, int64_t *ret, struct err *e)
{
	struct tm tm = { .tm_sec = 0 };
	char date[11];
	int r;

	snprintf(date, sizeof(date), "%s", text);
	if (strlen(text) < 12 || (text[10] != ' ' && text[10] != 'T') ||
	    !read_date(date, &tm) || !read_clock(text + 11, &tm))
		return err_set(e, -EINVAL,
			       "\"%s\" is no time such as 14:30 or \"2026-12-24 07:00\"", text);
	r = to_seconds(text, &tm, ret, e);
	if (!r && *ret < now)
		r = err_set(e, -EINVAL, "%s is over", text);
	return r;
}

int when_parse(const char *text, int64_t now, int64_t *ret, struct err *e)
{
	time_t t = (time_t)now;
	struct tm tm, day;
	int r;

	if (!localtime_r(&t, &day))
		return err_sys(e, "this machine's clock has no time");
	tm = day;
	if (!read_clock(text, &tm))
		return on_a_day(text, now, ret, e);
	r = to_seconds(text, &tm, ret, e);
	if (r || *ret >= now)
		return r;
	/* Tomorrow at noon is tomorrow, however long today is. */
	day.tm_mday++;
	day.tm_hour = 12;
	day.tm_isdst = -1;
	if (mktime(&day) == (time_t)-1 || !read_clock(text, &day))
		return err_set(e, -EINVAL, "there is no tomorrow for \"%s\"", text);
	return to_seconds(text, &day, ret, e);
}

char *when_text(int64_t at, int64_t now, char buf[WHEN_TEXT_MAX])
{
	time_t t = (time_t)at, n = (time_t)now;
	struct tm tm, today;
	bool same_day;

	buf[0] = '\0';
	if (!at || !localtime_r(&t, &tm) || !localtime_r(&n, &today))
		return buf;
	same_day = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
	strftime(buf, WHEN_TEXT_MAX, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &tm);
	return buf;
}

char *when_age(int64_t seconds, char buf[WHEN_TEXT_MAX])
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} steps[] = {
		{ 120, 1, "s" },
		{ 2 * 3600, 60, "min" },
		{ INT64_C(2) * 86400, 3600, "h" },
		{ INT64_MAX, 86400, "days" },
	};
	size_t i = 0;

	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds >= steps[i].below)
		i++;
	snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 " %s", seconds / steps[i].unit, steps[i].name);
	return buf;
}

char *when_span(int64_t seconds, char buf[WHEN_TEXT_MAX])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 3600)
		snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 ":%02" PRId64, seconds / 60,
			 seconds % 60);
	else
		snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 ":%02" PRId64 ":%02" PRId64,
			 seconds / 3600, seconds / 60 % 60, seconds % 60);
	return buf;
}
