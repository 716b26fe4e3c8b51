// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/opt.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPERAND = 1, /* what getopt returns for one when the short options begin with '-' */
	LONG = CHAR_MAX +
	       1, /* plus the place in the table: what it returns for a long option */
	HELP_COLUMN = 28,
	HELP_WIDTH = 79,
};

int opt_flag(void *field, const char *text, struct err *e)
{
	(void)text, (void)e;
	*(bool *)field = true;
	return 0;
}

int opt_string(void *field, const char *text, struct err *e)
{
	(void)e;
	*(const char **)field = text;
	return 0;
}

int opt_number(const char *text, uint64_t min, uint64_t max, uint64_t *v, struct err *e)
{
	uintmax_t n;
	char *end;

	/* strtoumax() takes blanks and signs, "-1" even as a very large number. */
	errno = 0;
	n = strtoumax(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end)
		return err_set(e, -EINVAL,
			       "\"%s\" is not a number from %" PRIu64 " to %" PRIu64, text, min,
			       max);
	if (errno || n < min || n > max)
		return err_set(e, -EINVAL, "%s is out of range: %" PRIu64 " to %" PRIu64, text,
			       min, max);
	*v = n;
	return 0;
}

int opt_unsigned(void *field, const char *text, struct err *e)
{
	uint64_t v;
	int r = opt_number(text, 0, UINT_MAX, &v, e);

	if (r < 0)
		return r;
	*(unsigned *)field = (unsigned)v;
	return 0;
}

int opt_bytes(const char *text, uint64_t unit, uint64_t *v, struct err *e)
{
	static const char units[] = "kmgt";
	const char *u;
	uint64_t n;
	char *end;

	errno = 0;
	n = strtoumax(text, &end, 10);
	u = *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
	if (!isdigit((unsigned char)text[0]) || (*end && (!u || end[1])))
		return err_set(
			e, -EINVAL,
			"\"%s\" is not a size: write a number, then k, M, G, T or nothing",
			text);
	if (u)
		unit = UINT64_C(1024) << (10 * (u - units));
	if (errno || __builtin_mul_overflow(n, unit, v))
		return err_set(e, -EINVAL, "%s is too large a size: at most %" PRIu64 " bytes",
			       text, UINT64_MAX);
	return 0;
}

int opt_size(void *field, const char *text, struct err *e)
{
	return opt_bytes(text, 1, field, e);
}

static int find_short(const struct opt *table, int c)
{
	int i = 0;

	while (table[i].long_name && table[i].short_name != c)
		i++;
	return i;
}

/* "unknown" or "ambiguous" for a long option that getopt did not take. */
static int refuse_long(const struct opt *table, const char *word, struct err *e)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	char list[256] = "";
	size_t n = 0;

	for (const struct opt *o = table; o->long_name; o++) {
		if (strncmp(o->long_name, name, len) != 0 || n >= sizeof(list))
			continue;
		n += (size_t)snprintf(list + n, sizeof(list) - n, " --%s", o->long_name);
	}
	if (n)
		return err_set(e, -EINVAL, "--%.*s is ambiguous:%s", (int)len, name, list);
	return err_set(e, -EINVAL, "unknown option --%.*s (see --help)", (int)len, name);
}

/* What getopt's '?' or ':' for @word means, in words. */
static int refuse(const struct opt *table, const char *word, int c, struct err *e)
{
	int i = optopt >= LONG ? optopt - LONG : find_short(table, optopt);
	const struct opt *o = &table[i];

	if (c == ':')
		return err_set(e, -EINVAL, "--%s needs an argument: %s", o->long_name, o->arg);
	if (optopt >= LONG)
		return err_set(e, -EINVAL, "--%s takes no argument", o->long_name);
	if (optopt)
		return err_set(e, -EINVAL, "unknown option -%c in \"%s\" (see --help)", optopt,
			       word);
	return refuse_long(table, word, e);
}

static void reverse(char **v, int n)
{
	for (int i = 0; i < n / 2; i++) {
		char *t = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = t;
	}
}

/* Exchanges the first @a words of @v with the @b words behind them. */
static void exchange(char **v, int a, int b)
{
	reverse(v, a);
	reverse(v + a, b);
	reverse(v, a + b);
}

