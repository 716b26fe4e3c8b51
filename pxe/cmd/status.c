// SPDX-License-Identifier: GPL-3.0-or-later
/* status: one line a machine, and what it does now. */
#include "pxe/cmd/json.h"
#include "pxe/cmd/place.h"
#include "pxe/cmd/remark.h"
#include "pxe/cmd/table.h"
#include "pxe/cmd/when.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A machine, and the job that tells most of it: one that runs, else waits, else the last. */
struct line {
	struct host host;
	struct job job;
	bool has_job;
};

struct room {
	struct line *lines;
	size_t n, cap;
};

static int add_host(void *ctx, const struct host *h, struct err *e)
{
	struct room *room = ctx;
	struct line *more;
	size_t cap = room->cap ? room->cap * 2 : 64;

	if (room->n == room->cap) {
		more = reallocarray(room->lines, cap, sizeof(*more));
		if (!more)
			return err_nomem(e);
		room->lines = more;
		room->cap = cap;
	}
	room->lines[room->n++] = (struct line){ .host = *h };
	return 0;
}

/* How much a job tells; of two alike the one that came first goes first, or ended last. */
static int weight(const struct job *j)
{
	if (job_resumes(j))
		return 2;
	return j->state == JOB_RUNNING ? 3 : j->state == JOB_WAITING ? 1 : 0;
}

static int add_job(void *ctx, const struct job *j, struct err *e)
{
	struct room *room = ctx;

	(void)e;
	for (size_t i = 0; i < room->n; i++) {
		struct line *l = &room->lines[i];
		int is = weight(j);

		if (!mac_equal(&l->host.mac, &j->mac))
			continue;
		if (!l->has_job || is > weight(&l->job) ||
		    (!is && !weight(&l->job) && j->ended >= l->job.ended))
			l->job = *j;
		l->has_job = true;
		break;
	}
	return 0;
}

static int read_room(struct place *p, struct room *room, struct err *e)
{
	int r = store_hosts(p->store, "all", p->o->all, add_host, room, e);

	return r ? r : store_jobs(p->store, true, add_job, room, e);
}

/* ---- the client's last words, as "slate --json" prints its progress ------------- */

struct news {
	double percent, rate, eta; /* bytes a second; seconds; -1: not known */
};

static double member(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);
	double d = json_is_number(v) ? json_number_value(v) : -1;

	return d >= 0 && d < 1e18 ? d : -1;
}

static struct news read_news(const struct job *j)
{
	json_t *o = json_loads(j->progress, 0, NULL);
	double done = member(o, "done"), total = member(o, "total");
	struct news n = { -1, member(o, "rate"), member(o, "eta") };

	if (done >= 0 && total > 0)
		n.percent = done < total ? done * 100 / total : 100;
	json_decref(o);
	return n;
}

/* When the machine, or its job, was heard of last. */
static int64_t heard(const struct line *l)
{
	int64_t t = l->host.last_seen;

	if (l->has_job && l->job.heard > t)
		t = l->job.heard;
	return t;
}

/* ---- for people ---------------------------------------------------------------- */

static void remark(struct table *t, const struct line *l, int64_t now)
{
	char text[WHEN_TEXT_MAX], words[JOB_REMARK_MAX];
	const struct job *j = &l->job;

	if (l->has_job && job_remark(j, words)[0])
		table_cell(t, "%s", words);
	else if (l->has_job && j->state == JOB_WAITING && j->at > now)
		table_cell(t, "not before %s", when_text(j->at, now, text));
	else if (!l->host.known)
		table_cell(t, "%s", "only seen: slate-pxe host add gives it a name");
	else
		table_cell(t, "%s", "");
}

