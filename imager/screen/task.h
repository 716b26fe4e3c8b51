// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * task.h - the one thing that is being done: a command line, run by the code
 * that runs it for the shell, in a thread of its own.
 *
 * Only the screen's thread calls these functions.  There is never more than one
 * thing to do; its result stays until the next one begins.
 */
#ifndef IMAGER_SCREEN_TASK_H
#define IMAGER_SCREEN_TASK_H

#include "imager/cmd/command.h"
#include "imager/cmd/face.h"

#define TASK_ARGS    40
#define TASK_NOTICES 64

enum task_state {
	TASK_IDLE,  /* nothing was begun yet */
	TASK_RUNS,  /* it works */
	TASK_ASKS,  /* it waits for task_answer() */
	TASK_STOPS, /* task_cancel() was called, it has not ended yet */
	TASK_ENDED,
};

/* A question of the engine, copied. */
struct task_question {
	char title[64], message[1024];
	bool destroys; /* ... what @device holds; what follows is set */
	char device[256], model[128], serial[128], holds[256], from[512];
	char parts[512]; /* "": all of @device */
	uint64_t size;
};

/* All that can be drawn: a copy. */
struct task_view {
	enum task_state state;
	struct progress p; /* phase: never NULL; regions: in @regions */
	char phase[32];
	struct region_progress *regions; /* the view's; freed by task_view_free() */
	uint32_t n_regions;
	double elapsed; /* seconds since it began */
	struct task_question question;
	char *notices[TASK_NOTICES]; /* the view's, the newest last */
	unsigned n_notices;
};

struct task;

/* @verbs: main's table. */
int task_new(struct task **ret, const struct command *verbs, struct err *e);
/* Asks what runs to stop, and waits until it has. */
void task_free(struct task *t);

/* Readable when there is something new to see; task_look() makes it quiet. */
int task_fd(const struct task *t);

/* Makes task_fd() quiet, for who looks at the task all the same or not at all. */
void task_hush(struct task *t);
/* True while something runs, also when it was asked to stop. */
bool task_busy(struct task *t);

/*
 * Runs a command line; argv[0] is "slate", and all of it is copied.  -EBUSY:
 * something runs already; -E2BIG.
 */
int task_start(struct task *t, int argc, const char *const *argv, struct err *e);
/* Runs a function of the engine, as an estimate.  @arg lives until the end. */
int task_call(struct task *t, int (*run)(void *arg, const struct watcher *w, struct err *e),
	      void *arg, struct err *e);

/* A copy of what can be seen now, into @ret, which was zeroed or looked at before. */
void task_look(struct task *t, struct task_view *ret);
void task_view_free(struct task_view *v);

/* Yes or no to the question; does nothing when there is none. */
void task_answer(struct task *t, bool yes);
/* Asks it to end as a signal would: the target stays in a state that is safe. */
void task_cancel(struct task *t);

/* How it ended; NULL while something runs or nothing did.  Stays the task's. */
const struct outcome *task_outcome(const struct task *t);
/* What it printed, as the table of diff; "" if nothing. */
const char *task_printed(const struct task *t);
/* The command line of the last task_start(), argc in *ret_argc. */
const char *const *task_argv(const struct task *t, int *ret_argc);

#endif
