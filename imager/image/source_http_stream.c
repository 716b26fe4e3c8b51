// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * source_http_stream.c - an image on a server that sends whole files only, in
 * one file or in volumes: strictly forward.
 *
 * The transfer runs only inside read(), until there is something to hand out;
 * when the buffer is full it pauses.  One that broke off is begun again, and
 * what was had already is skipped.
 */
#include "imager/image/source.h"

#include "imager/image/fetch.h"
#include "imager/image/volume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER (1 << 20)

struct http_stream {
	struct source s;
	struct remote remote;
	struct http_stop stop;
	struct line line;
	uint64_t pos;    /* of the reader, in the image */
	char *first_url; /* of the first part */
	bool ended;      /* behind the last part */

	/* The part that is read. */
	struct far_file f;
	unsigned number;
	uint64_t part_pos; /* its bytes that came into the buffer so far */
	uint8_t *buf;
	size_t begin, len; /* buf[begin .. begin + len) was not read yet */

	/* The transfer. */
	CURLM *m;
	CURL *c;
	bool begun, paused, stale;
	uint64_t skip; /* bytes that will come, but were had already */
	struct http_answer a;
	struct retry retry;
	char detail[CURL_ERROR_SIZE];
};

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_stream *h = arg;

	http_answer_line(&h->a, p, size * n);
	return size * n;
}

