// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/child/child.h"

#include "common/plain.h"
#include "common/run_program.h"
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Our environment and one variable more; the caller frees. */
static char **environment(const char *variable)
{
	size_t n = 0;
	char **env;

	while (environ && environ[n])
		n++;
	env = calloc(n + 2, sizeof(*env));
	if (!env)
		return NULL;
	if (n)
		memcpy(env, environ, n * sizeof(*env));
	env[n] = (char *)(uintptr_t)variable;
	return env;
}

static int start(const char *path, const struct child_task *t, int out, int err, pid_t *ret)
{
	char **env = environment(t->variable);
	int r = ENOMEM;

	if (env)
		r = spawn_program(path, t->argv, env, (const int[]){ -1, out, err }, ret);
	free(env);
	return r;
}

static void close_both(int fds[2])
{
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int child_start(const struct child_task *t, struct child *ret, struct err *e)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, r;
	char path[PATH_MAX];

	*ret = (struct child){ .out.fd = -1, .err.fd = -1 };
	if (!program_find(t->argv[0], path, sizeof(path)))
		return err_set(e, -ENOENT, "the program %s is not in this rescue system",
			       t->argv[0]);
	if (t->lines && (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))) {
		r = err_sys(e, "cannot start %s", t->argv[0]);
		goto out;
	}
	r = start(path, t, out[1], err[1], &ret->pid);
	if (r) {
		ret->pid = 0;
		r = err_set(e, -r, "cannot start %s: %s", path, strerror(r));
		goto out;
	}
	if (t->lines) {
		ret->out.fd = out[0];
		ret->err.fd = err[0];
		fcntl(out[0], F_SETFL, O_NONBLOCK);
		fcntl(err[0], F_SETFL, O_NONBLOCK);
		out[0] = err[0] = -1;
	}
out:
	close_both(out);
	close_both(err);
	return r;
}

static void hand_on(struct child_lines *l, child_take *take, void *ctx)
{
	char raw[CHILD_LINE_MAX + 1], clean[CHILD_LINE_MAX + 1];

	memcpy(raw, l->buf, l->n);
	raw[l->n] = '\0';
	take(ctx, plain_text(clean, sizeof(clean), raw, "\t"));
	l->n = 0;
}

static void add(struct child_lines *l, char c, child_take *take, void *ctx)
{
	if (c == '\n' || c == '\r') {
		if (l->n)
			hand_on(l, take, ctx);
		l->cut = false;
	} else if (l->cut || l->n == sizeof(l->buf)) {
		l->cut = true;
	} else {
		l->buf[l->n++] = c ? c : '?';
	}
}

void child_read(struct child_lines *l, child_take *take, void *ctx)
{
	char buf[4096];
	ssize_t got;

	while (l->fd >= 0) {
		got = read(l->fd, buf, sizeof(buf));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		for (ssize_t i = 0; i < got; i++)
			add(l, buf[i], take, ctx);
		if (got > 0)
			continue;
		close(l->fd);
		l->fd = -1;
		if (l->n)
			hand_on(l, take, ctx);
	}
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool child_ended(struct child *c, int *ret_status)
{
	int status;

	if (!c->pid || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	*ret_status = exit_status(status);
	return true;
}

void child_signal(const struct child *c, int signal)
{
	if (c->pid > 0 && kill(-c->pid, signal))
		kill(c->pid, signal);
}

int child_stop(struct child *c, int ms)
{
	const struct timespec step = { .tv_nsec = 20000000 };
	int status = 0;

	child_signal(c, SIGTERM);
	for (; ms > 0 && c->pid; ms -= 20) {
		if (child_ended(c, &status))
			return status;
		nanosleep(&step, NULL);
	}
	if (!c->pid)
		return status;
	child_signal(c, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	c->pid = 0;
	return exit_status(status);
}

void child_close(struct child *c)
{
	if (c->out.fd >= 0)
		close(c->out.fd);
	if (c->err.fd >= 0)
		close(c->err.fd);
	c->out.fd = c->err.fd = -1;
}
