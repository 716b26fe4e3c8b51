// SPDX-License-Identifier: GPL-3.0-or-later
/* What a rescue client asks and tells: docs/PROTOCOL.md, "Jobs". */
#include "pxe/http/http_internal.h"
#include "pxe/http/messages.h"
#include "pxe/store/job_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A body that is not what it should be. */
static enum MHD_Result refuse(struct exchange *x, int r, const struct err *e)
{
	unsigned status = MHD_HTTP_BAD_REQUEST;

	if (r == -EMSGSIZE)
		status = MHD_HTTP_CONTENT_TOO_LARGE;
	if (r == -ENOMEM)
		status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	return answer_text(x, status, "%s", e->msg);
}

static json_t *job_object(const struct job *j, const char *host)
{
	json_t *o =
		json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "id", (json_int_t)j->id,
			  "verb", j->verb, "image", j->image, "disk", j->disk, "then", j->then,
			  "host", host, "token", j->token, "attempts", (int)j->attempts);

	if (o)
		job_json_options(o, j);
	return o;
}

/* Under the lock. */
static void begin_counting(struct exchange *x, const struct job *job)
{
	struct sent_part before = sent_begin(x->http->sent, job);

	if (before.bytes)
		(void)store_job_sent(x->http->store, before.job, before.bytes, NULL);
}

void count_sent(struct exchange *x, uint64_t bytes)
{
	const char *token = bearer(x);
	struct job job;

	if (!token || sent_add(x->http->sent, token, bytes))
		return;
	/* Of a job that began before this server did; or it is another kind of token. */
	pthread_mutex_lock(&x->http->lock);
	if (!store_job_by_token(x->http->store, token, &job, NULL)) {
		begin_counting(x, &job);
		(void)sent_add(x->http->sent, token, bytes);
	}
	pthread_mutex_unlock(&x->http->lock);
}

/* Under the lock. */
static int take_job(struct exchange *x, const struct job_question *q, struct job *ret,
		    char host[64], struct err *e)
{
	/* Behind another web server it would be that one's. */
	uint32_t addr = http_lab(x->http)->http_listen ? 0 : x->peer_addr;
	struct store *s = x->http->store;
	int64_t now = time(NULL);
	struct host h;
	int r = store_host_seen(s, &q->mac, "rescue", q->uuid, addr, now, e);

	if (!r)
		r = store_job_take(s, &q->mac, now, ret, e);
	if (!r)
		begin_counting(x, ret);
	if (!r && !store_host_by_mac(s, &q->mac, &h, NULL))
		snprintf(host, 64, "%s", h.name);
	return r;
}

enum MHD_Result http_job(struct exchange *x)
{
	char text[MAC_TEXT_MAX], host[64] = "";
	struct err e = { "" };
	struct job_question q;
	struct job job;
	int r = message_job(text_get(&x->body), x->body.len, &q, &e);

	if (r)
		return refuse(x, r, &e);
	pthread_mutex_lock(&x->http->lock);
	r = take_job(x, &q, &job, host, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r == -ENOENT)
		return answer_empty(x, MHD_HTTP_NO_CONTENT);
	if (r)
		return answer_store(x, r, &e);
	journal_say(x->http->config.journal, SAY_NOTICE, NULL, "%s (%s) %s job %lld: %s %s",
		    host[0] ? host : "a machine without a name", mac_text(&q.mac, text),
		    job.attempts > 1 ? "begins once more" : "begins", (long long)job.id,
		    job.verb, job.image);
	return answer_json(x, MHD_HTTP_OK, job_object(&job, host));
}

/* After a failure of the database; @r -ENOENT: the job does not run, or not any more. */
static enum MHD_Result answer_job(struct exchange *x, int r, const struct err *e)
{
	if (r == -ENOENT)
		return answer_text(x, MHD_HTTP_GONE,
				   "this job was cancelled, or is over: stop");
	return answer_store(x, r, e);
}

typedef int job_find(struct store *s, const char *token, struct job *ret, struct err *e);

static bool find_by(struct exchange *x, job_find *find, struct job *ret,
		    enum MHD_Result *result)
{
	const char *token = bearer(x);
	struct err e = { "" };
	int r;

	if (!token) {
		*result = answer_text(x, MHD_HTTP_UNAUTHORIZED, "the job's token is wanted");
		return false;
	}
	pthread_mutex_lock(&x->http->lock);
	r = find(x->http->store, token, ret, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r)
		*result = answer_job(x, r, &e);
	return !r;
}

bool find_job(struct exchange *x, struct job *ret, enum MHD_Result *result)
{
	return find_by(x, store_job_by_token, ret, result);
}

enum MHD_Result http_progress(struct exchange *x)
{
	struct err e = { "" };
	enum MHD_Result result;
	struct job job;
	uint64_t sent;
	int r;

	if (!find_by(x, store_job_heard, &job, &result))
		return result;
	r = message_progress(text_get(&x->body), x->body.len, job.progress,
			     sizeof(job.progress), &e);
	if (r)
		return refuse(x, r, &e);
	pthread_mutex_lock(&x->http->lock);
	sent = sent_take(x->http->sent, job.id);
	r = store_job_progress(x->http->store, job.id, job.progress, sent, time(NULL), &e);
	if (r)
		(void)sent_add(x->http->sent, job.token, sent);
	pthread_mutex_unlock(&x->http->lock);
	if (r) /* it may have been cancelled since */
		return answer_job(x, r, &e);
	if (job.state != JOB_RUNNING)
		journal_say(x->http->config.journal, SAY_NOTICE, x->peer,
			    "%s is heard of again: job %lld still runs", x->peer,
			    (long long)job.id);
	return answer_empty(x, MHD_HTTP_NO_CONTENT);
}

static void say_end(struct exchange *x, const struct job *job, const struct job_end *end)
{
	char mac[MAC_TEXT_MAX];

	if (!end->status)
		journal_say(x->http->config.journal, SAY_NOTICE, NULL,
			    "%s has done job %lld: %s %s", mac_text(&job->mac, mac),
			    (long long)job->id, job->verb, job->image);
	else
		journal_say(x->http->config.journal, SAY_WARNING, NULL,
			    "%s has failed with job %lld (%s %s), status %d: %s",
			    mac_text(&job->mac, mac), (long long)job->id, job->verb, job->image,
			    end->status, end->error);
}

enum MHD_Result http_end(struct exchange *x)
{
	const char *receipt = text_get(&x->body);
	struct err e = { "" };
	enum MHD_Result result;
	struct job_end end;
	uint64_t sent;
	struct job job;
	int r;

	if (!find_by(x, store_job_heard, &job, &result))
		return result;
	r = message_end(receipt, x->body.len, &end, &e);
	if (r)
		return refuse(x, r, &e);
	pthread_mutex_lock(&x->http->lock);
	sent = sent_end(x->http->sent, job.id);
	if (sent)
		(void)store_job_sent(x->http->store, job.id, sent, NULL);
	r = store_job_end(x->http->store, job.id, end.status, end.error, receipt, time(NULL),
			  &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r)
		return answer_job(x, r, &e);
	say_end(x, &job, &end);
	return answer_json(x, MHD_HTTP_OK, json_pack("{s:s}", "then", job.then));
}