/* Is it still the same file?  Known when its first bytes come. */
static bool check_same(struct http_stream *h)
{
	if (!h->f.known)
		h->f.first = h->a;
	h->f.known = true;
	h->stale = !http_answer_same(&h->f.first, &h->a);
	return !h->stale;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_stream *h = arg;
	size_t useless;

	n *= size;
	if (h->a.status != 200) {
		http_answer_body(&h->a, p, n);
		return n;
	}
	if (!check_same(h))
		return 0;
	useless = n < h->skip ? n : (size_t)h->skip;
	if (h->len + (n - useless) > BUFFER) {
		h->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (h->begin + h->len + (n - useless) > BUFFER) {
		memmove(h->buf, h->buf + h->begin, h->len);
		h->begin = 0;
	}
	memcpy(h->buf + h->begin + h->len, p + useless, n - useless);
	h->len += n - useless;
	h->part_pos += n - useless;
	h->skip -= useless;
	h->s.fetched += n;
	retry_begin(&h->retry);
	line_up(&h->line);
	return n;
}

static int begin_transfer(struct http_stream *h, struct err *e)
{
	h->a = (struct http_answer){ 0 };
	h->detail[0] = 0;
	h->skip = h->part_pos;
	h->paused = false;
	if (http_aim(h->c, h->f.url) != CURLE_OK ||
	    curl_multi_add_handle(h->m, h->c) != CURLM_OK)
		return err_nomem(e);
	h->begun = true;
	return 0;
}

static void end_transfer(struct http_stream *h)
{
	if (h->begun)
		curl_multi_remove_handle(h->m, h->c);
	h->begun = false;
}

/* Sets up the part with this number; the first is 0. */
static int begin_part(struct http_stream *h, unsigned number, struct err *e)
{
	char *url = number ? remote_volume(h->first_url, number) : strdup(h->first_url);
	char *server = NULL;
	int r;

	far_file_free(&h->f);
	h->f.url = url;
	if (!url)
		return err_nomem(e);
	h->number = number;
	h->part_pos = 0;
	retry_begin(&h->retry);
	r = remote_shown(url, &h->f.shown, &server, e);
	free(server);
	return r;
}

/* What it means that the transfer has ended: 0: go on, the next part is set up. */
static int judge(struct http_stream *h, CURLcode code, struct err *e)
{
	int r = code ? http_failure(h->f.shown, code, h->detail, e) : 0;

	if (h->stale)
		return err_set(e, -ESTALE,
			       "%s: the image was replaced on the server while it was read; "
			       "start again",
			       h->f.shown);
	if (r != -EINTR && h->a.status && h->a.status != 200)
		r = http_refusal(h->f.shown, &h->a, e);
	if (r == -ENOENT && h->number) { /* there was one volume less */
		h->ended = true;
		return 0;
	}
	if (r == -EAGAIN)
		return retry_wait(&h->retry, &h->line, h->a.retry_after, e);
	if (r < 0)
		return r;
	if (h->skip)
		return err_set(e, -ESTALE,
			       "%s: is shorter on the server than it was; start again",
			       h->f.shown);
	if (remote_is_first(h->first_url) && h->number + 1 < VOLUMES_MAX)
		return begin_part(h, h->number + 1, e);
	h->ended = true;
	return 0;
}

/* Waits until the transfer can go on. */
static int wait_more(struct http_stream *h, struct err *e)
{
	struct curl_waitfd w[2];
	unsigned n = 0;

	for (unsigned i = 0; i < 2; i++)
		if (h->stop.fds[i] >= 0)
			w[n++] = (struct curl_waitfd){ .fd = h->stop.fds[i],
						       .events = CURL_WAIT_POLLIN };
	if (curl_multi_poll(h->m, w, n, 1000, NULL) != CURLM_OK)
		return err_nomem(e);
	return http_stopped(&h->stop, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

/* Runs the transfer until the buffer holds something, or the part has ended. */
static int pump(struct http_stream *h, struct err *e)
{
	int running = 1, left, r = h->begun ? 0 : begin_transfer(h, e);

	if (!r && h->paused) {
		h->paused = false;
		curl_easy_pause(h->c, CURLPAUSE_CONT); /* may fill the buffer at once */
	}
	while (!r && !h->len) {
		CURLMsg *msg;

		if (curl_multi_perform(h->m, &running) != CURLM_OK)
			return err_nomem(e);
		msg = running ? NULL : curl_multi_info_read(h->m, &left);
		if (msg) {
			CURLcode code = msg->data.result;

			end_transfer(h);
			return judge(h, code, e);
		}
		if (!h->len)
			r = wait_more(h, e);
	}
	return r;
}

static int64_t stream_read(struct source *s, void *buf, size_t n, uint64_t off, struct err *e)
{
	struct http_stream *h = (struct http_stream *)s;
	size_t got = 0;

	if (off != h->pos)
		return err_set(e, -ESPIPE, "%s cannot go to byte %" PRIu64, s->name, off);
	while (got < n) {
		size_t k = h->len < n - got ? h->len : n - got;
		int r = 0;

		memcpy((char *)buf + got, h->buf + h->begin, k);
		got += k;
		h->begin = h->len == k ? 0 : h->begin + k;
		h->len -= k;
		if (k)
			continue;
		if (h->ended)
			break;
		r = pump(h, e);
		if (r < 0)
			return r;
	}
	h->pos += got;
	return (int64_t)got;
}

static bool stream_news(struct source *s, char *text, size_t n)
{
	return line_news(&((struct http_stream *)s)->line, text, n);
}

static void stream_close(struct source *s)
{
	struct http_stream *h = (struct http_stream *)s;

	if (h->c)
		end_transfer(h);
	curl_easy_cleanup(h->c);
	curl_multi_cleanup(h->m);
	curl_global_cleanup();
	far_file_free(&h->f);
	line_free(&h->line);
	free((char *)h->s.name);
	free(h->first_url);
	free(h->buf);
	free(h);
}

static int prepare(struct http_stream *h, const char *url, struct err *e)
{
	char *shown, *server;
	int r = remote_shown(url, &shown, &server, e);

	if (r < 0)
		return r;
	h->s.name = shown;
	r = line_init(&h->line, server, &h->s.fetched, &h->stop, e);
	h->line.heard = true; /* by who asked for a part */
	free(server);
	h->first_url = strdup(url);
	h->buf = malloc(BUFFER);
	h->m = curl_multi_init();
	h->c = curl_easy_init();
	if (!r && (!h->first_url || !h->buf || !h->m || !h->c))
		r = err_nomem(e);
	if (!r)
		r = http_apply(h->c, &h->remote, &h->stop, e);
	if (r < 0)
		return r;
	curl_easy_setopt(h->c, CURLOPT_ERRORBUFFER, h->detail);
	curl_easy_setopt(h->c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h->c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(h->c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h->c, CURLOPT_WRITEDATA, h);
	return begin_part(h, 0, e);
}

int source_http_stream_open(struct source **ret, const char *url,
			    const struct source_options *opt, struct err *e)
{
	struct http_stream *h;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, -ENOSYS, "libcurl does not start");
	h = calloc(1, sizeof(*h));
	if (!h) {
		curl_global_cleanup();
		return err_nomem(e);
	}
	h->s = (struct source){
		.read = stream_read,
		.close = stream_close,
		.news = stream_news,
		.remote = true,
		.remark = "the server cannot send parts of a file: the image is read from its "
			  "begin to its end"
	};
	h->remote = opt->remote;
	h->stop = (struct http_stop){ { opt->cancel_fd, -1 } };
	r = prepare(h, url, e);
	if (r < 0) {
		stream_close(&h->s);
		return r;
	}
	*ret = &h->s;
	return 0;
}
