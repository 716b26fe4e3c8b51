// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>

static int connect_files(posix_spawn_file_actions_t *a, const int fds[3])
{
	int r = 0;

	for (int i = 0; i < 3 && !r; i++) {
		if (fds[i] >= 0)
			r = posix_spawn_file_actions_adddup2(a, fds[i], i);
		else
			r = posix_spawn_file_actions_addopen(a, i, "/dev/null",
							     i ? O_WRONLY : O_RDONLY, 0);
	}
	return r;
}

int spawn_program(const char *path, const char *const argv[], char *const env[],
		  const int fds[3], pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	r = connect_files(&actions, fds);
	if (!r)
		r = posix_spawn(ret, path, &actions, &attr, (char *const *)(uintptr_t)argv,
				env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}
