// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * source_url.c - an image on a server that sends parts of files, in one file or
 * in volumes.
 *
 * What is planned comes through readahead.h, by connections of its own; all
 * else by one more connection, one reader at a time.  The image's begin came
 * with the first request and is kept: it is read again by nobody, but piece by
 * piece.
 */
#include "imager/image/source.h"

#include "imager/image/fetch.h"
#include "imager/image/readahead.h"
#include "imager/image/volume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define HEAD (64 << 10) /* bytes that are fetched at once at the begin */

struct part {
	struct far_file f;
	uint64_t begin; /* of its bytes in the image */
};

struct url_source {
	struct source s;
	struct remote remote;
	struct http_stop stop; /* the caller's, and ours for the reading ahead */
	struct line line;
	struct part *parts;
	unsigned n;
	struct readahead *ra;
	struct http *ahead[READAHEAD_THREADS];

	pthread_mutex_t lock; /* guards what is below */
	struct http *direct;
	uint8_t *head; /* HEAD bytes of the image, of which head_len are there */
	uint64_t head_off;
	size_t head_len;
	struct extents head_done; /* of the head, what was read since there is a plan */
};

/* Reads across the parts; fewer bytes only at the end of the image. */
static int64_t fetch_parts(struct url_source *u, struct http *h, void *buf, size_t n,
			   uint64_t off, struct err *e)
{
	size_t got = 0;

	for (unsigned i = 0; i < u->n && got < n; i++) {
		struct part *p = &u->parts[i];
		uint64_t at = off + got;
		int64_t r;

		if (at - p->begin >= p->f.size)
			continue;
		r = fetch(&u->line, h, &p->f, (char *)buf + got, n - got, at - p->begin, e);
		if (r < 0)
			return r;
		got += (size_t)r;
	}
	return (int64_t)got;
}

static int fetch_ahead(void *arg, unsigned thread, void *buf, size_t n, uint64_t off,
		       struct err *e)
{
	struct url_source *u = arg;
	int64_t r = fetch_parts(u, u->ahead[thread], buf, n, off, e);

	return r < 0 ? (int)r : 0;
}

/*
 * What the head has of it; 0: nothing.  It gives a chunk only once: who reads it
 * again did not like what he got.
 */
static int64_t from_head(struct url_source *u, void *buf, size_t n, uint64_t off, struct err *e)
{
	uint64_t at = off - u->head_off;
	int r = 0;

	if (off < u->head_off || at >= u->head_len)
		return 0;
	if (n > u->head_len - at)
		n = u->head_len - (size_t)at;
	n = (size_t)extents_run(&u->head_done, off, n, false);
	if (u->ra && n) {
		r = extents_add(&u->head_done, off, n, e);
		extents_normalize(&u->head_done);
	}
	memcpy(buf, u->head + at, n);
	return r < 0 ? r : (int64_t)n;
}

/*
 * Header and maps are read in small pieces, one behind the other: before there
 * is a plan, the head moves on with them.
 */
static int move_head(struct url_source *u, size_t n, uint64_t off, struct err *e)
{
	int64_t r;

	if (u->ra || n >= HEAD || off != u->head_off + u->head_len)
		return 0;
	u->head_off = off;
	u->head_len = 0;
	r = fetch_parts(u, u->direct, u->head, HEAD, off, e);
	if (r > 0)
		u->head_len = (size_t)r;
	return r < 0 ? (int)r : 0;
}

static int64_t read_direct(struct url_source *u, void *buf, size_t n, uint64_t off,
			   struct err *e)
{
	int64_t r;

	pthread_mutex_lock(&u->lock);
	r = from_head(u, buf, n, off, e);
	if (!r)
		r = move_head(u, n, off, e);
	if (!r)
		r = from_head(u, buf, n, off, e);
	if (!r)
		r = fetch_parts(u, u->direct, buf, n, off, e);
	pthread_mutex_unlock(&u->lock);
	return r;
}

static int64_t url_read(struct source *s, void *buf, size_t n, uint64_t off, struct err *e)
{
	struct url_source *u = (struct url_source *)s;
	size_t got = 0;

	if (off >= s->size)
		return 0;
	if (n > s->size - off)
		n = (size_t)(s->size - off);
	while (got < n) {
		char *at = (char *)buf + got;
		size_t gap = n - got;
		int64_t r = 0;

		if (u->ra)
			r = readahead_read(u->ra, at, n - got, off + got, &gap, e);
		if (!r)
			r = read_direct(u, at, gap, off + got, e);
		if (r < 0)
			return r;
		got += (size_t)r;
	}
	return (int64_t)got;
}

static void end_plan(struct url_source *u)
{
	eventfd_t count;

	if (!u->ra)
		return;
	eventfd_write(u->stop.fds[1], 1);
	readahead_free(u->ra);
	eventfd_read(u->stop.fds[1], &count);
	u->ra = NULL;
}

/* Adds what is in @x and in [begin, end). */
static int add_within(struct extents *ret, const struct extent *x, uint64_t begin, uint64_t end,
		      struct err *e)
{
	uint64_t a = x->off > begin ? x->off : begin;
	uint64_t b = x->off + x->len < end ? x->off + x->len : end;

	return a < b ? extents_add(ret, a, b - a, e) : 0;
}

