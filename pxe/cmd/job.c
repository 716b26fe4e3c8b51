// SPDX-License-Identifier: GPL-3.0-or-later
/* job add|list|cancel: what the machines are to do. */
#include "common/plain.h"
#include "pxe/cmd/json.h"
#include "pxe/cmd/place.h"
#include "pxe/cmd/remark.h"
#include "pxe/cmd/table.h"
#include "pxe/cmd/when.h"
#include "pxe/store/job_json.h"
#include "pxe/store/order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- add --------------------------------------------------------------------- */

static int copy_text(char *field, size_t n, const char *value, const char *what, struct err *e)
{
	char clean[1024];

	if (!value)
		return 0;
	if (strlen(value) >= n)
		return err_set(e, -EINVAL, "%s: at most %zu characters", what, n - 1);
	if (strcmp(plain_text(clean, sizeof(clean), value, ""), value) != 0)
		return err_set(e, -EINVAL, "%s: \"%s\" is no plain text", what, clean);
	memcpy(field, value, strlen(value) + 1);
	return 0;
}

static int read_words(const struct pxe_options *o, int argc, char **argv, struct job_order *ret,
		      struct err *e)
{
	struct job *j = &ret->job;
	const struct {
		char *field;
		size_t n;
		const char *value, *what;
	} words[] = {
		{ ret->who, sizeof(ret->who), argv[0], "HOST" },
		{ j->verb, sizeof(j->verb), argv[1], "the verb" },
		{ j->image, sizeof(j->image), argc > 2 ? argv[2] : NULL, "the image" },
		{ j->disk, sizeof(j->disk), o->disk, "--disk" },
		{ j->then, sizeof(j->then), o->then, "--then" },
		{ j->verify, sizeof(j->verify), o->verify, "--verify" },
		{ ret->confirm, sizeof(ret->confirm), o->confirm, "--confirm" },
	};
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(words) / sizeof(words[0]); i++)
		r = copy_text(words[i].field, words[i].n, words[i].value, words[i].what, e);
	return r;
}

static int read_order(const struct pxe_options *o, int argc, char **argv, struct job_order *ret,
		      struct err *e)
{
	int r = read_words(o, argc, argv, ret, e);

	ret->no_personalise = o->no_personalise;
	ret->password = o->password;
	ret->job.created = time(NULL);
	if (!r)
		r = order_check(ret, e);
	if (!r && o->at) {
		r = when_parse(o->at, ret->job.created, &ret->job.at, e);
		if (r)
			err_wrap(e, r, "--at");
	}
	return r;
}

/* A job may be given before its image is there, so this is no failure. */
static void look_for_image(const struct lab *l, const struct job *j)
{
	char path[512], clean[512];
	struct stat st;

	if (!j->image[0] || !strcmp(j->verb, "save"))
		return;
	snprintf(path, sizeof(path), "%s/%s", l->images, j->image);
	if (stat(path, &st))
		fprintf(stderr,
			"slate-pxe: warning: %s: %s; the job will fail unless it is there when "
			"it begins\n",
			plain_text(clean, sizeof(clean), path, ""), strerror(errno));
	else if (!S_ISREG(st.st_mode))
		fprintf(stderr, "slate-pxe: warning: %s is no file\n",
			plain_text(clean, sizeof(clean), path, ""));
}

struct adding {
	struct place *p;
	unsigned n;
};

static int tell_json(const struct job *j, const struct host *h, int cancelled, struct err *e)
{
	char mac[MAC_TEXT_MAX];
	json_t *o = json_pack("{s:I, s:s, s:s, s:i}", "id", (json_int_t)j->id, "mac",
			      mac_text(&h->mac, mac), "name", h->name, "cancelled", cancelled);

	if (o && j->password[0])
		json_object_set_new(o, "password", json_string(j->password));
	return json_line(o, e);
}

static int tell_added(void *ctx, const struct job *j, const struct host *h, int cancelled,
		      struct err *e)
{
	struct adding *a = ctx;
	char name[MAC_TEXT_MAX], at[WHEN_TEXT_MAX];

	a->n++;
	if (a->p->o->json)
		return tell_json(j, h, cancelled, e);
	printf("job %lld: %s %s%s%s%s%s%s%s%s\n", (long long)j->id,
	       h->name[0] ? h->name : mac_text(&h->mac, name), j->verb, j->image[0] ? " " : "",
	       j->image, j->at ? ", not before " : "", when_text(j->at, j->created, at),
	       j->password[0] ? ", password " : "", j->password,
	       cancelled ? "; its lost job is cancelled" : "");
	return 0;
}

static int add(struct place *p, int argc, char **argv, struct err *e)
{
	struct job_order order = { .who = "" };
	struct adding a = { .p = p };
	int r = read_order(p->o, argc, argv, &order, e);

	if (!r)
		r = order_add(p->store, &order, tell_added, &a, e);
	if (!r && !a.n)
		r = err_set(e, -ENOENT,
			    "there is no machine yet: slate-pxe host add, or host import");
	if (!r)
		look_for_image(&p->lab, &order.job);
	return r;
}

/* ---- list -------------------------------------------------------------------- */

struct listing {
	struct place *p;
	struct table table;
	int64_t now;
};