static void show_line(struct table *t, const struct line *l, int64_t now)
{
	bool runs = l->has_job && l->job.state == JOB_RUNNING;
	struct news n = runs ? read_news(&l->job) : (struct news){ -1, -1, -1 };
	char text[WHEN_TEXT_MAX], mac[MAC_TEXT_MAX];

	table_cell(t, "%s", l->host.name[0] ? l->host.name : mac_text(&l->host.mac, mac));
	table_cell(t, "%s", l->has_job ? job_state_name(l->job.state) : "idle");
	table_cell(t, "%s%s%s", l->has_job ? l->job.verb : "",
		   l->has_job && l->job.image[0] ? " " : "", l->has_job ? l->job.image : "");
	if (n.percent >= 0)
		table_cell(t, "%d %%", (int)n.percent);
	else
		table_cell(t, "%s", "");
	if (n.rate >= 0)
		table_cell(t, "%.1f MB/s", n.rate / 1e6);
	else
		table_cell(t, "%s", "");
	table_cell(t, "%s", n.eta >= 0 ? when_span((int64_t)n.eta, text) : "");
	if (heard(l))
		table_cell(t, "%s ago", when_age(now - heard(l), text));
	else
		table_cell(t, "%s", "");
	remark(t, l, now);
}

static int show_table(const struct room *room, struct err *e)
{
	int64_t now = time(NULL);
	struct table t;

	table_begin(&t, "NAME|STATE|WHAT|DONE|RATE|LEFT|NEWS|REMARK");
	for (size_t i = 0; i < room->n; i++)
		show_line(&t, &room->lines[i], now);
	return table_end(&t, stdout, e);
}

/* ---- for programs -------------------------------------------------------------- */

static json_t *known_number(double v)
{
	return v < 0 ? json_null() : json_real(v);
}

static json_t *job_json(const struct job *j)
{
	struct news n = read_news(j);

	return json_pack("{s:I, s:s, s:s, s:s, s:I, s:i, s:s, s:i, s:b, s:I, s:o, s:o, s:o}",
			 "id", (json_int_t)j->id, "verb", j->verb, "image", j->image, "state",
			 job_state_name(j->state), "at", (json_int_t)j->at, "status", j->status,
			 "error", j->error, "attempts", (int)j->attempts, "resumes",
			 job_resumes(j), "sent", (json_int_t)j->sent, "percent",
			 known_number(n.percent), "rate", known_number(n.rate), "eta",
			 known_number(n.eta));
}

static int show_json(const struct room *room, struct err *e)
{
	char mac[MAC_TEXT_MAX];
	int r = 0;

	for (size_t i = 0; !r && i < room->n; i++) {
		const struct line *l = &room->lines[i];

		r = json_line(json_pack("{s:s, s:s, s:s, s:b, s:s, s:I, s:o*}", "name",
					l->host.name, "mac", mac_text(&l->host.mac, mac),
					"group", l->host.group, "known", l->host.known, "state",
					l->has_job ? job_state_name(l->job.state) : "idle",
					"heard", (json_int_t)heard(l), "job",
					l->has_job ? job_json(&l->job) : NULL),
			      e);
	}
	return r;
}

/* ---- once, or again and again --------------------------------------------------- */

static int show_once(struct place *p, struct err *e)
{
	struct room room = { .n = 0 };
	int r = read_room(p, &room, e);

	if (!r && p->o->watch && !p->o->json && isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J", stdout); /* ECMA-48: to the corner, and erase all */
	if (!r)
		r = p->o->json ? show_json(&room, e) : show_table(&room, e);
	free(room.lines);
	if (!r && fflush(stdout))
		r = err_sys(e, "what was to be told cannot be written");
	return r;
}

/* Until Control-C, which is how one is meant to end it; SIGTERM and SIGHUP do as well. */
static int watch(struct place *p, struct err *e)
{
	struct timespec second = { .tv_sec = 1 };
	sigset_t end;
	int r;

	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGHUP);
	sigprocmask(SIG_BLOCK, &end, NULL);
	do {
		r = show_once(p, e);
	} while (!r && sigtimedwait(&end, NULL, &second) < 0);
	return r;
}

int pxe_status(const struct pxe_options *o, int argc, char **argv)
{
	struct err e = { "" };
	struct place p;
	int r = place_open(o, &p, &e);

	(void)argc;
	(void)argv;
	if (r)
		return pxe_fail(r, &e);
	r = o->watch ? watch(&p, &e) : show_once(&p, &e);
	r = place_close(&p, r, &e);
	return place_status(r, &e);
}
