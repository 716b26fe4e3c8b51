// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * opt.h - command line options from one table.
 *
 * The table fills a plain struct and is also where --help comes from, so the
 * two cannot disagree.  Options stand anywhere among the operands, before and
 * behind the verb, whatever POSIXLY_CORRECT says; "--" ends them.  Short ones
 * may be glued (-z1, -bdo), long ones shortened as long as they are
 * unambiguous.  The last of several counts.
 *
 * As the verb is an operand too, parsing comes first and opt_check() tells
 * afterwards whether each option given means something for that verb.
 */
#ifndef COMMON_OPT_H
#define COMMON_OPT_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OPT_MAX 64 /* entries of a table: one bit each in the given mask */

struct opt {
	char short_name; /* 0: long only */
	const char *long_name;
	/* Name of the argument for --help; "[=NAME]": it may be left out; NULL: a flag. */
	const char *arg;
	const char *help; /* for --help, '\n' begins a new line; NULL: taken but not shown */
	/*
	 * Parses @text (NULL: a flag, or left out) into the field at @offset.  Keeps the
	 * pointer where it likes: it points into argv.
	 */
	int (*parse)(void *field, const char *text, struct err *e);
	size_t offset;
	unsigned verbs; /* the verbs it means something for, bits of the caller's; 0: all */
};

/* Ready-made parsers; each names the C type its field must have. */
int opt_flag(void *field_bool, const char *text, struct err *e);
int opt_string(void *field_char_p, const char *text, struct err *e);
int opt_unsigned(void *field_unsigned, const char *text, struct err *e);
int opt_size(void *field_u64, const char *text, struct err *e); /* 512 64k 4M 1G 2T */

/*
 * For the caller's own parsers.  opt_number() takes a decimal number from @min
 * to @max; opt_bytes() a number with k M G T (powers of 1024, either case), or
 * one without, which counts in @unit bytes.  -EINVAL with the limits named.
 */
int opt_number(const char *text, uint64_t min, uint64_t max, uint64_t *v, struct err *e);
int opt_bytes(const char *text, uint64_t unit, uint64_t *v, struct err *e);

/*
 * Fills @dst from @argv by the @table (ended by a NULL long_name), moves the
 * operands behind the options, in their order, and returns the index of the
 * first one (@argc: none).  Bit i of @given tells that table[i] was given.
 * -EINVAL for wrong usage, or what a parser returned.  Uses getopt(3), which
 * keeps its place in globals: not for two threads at once.
 */
int opt_parse(const struct opt *table, void *dst, int argc, char **argv, uint64_t *given,
	      struct err *e);

/* -EINVAL when one of the options @given means nothing for the @verb (one bit) called @name. */
int opt_check(const struct opt *table, uint64_t given, unsigned verb, const char *name,
	      struct err *e);

/*
 * Writes "Usage: @usage" and the options for @verb (0: for any) to @out, at
 * most 79 columns wide.
 */
void opt_help(FILE *out, const struct opt *table, const char *usage, unsigned verb);

#endif
