// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/guess.h"

#include "common/plain.h"
#include "imager/engine/estimate.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The quick ones first: they are known at once, the others may take a minute. */
#define QUICK 3

/* What the thread has; whoever is the last to need it frees it. */
struct job {
	_Atomic int owners;
	char *device;
	struct estimate v[GUESSES];
	size_t n;
	uint64_t used;
};

struct guess {
	const char *compress[GUESSES];
	char *device;
	struct job *job; /* at work, or NULL */
	enum guess_state state;
	size_t known; /* how many of the first ones are in bytes[] */
	uint64_t bytes[GUESSES], used;
	char error[ERR_MSG_MAX];
};

static void drop(struct job *j)
{
	if (atomic_fetch_sub(&j->owners, 1) > 1)
		return;
	free(j->device);
	free(j);
}

static int run(void *arg, const struct watcher *w, struct err *e)
{
	struct job *j = arg;
	int r = estimate_run(j->device, j->v, j->n, &j->used, w, e);

	drop(j);
	return r;
}

int guess_new(struct guess **ret, const char *device, const char *const compress[GUESSES],
	      struct err *e)
{
	struct guess *g = calloc(1, sizeof(*g));

	if (!g)
		return err_nomem(e);
	g->device = strdup(device);
	if (!g->device) {
		free(g);
		return err_nomem(e);
	}
	memcpy(g->compress, compress, sizeof(g->compress));
	*ret = g;
	return 0;
}

bool guess_stop(struct guess *g, struct task *t)
{
	if (g->job && !task_outcome(t)) {
		task_cancel(t);
		return false;
	}
	if (g->job)
		drop(g->job);
	g->job = NULL;
	return true;
}

void guess_free(struct guess *g, struct task *t)
{
	if (!g)
		return;
	if (!guess_stop(g, t))
		drop(g->job);
	free(g->device);
	free(g);
}

static struct job *make_job(const struct guess *g)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->device = strdup(g->device);
	j->owners = 2;
	j->n = g->known < QUICK ? QUICK : GUESSES - QUICK;
	for (size_t i = 0; i < j->n; i++)
		j->v[i].compress = g->compress[g->known + i];
	if (j->device)
		return j;
	free(j);
	return NULL;
}

/* While the task has something else to do, it is tried again. */
static void begin(struct guess *g, struct task *t)
{
	struct job *j = make_job(g);
	struct err e = { "" };
	int r = j ? task_call(t, run, j, &e) : err_nomem(&e);

	if (!r) {
		g->job = j;
		g->state = GUESS_RUNS;
		return;
	}
	if (j) { /* it was never shared */
		free(j->device);
		free(j);
	}
	if (r == -EBUSY)
		return;
	g->state = GUESS_FAILED;
	plain_text(g->error, sizeof(g->error), e.msg, "");
}

static void take(struct guess *g, const struct outcome *o)
{
	struct job *j = g->job;

	g->job = NULL;
	if (o->status) {
		g->state = GUESS_FAILED;
		snprintf(g->error, sizeof(g->error), "%s", o->text);
	} else {
		for (size_t i = 0; i < j->n; i++)
			g->bytes[g->known++] = j->v[i].bytes;
		g->used = j->used;
		g->state = g->known < GUESSES ? GUESS_WAITS : GUESS_KNOWN;
	}
	drop(j);
}

bool guess_step(struct guess *g, struct task *t, bool may)
{
	if (!may || g->state == GUESS_FAILED || g->state == GUESS_KNOWN)
		return false;
	if (!g->job) {
		begin(g, t);
		return g->state == GUESS_FAILED;
	}
	if (!task_outcome(t))
		return false;
	take(g, task_outcome(t));
	return true;
}

bool guess_bytes(const struct guess *g, size_t i, uint64_t *ret)
{
	if (i < g->known)
		*ret = g->bytes[i];
	return i < g->known;
}

uint64_t guess_used(const struct guess *g)
{
	return g->used;
}

enum guess_state guess_state(const struct guess *g)
{
	return g->state;
}

const char *guess_error(const struct guess *g)
{
	return g->error;
}
