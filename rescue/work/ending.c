// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/ending.h"

#include <stdio.h>
#include <string.h>

/* By exit status; the last one is for all others. */
static const struct verdict {
	int status;
	const char *headline, *todo;
} verdicts[] = {
	{ WORK_REFUSED, "REFUSED",
	  "The disk was not touched. Remove the cause, and give the job again at the server." },
	{ WORK_BAD_IMAGE, "BAD IMAGE",
	  "Look at the image on the server: \"slate verify IMAGE\" tells what is wrong with "
	  "it." },
	{ WORK_DIFFERS, "DISK DIFFERS",
	  "What the disk gives back is not what was written, or it was changed since: if that "
	  "happens again after a restore, the disk or its cable is bad." },
	{ -1, "FAILED", "Remove the cause, and give the job again at the server." },
};

static const struct verdict *judge(int status)
{
	const struct verdict *v = verdicts;

	while (v->status != status && v->status != -1)
		v++;
	return v;
}

/* The state of the disk, for people who stand before it.  What a save touches is the image. */
static const char *disk_state(const struct agent *a, const struct outcome *o)
{
	const json_t *touched = json_object_get(o->receipt, "touched");
	const json_t *complete = json_object_get(o->receipt, "complete");
	const char *verb = json_string_value(json_object_get(o->receipt, "verb"));

	if (!o->receipt && o->status > 128 && !strcmp(a->job.verb, "restore"))
		return " The disk may be only partly written; then it will not start, and the "
		       "job has to be done again.";
	if (!json_is_true(touched) || (verb && !strcmp(verb, "save")))
		return "";
	return json_is_true(complete)
		       ? " The disk was written, and is whole."
		       : " The disk is only partly written and will not start; the job has to "
			 "be done again.";
}

static enum agent_next wait_out(struct agent *a)
{
	if (a->line.stay) {
		screen_say(a->screen, "This stays here until the PC is switched off, or until "
				      "Ctrl-Alt-Del.");
		for (;;)
			work_sleep(1000);
	}
	for (unsigned left = a->line.reboot_after; left; left--) {
		screen_move(a->screen, false, "The PC starts again in %u s", left);
		work_sleep(1000);
	}
	return AGENT_REBOOT;
}

enum agent_next ending_failure(struct agent *a, const struct screen_notice *n)
{
	screen_alarm(a->screen, n);
	return wait_out(a);
}

static enum agent_next failed(struct agent *a, const struct outcome *o)
{
	const struct verdict *v = judge(o->status);
	char why[ERR_MSG_MAX + 128], what[80];
	struct screen_notice n = { .headline = v->headline,
				   .what = what,
				   .why = why,
				   .todo = o->todo ? o->todo : v->todo };

	snprintf(what, sizeof(what), "The job \"%s\" did not succeed.", a->job.verb);
	snprintf(why, sizeof(why), "%s.%s", o->e.msg, disk_state(a, o));
	if (o->gone) {
		n.headline = "CANCELLED";
		n.todo = "At the server somebody can tell why.";
	}
	return ending_failure(a, &n);
}

static const struct next {
	const char *word, *text;
	enum agent_next next;
} nexts[] = {
	{ "poweroff", "The PC is switched off now.", AGENT_POWEROFF },
	{ "local", "The PC starts from its disk now.", AGENT_REBOOT },
	{ "", "The PC starts again now.", AGENT_REBOOT }, /* also "reboot" */
};

enum agent_next ending_job(struct agent *a, const struct outcome *o)
{
	const struct next *x = nexts;
	char what[64];
	struct screen_notice n = { .headline = "DONE", .what = what };

	if (o->gone || o->status)
		return failed(a, o);
	while (x->word[0] && strcmp(x->word, a->job.then) != 0)
		x++;
	snprintf(what, sizeof(what), "The job \"%s\" is done.", a->job.verb);
	n.todo = x->text;
	screen_alarm(a->screen, &n);
	return x->next;
}
