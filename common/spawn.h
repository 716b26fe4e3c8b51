// SPDX-License-Identifier: GPL-3.0-or-later
/* spawn.h - starts a program: what run_program.h and the rescue system's children share. */
#ifndef COMMON_SPAWN_H
#define COMMON_SPAWN_H

#include <sys/types.h>

/*
 * Starts @path with @argv and @env (both ended by NULL) in a session of its own: it has no
 * terminal, and no Ctrl-C reaches it.  No signal is blocked or ignored in it.  @fds become its
 * standard input, output and errors; -1 stands for /dev/null.  Returns 0 or an errno, as
 * posix_spawn() does.
 */
int spawn_program(const char *path, const char *const argv[], char *const env[],
		  const int fds[3], pid_t *ret);

#endif
