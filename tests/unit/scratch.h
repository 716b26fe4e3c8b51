// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * scratch.h - a place for one test: a folder with files, loop devices and
 * mounts that goes away with the test, however it ends.
 *
 * Pass scratch_setup and scratch_teardown to cmocka; *state is the struct
 * scratch.  scratch_isolate() first of all in main(): mounts then stay inside
 * the test's own mount namespace, even after a crash.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct scratch {
	char dir[64];
	char loops[8][32];
	char mounts[8][128];
	int n_loops, n_mounts;
};

static inline int scratch_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Runs a shell command without its output; returns its status as system() does. */
static inline int scratch_run(const char *fmt, ...)
{
	char cmd[1024], quiet[1100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	snprintf(quiet, sizeof(quiet), "{ %s ; } >/dev/null 2>&1", cmd);
	return system(quiet);
}

static inline void scratch_isolate(void)
{
	if (geteuid() == 0 && !unshare(CLONE_NEWNS))
		(void)mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL);
}

#define scratch_need_root()                                                                    \
	do {                                                                                   \
		if (geteuid() != 0) {                                                          \
			print_message("needs root: loop devices and mounts\n");                \
			skip();                                                                \
		}                                                                              \
	} while (0)

static inline int scratch_setup(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return -1;
	snprintf(s->dir, sizeof(s->dir), "/var/tmp/slate-test-XXXXXX");
	*state = s;
	return mkdtemp(s->dir) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
	struct scratch *s = *state;
	int r = 0;

	while (s->n_mounts)
		(void)umount2(s->mounts[--s->n_mounts], MNT_DETACH);
	while (s->n_loops)
		r |= scratch_run("losetup -d %s", s->loops[--s->n_loops]);
	r |= scratch_run("rm -rf --one-file-system %s", s->dir);
	free(s);
	return r;
}

/* Writes "<dir>/<name>" into @buf, 160 bytes, and returns it. */
static inline char *scratch_join(char *buf, const struct scratch *s, const char *name)
{
	snprintf(buf, 160, "%s/%s", s->dir, name);
	return buf;
}

/* Makes <dir>/<name>, @size bytes and all hole. */
static inline void scratch_file(const struct scratch *s, const char *name, off_t size)
{
	char path[160];
	int fd =
		open(scratch_join(path, s, name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

/* Attaches a loop device to @file; the name belongs to @s. */
static inline const char *scratch_loop(struct scratch *s, const char *file, const char *options)
{
	char *name = s->loops[s->n_loops], cmd[300];
	FILE *out;

	snprintf(cmd, sizeof(cmd), "losetup --show -f %s %s", options, file);
	out = popen(cmd, "r");
	assert_non_null(out);
	assert_non_null(fgets(name, sizeof(s->loops[0]), out));
	assert_int_equal(pclose(out), 0);
	name[strcspn(name, "\n")] = '\0';
	s->n_loops++;
	return name;
}

/* Mounts on <dir>/<name>, which is made; returns that path, which belongs to @s. */
static inline const char *scratch_mount(struct scratch *s, const char *name, const char *source,
					const char *type, unsigned long flags)
{
	char *point = s->mounts[s->n_mounts], path[160];

	scratch_join(path, s, name);
	assert_true(strlen(path) < sizeof(s->mounts[0]));
	memcpy(point, path, strlen(path) + 1);
	assert_int_equal(mkdir(point, 0700), 0);
	assert_int_equal(mount(source, point, type, flags, NULL), 0);
	s->n_mounts++;
	return point;
}

#endif
