// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/run_program.h"

#include "common/io.h"
#include "common/spawn.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEM_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

static bool find_along(const char *dirs, const char *name, char *ret, size_t n)
{
	size_t len;

	for (; *dirs; dirs += len + (dirs[len] == ':')) {
		len = strcspn(dirs, ":");
		if (len && snprintf(ret, n, "%.*s/%s", (int)len, dirs, name) < (int)n &&
		    !access(ret, X_OK))
			return true;
	}
	return false;
}

bool program_find(const char *name, char *ret_path, size_t n)
{
	const char *path = getenv("PATH");

	return (path && find_along(path, name, ret_path, n)) ||
	       find_along(SYSTEM_PATH, name, ret_path, n);
}

/* Our environment but for the language; the caller frees. */
static char **make_environment(char *path, size_t path_size, char *locale)
{
	size_t n = 0, kept = 0;
	const char *own = getenv("PATH");
	char **env;

	while (environ && environ[n])
		n++;
	env = calloc(n + 3, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (strncmp(environ[i], "LC_", 3) != 0 && strncmp(environ[i], "LANG", 4) != 0 &&
		    strncmp(environ[i], "PATH=", 5) != 0)
			env[kept++] = environ[i];
	}
	snprintf(path, path_size, "PATH=%s:" SYSTEM_PATH, own && *own ? own : SYSTEM_PATH);
	env[kept++] = path;
	env[kept] = locale;
	return env;
}

/* A descriptor that reads as @input does. */
static int open_input(const char *input)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd >= 0 && io_pwrite(fd, input, strlen(input), 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Who is asked to stop half-way through a filesystem must not do that: so its own session. */
static int start(const char *path, const char *const argv[], int in, int out, pid_t *ret)
{
	char locale[] = "LC_ALL=C", search[PATH_MAX];
	char **env = make_environment(search, sizeof(search), locale);
	int r = ENOMEM;

	if (env)
		r = spawn_program(path, argv, env, (const int[]){ in, out, out }, ret);
	free(env);
	return r;
}

/* Reads all there is and keeps the end of it. */
static void collect(int fd, struct output *o)
{
	size_t room = sizeof(o->text) - 1, n = 0;
	ssize_t got;

	for (;;) {
		if (n == room) {
			memmove(o->text, o->text + room / 2, n - room / 2);
			n -= room / 2;
		}
		got = io_read(fd, o->text + n, room - n < 4096 ? room - n : 4096);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	o->text[n] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!o->text[i])
			o->text[i] = ' ';
	}
}

static int wait_for(pid_t pid, const char *name, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return err_sys(e, "cannot wait for %s", name);
	}
	if (WIFSIGNALED(status))
		return err_set(e, -EIO, "%s was ended by a signal (%s)", name,
			       strsignal(WTERMSIG(status)));
	return WEXITSTATUS(status);
}

int program_run(const char *const argv[], const char *input, struct output *ret, struct err *e)
{
	int in = -1, out[2] = { -1, -1 }, r;
	char path[PATH_MAX];
	pid_t pid;

	ret->text[0] = '\0';
	if (!program_find(argv[0], path, sizeof(path)))
		return err_set(e, -ENOENT, "the program %s is not installed", argv[0]);
	if (input)
		in = open_input(input);
	if ((input && in < 0) || pipe2(out, O_CLOEXEC)) {
		r = err_sys(e, "cannot start %s", argv[0]);
		goto out;
	}
	r = start(path, argv, in, out[1], &pid);
	if (r) {
		r = err_set(e, -r, "cannot start %s: %s", path, strerror(r));
		goto out;
	}
	close(out[1]);
	out[1] = -1;
	collect(out[0], ret);
	r = wait_for(pid, argv[0], e);
out:
	if (in >= 0)
		close(in);
	if (out[0] >= 0)
		close(out[0]);
	if (out[1] >= 0)
		close(out[1]);
	return r;
}

const char *output_last_line(struct output *o)
{
	size_t n = strlen(o->text);
	char *line;

	while (n && isspace((unsigned char)o->text[n - 1]))
		o->text[--n] = '\0';
	/* A line that begins with a blank goes on with the one before. */
	while (n && !(strchr("\n\r", o->text[n - 1]) && !strchr(" \t", o->text[n])))
		n--;
	line = o->text + n;
	for (char *c = line; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = isspace((unsigned char)*c) ? ' ' : '?';
	}
	return line;
}
