// SPDX-License-Identifier: GPL-3.0-or-later
/* The administrator's calls: docs/PROTOCOL.md, "Administration". */
#include "pxe/http/http_internal.h"
#include "pxe/http/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ENDED_MAX 200 /* jobs that have ended, in a status */

static enum MHD_Result refuse(struct exchange *x)
{
	journal_say(x->http->config.journal, SAY_WARNING, x->peer,
		    "%s made an admin call without the right to: %s", x->peer,
		    is_from_lab(x) ? "no token, or a wrong one" : "it is not in the lab");
	if (!is_from_lab(x))
		return answer_text(x, MHD_HTTP_FORBIDDEN, "not from there");
	return answer_text(x, MHD_HTTP_UNAUTHORIZED, "the admin token is wanted");
}

static int add_host(void *ctx, const struct host *h, struct err *e)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	(void)e;
	json_array_append_new(ctx,
			      json_pack("{s:s, s:s, s:s, s:b, s:s, s:I, s:s}", "mac",
					mac_text(&h->mac, mac), "name", h->name, "group",
					h->group, "known", h->known, "kind", h->kind,
					"last_seen", (json_int_t)h->last_seen, "address",
					addr_text(h->addr ? h->addr : h->last_addr, addr)));
	return 0;
}

static int add_job(void *ctx, const struct job *j, struct err *e)
{
	json_t *progress = json_loads(j->progress, 0, NULL);
	char mac[MAC_TEXT_MAX];

	(void)e;
	json_array_append_new(
		ctx,
		json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:s, s:i, s:b, s:I, s:o*}",
			  "id", (json_int_t)j->id, "mac", mac_text(&j->mac, mac), "verb",
			  j->verb, "image", j->image, "state", job_state_name(j->state),
			  "started", (json_int_t)j->started, "ended", (json_int_t)j->ended,
			  "status", j->status, "error", j->error, "attempts", (int)j->attempts,
			  "resumes", job_resumes(j), "sent", (json_int_t)j->sent, "progress",
			  progress));
	return 0;
}

static int add_ended(void *ctx, const struct job *j, const char *receipt, struct err *e)
{
	(void)receipt;
	/* Those that go on have been told already. */
	return job_resumes(j) ? 0 : add_job(ctx, j, e);
}

/* All that wait, run or go on, and the last that have ended. */
static int list_all(struct http *h, json_t *hosts, json_t *jobs, struct err *e)
{
	int r;

	pthread_mutex_lock(&h->lock);
	r = store_hosts(h->store, "all", true, add_host, hosts, e);
	if (!r)
		r = store_jobs(h->store, false, add_job, jobs, e);
	if (!r)
		r = store_results(h->store, NULL, ENDED_MAX, add_ended, jobs, e);
	pthread_mutex_unlock(&h->lock);
	return r;
}

enum MHD_Result http_admin_status(struct exchange *x)
{
	struct err e = { "" };
	json_t *hosts, *jobs;
	int r;

	if (!is_admin(x))
		return refuse(x);
	hosts = json_array();
	jobs = json_array();
	r = list_all(x->http, hosts, jobs, &e);
	if (!r)
		return answer_json(x, MHD_HTTP_OK,
				   json_pack("{s:o, s:o}", "hosts", hosts, "jobs", jobs));
	json_decref(hosts);
	json_decref(jobs);
	return answer_store(x, r, &e);
}

struct added {
	json_t *ids, *passwords;
	int cancelled;
};

static int note_job(void *ctx, const struct job *j, const struct host *h, int cancelled,
		    struct err *e)
{
	struct added *a = ctx;

	(void)h;
	(void)e;
	json_array_append_new(a->ids, json_integer(j->id));
	if (j->password[0])
		json_array_append_new(a->passwords, json_string(j->password));
	a->cancelled += cancelled;
	return 0;
}

/* All or none. */
static int add_jobs(struct http *h, const struct job_order *o, struct added *a, struct err *e)
{
	int r;

	pthread_mutex_lock(&h->lock);
	r = store_begin(h->store, e);
	if (!r) {
		r = order_add(h->store, o, note_job, a, e);
		if (r)
			store_rollback(h->store);
		else
			r = store_commit(h->store, e);
	}
	pthread_mutex_unlock(&h->lock);
	return r;
}

static enum MHD_Result answer_failure(struct exchange *x, int r, const struct err *e)
{
	if (r == -EINVAL)
		return answer_text(x, MHD_HTTP_BAD_REQUEST, "%s", e->msg);
	if (r == -ENOENT)
		return answer_text(x, MHD_HTTP_NOT_FOUND, "%s", e->msg);
	return answer_store(x, r, e);
}

enum MHD_Result http_admin_job(struct exchange *x)
{
	struct job_order order;
	struct added a = { 0 };
	struct err e = { "" };
	int r;

	if (!is_admin(x))
		return refuse(x);
	r = message_admin_job(text_get(&x->body), x->body.len, &order, &e);
	if (r)
		return answer_failure(x, r, &e);
	order.job.created = time(NULL);
	a.ids = json_array();
	a.passwords = json_array();
	r = add_jobs(x->http, &order, &a, &e);
	if (!r && order.password)
		return answer_json(x, MHD_HTTP_CREATED,
				   json_pack("{s:o, s:o, s:i}", "ids", a.ids, "passwords",
					     a.passwords, "cancelled", a.cancelled));
	json_decref(a.passwords);
	if (!r)
		return answer_json(
			x, MHD_HTTP_CREATED,
			json_pack("{s:o, s:i}", "ids", a.ids, "cancelled", a.cancelled));
	json_decref(a.ids);
	return answer_failure(x, r, &e);
}

enum MHD_Result http_admin_cancel(struct exchange *x)
{
	struct err e = { "" };
	int64_t id;
	int r;

	if (!is_admin(x))
		return refuse(x);
	r = message_cancel(text_get(&x->body), x->body.len, &id, &e);
	if (r)
		return answer_failure(x, r, &e);
	pthread_mutex_lock(&x->http->lock);
	r = store_job_cancel(x->http->store, id, time(NULL), &e);
	pthread_mutex_unlock(&x->http->lock);
	return r ? answer_failure(x, r, &e) : answer_empty(x, MHD_HTTP_NO_CONTENT);
}