static int list_job(void *ctx, const struct job *j, struct err *e)
{
	struct listing *l = ctx;
	char name[PLACE_NAME_MAX], text[WHEN_TEXT_MAX], remark[JOB_REMARK_MAX];
	int64_t when = j->ended ? j->ended : j->started ? j->started : j->at;

	(void)e;
	table_cell(&l->table, "%lld", (long long)j->id);
	table_cell(&l->table, "%s", place_name(l->p->store, &j->mac, name));
	table_cell(&l->table, "%s", j->verb);
	table_cell(&l->table, "%s", j->image);
	table_cell(&l->table, "%s", j->disk);
	table_cell(&l->table, "%s", j->then);
	table_cell(&l->table, "%s", job_state_name(j->state));
	table_cell(&l->table, "%s", when_text(when, l->now, text));
	table_cell(&l->table, "%s", job_remark(j, remark));
	return 0;
}

static void add_options(json_t *o, const struct job *j)
{
	json_object_set_new(o, "attempts", json_integer(j->attempts));
	json_object_set_new(o, "resumes", json_boolean(job_resumes(j)));
	json_object_set_new(o, "sent", json_integer((json_int_t)j->sent));
	job_json_options(o, j);
}

static int list_json(void *ctx, const struct job *j, struct err *e)
{
	struct listing *l = ctx;
	char name[PLACE_NAME_MAX], mac[MAC_TEXT_MAX];

	json_t *o = json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:i, s:s, "
		"s:o*}",
		"id", (json_int_t)j->id, "mac", mac_text(&j->mac, mac), "host",
		place_name(l->p->store, &j->mac, name), "verb", j->verb, "image", j->image,
		"disk", j->disk, "then", j->then, "state", job_state_name(j->state), "at",
		(json_int_t)j->at, "created", (json_int_t)j->created, "started",
		(json_int_t)j->started, "heard", (json_int_t)j->heard, "ended",
		(json_int_t)j->ended, "status", j->status, "error", j->error, "progress",
		json_loads(j->progress, 0, NULL));

	if (o)
		add_options(o, j);
	return json_line(o, e);
}

static int list(struct place *p, int argc, char **argv, struct err *e)
{
	struct listing l = { .p = p, .now = time(NULL) };
	int r;

	(void)argc;
	(void)argv;
	if (p->o->json)
		return store_jobs(p->store, p->o->all, list_json, &l, e);
	table_begin(&l.table, "JOB|HOST|VERB|IMAGE|DISK|THEN|STATE|TIME|REMARK");
	r = store_jobs(p->store, p->o->all, list_job, &l, e);
	if (!r)
		return table_end(&l.table, stdout, e);
	table_free(&l.table);
	return r;
}

/* ---- cancel ------------------------------------------------------------------ */

struct cancelling {
	struct place *p;
	int64_t id;     /* this one; 0: those of the machines */
	struct mac *of; /* machines */
	size_t n_of, cap;
	unsigned n;
};

static int note_host(void *ctx, const struct host *h, struct err *e)
{
	struct cancelling *c = ctx;
	struct mac *more;

	if (c->n_of == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 32;
		more = reallocarray(c->of, c->cap, sizeof(*more));
		if (!more)
			return err_nomem(e);
		c->of = more;
	}
	c->of[c->n_of++] = h->mac;
	return 0;
}

static bool is_meant(const struct cancelling *c, const struct job *j)
{
	if (c->id)
		return j->id == c->id;
	for (size_t i = 0; i < c->n_of; i++)
		if (mac_equal(&c->of[i], &j->mac))
			return true;
	return false;
}

static int cancel_job(void *ctx, const struct job *j, struct err *e)
{
	struct cancelling *c = ctx;
	char name[PLACE_NAME_MAX];
	int r;

	if (!is_meant(c, j))
		return 0;
	r = store_job_cancel(c->p->store, j->id, time(NULL), e);
	if (r)
		return r;
	c->n++;
	printf("job %lld is cancelled: %s %s%s%s%s\n", (long long)j->id,
	       place_name(c->p->store, &j->mac, name), j->verb, j->image[0] ? " " : "",
	       j->image,
	       j->state == JOB_RUNNING ? ", which was running: the machine is told when it "
					 "reports next"
				       : "");
	return 0;
}

static int cancel(struct place *p, int argc, char **argv, struct err *e)
{
	struct cancelling c = { .p = p };
	const char *who = argv[0];
	int r = 0;

	(void)argc;
	/* Digits are a job's number; when no such job goes on, a room may be called so. */
	if (who[0] && strlen(who) < 18 && strspn(who, "0123456789") == strlen(who))
		c.id = strtoll(who, NULL, 10);
	if (c.id)
		r = store_jobs(p->store, false, cancel_job, &c, e);
	if (r || c.n)
		return r;
	r = store_hosts(p->store, who, true, note_host, &c, e);
	if (r == -ENOENT && c.id)
		err_set(e, r, "job %s is not waiting and does not run", who);
	c.id = 0;
	if (!r)
		r = store_jobs(p->store, false, cancel_job, &c, e);
	free(c.of);
	if (!r && !c.n)
		puts("no job was waiting or running there");
	return r;
}

int pxe_job(const struct pxe_options *o, int argc, char **argv)
{
	static const struct place_verb verbs[] = {
		{ "add", "HOST|GROUP|all VERB [IMAGE]", 2, 3, true, add },
		{ "list", "no operand", 0, 0, false, list },
		{ "cancel", "one number of a JOB, HOST, GROUP, or all", 1, 1, true, cancel },
		{ 0 },
	};

	return place_run(verbs, "job", o, argc, argv);
}
