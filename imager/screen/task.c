// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/screen/task.h"

#include "common/clock.h"
#include "common/plain.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Seconds between two news of progress. */
#define NEWS_EVERY 0.2

struct task {
	const struct command *verbs;
	int news_fd, cancel_fd; /* eventfds */
	pthread_t thread;
	bool joinable;
	char *argv[TASK_ARGS + 1];
	int argc;
	int (*call)(void *arg, const struct watcher *w, struct err *e); /* or NULL: argv */
	void *call_arg;
	struct watcher watcher;
	struct outcome outcome;
	char *printed, *messages; /* memstreams */
	double began;
	double rung; /* when news of progress were told last */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t answered;
	struct task_view now; /* regions and notices are the task's */
	int answer;           /* -1: none yet */
};

static void ring(int fd)
{
	uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}

static void silence(int fd)
{
	uint64_t n;

	(void)!read(fd, &n, sizeof(n));
}

/* ---- what the worker tells ----------------------------------------------------- */

static void keep_regions(struct task_view *v, const struct progress *p)
{
	struct region_progress *r = v->regions;

	if (!p->n_regions) /* a sync has none: what was there stays to be seen */
		return;
	if (v->n_regions != p->n_regions)
		r = realloc(v->regions, p->n_regions * sizeof(*r));
	if (!r)
		return;
	memcpy(r, p->regions, p->n_regions * sizeof(*r));
	v->regions = r;
	v->n_regions = p->n_regions;
}

static void show(void *arg, const struct progress *p, bool last)
{
	struct task *t = arg;

	pthread_mutex_lock(&t->lock);
	t->now.p = *p;
	snprintf(t->now.phase, sizeof(t->now.phase), "%s", p->phase);
	keep_regions(&t->now, p);
	/* A serial line would not carry each of them. */
	if (last || clock_seconds() - t->rung >= NEWS_EVERY) {
		t->rung = clock_seconds();
		ring(t->news_fd);
	}
	pthread_mutex_unlock(&t->lock);
}

static void notice(void *arg, const char *text)
{
	struct task *t = arg;
	struct task_view *v = &t->now;
	char clean[ERR_MSG_MAX];
	char *copy = strdup(plain_text(clean, sizeof(clean), text, ""));

	if (!copy)
		return;
	pthread_mutex_lock(&t->lock);
	if (v->n_notices == TASK_NOTICES) {
		free(v->notices[0]);
		memmove(v->notices, v->notices + 1, sizeof(v->notices) - sizeof(*v->notices));
		v->n_notices--;
	}
	v->notices[v->n_notices++] = copy;
	pthread_mutex_unlock(&t->lock);
	ring(t->news_fd);
}

#define COPY(to, from) plain_text(to, sizeof(to), from, "\n")

static void copy_question(struct task_question *to, const struct question *q)
{
	*to = (struct task_question){ .destroys = q->loss != NULL };
	COPY(to->title, q->title);
	COPY(to->message, q->message);
	if (!q->loss)
		return;
	COPY(to->device, q->loss->device);
	COPY(to->model, q->loss->model);
	COPY(to->serial, q->loss->serial);
	COPY(to->holds, q->loss->holds);
	COPY(to->from, q->loss->from);
	COPY(to->parts, q->loss->parts ? q->loss->parts : "");
	to->size = q->loss->size;
}

/* Waits for task_answer() or task_cancel(). */
static int ask(void *arg, const struct question *q, struct err *e)
{
	struct task *t = arg;
	int answer;

	pthread_mutex_lock(&t->lock);
	copy_question(&t->now.question, q);
	t->answer = -1;
	if (t->now.state == TASK_RUNS)
		t->now.state = TASK_ASKS;
	ring(t->news_fd);
	while (t->answer < 0 && t->now.state == TASK_ASKS)
		pthread_cond_wait(&t->answered, &t->lock);
	answer = t->answer;
	pthread_mutex_unlock(&t->lock);
	if (answer < 0)
		return err_set(e, -EINTR, "stopped before anything was touched");
	return answer ? 0 : err_set(e, -ECANCELED, "%s: not confirmed", q->title);
}

