// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/screen/screen.h"

#include "common/io.h"
#include "common/plain.h"
#include "common/text.h"
#include "rescue/screen/font.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONSOLES_MAX 4
#define COLUMNS      79
#define EVERY        5    /* seconds between two moving lines on a serial console */
#define PATIENCE     1000 /* ms for a console to take a text */

struct console {
	char name[32];
	int fd;
	bool monitor; /* has lines that can be rewritten */
	bool moving;  /* the cursor is in a line that moves */
	time_t next;  /* for the next moving line, on a serial console */
};

struct screen {
	struct console v[CONSOLES_MAX];
	unsigned n;
};

/* "tty0", "tty1": the machine's own monitor. */
static bool is_monitor(const char *name)
{
	return !strncmp(name, "tty", 3) && isdigit((unsigned char)name[3]);
}

static void add_console(struct screen *s, const char *root, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (s->n == CONSOLES_MAX || strchr(name, '/') || strlen(name) >= sizeof(s->v[0].name) ||
	    snprintf(path, sizeof(path), "%s/dev/%s", root, name) >= (int)sizeof(path))
		return;
	fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	s->v[s->n] = (struct console){ .fd = fd, .monitor = is_monitor(name) };
	memcpy(s->v[s->n++].name, name, strlen(name) + 1);
}

int screen_open(const char *root, struct screen **ret, struct err *e)
{
	struct screen *s = calloc(1, sizeof(*s));
	char path[PATH_MAX], *active, *at, *name;

	*ret = s;
	if (!s)
		return err_nomem(e);
	snprintf(path, sizeof(path), "%s/sys/class/tty/console/active", root);
	active = io_slurp(path, 4096);
	for (at = active; at && (name = strsep(&at, " \n"));)
		if (name[0])
			add_console(s, root, name);
	free(active);
	if (!s->n)
		s->v[s->n++] = (struct console){ .fd = dup(STDERR_FILENO) };
	return 0;
}

void screen_free(struct screen *s)
{
	for (unsigned i = 0; s && i < s->n; i++)
		if (s->v[i].fd >= 0)
			close(s->v[i].fd);
	free(s);
}

const char *screen_console(const struct screen *s, unsigned i)
{
	return i < s->n && s->v[i].name[0] ? s->v[i].name : NULL;
}

static void put(struct console *c, const char *text, size_t n)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };

	while (n && c->fd >= 0) {
		ssize_t got = write(c->fd, text, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno != EAGAIN || poll(&p, 1, PATIENCE) <= 0))
			return;
		if (got > 0) {
			text += got;
			n -= (size_t)got;
		}
	}
}

/* A whole text, below a line that moves. */
static void put_below(struct console *c, const char *text)
{
	if (c->moving)
		put(c, "\n", 1);
	c->moving = false;
	put(c, text, strlen(text));
}

static char *format(char *buf, size_t n, const char *fmt, va_list ap)
{
	char raw[ERR_MSG_MAX + 64];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	return plain_text(buf, n, raw, "\n");
}

void screen_say(struct screen *s, const char *fmt, ...)
{
	char text[ERR_MSG_MAX + 66];
	va_list ap;

	va_start(ap, fmt);
	format(text, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	memcpy(text + strlen(text), "\n", 2);
	for (unsigned i = 0; i < s->n; i++)
		put_below(&s->v[i], text);
}

void screen_move(struct screen *s, bool now, const char *fmt, ...)
{
	char text[COLUMNS + 1], line[COLUMNS + 16];
	struct timespec t;
	va_list ap;

	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	clock_gettime(CLOCK_MONOTONIC, &t);
	for (unsigned i = 0; i < s->n; i++) {
		struct console *c = &s->v[i];

		if (c->monitor) {
			c->moving = true;
			snprintf(line, sizeof(line), "\r%s\033[K", text);
			put(c, line, strlen(line));
		} else if (now || t.tv_sec >= c->next) {
			c->next = t.tv_sec + EVERY;
			snprintf(line, sizeof(line), "%s\n", text);
			put(c, line, strlen(line));
		}
	}
}

/* A paragraph: broken between words. */
static void wrap(struct text *out, const char *text)
{
	size_t column = 0, n;

	while (*text) {
		n = strcspn(text, " \n");
		if (column && column + 1 + n > COLUMNS) {
			text_add(out, "\n");
			column = 0;
		} else if (column) {
			text_add(out, " ");
			column++;
		}
		text_add_bytes(out, text, n);
		column += n;
		text += n;
		if (*text == '\n') {
			text_add(out, "\n");
			column = 0;
		}
		text += *text != '\0';
	}
	text_add(out, "\n\n");
}

static void paragraph(struct text *out, const char *text)
{
	char clean[ERR_MSG_MAX];

	if (text && text[0])
		wrap(out, plain_text(clean, sizeof(clean), text, "\n"));
}

void screen_alarm(struct screen *s, const struct screen_notice *n)
{
	struct text out = { 0 };

	text_add(&out, "\n");
	font_write(&out, n->headline, COLUMNS);
	text_add(&out, "\n");
	paragraph(&out, n->what);
	paragraph(&out, n->why);
	paragraph(&out, n->todo);
	for (unsigned i = 0; i < s->n; i++)
		put_below(&s->v[i], text_get(&out));
	text_free(&out);
}
