// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/agent.h"

#include "common/io.h"
#include "rescue/work/ask.h"
#include "rescue/work/ending.h"
#include "rescue/work/local.h"
#include "rescue/work/target.h"
#include "rescue/work/work.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DHCP_SECONDS   90  /* a switch port with spanning tree is mute for 50 */
#define SERVER_SECONDS 300 /* it may be being restarted */
#define GUESS_SECONDS  15  /* the same when nothing says that there is a server at all */

/* Every verb that a job may have. */
static const struct verb {
	const char *name;
	work_do *work;
} verbs[] = {
	{ "restore", work_restore }, { "save", work_save },   { "verify", work_verify },
	{ "wipe", work_wipe },       { "shell", work_shell }, { "poweroff", work_nothing },
	{ "local", work_nothing },
};

static void unknown(struct agent *a, struct outcome *o)
{
	err_set(&o->e, 0, "this rescue system knows no job \"%s\": it is older than the server",
		a->job.verb);
	outcome_fail(o, -ECANCELED);
}

static void work(struct agent *a, struct outcome *o)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, a->job.verb)) {
			verbs[i].work(a, o);
			return;
		}
	unknown(a, o);
}

/* The server knows the job no more, before it has begun: or it was never this PC's. */
static void disowned(struct outcome *o)
{
	o->gone = true;
	err_set(&o->e, 0,
		"the server does not accept the job's token: the job was cancelled or given "
		"out anew. Nothing was touched");
	outcome_fail(o, -ECANCELED);
}

/* Jobs that say nothing but what is to be done at their end. */
static bool verb_is_next(const char *verb)
{
	return !strcmp(verb, "poweroff") || !strcmp(verb, "local");
}

/* From the job's begin to its end, which the server is told. */
static enum agent_next do_job(struct agent *a)
{
	const char *cacert = a->cacert[0] ? a->cacert : NULL;
	struct outcome o = { 0 };
	struct err e = { "" };
	enum agent_next next;

	if (verb_is_next(a->job.verb))
		snprintf(a->job.then, sizeof(a->job.then), "%s", a->job.verb);
	agent_say(a, "%s: %s %s", a->job.host[0] ? a->job.host : "this PC", a->job.verb,
		  a->job.image);
	if (reporter_start(a->server, cacert, a->job.token, &a->reporter, &o.e))
		outcome_fail(&o, -EIO);
	else if (reporter_gone(a->reporter))
		disowned(&o);
	else
		work(a, &o);
	reporter_stop(a->reporter);
	a->reporter = NULL;
	if (!o.gone) {
		char then[sizeof(a->job.then)];

		memcpy(then, a->job.then, sizeof(then));
		if (ask_end(a, &o, &e))
			agent_say(a, "the server does not know how it ended: %s", e.msg);
		if (!a->job.then[0])
			memcpy(a->job.then, then, sizeof(then));
	}
	next = ending_job(a, &o);
	json_decref(o.receipt);
	return next;
}

static enum agent_next no_job(struct agent *a)
{
	const struct screen_notice n = {
		.headline = "NO JOB",
		.what = "The server has nothing to do for this PC: it starts from its disk.",
	};

	screen_alarm(a->screen, &n);
	return AGENT_REBOOT;
}

static enum agent_next no_server(struct agent *a, int code, const struct err *e)
{
	bool silent = code == -EAGAIN;
	const struct screen_notice n = {
		.headline = "NO SERVER",
		.what = silent ? "The server of this room does not answer."
			       : "This PC and the server of this room do not get on.",
		.why = e->msg,
		.todo = silent ? "Is the server switched on? \"slate-pxe check\" on it tells "
				 "what is wrong."
			       : "Was this rescue system made for that server, and in the "
				 "same version? \"slate-rescue build\" makes it anew.",
	};

	return ending_failure(a, &n);
}

static enum agent_next no_network(struct agent *a, const struct err *e)
{
	const struct screen_notice n = {
		.headline = "NO NETWORK",
		.what = "This PC gets no address.",
		.why = e->msg,
		.todo = "Look at the cable and the switch, and whether the DHCP server runs.",
	};

