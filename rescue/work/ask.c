// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/ask.h"

#include "common/io.h"
#include "rescue/work/receipt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_FIRST 250 /* ms; doubled each time */
#define PAUSE_MAX   2000
#define SAY         5000 /* ms between two words about it */
#define END_SECONDS 600

int ask_server(struct agent *a, const struct client_request *q, unsigned seconds,
	       struct client_answer *ret, struct err *e)
{
	int64_t began = work_now(), end = began + (int64_t)seconds * 1000, next = began + SAY;
	int pause = PAUSE_FIRST, r;

	for (;;) {
		r = client_call(a->client, q, ret, e);
		if (!r && !client_retry_status(ret->status))
			return 0;
		if (!r)
			r = client_refusal(q->path, ret, e) ? -EAGAIN : 0;
		if (r != -EAGAIN || work_now() + pause >= end)
			return r;
		if (work_now() >= next) {
			next = work_now() + SAY;
			screen_say(a->screen,
				   "the server cannot answer, for %u s now (%s); trying on",
				   (unsigned)((work_now() - began) / 1000), e->msg);
		}
		work_sleep(pause);
		pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
	}
}

/* The machine's number by SMBIOS, in lower case; "" when it has none that looks like one. */
static void read_uuid(const struct agent *a, char uuid[40])
{
	char path[PATH_MAX], *text;

	snprintf(path, sizeof(path), "%s/sys/class/dmi/id/product_uuid", a->root);
	text = io_slurp(path, 64);
	uuid[0] = '\0';
	if (text && strspn(text, "0123456789abcdefABCDEF-") == 36)
		snprintf(uuid, 40, "%.36s", text);
	for (char *c = uuid; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	free(text);
}

/* The caller frees. */
static char *question(const struct agent *a)
{
	char text[MAC_TEXT_MAX], uuid[40], *s;
	json_t *o = json_pack("{s:s}", "mac", mac_text(agent_card(a), text));

	read_uuid(a, uuid);
	if (uuid[0])
		json_object_set_new(o, "uuid", json_string(uuid));
	s = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return s;
}

/* It is handed out: without an end the server would take this PC for one that dies of it. */
static void refuse_job(struct agent *a, const struct err *why)
{
	struct outcome o = { .status = WORK_REFUSED, .e = *why };
	struct err e;

	if (a->job.token[0] && ask_end(a, &o, &e))
		agent_say(a, "the server does not know that it was refused: %s", e.msg);
}

int ask_job(struct agent *a, unsigned seconds, struct err *e)
{
	struct client_request q = { .method = "POST",
				    .path = "/api/v1/job",
				    .type = "application/json" };
	struct client_answer answer;
	char *body = question(a);
	int r;

	if (!body)
		return err_nomem(e);
	q.body = body;
	q.len = strlen(body);
	r = ask_server(a, &q, seconds, &answer, e);
	free(body);
	if (r)
		return r;
	if (answer.status == 204)
		return 0;
	if (answer.status != 200)
		return client_refusal("asking for a job", &answer, e);
	r = job_order_parse(answer.body, answer.len, &a->job, e);
	if (r)
		refuse_job(a, e);
	return r ? r : 1;
}

int ask_end(struct agent *a, const struct outcome *o, struct err *e)
{
	struct client_request q = { .method = "POST",
				    .path = "/api/v1/end",
				    .token = a->job.token,
				    .type = "application/json" };
	struct client_answer answer;
	char *body = receipt_text(a, o);
	int r;

	if (!body)
		return err_nomem(e);
	q.body = body;
	q.len = strlen(body);
	r = ask_server(a, &q, END_SECONDS, &answer, e);
	free(body);
	if (r)
		return r;
	/* Also the answer to the second try, when the one to the first was lost. */
	if (answer.status == 410)
		return 0;
	if (answer.status != 200)
		return client_refusal("the end of the job", &answer, e);
	job_then_parse(answer.body, answer.len, a->job.then);
	return 0;
}
