// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * sink_url.c - an image that is sent to a server by PUT, as docs/PROTOCOL.md
 * has it.  What write() is given goes to libcurl piece by piece while write()
 * waits, so nothing of the image is kept.  The server gives it its name when
 * the end has come; a connection that is broken off before leaves nothing.
 */
#include "imager/image/sink.h"

#include "common/clock.h"
#include "imager/image/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP        1000 /* ms between two looks at the clock */
#define SEND_WAIT   150  /* seconds without a byte taken: TCP tries long after an outage */
#define ANSWER_WAIT 600  /* seconds: the server may have to copy and sync all of it */

struct url_sink {
	struct sink s;
	struct http_stop stop;
	char *url, *shown;
	CURLM *multi;
	CURL *c;
	struct curl_slist *headers;
	bool global, added; /* what close() has to undo */
	struct http_answer answer;
	char detail[CURL_ERROR_SIZE];

	const char *p; /* of write(): what was not taken yet */
	size_t left;
	bool wanted; /* the server wants the data */
	bool ended;  /* and there are no more */
	bool over;   /* the transfer has ended, by @code */
	CURLcode code;
};

static size_t on_read(char *dst, size_t size, size_t n, void *arg)
{
	struct url_sink *u = arg;

	u->wanted = true;
	if (!u->left)
		return u->ended ? 0 : CURL_READFUNC_PAUSE;
	n *= size;
	if (n > u->left)
		n = u->left;
	memcpy(dst, u->p, n);
	u->p += n;
	u->left -= n;
	return n;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct url_sink *u = arg;

	http_answer_line(&u->answer, p, size * n);
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct url_sink *u = arg;

	http_answer_body(&u->answer, p, size * n);
	return size * n;
}

/* What the answer means; 0: the image is there. */
static int judge_answer(const struct url_sink *u, struct err *e)
{
	static const struct {
		unsigned from, to;
		int code;
		const char *text;
	} table[] = {
		{ 200, 201, 0, "" },
		{ 204, 204, 0, "" },
		{ 300, 399, -EPROTO, "the server is not the one to send it to" },
		{ 401, 401, -EACCES, "the server wants a token: see --token-file" },
		{ 403, 403, -EACCES, "the server does not allow it" },
		{ 404, 404, -ENOENT, "the server has no such folder" },
		{ 405, 405, -EPROTO, "the server takes no images there" },
		{ 409, 409, -ENOENT, "the server cannot put it there" },
		{ 412, 412, -ECANCELED, "exists already; -o (--overwrite) replaces it" },
		{ 413, 413, -ENOSPC, "the server takes nothing that large" },
		{ 501, 501, -EPROTO, "the server takes no images" },
		{ 507, 507, -ENOSPC, "the server has no room for it" },
		{ 500, 599, -EIO, "the server has a problem" },
	};
	const struct http_answer *a = &u->answer;
	const char *text = "the server refuses it", *says = a->says[0] ? a->says : a->reason;
	int code = -EPROTO;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (a->status < table[i].from || a->status > table[i].to)
			continue;
		code = table[i].code;
		text = table[i].text;
		break;
	}
	if (!code)
		return 0;
	return err_set(e, code, "%s: %s (%u%s%s)", u->shown, text, a->status,
		       says[0] ? " " : "", says);
}

/* Why the transfer has ended; 0: as it should. */
static int judge(const struct url_sink *u, struct err *e)
{
	int r;

	/* What the server said counts more than how the connection ended. */
	if (u->answer.status >= 300 && u->code != CURLE_ABORTED_BY_CALLBACK)
		return judge_answer(u, e);
	if (!u->code)
		return judge_answer(u, e);
	r = http_failure(u->shown, u->code, u->detail, e);
	return r == -EAGAIN ? -EIO : r;
}

/* Bytes that went out. */
static curl_off_t sent(const struct url_sink *u)
{
	curl_off_t n = 0;

	curl_easy_getinfo(u->c, CURLINFO_SIZE_UPLOAD_T, &n);
	return n;
}

