// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/imager.h"

#include "common/clock.h"
#include "common/io.h"
#include "rescue/child/child.h"
#include "rescue/screen/progress.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX   24
#define REPORT_MAX (8U << 20) /* bytes */
#define PATIENCE   20000      /* ms, for it to end when the job is cancelled */

struct run {
	struct agent *a;
	struct outcome *o;
	struct child child;
	int64_t gone_at; /* clock_ms() when the job was cancelled */
	char phase[24];
	char said[256]; /* the first line of what it complained about */
};

const char *imager_verify(const char *word)
{
	static const char *const words[][2] = { { "sample", "--verify=sample" },
						{ "full", "--verify=full" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i][0], word))
			return words[i][1];
	return NULL;
}

static uint64_t number(const json_t *o, const char *name)
{
	double v = json_number_value(json_object_get(o, name));

	return v > 0 && v < 9e18 ? (uint64_t)v : 0;
}

static void show(struct run *r, const json_t *o)
{
	const char *phase = json_string_value(json_object_get(o, "phase"));
	const json_t *eta = json_object_get(o, "eta");
	struct screen_progress p = { .done = number(o, "done"),
				     .total = number(o, "total"),
				     .rate = number(o, "rate"),
				     .eta = json_is_number(eta) ? (int64_t)number(o, "eta")
								: -1 };
	unsigned away = reporter_away(r->a->reporter);
	char text[PROGRESS_TEXT_MAX], hint[48] = "";
	bool fresh;

	snprintf(p.phase, sizeof(p.phase), "%s", phase ? phase : "");
	fresh = strcmp(r->phase, p.phase) != 0;
	memcpy(r->phase, p.phase, sizeof(r->phase));
	if (away > 5)
		snprintf(hint, sizeof(hint), "  (no server for %u s)", away);
	screen_move(r->a->screen, fresh, "%s%s", screen_progress_text(&p, text), hint);
}

/* A line of slate's standard output. */
static void on_json(void *ctx, const char *line)
{
	struct run *r = ctx;
	json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const char *event = json_string_value(json_object_get(o, "event"));

	if (event && !strcmp(event, "progress")) {
		reporter_line(r->a->reporter, line);
		show(r, o);
	} else if (event && !strcmp(event, "notice")) {
		const char *text = json_string_value(json_object_get(o, "text"));

		agent_say(r->a, "%s", text ? text : "");
	}
	json_decref(o);
}

/* Of its standard error: errors, which the receipt has, too, but not when it crashed. */
static void on_text(void *ctx, const char *line)
{
	struct run *r = ctx;

	if (!r->said[0])
		snprintf(r->said, sizeof(r->said), "%s", line);
	agent_say(r->a, "%s", line);
}

/* The job is cancelled: it may leave its target in order, but not take forever. */
static void on_gone(struct run *r)
{
	r->o->gone = true;
	r->gone_at = clock_ms();
	child_signal(&r->child, SIGTERM);
}

/* Until it has ended; its exit status. */
static int follow(struct run *r)
{
	int gone = reporter_gone_fd(r->a->reporter), status = -1;
	bool ended = false;

	while (!ended) {
		struct pollfd p[] = { { .fd = r->child.out.fd, .events = POLLIN },
				      { .fd = r->child.err.fd, .events = POLLIN },
				      { .fd = r->o->gone ? -1 : gone, .events = POLLIN } };

		/* With both streams at their end only the process is left. */
		(void)poll(p, 3, p[0].fd < 0 && p[1].fd < 0 ? 20 : 1000);
		if (p[2].revents)
			on_gone(r);
		else if (r->o->gone && clock_ms() - r->gone_at > PATIENCE)
			child_signal(&r->child, SIGKILL);
		ended = child_ended(&r->child, &status);
		child_read(&r->child.out, on_json, r);
		child_read(&r->child.err, on_text, r);
	}
	child_close(&r->child);
	return status;
}

static json_t *load_receipt(const char *path)
{
	char *text = io_slurp(path, REPORT_MAX);
	json_t *o = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	free(text);
	if (o && !json_is_object(o)) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static void judge(struct run *r, int status, const char *report)
{
	struct outcome *o = r->o;
	const char *error;

	o->receipt = load_receipt(report);
	o->status = status;
	error = json_string_value(json_object_get(o->receipt, "error"));
	if (o->gone)
		err_set(&o->e, 0, "the server has cancelled the job");
	else if (!status)
		return;
	else if (error && error[0])
		err_set(&o->e, 0, "%s", error);
	else if (status > 128)
		err_set(&o->e, 0, "slate was ended by signal %d, perhaps as memory ran out",
			status - 128);
	else
		err_set(&o->e, 0, "slate ended with status %d%s%s", status,
			r->said[0] ? ": " : " and said nothing", r->said);
}

static void add(const char *argv[ARGS_MAX], unsigned *n, const char *arg)
{
	if (*n < ARGS_MAX - 1)
		argv[(*n)++] = arg;
}

void imager_run(struct agent *a, const char *const args[], struct outcome *o)
{
	char report[PATH_MAX], option[PATH_MAX + 16], cacert[PATH_MAX + 16], token[300];
	const char *argv[ARGS_MAX] = { "slate" };
	struct child_task t = { .argv = argv, .lines = true };
	struct run r = { .a = a, .o = o };
	unsigned n = 1;
	int code;

	snprintf(report, sizeof(report), "%s/run/slate/report.json", a->root);
	snprintf(option, sizeof(option), "--report=%s", report);
	snprintf(cacert, sizeof(cacert), "--cacert=%s", a->cacert);
	snprintf(token, sizeof(token), "SLATE_TOKEN=%s", a->job.token);
	(void)unlink(report);
	add(argv, &n, "--json");
	add(argv, &n, "--batch");
	add(argv, &n, option);
	if (a->cacert[0] && a->server[0])
		add(argv, &n, cacert);
	for (; *args; args++)
		add(argv, &n, *args);
	if (a->job.token[0])
		t.variable = token;
	code = child_start(&t, &r.child, &o->e);
	if (code)
		outcome_fail(o, code);
	else
		judge(&r, follow(&r), report);
}
