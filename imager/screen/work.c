// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/work.h"

#include "imager/screen/inventory.h"
#include "imager/screen/progress.h"
#include "imager/screen/quote.h"
#include "imager/screen/task.h"

#include <string.h>

static const struct work_verb verbs[] = {
	{ "save", T_WORK_SAVE, T_STOP_SAVE, T_STOPPED_SAVE },
	{ "restore", T_WORK_RESTORE, T_STOP_WRITE, T_STOPPED_UNTOUCHED },
	{ "clone", T_WORK_CLONE, T_STOP_WRITE, T_STOPPED_UNTOUCHED },
	{ "verify", T_WORK_VERIFY, T_STOP_READ, T_STOPPED_READ },
	{ "diff", T_WORK_DIFF, T_STOP_READ, T_STOPPED_READ },
	{ "", T_WORK_OTHER, T_STOP_READ, T_STOPPED_READ },
};

static const struct {
	const char *phase;
	enum text_id name;
} steps[] = {
	{ "save", T_STEP_SAVE },         { "restore", T_STEP_RESTORE },
	{ "clone", T_STEP_CLONE },       { "verify", T_STEP_VERIFY },
	{ "compare", T_STEP_COMPARE },   { "look", T_STEP_LOOK },
	{ "scan", T_STEP_SCAN },         { "seed", T_STEP_SEED },
	{ "simulate", T_STEP_SIMULATE }, { "shrink", T_STEP_SHRINK },
	{ "erase", T_STEP_ERASE },       { "discard", T_STEP_ERASE },
	{ "sync", T_STEP_SYNC },         { "", T_STEP_BEGIN },
};

void work_start(struct app *a, int argc, const char *const *argv)
{
	struct err e = { "" };

	inventory_pause(a->inventory);
	if (task_start(a->task, argc, argv, &e) < 0) {
		inventory_resume(a->inventory);
		app_tell(a, T_PROBLEM, e.msg);
	} else if (app_push(a, &progress_screen, NULL) < 0) {
		task_cancel(a->task);
	}
}

const struct work_verb *work_verb(const struct app *a)
{
	const struct work_verb *v = verbs;
	int argc;
	const char *const *argv = task_argv(a->task, &argc);

	while (v->verb[0] && (argc < 2 || strcmp(v->verb, argv[1]) != 0))
		v++;
	return v;
}

const char *work_step(const char *phase)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!strcmp(steps[i].phase, phase))
			return tr(steps[i].name);
	return phase;
}

char *work_line(const struct app *a)
{
	int argc;
	const char *const *argv = task_argv(a->task, &argc);

	return quote_line(argc, argv);
}
