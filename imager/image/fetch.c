// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/fetch.h"

#include "common/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_FIRST  10.0  /* seconds without a byte; a mistyped port need not take long */
#define PATIENCE        150.0 /* a server that was there comes back */
#define QUIET           2.0   /* what is over sooner than that is not worth a word */
#define WAIT_FIRST      250   /* ms before the second attempt; then twice as long each time */
#define WAIT_MAX        5000
#define RETRY_AFTER_MAX 30 /* seconds that a server may ask for */

int line_init(struct line *l, const char *server, _Atomic uint64_t *fetched,
	      const struct http_stop *stop, struct err *e)
{
	*l = (struct line){ .server = strdup(server), .fetched = fetched, .stop = stop };
	if (!l->server)
		return err_nomem(e);
	pthread_mutex_init(&l->lock, NULL);
	return 0;
}

void line_free(struct line *l)
{
	if (!l->server)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l->server);
	l->server = NULL;
}

void line_down(struct line *l, const char *reason, double since)
{
	if (since < QUIET)
		return;
	pthread_mutex_lock(&l->lock);
	l->down = true;
	snprintf(l->reason, sizeof(l->reason), "%.255s", reason);
	pthread_mutex_unlock(&l->lock);
}

void line_up(struct line *l)
{
	l->heard = true;
	pthread_mutex_lock(&l->lock);
	l->down = false;
	pthread_mutex_unlock(&l->lock);
}

bool line_news(struct line *l, char *text, size_t n)
{
	bool news;

	pthread_mutex_lock(&l->lock);
	news = l->down != l->told;
	if (news && l->down)
		snprintf(text, n, "%s does not answer (%s); trying again", l->server,
			 l->reason);
	else if (news)
		snprintf(text, n, "%s answers again", l->server);
	l->told = l->down;
	pthread_mutex_unlock(&l->lock);
	return news;
}

void retry_begin(struct retry *t)
{
	*t = (struct retry){ .since = clock_seconds() };
}

int retry_wait(struct retry *t, struct line *l, unsigned retry_after, struct err *e)
{
	double patience = l->heard ? PATIENCE : PATIENCE_FIRST;
	double silent = clock_seconds() - t->since;
	int ms = WAIT_MAX;

	line_down(l, e->msg, silent);
	if (silent >= patience)
		return err_wrap(e, -ETIMEDOUT, "gave up after %.0f seconds without a byte%s",
				silent,
				l->heard ? "" : " (is the address right, is the server up?)");
	if (t->attempts < 5)
		ms = WAIT_FIRST << t->attempts;
	t->attempts++;
	if (ms > WAIT_MAX)
		ms = WAIT_MAX;
	if (retry_after)
		ms = 1000 *
		     (int)(retry_after < RETRY_AFTER_MAX ? retry_after : RETRY_AFTER_MAX);
	if (http_stopped(l->stop, ms))
		return err_set(e, -EINTR, "stopped by a signal");
	return 0;
}

void far_file_free(struct far_file *f)
{
	free(f->url);
	free(f->shown);
	*f = (struct far_file){ 0 };
}

/* Is this still the file it was?  @a is an answer with a part of it. */
static int check_same(struct far_file *f, const struct http_answer *a, struct err *e)
{
	if (f->known && !http_answer_same(&f->first, a))
		return err_set(e, -ESTALE,
			       "%s: the image was replaced on the server while it was read; "
			       "start again",
			       f->shown);
	if (!f->known) {
		f->first = *a;
		f->size = a->total;
		f->known = true;
	}
	return 0;
}

/* One request; *@ret_got bytes of it are good, whatever comes back. */
static int attempt(struct line *l, struct http *h, struct far_file *f,
		   const struct http_range *r, struct http_answer *a, size_t *ret_got,
		   struct err *e)
{
	int code = http_get(h, r, a, ret_got, e);

	*l->fetched += *ret_got;
	if (a->status == 206 && a->ranged && code != -EPROTO) {
		int same = check_same(f, a, e);

		if (same < 0) {
			*ret_got = 0;
			return same;
		}
	}
	if (code == -ESPIPE && f->known)
		return err_set(e, -EPROTO, "%s: the server does not send parts of it any more",
			       f->shown);
	if (code == -ESTALE && a->status == 416 && !f->known)
		return err_set(e, -EBADMSG, "%s: is empty", f->shown);
	return code;
}

/* What is left of @n bytes at @off before the file ends, as far as that is known. */
static size_t clip(const struct far_file *f, size_t n, uint64_t off)
{
	if (!f->known)
		return n;
	if (off >= f->size)
		return 0;
	return f->size - off < n ? (size_t)(f->size - off) : n;
}

int64_t fetch(struct line *l, struct http *h, struct far_file *f, void *buf, size_t n,
	      uint64_t off, struct err *e)
{
	struct retry retry;
	size_t done = 0;

	retry_begin(&retry);
	while (done < (n = clip(f, n, off))) {
		struct http_range r = { f->url, f->shown, off + done, n - done,
					(char *)buf + done };
		struct http_answer a;
		size_t got = 0;
		int code = attempt(l, h, f, &r, &a, &got, e);

		done += got;
		if (got) {
			retry_begin(&retry);
			line_up(l);
		}
		if (code == 0 && !got)
			code = err_set(e, -EAGAIN, "%s: an empty answer", f->shown);
		if (code == -EAGAIN)
			code = retry_wait(&retry, l, a.retry_after, e);
		if (code < 0)
			return code;
	}
	return (int64_t)n;
}
