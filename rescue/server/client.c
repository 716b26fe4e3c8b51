// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/server/client.h"

#include "common/plain.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT 5L /* seconds */
/* So the longest answer takes some two minutes. */
#define SLOW     8192L /* bytes a second, both ways */
#define PATIENCE 20L   /* seconds below that */

struct client {
	CURL *c;
	char server[600];
	char detail[CURL_ERROR_SIZE];
	char *body; /* CLIENT_BODY_MAX + 1 */
	size_t len;
};

/* Taking fewer bytes than there are ends the transfer. */
static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct client *c = arg;

	n *= size;
	if (n > CLIENT_BODY_MAX - c->len)
		return 0;
	memcpy(c->body + c->len, p, n);
	c->len += n;
	return n;
}

static CURLcode set_up(struct client *c, const char *cacert)
{
	CURLcode r = CURLE_OK;

#define SET(option, value) (r = r ? r : curl_easy_setopt(c->c, option, value))
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, cacert ? "https" : "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "slate-agent/" VERSION);
	SET(CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT);
	SET(CURLOPT_LOW_SPEED_LIMIT, SLOW);
	SET(CURLOPT_LOW_SPEED_TIME, PATIENCE);
	SET(CURLOPT_ERRORBUFFER, c->detail);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, c);
	if (cacert) {
		SET(CURLOPT_CAINFO, cacert);
		SET(CURLOPT_CAPATH, NULL); /* these and no others */
	}
#undef SET
	return r;
}

int client_new(const char *server, const char *cacert, struct client **ret, struct err *e)
{
	struct client *c;
	CURLcode r;

	*ret = NULL;
	if (cacert && strncmp(server, "https://", 8) != 0)
		return err_set(e, -EACCES,
			       "this rescue system was built with a certificate (--key) and "
			       "talks by https only, but its server is %s: let slate.server= "
			       "name the https address",
			       server);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, -ENOSYS, "libcurl does not start");
	c = calloc(1, sizeof(*c));
	if (c) {
		snprintf(c->server, sizeof(c->server), "%s", server);
		c->body = malloc(CLIENT_BODY_MAX + 1);
		c->c = curl_easy_init();
	}
	if (!c || !c->body || !c->c) {
		client_free(c);
		return err_nomem(e);
	}
	r = set_up(c, cacert);
	if (r) {
		client_free(c);
		return err_set(e, -ENOSYS, "libcurl: %s", curl_easy_strerror(r));
	}
	*ret = c;
	return 0;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->c);
	free(c->body);
	free(c);
	curl_global_cleanup();
}

static int failure(const struct client *c, CURLcode code, struct err *e)
{
	const char *why = c->detail[0] ? c->detail : curl_easy_strerror(code);

	switch (code) {
	case CURLE_OUT_OF_MEMORY:
		return err_nomem(e);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(e, -EACCES, "%s: its certificate is not trusted here: %s",
			       c->server, why);
	case CURLE_WRITE_ERROR:
		return err_set(e, -EPROTO, "%s: the answer is larger than %u KiB", c->server,
			       CLIENT_BODY_MAX >> 10);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		return err_set(e, -EPROTO, "%s: the address is not in order: %s", c->server,
			       why);
	default:
		return err_set(e, -EAGAIN, "%s: %s", c->server, why);
	}
}

/* Also without what a call before it has set. */
static CURLcode aim(struct client *c, const struct client_request *q, struct curl_slist **head)
{
	char url[700], type[80];
	CURLcode r = CURLE_OK;

	snprintf(url, sizeof(url), "%s%s", c->server, q->path);
	snprintf(type, sizeof(type), "Content-Type: %s", q->type ? q->type : "");
	*head = curl_slist_append(NULL, "Expect:");
	if (!*head || !curl_slist_append(*head, type))
		return CURLE_OUT_OF_MEMORY;
#define SET(option, value) (r = r ? r : curl_easy_setopt(c->c, option, value))
	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPGET, 1L);
	if (q->type) {
		SET(CURLOPT_POSTFIELDS, q->body);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->len);
	}
	SET(CURLOPT_CUSTOMREQUEST, q->method);
	SET(CURLOPT_HTTPHEADER, *head);
	SET(CURLOPT_HTTPAUTH, q->token ? CURLAUTH_BEARER : CURLAUTH_NONE);
	SET(CURLOPT_XOAUTH2_BEARER, q->token);
#undef SET
	return r;
}

int client_call(struct client *c, const struct client_request *q, struct client_answer *ret,
		struct err *e)
{
	struct curl_slist *head = NULL;
	CURLcode code;

	*ret = (struct client_answer){ 0 };
	c->len = 0;
	c->detail[0] = '\0';
	code = aim(c, q, &head);
	if (!code)
		code = curl_easy_perform(c->c);
	curl_easy_setopt(c->c, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(head);
	if (code)
		return failure(c, code, e);
	c->body[c->len] = '\0';
	ret->body = c->body;
	ret->len = c->len;
	curl_easy_getinfo(c->c, CURLINFO_RESPONSE_CODE, &ret->status);
	return 0;
}

int client_retry_status(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

int client_refusal(const char *what, const struct client_answer *a, struct err *e)
{
	char line[200], clean[200];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(a->body, "\r\n"), a->body);
	return err_set(e, -EPROTO, "%s: the server says %ld %s", what, a->status,
		       plain_text(clean, sizeof(clean), line, ""));
}
