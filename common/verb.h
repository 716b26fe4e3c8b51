// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * verb.h - the command line of a program with verbs, "PROGRAM [OPTION]... VERB
 * OPERAND...", from one table of verbs and one of options (opt.h).
 */
#ifndef COMMON_VERB_H
#define COMMON_VERB_H

#include "common/opt.h"

#include <stdbool.h>

/* What each element of a program's table begins with; behind it is what runs it. */
struct verb_row {
	const char *name, *operands, *help;
	int min, max; /* operands; max -1: any number */
	unsigned bit; /* of the verbs in struct opt */
};

struct verb_table {
	const char *program;
	/* Of the help: what the program does, how a verb's line begins, what is below them. */
	const char *does, *line, *about, *end;
	const char *ask;   /* the error when there is no verb */
	const char *wants; /* "needs": a verb so many operands */
	const struct opt *options;
	const bool *help, *version; /* fields that verb_begin() fills */
	const void *rows;           /* the last one has no name */
	size_t row_size;
};

struct verb_call {
	const struct verb_row *verb;
	char **argv; /* its operands, in the caller's argv */
	int argc;
};

/*
 * Parses the command line into @options.  1: the caller is to run *ret.  0: --help
 * or --version was answered on @out.  -EINVAL: wrong usage, as told on @err.
 */
int verb_begin(const struct verb_table *t, void *options, int argc, char **argv,
	       struct verb_call *ret, FILE *out, FILE *err);

/* Tells "@program: @e", which may be more than a line. */
void verb_tell(FILE *err, const char *program, const struct err *e);
/* Tells wrong usage, and where help is; returns -EINVAL. */
int verb_refuse(FILE *err, const struct verb_table *t, const struct err *e);

#endif