static int perform(struct url_sink *u, struct err *e)
{
	CURLMcode code;
	CURLMsg *m;
	int n;

	code = curl_multi_perform(u->multi, &n);
	if (code)
		return err_set(e, -EIO, "%s: %s", u->shown, curl_multi_strerror(code));
	while ((m = curl_multi_info_read(u->multi, &n))) {
		if (m->msg != CURLMSG_DONE)
			continue;
		u->over = true;
		u->code = m->data.result;
	}
	return 0;
}

/* Until something can be done, the user wants to stop, or it is time to look at the clock. */
static int wait(struct url_sink *u, struct err *e)
{
	struct curl_waitfd stop = { .fd = u->stop.fds[0], .events = CURL_WAIT_POLLIN };
	CURLMcode code = curl_multi_poll(u->multi, &stop, stop.fd >= 0, STEP, NULL);

	if (code)
		return err_set(e, -EIO, "%s: %s", u->shown, curl_multi_strerror(code));
	return http_stopped(&u->stop, 0) ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

/* Runs the transfer until it is over, or @until says so. */
static int run(struct url_sink *u, bool (*until)(const struct url_sink *), struct err *e)
{
	double since = clock_seconds(), patience = u->ended ? ANSWER_WAIT : SEND_WAIT;
	curl_off_t before = sent(u);
	int r = perform(u, e);

	while (!r && !u->over && !until(u)) {
		if (sent(u) != before)
			since = clock_seconds();
		before = sent(u);
		if (clock_seconds() - since > patience)
			return err_set(e, -ETIMEDOUT,
				       "%s: the server %s for %ld seconds: given up", u->shown,
				       u->ended ? "did not answer" : "took nothing",
				       (long)patience);
		r = wait(u, e);
		if (!r)
			r = perform(u, e);
	}
	return r;
}

static bool is_wanted(const struct url_sink *u)
{
	return u->wanted;
}

static bool is_taken(const struct url_sink *u)
{
	return !u->left;
}

static bool never(const struct url_sink *u)
{
	(void)u;
	return false;
}

/* After an end that should not be: it was an answer, or the connection is lost. */
static int ended_early(const struct url_sink *u, struct err *e)
{
	int r = judge(u, e);

	if (!r)
		return err_set(e, -EPROTO, "%s: the server answers before it has all of it",
			       u->shown);
	return r == -EIO && u->answer.status < 300
		       ? err_set(e, r,
				 "%s: the connection is lost, and nothing was left on the "
				 "server; save again (%s)",
				 u->shown, u->detail[0] ? u->detail : "no reason given")
		       : r;
}

static int url_write(struct sink *s, const void *buf, size_t n, struct err *e)
{
	struct url_sink *u = (struct url_sink *)s;
	int r;

	if (u->over)
		return ended_early(u, e);
	u->p = buf;
	u->left = n;
	curl_easy_pause(u->c, CURLPAUSE_CONT);
	r = run(u, is_taken, e);
	return !r && u->left ? ended_early(u, e) : r;
}

static int url_publish(struct sink *s, struct err *e)
{
	struct url_sink *u = (struct url_sink *)s;
	int r = 0;

	if (u->over)
		return ended_early(u, e);
	u->ended = true;
	curl_easy_pause(u->c, CURLPAUSE_CONT);
	r = run(u, never, e);
	return r ? r : judge(u, e);
}

static void url_close(struct sink *s)
{
	struct url_sink *u = (struct url_sink *)s;

	if (u->added) /* ends a transfer that runs by closing its connection */
		curl_multi_remove_handle(u->multi, u->c);
	curl_easy_cleanup(u->c);
	curl_multi_cleanup(u->multi);
	curl_slist_free_all(u->headers);
	if (u->global)
		curl_global_cleanup();
	free(u->url);
	free(u->shown);
	free(u);
}

static int begin(struct url_sink *u, struct err *e)
{
	CURLMcode code = curl_multi_add_handle(u->multi, u->c);

	if (code)
		return err_set(e, -EIO, "libcurl: %s", curl_multi_strerror(code));
	u->added = true;
	u->over = false;
	u->answer = (struct http_answer){ 0 };
	return 0;
}

/* Not every server knows If-None-Match for what it is sent. */
static int check_absent(struct url_sink *u, struct err *e)
{
	int r;

	curl_easy_setopt(u->c, CURLOPT_NOBODY, 1L);
	r = begin(u, e);
	if (!r)
		r = run(u, never, e);
	if (r < 0)
		return r;
	if (u->code)
		return judge(u, e);
	if (u->answer.status == 200)
		return err_set(e, -ECANCELED,
			       "%s: exists already; -o (--overwrite) replaces it", u->shown);
	curl_multi_remove_handle(u->multi, u->c);
	u->added = false;
	curl_easy_setopt(u->c, CURLOPT_NOBODY, 0L);
	return 0;
}

static int add_header(struct url_sink *u, const char *text, struct err *e)
{
	struct curl_slist *list = curl_slist_append(u->headers, text);

	if (!list)
		return err_nomem(e);
	u->headers = list;
	return 0;
}

/* Until the server has agreed to take the image, or had a second for a refusal. */
static int begin_upload(struct url_sink *u, bool overwrite, struct err *e)
{
	int r = add_header(u, "Expect: 100-continue", e);

	if (!r)
		r = add_header(u, "Content-Type: application/octet-stream", e);
	if (!r && !overwrite)
		r = add_header(u, "If-None-Match: *", e);
	if (r < 0)
		return r;
	curl_easy_setopt(u->c, CURLOPT_HTTPHEADER, u->headers);
	curl_easy_setopt(u->c, CURLOPT_UPLOAD, 1L);
	/* Elsewhere, too, it would have to be sent from its begin. */
	curl_easy_setopt(u->c, CURLOPT_FOLLOWLOCATION, 0L);
	/* The source may be slow: run() watches the server alone. */
	curl_easy_setopt(u->c, CURLOPT_LOW_SPEED_TIME, 0L);
	r = begin(u, e);
	if (!r)
		r = run(u, is_wanted, e);
	if (!r && u->over)
		r = judge(u, e);
	if (!r && u->over)
		r = ended_early(u, e);
	return r;
}

static int prepare(struct url_sink *u, const char *url, const struct remote *remote,
		   struct err *e)
{
	char *server = NULL;
	int r = remote_shown(url, &u->shown, &server, e);

	free(server);
	if (r < 0)
		return r;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(e, -ENOSYS, "libcurl does not start");
	u->global = true;
	u->url = strdup(url);
	u->multi = curl_multi_init();
	u->c = curl_easy_init();
	if (!u->url || !u->multi || !u->c)
		return err_nomem(e);
	r = http_apply(u->c, remote, &u->stop, e);
	if (r < 0)
		return r;
	curl_easy_setopt(u->c, CURLOPT_ERRORBUFFER, u->detail);
	curl_easy_setopt(u->c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(u->c, CURLOPT_HEADERDATA, u);
	curl_easy_setopt(u->c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(u->c, CURLOPT_WRITEDATA, u);
	curl_easy_setopt(u->c, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(u->c, CURLOPT_READDATA, u);
	return http_aim(u->c, u->url) ? err_nomem(e) : 0;
}

int sink_url_open(struct sink **ret, const char *url, const struct sink_options *opt,
		  struct err *e)
{
	struct url_sink *u;
	int r;

	if (opt->volume)
		return err_set(e, -EINVAL, "--volume is for files: a server is sent one");
	u = calloc(1, sizeof(*u));
	if (!u)
		return err_nomem(e);
	u->s = (struct sink){ .write = url_write, .publish = url_publish, .close = url_close };
	u->stop = (struct http_stop){ { opt->cancel_fd, -1 } };
	r = prepare(u, url, &opt->remote, e);
	u->s.name = u->url;
	if (!r && !opt->overwrite)
		r = check_absent(u, e);
	if (!r)
		r = begin_upload(u, opt->overwrite, e);
	if (r < 0) {
		url_close(&u->s);
		return r;
	}
	*ret = &u->s;
	return 0;
}