/* ---- the worker ------------------------------------------------------------------- */

/* Where a verb has told nothing of its end, what it printed is all there is. */
static void complete(struct task *t, int status)
{
	struct outcome *o = &t->outcome;

	o->status = status;
	if (!o->text[0] && status && t->messages)
		plain_text(o->text, sizeof(o->text), t->messages, "\n");
}

static void run_verb(struct task *t)
{
	size_t n_out = 0, n_err = 0;
	char *argv[TASK_ARGS + 1];
	struct face f = { .out = open_memstream(&t->printed, &n_out),
			  .err = open_memstream(&t->messages, &n_err),
			  .watcher = &t->watcher,
			  .yes = ask,
			  .arg = t,
			  .outcome = &t->outcome };
	int status = 1;

	memcpy(argv, t->argv, sizeof(argv)); /* options are moved about */
	if (f.out && f.err)
		status = command_face(t->verbs, &f, t->argc, argv);
	else
		snprintf(t->outcome.text, sizeof(t->outcome.text), "out of memory");
	if (f.out)
		fclose(f.out);
	if (f.err)
		fclose(f.err);
	complete(t, status);
}

static void *work(void *arg)
{
	struct task *t = arg;
	struct err e = { "" };

	if (t->call) {
		t->outcome.status = t->call(t->call_arg, &t->watcher, &e) < 0;
		plain_text(t->outcome.text, sizeof(t->outcome.text), e.msg, "\n");
	} else {
		run_verb(t);
	}
	pthread_mutex_lock(&t->lock);
	t->now.state = TASK_ENDED;
	t->now.elapsed = clock_seconds() - t->began;
	ring(t->news_fd);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* ---- the screen's side -------------------------------------------------------------- */

int task_new(struct task **ret, const struct command *verbs, struct err *e)
{
	struct task *t = calloc(1, sizeof(*t));

	if (!t)
		return err_nomem(e);
	t->verbs = verbs;
	t->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->answered, NULL);
	t->watcher = (struct watcher){
		.show = show, .notice = notice, .arg = t, .cancel_fd = t->cancel_fd
	};
	if (t->news_fd < 0 || t->cancel_fd < 0) {
		int r = err_sys(e, "cannot make an event descriptor");

		task_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

bool task_busy(struct task *t)
{
	bool yes;

	pthread_mutex_lock(&t->lock);
	yes = t->now.state != TASK_IDLE && t->now.state != TASK_ENDED;
	pthread_mutex_unlock(&t->lock);
	return yes;
}

/* Forgets the task before; it has ended. */
static void forget(struct task *t)
{
	if (t->joinable)
		pthread_join(t->thread, NULL);
	t->joinable = false;
	for (int i = 0; i < t->argc; i++)
		free(t->argv[i]);
	memset(t->argv, 0, sizeof(t->argv));
	t->argc = 0;
	t->call = NULL;
	json_decref(t->outcome.report);
	t->outcome = (struct outcome){ .status = 0 };
	free(t->printed);
	free(t->messages);
	t->printed = t->messages = NULL;
	task_view_free(&t->now);
	silence(t->cancel_fd);
}

void task_free(struct task *t)
{
	if (!t)
		return;
	if (task_busy(t))
		task_cancel(t);
	forget(t);
	if (t->news_fd >= 0)
		close(t->news_fd);
	if (t->cancel_fd >= 0)
		close(t->cancel_fd);
	pthread_cond_destroy(&t->answered);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

int task_fd(const struct task *t)
{
	return t->news_fd;
}

void task_hush(struct task *t)
{
	silence(t->news_fd);
}

/* Signals are for the screen's thread. */
static int start(struct task *t, struct err *e)
{
	sigset_t all, before;
	int r;

	t->began = clock_seconds();
	t->now.state = TASK_RUNS;
	t->answer = -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&t->thread, NULL, work, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	t->joinable = r == 0;
	if (!r)
		return 0;
	t->now.state = TASK_IDLE;
	return err_set(e, -r, "cannot start a thread: %s", strerror(r));
}

static int make_ready(struct task *t, struct err *e)
{
	if (task_busy(t))
		return err_set(e, -EBUSY, "something else is being done; wait for its end");
	forget(t);
	return 0;
}

int task_start(struct task *t, int argc, const char *const *argv, struct err *e)
{
	int r = make_ready(t, e);

	if (r < 0)
		return r;
	if (argc > TASK_ARGS)
		return err_set(e, -E2BIG, "a command line of %d words is too long", argc);
	for (int i = 0; i < argc; i++, t->argc++) {
		t->argv[i] = strdup(argv[i]);
		if (!t->argv[i])
			return err_nomem(e);
	}
	return start(t, e);
}

int task_call(struct task *t, int (*run)(void *arg, const struct watcher *w, struct err *e),
	      void *arg, struct err *e)
{
	int r = make_ready(t, e);

	if (r < 0)
		return r;
	t->call = run;
	t->call_arg = arg;
	return start(t, e);
}

void task_view_free(struct task_view *v)
{
	for (unsigned i = 0; i < v->n_notices; i++)
		free(v->notices[i]);
	free(v->regions);
	*v = (struct task_view){ .phase = "" };
	v->p.phase = "";
}

void task_look(struct task *t, struct task_view *ret)
{
	task_view_free(ret);
	silence(t->news_fd);
	pthread_mutex_lock(&t->lock);
	*ret = t->now;
	ret->regions = NULL;
	ret->n_regions = 0;
	if (t->now.n_regions) {
		ret->p.regions = t->now.regions;
		ret->p.n_regions = t->now.n_regions;
		keep_regions(ret, &ret->p);
	}
	ret->n_notices = 0;
	for (unsigned i = 0; i < t->now.n_notices; i++) {
		ret->notices[ret->n_notices] = strdup(t->now.notices[i]);
		ret->n_notices += ret->notices[ret->n_notices] != NULL;
	}
	if (ret->state != TASK_IDLE && ret->state != TASK_ENDED)
		ret->elapsed = clock_seconds() - t->began;
	pthread_mutex_unlock(&t->lock);
	ret->p.phase = ret->phase;
	ret->p.regions = ret->regions;
	ret->p.n_regions = ret->n_regions;
}

void task_answer(struct task *t, bool yes)
{
	pthread_mutex_lock(&t->lock);
	if (t->now.state == TASK_ASKS) {
		t->answer = yes;
		t->now.state = TASK_RUNS;
		pthread_cond_signal(&t->answered);
	}
	pthread_mutex_unlock(&t->lock);
}

void task_cancel(struct task *t)
{
	pthread_mutex_lock(&t->lock);
	if (t->now.state == TASK_RUNS || t->now.state == TASK_ASKS) {
		t->now.state = TASK_STOPS;
		ring(t->cancel_fd);
		pthread_cond_signal(&t->answered);
	}
	pthread_mutex_unlock(&t->lock);
	ring(t->news_fd);
}

const struct outcome *task_outcome(const struct task *t)
{
	struct task *own = (struct task *)t;
	bool ended;

	pthread_mutex_lock(&own->lock);
	ended = t->now.state == TASK_ENDED;
	pthread_mutex_unlock(&own->lock);
	return ended ? &t->outcome : NULL;
}

const char *task_printed(const struct task *t)
{
	return task_outcome(t) && t->printed ? t->printed : "";
}

const char *const *task_argv(const struct task *t, int *ret_argc)
{
	*ret_argc = t->argc;
	return (const char *const *)t->argv;
}