static int url_plan(struct source *s, const struct extents *ranges, struct err *e)
{
	static const struct readahead_ops ops = { fetch_ahead };
	struct url_source *u = (struct url_source *)s;
	uint64_t head_end = u->head_off + u->head_len;
	struct extents left = { 0 };
	int r = 0;

	end_plan(u);
	u->head_done.n = 0;
	for (size_t i = 0; i < ranges->n && !r; i++) {
		r = add_within(&left, &ranges->v[i], 0, u->head_off, e);
		if (!r)
			r = add_within(&left, &ranges->v[i], head_end, s->size, e);
	}
	for (unsigned i = 0; i < READAHEAD_THREADS && !r; i++)
		if (!u->ahead[i])
			r = http_new(&u->ahead[i], &u->remote, &u->stop, e);
	if (!r)
		r = readahead_new(&u->ra, &left, READAHEAD_THREADS, &ops, u, e);
	extents_free(&left);
	return r;
}

static bool url_news(struct source *s, char *text, size_t n)
{
	return line_news(&((struct url_source *)s)->line, text, n);
}

static void url_close(struct source *s)
{
	struct url_source *u = (struct url_source *)s;

	end_plan(u);
	for (unsigned i = 0; i < READAHEAD_THREADS; i++)
		http_free(u->ahead[i]);
	http_free(u->direct);
	for (unsigned i = 0; i < u->n; i++)
		far_file_free(&u->parts[i].f);
	free(u->parts);
	free(u->head);
	extents_free(&u->head_done);
	line_free(&u->line);
	if (u->stop.fds[1] >= 0)
		close(u->stop.fds[1]);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

/* Begins a part; @url is taken over. */
static int add_part(struct url_source *u, char *url, struct err *e)
{
	struct part *v = url ? reallocarray(u->parts, u->n + 1, sizeof(*v)) : NULL;
	char *server = NULL;
	int r;

	if (!v) {
		free(url);
		return err_nomem(e);
	}
	u->parts = v;
	v[u->n++] = (struct part){ .f.url = url, .begin = u->s.size };
	r = remote_shown(url, &v[u->n - 1].f.shown, &server, e);
	free(server);
	return r;
}

/* The first @n bytes of the part that was added last: it is there, and so long. */
static int64_t probe(struct url_source *u, void *buf, size_t n, struct err *e)
{
	struct part *p = &u->parts[u->n - 1];
	int64_t r = fetch(&u->line, u->direct, &p->f, buf, n, 0, e);

	if (r >= 0)
		u->s.size += p->f.size;
	return r;
}

static void drop_part(struct url_source *u)
{
	far_file_free(&u->parts[--u->n].f);
}

static int add_volumes(struct url_source *u, struct err *e)
{
	const char *first = u->parts[0].f.url;
	uint8_t byte;
	int64_t r = 0;

	while (u->n < VOLUMES_MAX && r >= 0) {
		r = add_part(u, remote_volume(first, u->n), e);
		if (!r)
			r = probe(u, &byte, 1, e);
	}
	if (r == -ENOENT) { /* a hole in the row is no end */
		char *missing = u->parts[u->n - 1].f.shown;

		u->parts[u->n - 1].f.shown = NULL;
		drop_part(u);
		r = add_part(u, remote_volume(first, u->n + 1), e);
		if (!r)
			r = probe(u, &byte, 1, e);
		if (r >= 0)
			r = err_set(e, -EBADMSG, "volume %s is missing (%s is there)", missing,
				    u->parts[u->n - 1].f.shown);
		if (r == -ENOENT)
			r = 0;
		drop_part(u);
		free(missing);
	}
	u->s.volumes = u->n;
	return r < 0 ? (int)r : 0;
}

static int prepare(struct url_source *u, const char *url, struct err *e)
{
	char *shown, *server;
	int r = remote_shown(url, &shown, &server, e);

	if (r < 0)
		return r;
	r = line_init(&u->line, server, &u->s.fetched, &u->stop, e);
	free(shown);
	free(server);
	u->head = malloc(HEAD);
	if (!u->head)
		return err_nomem(e);
	u->stop.fds[1] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->stop.fds[1] < 0)
		return err_sys(e, "cannot make an eventfd");
	return r ? r : http_new(&u->direct, &u->remote, &u->stop, e);
}

/* The first part, by the name given or the other one. */
static int open_first(struct url_source *u, const char *url, struct err *e)
{
	struct err first;
	int64_t r = add_part(u, strdup(url), e);

	if (!r)
		r = probe(u, u->head, HEAD, e);
	if (r == -ENOENT) {
		first = *e;
		drop_part(u);
		r = add_part(u, remote_is_first(url) ? remote_base(url) : remote_volume(url, 0),
			     e);
		if (!r)
			r = probe(u, u->head, HEAD, e);
		if (r == -ENOENT)
			*e = first;
		u->s.remark = "the name given is not there; this one is";
	}
	if (r >= 0)
		u->head_len = (size_t)r;
	return r < 0 ? (int)r : 0;
}

int source_url_open(struct source **ret, const char *url, const struct source_options *opt,
		    struct err *e)
{
	struct url_source *u = calloc(1, sizeof(*u));
	int r;

	if (!u)
		return err_nomem(e);
	u->s = (struct source){ .read = url_read,
				.close = url_close,
				.plan = url_plan,
				.news = url_news,
				.seekable = true,
				.remote = true,
				.remark = "" };
	u->remote = opt->remote;
	u->stop = (struct http_stop){ { opt->cancel_fd, -1 } };
	pthread_mutex_init(&u->lock, NULL);
	r = prepare(u, url, e);
	if (!r)
		r = open_first(u, url, e);
	if (!r && remote_is_first(u->parts[0].f.url))
		r = add_volumes(u, e);
	if (!r) {
		u->s.name = u->parts[0].f.shown;
		*ret = &u->s;
		return 0;
	}
	if (r == -ESPIPE)
		r = source_http_stream_open(ret, u->parts[0].f.url, opt, e);
	url_close(&u->s);
	return r;
}
