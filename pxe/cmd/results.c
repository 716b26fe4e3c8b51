// SPDX-License-Identifier: GPL-3.0-or-later
/* results: what the machines did, newest first. */
#include "pxe/cmd/json.h"
#include "pxe/cmd/place.h"
#include "pxe/cmd/remark.h"
#include "pxe/cmd/table.h"
#include "pxe/cmd/when.h"

#include <errno.h>
#include <string.h>
#include <time.h>

struct showing {
	struct place *p;
	struct table table;
	int64_t now;
};

/* What the receipt says of one thing, or -1. */
static json_int_t receipt_number(const json_t *receipt, const char *object, const char *member)
{
	const json_t *v = json_object_get(json_object_get(receipt, object), member);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static void megabytes(struct table *t, json_int_t bytes)
{
	if (bytes < 0)
		table_cell(t, "%s", "");
	else
		table_cell(t, "%.1f MB", (double)bytes / 1e6);
}

static int show(void *ctx, const struct job *j, const char *receipt, struct err *e)
{
	struct showing *s = ctx;
	char name[PLACE_NAME_MAX], text[WHEN_TEXT_MAX], remark[JOB_REMARK_MAX];
	json_t *o = json_loads(receipt, 0, NULL);

	(void)e;
	table_cell(&s->table, "%lld", (long long)j->id);
	table_cell(&s->table, "%s", when_text(j->ended, s->now, text));
	table_cell(&s->table, "%s", place_name(s->p->store, &j->mac, name));
	table_cell(&s->table, "%s%s%s", j->verb, j->image[0] ? " " : "", j->image);
	table_cell(&s->table, "%s", job_state_name(j->state));
	table_cell(&s->table, "%s", j->started ? when_span(j->ended - j->started, text) : "");
	megabytes(&s->table, receipt_number(o, "bytes", "fetched"));
	megabytes(&s->table, receipt_number(o, "bytes", "written"));
	table_cell(&s->table, "%s", job_remark(j, remark));
	json_decref(o);
	return 0;
}

static int show_json(void *ctx, const struct job *j, const char *receipt, struct err *e)
{
	struct showing *s = ctx;
	char name[PLACE_NAME_MAX], mac[MAC_TEXT_MAX];

	return json_line(
		json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:s, s:i, s:b, s:I, "
			  "s:o*}",
			  "id", (json_int_t)j->id, "mac", mac_text(&j->mac, mac), "host",
			  place_name(s->p->store, &j->mac, name), "verb", j->verb, "image",
			  j->image, "state", job_state_name(j->state), "started",
			  (json_int_t)j->started, "ended", (json_int_t)j->ended, "status",
			  j->status, "error", j->error, "attempts", (int)j->attempts, "resumes",
			  job_resumes(j), "sent", (json_int_t)j->sent, "receipt",
			  json_loads(receipt, 0, NULL)),
		e);
}

static int show_results(struct place *p, const char *who, struct err *e)
{
	struct showing s = { .p = p, .now = time(NULL) };
	const struct mac *mac = NULL;
	struct host h;
	int r = 0;

	if (who) {
		r = place_host(p->store, who, &h, e);
		/* One that was removed is still known by its MAC. */
		if (r == -ENOENT && !mac_parse(who, &h.mac, NULL))
			r = 0;
		mac = &h.mac;
	}
	if (r)
		return r;
	if (p->o->json)
		return store_results(p->store, mac, p->o->most, show_json, &s, e);
	table_begin(&s.table, "JOB|ENDED|HOST|WHAT|STATE|TOOK|FETCHED|WRITTEN|REMARK");
	r = store_results(p->store, mac, p->o->most, show, &s, e);
	if (!r)
		return table_end(&s.table, stdout, e);
	table_free(&s.table);
	return r;
}

int pxe_results(const struct pxe_options *o, int argc, char **argv)
{
	struct err e = { "" };
	struct place p;
	int r = place_open(o, &p, &e);

	if (r)
		return pxe_fail(r, &e);
	r = show_results(&p, argc ? argv[0] : NULL, &e);
	r = place_close(&p, r, &e);
	return place_status(r, &e);
}