	return ending_failure(a, &n);
}

/* The server by the command line, else by DHCP; "" when neither knows one. */
static void find_server(struct agent *a)
{
	char pem[PATH_MAX];

	if (a->line.server[0])
		snprintf(a->server, sizeof(a->server), "%s", a->line.server);
	else if (a->net.lease.next_server[0])
		snprintf(a->server, sizeof(a->server), "http://%s", a->net.lease.next_server);
	snprintf(pem, sizeof(pem), "%s/etc/slate/rescue/server.pem", a->root);
	if (!access(pem, F_OK))
		memcpy(a->cacert, pem, sizeof(pem));
}

static enum agent_next by_server(struct agent *a)
{
	bool told = a->line.server[0] != '\0';
	struct err e = { "" };
	int r;

	find_server(a);
	if (!a->server[0])
		return AGENT_SCREEN;
	screen_say(a->screen, "%s: %s; the server is %s", a->net.card.name,
		   a->net.lease.address, a->server);
	target_watch(a);
	r = client_new(a->server, a->cacert[0] ? a->cacert : NULL, &a->client, &e);
	if (!r)
		r = ask_job(a, told ? SERVER_SECONDS : GUESS_SECONDS, &e);
	if (r > 0)
		return do_job(a);
	/* Without both, somebody has started it from the disk or a stick, to work with it. */
	if (!r && (told || a->line.has_boot_card))
		return no_job(a);
	if (r && told)
		return no_server(a, r, &e);
	/* What DHCP calls the next server may be anything. */
	screen_say(a->screen, "%s", r ? e.msg : "the server has no job for this PC");
	return AGENT_SCREEN;
}

static enum agent_next by_network(struct agent *a)
{
	bool told = a->line.server[0] != '\0';
	struct network_task t = { .root = a->root,
				  .boot = a->line.has_boot_card ? &a->line.boot_card : NULL,
				  .seconds = told || a->line.has_boot_card ? DHCP_SECONDS
									   : GUESS_SECONDS,
				  .screen = a->screen };
	struct err e = { "" };
	enum agent_next next;

	if (network_up(&t, &a->net, &e))
		return told ? no_network(a, &e) : AGENT_SCREEN;
	next = by_server(a);
	client_free(a->client);
	network_down(&a->net);
	return next;
}

static enum agent_next by_itself(struct agent *a)
{
	struct outcome o = { 0 };
	enum agent_next next;

	local_restore(a, &o);
	next = ending_job(a, &o);
	json_decref(o.receipt);
	return next;
}

static enum agent_next bad_line(struct agent *a, const struct err *e)
{
	const struct screen_notice n = {
		.headline = "BAD OPTION",
		.what = "This boot entry is not in order.",
		.why = e->msg,
		.todo = "Mend the entry in the boot menu: slate-agent(8) has all words.",
	};

	return ending_failure(a, &n);
}

/* 0, or what is wrong in the command line. */
static int read_line(struct agent *a, struct err *e)
{
	char path[PATH_MAX], *text;
	int r;

	snprintf(path, sizeof(path), "%s/proc/cmdline", a->root);
	text = io_slurp(path, CMDLINE_MAX);
	if (!text)
		return cmdline_parse("", 0, &a->line, NULL);
	r = cmdline_parse(text, strlen(text), &a->line, e);
	free(text);
	return r;
}

enum agent_next agent_run(const char *root)
{
	struct agent *a = calloc(1, sizeof(*a));
	enum agent_next next = AGENT_SCREEN;
	char run[PATH_MAX];
	struct err e = { "" };

	if (!a)
		return next;
	signal(SIGPIPE, SIG_IGN);
	a->root = root;
	a->steps = json_array();
	snprintf(run, sizeof(run), "%s/run/slate", root);
	(void)mkdir(run, 0700);
	if (a->steps && !screen_open(root, &a->screen, &e)) {
		target_watch(a);
		if (read_line(a, &e))
			next = bad_line(a, &e);
		else
			next = a->line.local[0] ? by_itself(a) : by_network(a);
	}
	screen_free(a->screen);
	json_decref(a->steps);
	free(a);
	return next;
}
