// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/journal/journal.h"

#include "common/clock.h"
#include "common/io.h"
#include "common/plain.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BURST   30  /* lines of one key in a minute */
#define KEYS    256 /* a power of two; two keys may share a place and then their limit, too */
#define KEY_MAX 40

struct speaker {
	char key[KEY_MAX];
	int64_t minute; /* by clock_ms(); 0: none */
	unsigned said, left_out;
};

struct journal {
	pthread_mutex_t lock;
	int fd;
	bool systemd; /* then the line begins with its level */
	enum level most;
	struct speaker speakers[KEYS];
};

int journal_open(int fd, enum level most, struct journal **ret, struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return err_nomem(e);
	pthread_mutex_init(&j->lock, NULL);
	j->fd = fd;
	j->most = most;
	j->systemd = getenv("JOURNAL_STREAM") != NULL;
	*ret = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	pthread_mutex_destroy(&j->lock);
	free(j);
}

static void write_line(const struct journal *j, enum level level, const char *text)
{
	char clean[ERR_MSG_MAX], line[ERR_MSG_MAX + 8];
	int n;

	plain_text(clean, sizeof(clean), text, "");
	if (j->systemd)
		n = snprintf(line, sizeof(line), "<%d>%s\n", level, clean);
	else
		n = snprintf(line, sizeof(line), "%s\n", clean);
	/* There is nobody to tell when this fails. */
	(void)io_write(j->fd, line, (size_t)n);
}

static struct speaker *place_of(struct journal *j, const char *key)
{
	uint32_t h = 2166136261; /* FNV-1a */

	for (const char *p = key; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619;
	return &j->speakers[h % KEYS];
}

/* False when this key has said enough in this minute. */
static bool may_speak(struct journal *j, const char *key)
{
	struct speaker *s = place_of(j, key);
	int64_t now = clock_ms() / 60000 + 1;
	char text[128];

	if (s->minute != now) {
		if (s->left_out) {
			snprintf(text, sizeof(text), "%s: %u more lines were left out", s->key,
				 s->left_out);
			write_line(j, SAY_NOTICE, text);
		}
		*s = (struct speaker){ .minute = now };
		snprintf(s->key, sizeof(s->key), "%s", key);
	}
	if (s->said == BURST) {
		s->left_out++;
		return false;
	}
	s->said++;
	return true;
}

void journal_say(struct journal *j, enum level level, const char *key, const char *fmt, ...)
{
	char text[ERR_MSG_MAX];
	va_list ap;

	if (!j || level > j->most)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&j->lock);
	if (!key || may_speak(j, key))
		write_line(j, level, text);
	pthread_mutex_unlock(&j->lock);
}
