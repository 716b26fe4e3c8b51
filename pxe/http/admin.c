// SPDX-License-Identifier: GPL-3.0-or-later
/* The administrator's calls: docs/PROTOCOL.md, "Administration". */
#include "pxe/http/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
		ctx, json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:s, s:o*}", "id",
			       (json_int_t)j->id, "mac", mac_text(&j->mac, mac), "verb",
			       j->verb, "image", j->image, "state", job_state_name(j->state),
			       "started", (json_int_t)j->started, "ended", (json_int_t)j->ended,
			       "status", j->status, "error", j->error, "progress", progress));
	return 0;
}

enum MHD_Result http_admin_status(struct exchange *x)
{
	json_t *hosts = json_array(), *jobs = json_array();
	struct err e = { "" };
	int r;

	if (!is_admin(x)) {
		json_decref(hosts);
		json_decref(jobs);
		return refuse(x);
	}
	pthread_mutex_lock(&x->http->lock);
	r = store_hosts(x->http->store, "all", true, add_host, hosts, &e);
	if (!r)
		r = store_jobs(x->http->store, true, add_job, jobs, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (!r)
		return answer_json(x, MHD_HTTP_OK,
				   json_pack("{s:o, s:o}", "hosts", hosts, "jobs", jobs));
	json_decref(hosts);
	json_decref(jobs);
	return answer_store(x, r, &e);
}

/* Copies a member that may be missing; false: it is no text, or too long. */
static bool copy_text(const json_t *o, const char *member, char *buf, size_t n)
{
	const json_t *v = json_object_get(o, member);
	const char *text = v ? json_string_value(v) : "";

	if (!text || strlen(text) >= n)
		return false;
	memcpy(buf, text, strlen(text) + 1);
	return true;
}

struct adding {
	struct store *store;
	struct job job;
	json_t *ids;
};

static int add_for(void *ctx, const struct host *h, struct err *e)
{
	struct adding *a = ctx;
	int64_t id;
	int r;

	a->job.mac = h->mac;
	r = store_job_add(a->store, &a->job, &id, e);
	if (!r)
		json_array_append_new(a->ids, json_integer(id));
	return r;
}

/* All or none. */
static int add_jobs(struct http *h, const char *who, struct adding *a, struct err *e)
{
	int r;

	pthread_mutex_lock(&h->lock);
	r = store_begin(h->store, e);
	if (!r) {
		r = store_hosts(h->store, who, false, add_for, a, e);
		if (r)
			store_rollback(h->store);
		else
			r = store_commit(h->store, e);
	}
	pthread_mutex_unlock(&h->lock);
	return r;
}

enum MHD_Result http_admin_job(struct exchange *x)
{
	struct adding a = { .store = x->http->store, .job = { .created = time(NULL) } };
	struct err e = { "" };
	char who[64];
	json_t *o;
	bool fits;
	int r;

	if (!is_admin(x))
		return refuse(x);
	o = json_loadb(text_get(&x->body), x->body.len, JSON_REJECT_DUPLICATES, NULL);
	fits = json_is_object(o) && copy_text(o, "who", who, sizeof(who)) &&
	       copy_text(o, "verb", a.job.verb, sizeof(a.job.verb)) &&
	       copy_text(o, "image", a.job.image, sizeof(a.job.image)) &&
	       copy_text(o, "disk", a.job.disk, sizeof(a.job.disk)) &&
	       copy_text(o, "then", a.job.then, sizeof(a.job.then));
	a.job.at = json_integer_value(json_object_get(o, "at"));
	json_decref(o);
	if (!fits)
		return answer_text(x, MHD_HTTP_BAD_REQUEST,
				   "wanted is {who, verb, image, disk, then, at}");
	if (store_job_check(&a.job, &e))
		return answer_text(x, MHD_HTTP_BAD_REQUEST, "%s", e.msg);
	a.ids = json_array();
	r = add_jobs(x->http, who, &a, &e);
	if (!r)
		return answer_json(x, MHD_HTTP_CREATED, json_pack("{s:o}", "ids", a.ids));
	json_decref(a.ids);
	if (r == -ENOENT)
		return answer_text(x, MHD_HTTP_NOT_FOUND, "%s", e.msg);
	return answer_store(x, r, &e);
}

enum MHD_Result http_admin_cancel(struct exchange *x)
{
	struct err e = { "" };
	json_int_t id;
	json_t *o;
	int r;

	if (!is_admin(x))
		return refuse(x);
	o = json_loadb(text_get(&x->body), x->body.len, JSON_REJECT_DUPLICATES, NULL);
	id = json_integer_value(json_object_get(o, "id"));
	json_decref(o);
	pthread_mutex_lock(&x->http->lock);
	r = store_job_cancel(x->http->store, id, time(NULL), &e);
	pthread_mutex_unlock(&x->http->lock);
	if (!r)
		return answer_empty(x, MHD_HTTP_NO_CONTENT);
	if (r == -ENOENT)
		return answer_text(x, MHD_HTTP_NOT_FOUND, "%s", e.msg);
	return answer_store(x, r, &e);
}
