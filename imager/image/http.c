// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/http.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_TIMEOUT 10L /* seconds */
#define SILENCE         20L /* seconds without a byte: this connection is dead */
#define REDIRECTS       5L
#define RECEIVE         (64L << 10) /* bytes that are received at a time */

struct http {
	CURL *c;
	char detail[CURL_ERROR_SIZE];
	/* Of the request that runs. */
	const struct http_range *r;
	struct http_answer *a;
	size_t got;
};

bool http_stopped(const struct http_stop *stop, int ms)
{
	struct pollfd p[] = { { .fd = stop->fds[0], .events = POLLIN },
			      { .fd = stop->fds[1], .events = POLLIN } };

	return poll(p, 2, ms) > 0;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return http_stopped(arg, 0);
}

static CURLcode apply(CURL *c, const struct remote *remote, const struct http_stop *stop)
{
	CURLcode r = CURLE_OK;

#define SET(option, value) (r = r ? r : curl_easy_setopt(c, option, value))
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 1L);
	SET(CURLOPT_MAXREDIRS, REDIRECTS);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_ACCEPT_ENCODING, "identity");
	SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
	SET(CURLOPT_USERAGENT, "slate/" VERSION);
	SET(CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, SILENCE);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_BUFFERSIZE, RECEIVE);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)stop);
	if (remote->cacert) {
		SET(CURLOPT_CAINFO, remote->cacert);
		SET(CURLOPT_CAPATH, NULL); /* these and no others */
	}
	if (remote->token) { /* libcurl keeps it from other hosts after a redirect */
		SET(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		SET(CURLOPT_XOAUTH2_BEARER, remote->token);
	}
#undef SET
	return r;
}

int http_apply(CURL *c, const struct remote *remote, const struct http_stop *stop,
	       struct err *e)
{
	CURLcode r = apply(c, remote, stop);

	if (r == CURLE_OUT_OF_MEMORY)
		return err_nomem(e);
	return r ? err_set(e, -ENOSYS, "libcurl: %s", curl_easy_strerror(r)) : 0;
}

CURLcode http_aim(CURL *c, const char *url)
{
	bool secure = !strncasecmp(url, "https:", 6);
	CURLcode r = curl_easy_setopt(c, CURLOPT_URL, url);

	return r ? r
		 : curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
				    secure ? "https" : "http,https");
}

int http_failure(const char *url, CURLcode code, const char *detail, struct err *e)
{
	const char *why = detail[0] ? detail : curl_easy_strerror(code);

	switch (code) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(e, -EINTR, "stopped by a signal");
	case CURLE_OUT_OF_MEMORY:
		return err_nomem(e);
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(e, -EACCES,
			       "%s: the server's certificate is not trusted: %s; --cacert FILE "
			       "names a certificate that is",
			       url, why);
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(e, -EACCES, "%s: cannot read the trusted certificates: %s", url,
			       why);
	case CURLE_TOO_MANY_REDIRECTS:
		return err_set(e, -EPROTO, "%s: the server sends us on and on", url);
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(e, -EPROTO,
			       "%s: the server sends us on to what is no http address, or "
			       "from https to http",
			       url);
	case CURLE_URL_MALFORMAT:
		return err_set(e, -EINVAL, "%s: the address is not in order: %s", url, why);
	default: /* no connection, or it broke, or was silent for too long */
		return err_set(e, -EAGAIN, "%s: %s", url, why);
	}
}

int http_refusal(const char *url, const struct http_answer *a, struct err *e)
{
	static const struct {
		unsigned status;
		int code;
		const char *text;
	} table[] = {
		{ 401, -EACCES, "the server wants a token: see --token-file" },
		{ 403, -EACCES, "the server does not allow it" },
		{ 404, -ENOENT, "the server has no such file" },
		{ 408, -EAGAIN, "the server did not wait" },
		{ 410, -ENOENT, "the server has it no more" },
		{ 412, -ESTALE, "the file on the server is not what it was" },
		{ 416, -ESTALE, "the file on the server is not as long as it was" },
		{ 425, -EAGAIN, "the server asks us to come later" },
		{ 429, -EAGAIN, "the server asks us to come later" },
	};
	const char *text = "the server refuses", *says = a->says[0] ? a->says : a->reason;
	int code = -EPROTO;

	if (a->status >= 500) {
		text = "the server has a problem";
		code = -EAGAIN;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].status != a->status)
			continue;
		text = table[i].text;
		code = table[i].code;
	}
	return err_set(e, code, "%s: %s (%u%s%s)", url, text, a->status, says[0] ? " " : "",
		       says);
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;

	http_answer_line(h->a, p, size * n);
	return size * n;
}

/* Taking fewer bytes than there are ends the transfer. */
static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	const struct http_answer *a = h->a;

	n *= size;
	if (a->status >= 300) {
		http_answer_body(h->a, p, n);
		return n;
	}
	if (a->status != 206 || !a->ranged || a->begin != h->r->off || n > h->r->n - h->got)
		return 0;
	memcpy((char *)h->r->buf + h->got, p, n);
	h->got += n;
	return n;
}

int http_new(struct http **ret, const struct remote *remote, const struct http_stop *stop,
	     struct err *e)
{
	struct http *h;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, -ENOSYS, "libcurl does not start");
	h = calloc(1, sizeof(*h));
	if (h)
		h->c = curl_easy_init();
	r = h && h->c ? http_apply(h->c, remote, stop, e) : err_nomem(e);
	if (r < 0) {
		if (h)
			curl_easy_cleanup(h->c);
		free(h);
		curl_global_cleanup();
		return r;
	}
	curl_easy_setopt(h->c, CURLOPT_ERRORBUFFER, h->detail);
	curl_easy_setopt(h->c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h->c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(h->c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h->c, CURLOPT_WRITEDATA, h);
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->c);
	free(h);
	curl_global_cleanup();
}

/* What the answer to a request for a range means. */
static int judge(const struct http_range *r, const struct http_answer *a, struct err *e)
{
	if (a->status == 200)
		return err_set(e, -ESPIPE, "%s: the server sends whole files only", r->shown);
	if (a->status != 206)
		return http_refusal(r->shown, a, e);
	if (!a->ranged || a->begin != r->off || a->end - a->begin > r->n)
		return err_set(e, -EPROTO,
			       "%s: the server does not send the part that was asked for",
			       r->shown);
	return 0;
}

static CURLcode aim(struct http *h, const struct http_range *r)
{
	CURLcode code = http_aim(h->c, r->url);
	char range[64];

	snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, r->off, r->off + r->n - 1);
	return code ? code : curl_easy_setopt(h->c, CURLOPT_RANGE, range);
}

int http_get(struct http *h, const struct http_range *r, struct http_answer *ret,
	     size_t *ret_got, struct err *e)
{
	CURLcode code;
	int judged = 0;

	*ret = (struct http_answer){ 0 };
	h->r = r;
	h->a = ret;
	h->got = 0;
	h->detail[0] = 0;
	code = aim(h, r);
	if (!code)
		code = curl_easy_perform(h->c);
	*ret_got = h->got;
	/* What the server said counts more than how the transfer ended. */
	if (ret->status >= 200 && code != CURLE_ABORTED_BY_CALLBACK &&
	    (ret->status < 300 || ret->status >= 400 || !code))
		judged = judge(r, ret, e);
	if (judged)
		return judged;
	return code ? http_failure(r->shown, code, h->detail, e) : 0;
}
