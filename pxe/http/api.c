// SPDX-License-Identifier: GPL-3.0-or-later
/* What a rescue client asks and tells: docs/PROTOCOL.md, "Jobs". */
#include "pxe/http/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The body as an object, or NULL and an answer. */
static json_t *body_object(struct exchange *x, enum MHD_Result *ret)
{
	json_error_t why;
	json_t *o = json_loadb(text_get(&x->body), x->body.len, JSON_REJECT_DUPLICATES, &why);

	if (json_is_object(o))
		return o;
	json_decref(o);
	*ret = answer_text(x, MHD_HTTP_BAD_REQUEST, "a JSON object is wanted");
	return NULL;
}

static const char *text_of(const json_t *o, const char *member)
{
	const char *text = json_string_value(json_object_get(o, member));

	return text ? text : "";
}

static json_t *job_object(const struct job *j, const char *host)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)j->id, "verb",
			 j->verb, "image", j->image, "disk", j->disk, "then", j->then, "host",
			 host, "token", j->token);
}

/* Under the lock. */
static int take_job(struct exchange *x, const struct mac *mac, const char *uuid,
		    struct job *ret, char host[64], struct err *e)
{
	struct store *s = x->http->store;
	int64_t now = time(NULL);
	struct host h;
	int r = store_host_seen(s, mac, "rescue", uuid, x->peer_addr, now, e);

	if (!r)
		r = store_job_take(s, mac, now, ret, e);
	if (!r && !store_host_by_mac(s, mac, &h, NULL))
		snprintf(host, 64, "%s", h.name);
	return r;
}

enum MHD_Result http_job(struct exchange *x)
{
	char text[MAC_TEXT_MAX], uuid[40], host[64] = "";
	struct err e = { "" };
	enum MHD_Result result;
	json_t *o = body_object(x, &result);
	struct mac mac;
	struct job job;
	int r;

	if (!o)
		return result;
	r = mac_parse(text_of(o, "mac"), &mac, &e);
	snprintf(uuid, sizeof(uuid), "%.39s", text_of(o, "uuid"));
	json_decref(o);
	if (r || !mac_valid(&mac))
		return answer_text(x, MHD_HTTP_BAD_REQUEST, "\"mac\" is no MAC of a card");
	pthread_mutex_lock(&x->http->lock);
	r = take_job(x, &mac, uuid, &job, host, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r == -ENOENT)
		return answer_empty(x, MHD_HTTP_NO_CONTENT);
	if (r)
		return answer_store(x, r, &e);
	journal_say(x->http->config.journal, SAY_NOTICE, NULL, "%s (%s) begins job %lld: %s %s",
		    host[0] ? host : "a machine without a name", mac_text(&mac, text),
		    (long long)job.id, job.verb, job.image);
	return answer_json(x, MHD_HTTP_OK, job_object(&job, host));
}

/* The running job whose token the client shows; else an answer, and false. */
static bool find_job(struct exchange *x, struct job *ret, enum MHD_Result *result)
{
	const char *token = bearer(x);
	struct err e = { "" };
	int r;

	if (!token) {
		*result = answer_text(x, MHD_HTTP_UNAUTHORIZED, "the job's token is wanted");
		return false;
	}
	pthread_mutex_lock(&x->http->lock);
	r = store_job_by_token(x->http->store, token, ret, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (!r)
		return true;
	if (r == -ENOENT)
		*result = answer_text(x, MHD_HTTP_GONE,
				      "this job was cancelled, or is over: stop");
	else
		*result = answer_store(x, r, &e);
	return false;
}

enum MHD_Result http_progress(struct exchange *x)
{
	struct err e = { "" };
	enum MHD_Result result;
	struct job job;
	char *text;
	json_t *o;
	int r;

	if (!find_job(x, &job, &result))
		return result;
	o = body_object(x, &result);
	if (!o)
		return result;
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!text || strlen(text) >= sizeof(job.progress)) {
		free(text);
		return answer_text(x, MHD_HTTP_CONTENT_TOO_LARGE, "at most %zu bytes",
				   sizeof(job.progress) - 1);
	}
	pthread_mutex_lock(&x->http->lock);
	r = store_job_progress(x->http->store, job.id, text, time(NULL), &e);
	pthread_mutex_unlock(&x->http->lock);
	free(text);
	if (r && r != -ENOENT)
		return answer_store(x, r, &e);
	return answer_empty(x, MHD_HTTP_NO_CONTENT);
}

static void say_end(struct exchange *x, const struct job *job, int status, const char *error)
{
	char mac[MAC_TEXT_MAX];

	if (!status)
		journal_say(x->http->config.journal, SAY_NOTICE, NULL,
			    "%s has done job %lld: %s %s", mac_text(&job->mac, mac),
			    (long long)job->id, job->verb, job->image);
	else
		journal_say(x->http->config.journal, SAY_WARNING, NULL,
			    "%s has failed with job %lld (%s %s), status %d: %s",
			    mac_text(&job->mac, mac), (long long)job->id, job->verb, job->image,
			    status, error);
}

enum MHD_Result http_end(struct exchange *x)
{
	struct err e = { "" };
	enum MHD_Result result;
	const json_t *status;
	char error[256];
	struct job job;
	json_t *o;
	int r, code;

	if (!find_job(x, &job, &result))
		return result;
	o = body_object(x, &result);
	if (!o)
		return result;
	status = json_object_get(o, "status");
	if (!json_is_integer(status) || json_integer_value(status) < 0 ||
	    json_integer_value(status) > 255) {
		json_decref(o);
		return answer_text(x, MHD_HTTP_BAD_REQUEST,
				   "\"status\" is the exit status, from 0 to 255");
	}
	code = (int)json_integer_value(status);
	snprintf(error, sizeof(error), "%.255s", text_of(o, "error"));
	json_decref(o);
	pthread_mutex_lock(&x->http->lock);
	r = store_job_end(x->http->store, job.id, code, error, text_get(&x->body), time(NULL),
			  &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r && r != -ENOENT)
		return answer_store(x, r, &e);
	say_end(x, &job, code, error);
	return answer_json(x, MHD_HTTP_OK, json_pack("{s:s}", "then", job.then));
}
