// SPDX-License-Identifier: GPL-3.0-or-later
/* run_program.h - runs another program, without a terminal and without a shell. */
#ifndef COMMON_RUN_PROGRAM_H
#define COMMON_RUN_PROGRAM_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* What a program printed, both streams as they came: its end, where it is more. */
struct output {
	char text[16384];
};

/* Looks along PATH and then in /usr/sbin, /usr/bin, /sbin, /bin; true when found. */
bool program_find(const char *name, char *ret_path, size_t n);

/*
 * Runs @argv (argv[0] is looked for as above, NULL ends it) with the locale C
 * and @input (may be NULL) as standard input.  Returns its exit status.  -ENOENT:
 * not installed; -EIO: ended by a signal, which the text names.  @ret is
 * filled in any case.
 */
int program_run(const char *const argv[], const char *input, struct output *ret, struct err *e);

/*
 * The last line that says something, with what is continued below it, without
 * control characters; inside @o.
 */
const char *output_last_line(struct output *o);

#endif
