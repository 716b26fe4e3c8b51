// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/ui/text.h"

#include "common/err.h"
#include "common/plain.h"
#include "imager/ui/size.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct pace on_terminal = { .first = 0, .every = 0.1 };
static const struct pace elsewhere = { .first = 5, .every = 5, .next = 5 };

/* What a line may tell after phase and percentage. */
enum { SIZES = 1, RATE = 2, ELAPSED = 4, ETA = 8 };

/* For narrower and narrower terminals. */
static const unsigned details[] = {
	SIZES | RATE | ELAPSED | ETA, SIZES | RATE | ETA, RATE | ETA, ETA, 0,
};

enum { BAR_MIN = 10, BAR_MAX = 50, BAR_FRAME = 3 }; /* columns; " [" and "]" */

/* Columns that a line may take: one less than there are, as some terminals wrap at the last. */
static size_t columns(FILE *out)
{
	const char *env = getenv("COLUMNS");
	struct winsize w = { 0 };
	long n = 0;

	if (ioctl(fileno(out), TIOCGWINSZ, &w) == 0)
		n = w.ws_col;
	if (n == 0 && env)
		n = strtol(env, NULL, 10);
	if (n <= 0)
		n = 80;
	if (n > TEXT_LINE_MAX)
		n = TEXT_LINE_MAX;
	return n > 1 ? (size_t)n - 1 : 1;
}

static void PRINTF(2, 3) add(char line[static TEXT_LINE_MAX], const char *fmt, ...)
{
	size_t n = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + n, TEXT_LINE_MAX - n, fmt, ap);
	va_end(ap);
}

/*
 * Columns keep their width, so that the line does not jump about; with the
 * @last snapshot the forecast is blank, as how long it took is what counts.
 */
static void put_tail(char *s, const struct progress *p, bool last, unsigned what)
{
	char a[SIZE_TEXT_MAX];

	*s = 0;
	if (!p->total && !p->done)
		what &= ELAPSED; /* a phase that moves no bytes, as a sync */
	if (what & SIZES)
		add(s, " %10s", size_text(a, p->done));
	if (what & SIZES && p->total)
		add(s, "/%s", size_text(a, p->total));
	if (what & RATE)
		add(s, " %10s/s", size_text(a, whole(p->rate)));
	if (what & ELAPSED)
		add(s, " %7s", time_text(a, p->elapsed));
	if (what & ETA && p->total)
		add(s, " %3s %7s", last ? "" : "ETA", last ? "" : time_text(a, p->eta));
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void put_bar(char *line, const struct progress *p, size_t cells)
{
	size_t full = share(p->done, p->total, (unsigned)cells);

	add(line, " [%*s]", (int)cells, "");
	memset(line + strlen(line) - 1 - cells, '-', cells);
	memset(line + strlen(line) - 1 - cells, '#', full);
}

static void put_line(char line[static TEXT_LINE_MAX], const struct progress *p, bool last,
		     size_t room)
{
	char tail[TEXT_LINE_MAX];
	size_t n = 0;

	*line = 0;
	add(line, "%.32s", p->phase);
	if (p->total)
		add(line, " %3u%%", share(p->done, p->total, 100));
	for (size_t d = 0; d < sizeof(details) / sizeof(details[0]); d++) {
		put_tail(tail, p, last, details[d]);
		n = strlen(line) + strlen(tail);
		if (n <= room)
			break;
	}
	if (p->total && n + BAR_FRAME + BAR_MIN <= room)
		put_bar(line, p, min(room - n - BAR_FRAME, BAR_MAX));
	add(line, "%s", tail);
	line[room] = 0;
}

/* Writes @line over the one before and blanks what is left of that. */
static void rewrite(struct text *t, const char *line)
{
	int left = (int)strlen(t->line) - (int)strlen(line);

	fprintf(t->out, "\r%s%*s", line, left > 0 ? left : 0, "");
	snprintf(t->line, sizeof(t->line), "%s", line);
}

static void put_record(char line[static TEXT_LINE_MAX], const struct progress *p, bool last)
{
	char a[SIZE_TEXT_MAX];

	*line = 0;
	add(line, "%.32s: ", p->phase);
	if (p->total)
		add(line, "%u%%, ", share(p->done, p->total, 100));
	if (p->total || p->done)
		add(line, "%s", size_text(a, p->done));
	if (p->total)
		add(line, " of %s", size_text(a, p->total));
	if (p->total || p->done)
		add(line, ", %s/s, ", size_text(a, whole(p->rate)));
	add(line, "%s elapsed", time_text(a, p->elapsed));
	if (p->total && !last)
		add(line, ", ETA %s", time_text(a, p->eta));
}

static void show(void *arg, const struct progress *p, bool last)
{
	struct text *t = arg;
	char line[TEXT_LINE_MAX];

	if (!pace_due(&t->pace, p->elapsed, last))
		return;
	if (t->terminal) {
		put_line(line, p, last, columns(t->out));
		rewrite(t, line);
	} else {
		put_record(line, p, last);
		fprintf(t->out, "%s\n", line);
	}
	if (last)
		text_break(t);
	fflush(t->out);
}

/* Takes the place of the unfinished line, which comes back below. */
static void notice(void *arg, const char *text)
{
	struct text *t = arg;
	char line[TEXT_LINE_MAX], clean[ERR_MSG_MAX];

	memcpy(line, t->line, sizeof(line));
	if (*line) {
		rewrite(t, "");
		fputc('\r', t->out);
	}
	fprintf(t->out, "slate: %s\n", plain_text(clean, sizeof(clean), text, ""));
	if (*line)
		rewrite(t, line);
	fflush(t->out);
}

struct watcher text_watcher(struct text *t, FILE *out, int cancel_fd)
{
	bool terminal = isatty(fileno(out)) == 1;

	*t = (struct text){
		.out = out,
		.terminal = terminal,
		.pace = terminal ? on_terminal : elsewhere,
	};
	return (struct watcher){
		.show = show, .notice = notice, .arg = t, .cancel_fd = cancel_fd
	};
}

void text_break(struct text *t)
{
	if (!*t->line)
		return;
	fputc('\n', t->out);
	fflush(t->out);
	t->line[0] = 0;
}