static int argument(const struct opt *o)
{
	if (!o->arg)
		return no_argument;
	return o->arg[0] == '[' ? optional_argument : required_argument;
}

/*
 * The table in getopt's two forms.  The '-' asks for operands as they come:
 * we move them ourselves, since getopt's own way obeys POSIXLY_CORRECT.  The
 * ':' keeps getopt from printing.
 */
static int to_getopt(const struct opt *table, char *shorts, struct option *longs, struct err *e)
{
	*shorts++ = '-';
	*shorts++ = ':';
	for (int n = 0; table[n].long_name; n++) {
		const struct opt *o = &table[n];

		if (n == OPT_MAX)
			return err_set(e, -E2BIG, "more than %d options in a table", OPT_MAX);
		longs[n] = (struct option){ o->long_name, argument(o), NULL, LONG + n };
		if (!o->short_name)
			continue;
		*shorts++ = o->short_name;
		for (int i = argument(o); i > 0; i--)
			*shorts++ = ':';
	}
	return 0;
}

static int take(const struct opt *table, void *dst, int c, uint64_t *given, struct err *e)
{
	int i = c >= LONG ? c - LONG : find_short(table, c);
	const struct opt *o = &table[i];
	int r = o->parse((char *)dst + o->offset, optarg, e);

	if (r < 0)
		return err_wrap(e, r, "--%s", o->long_name);
	*given |= UINT64_C(1) << i;
	return 0;
}

int opt_parse(const struct opt *table, void *dst, int argc, char **argv, uint64_t *given,
	      struct err *e)
{
	struct option longs[OPT_MAX + 1] = { 0 };
	char shorts[2 + 3 * OPT_MAX + 1] = "";
	int operands = 1; /* [operands, optind) are those met so far */
	int r = to_getopt(table, shorts, longs, e);
	int c = 0;

	*given = 0;
	optind = 0; /* glibc and musl: begin anew */
	while (r == 0 && c != -1) {
		int word = optind ? optind : 1;

		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == OPERAND)
			continue;
		if (c == '?' || c == ':')
			r = refuse(table, argv[word], c, e);
		else if (c != -1)
			r = take(table, dst, c, given, e);
		exchange(argv + operands, word - operands, optind - word);
		operands += optind - word;
	}
	return r < 0 ? r : operands;
}

int opt_check(const struct opt *table, uint64_t given, unsigned verb, const char *name,
	      struct err *e)
{
	for (int i = 0; table[i].long_name; i++) {
		const struct opt *o = &table[i];

		if ((given >> i & 1) && o->verbs && !(o->verbs & verb))
			return err_set(e, -EINVAL, "--%s has no meaning for %s", o->long_name,
				       name);
	}
	return 0;
}

/* Words of @text from column HELP_COLUMN on; the cursor stands there already. */
static void wrap(FILE *out, const char *text)
{
	int column = HELP_COLUMN;

	while (*text) {
		int len = (int)strcspn(text, " \n");
		bool first = column == HELP_COLUMN;

		if (!first && column + 1 + len > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
			first = true;
		}
		column += fprintf(out, "%s%.*s", first ? "" : " ", len, text);
		text += len;
		if (*text == '\n') {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		text += *text != 0;
	}
	fputc('\n', out);
}

void opt_help(FILE *out, const struct opt *table, const char *usage, unsigned verb)
{
	fprintf(out, "Usage: %s\n\nOptions:\n", usage);
	for (const struct opt *o = table; o->long_name; o++) {
		char dash[] = { '-', o->short_name, ',', 0 };
		int n;

		if (!o->help || (verb && o->verbs && !(o->verbs & verb)))
			continue;
		n = fprintf(out, "  %3s --%s%s%s", o->short_name ? dash : "", o->long_name,
			    argument(o) == required_argument ? "=" : "", o->arg ? o->arg : "");
		if (n > HELP_COLUMN - 2) {
			fputc('\n', out);
			n = 0;
		}
		fprintf(out, "%*s", HELP_COLUMN - n, "");
		wrap(out, o->help);
	}
}
