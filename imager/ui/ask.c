// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/ui/ask.h"

#include "common/plain.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { TRIES = 3, SHOWN_MAX = 4096, LINE = 64 };

enum verdict { NO, YES, NEITHER };

/* partimage's buttons, and what people type. */
static const struct {
	const char *word;
	enum verdict means;
} words[] = {
	{ "yes", YES }, { "y", YES }, { "continue", YES }, { "ok", YES },
	{ "no", NO },   { "n", NO },  { "cancel", NO },
};

static enum verdict verdict(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].means;
	}
	return NEITHER;
}

int ask_check_answers(const char *answers, struct err *e)
{
	while (*answers) {
		size_t len = strcspn(answers, ";");

		if (!memchr(answers, '=', len))
			return err_set(e, -EINVAL,
				       "\"%.*s\" has no '=': write GLOB=ANSWER;GLOB=ANSWER...",
				       (int)len, answers);
		answers += len;
		answers += *answers == ';';
	}
	return 0;
}

/* As partimage: the first '=' parts glob and answer, the first glob that fits counts. */
static int search(const char *items, const char *subject, char **answer)
{
	char *copy = strdup(items), *next = copy, *item;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (item = strsep(&next, ";"))) {
		char *text = strchr(item, '=');

		if (!text)
			continue;
		*text++ = 0;
		if (fnmatch(item, subject, 0) != 0)
			continue;
		*answer = strdup(text);
		r = *answer ? 1 : -ENOMEM;
	}
	free(copy);
	return r;
}

/* 1: -B answers with @answer, the caller frees; 0: it does not. */
static int given(const struct ask *a, const struct question *q, char **answer, struct err *e)
{
	char *subject = NULL;
	int r = 0;

	*answer = NULL;
	if (!a->answers)
		return 0;
	if (asprintf(&subject, "%s/%s", q->title, q->message) < 0)
		return err_nomem(e);
	r = search(a->answers, subject, answer);
	free(subject);
	return r == -ENOMEM ? err_nomem(e) : r;
}

/* 1: a byte; 0: the end, also of a terminal that went away. */
static int read_byte(const struct ask *a, char *c, struct err *e)
{
	struct pollfd p[] = {
		{ .fd = a->in_fd, .events = POLLIN },
		{ .fd = a->cancel_fd, .events = POLLIN },
	};

	for (;;) {
		int r = poll(p, 2, -1);
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, "cannot wait for an answer");
		if (p[1].revents & POLLIN)
			return err_set(e, -EINTR, "interrupted while asking");
		n = read(a->in_fd, c, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		return n == 1;
	}
}

/*
 * Reads a line without its newline.  Returns the bytes it has, also when they
 * are more than fit into @buf; -ENODATA for the end of the input.  Byte by
 * byte, as what follows the line is not ours.
 */
static ssize_t read_line(const struct ask *a, char *buf, size_t n, struct err *e)
{
	size_t len = 0;
	char c = 0;
	int r;

	while ((r = read_byte(a, &c, e)) == 1 && c != '\n') {
		if (len < n - 1)
			buf[len] = c;
		len++;
	}
	buf[len < n ? len : n - 1] = 0;
	if (r == 0) {
		fputc('\n', a->out);
		return -ENODATA;
	}
	return r < 0 ? r : (ssize_t)len;
}

static void put_question(const struct ask *a, const struct question *q, const char *choice)
{
	char shown[SHOWN_MAX];

	if (strcmp(q->title, q->message) != 0)
		fprintf(a->out, "%s: ", q->title);
	fprintf(a->out, "%s%s ", plain_text(shown, sizeof(shown), q->message, "\n"), choice);
	fflush(a->out);
}

/* A terminal that went away (EIO) was one: its end of input will be a no. */
static bool nobody(const struct ask *a)
{
	return !a->may || (!isatty(a->in_fd) && errno != EIO);
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t\r", s[len - 1]))
		s[--len] = 0;
	return s;
}

static int ask_terminal(const struct ask *a, const struct question *q, struct err *e)
{
	for (int i = 0; i < TRIES; i++) {
		char line[LINE], *word;
		enum verdict v;
		ssize_t r;

		put_question(a, q, q->enter_is_yes ? " [Y/n]" : " [y/N]");
		r = read_line(a, line, sizeof(line), e);
		if (r == -ENODATA)
			break;
		if (r < 0)
			return (int)r;
		word = trim(line);
		v = *word ? verdict(word) : q->enter_is_yes ? YES : NO;
		if (v == YES)
			return 0;
		if (v == NO)
			break;
		fprintf(a->out, "Please answer yes or no.\n");
	}
	return err_set(e, -ECANCELED, "%s: not confirmed", q->title);
}

/* What a -B @answer to a question means. */
static int judge(const struct question *q, const char *answer, struct err *e)
{
	enum verdict v = verdict(answer);

	if (v == YES)
		return 0;
	return err_set(e, -ECANCELED, "%s: -B answers \"%s\"%s", q->title, answer,
		       v == NO ? "" : ", which is neither Yes nor No");
}

int ask_yes(const struct ask *a, const struct question *q, struct err *e)
{
	char *answer;
	int r = given(a, q, &answer, e);

	if (r < 0)
		return r;
	if (r == 1) {
		r = judge(q, answer, e);
		free(answer);
		return r;
	}
	if (a->yes)
		return 0;
	if (a->other)
		return a->other(a->arg, q, e);
	if (!nobody(a))
		return ask_terminal(a, q, e);
	if (q->unasked_no)
		return err_set(e, -ECANCELED, "%s: nobody to ask: %s", q->title, q->message);
	return 0;
}

int ask_line(const struct ask *a, const struct question *q, char *buf, size_t n, struct err *e)
{
	char *answer;
	ssize_t len = given(a, q, &answer, e);

	*buf = 0;
	if (len == 1) {
		len = snprintf(buf, n, "%s", answer);
		free(answer);
	} else if (len == 0 && !nobody(a)) {
		put_question(a, q, ":");
		len = read_line(a, buf, n, e);
	}
	if (len == -ENODATA) { /* what was typed before the end is no answer */
		*buf = 0;
		return 0;
	}
	if (len < 0)
		return (int)len;
	if ((size_t)len >= n)
		return err_set(e, -EINVAL, "%s: the answer is longer than %zu bytes", q->title,
			       n - 1);
	return 0;
}
