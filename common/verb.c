// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/verb.h"

#include "common/plain.h"

#include <errno.h>
#include <string.h>

static const struct verb_row *row(const struct verb_table *t, size_t i)
{
	const void *at = (const char *)t->rows + i * t->row_size;
	const struct verb_row *v = at;

	return v->name ? v : NULL;
}

static const struct verb_row *find(const struct verb_table *t, const char *name)
{
	const struct verb_row *v;
	size_t i = 0;

	do
		v = row(t, i++);
	while (v && strcmp(v->name, name) != 0);
	return v;
}

/* The verb is known (@word: as it was given, or NULL); options and operands are its own. */
static int check(const struct verb_table *t, const struct verb_call *c, const char *word,
		 uint64_t given, struct err *e)
{
	const struct verb_row *v = c->verb;
	int r;

	if (!v)
		return word ? err_set(e, -EINVAL, "\"%.64s\" is no verb of this program", word)
			    : err_set(e, -EINVAL, "%s", t->ask);
	r = opt_check(t->options, given, v->bit, v->name, e);
	if (!r && (c->argc < v->min || (v->max >= 0 && c->argc > v->max)))
		r = err_set(e, -EINVAL, "%s %s %s, not %d operand%s", v->name, t->wants,
			    v->operands[0] ? v->operands : "no operand", c->argc,
			    c->argc == 1 ? "" : "s");
	return r;
}

/* A line a verb, in columns that are as wide as the widest. */
static void list(FILE *out, const struct verb_table *t)
{
	const struct verb_row *v;
	int name = 0, operands = 0;

	for (size_t i = 0; (v = row(t, i)); i++) {
		int n = (int)strlen(v->name), o = (int)strlen(v->operands);

		name = n > name ? n : name;
		operands = o > operands ? o : operands;
	}
	for (size_t i = 0; (v = row(t, i)); i++)
		fprintf(out, "  %s %-*s %-*s  %s\n", t->line, name, v->name, operands,
			v->operands, v->help);
}

/* Of all verbs, or with @v of that one. */
static void help(FILE *out, const struct verb_table *t, const struct verb_row *v)
{
	char usage[128];

	snprintf(usage, sizeof(usage), "%s [OPTION]... %s %s", t->program, v ? v->name : "VERB",
		 v ? v->operands : "OPERAND...");
	if (v) {
		opt_help(out, t->options, usage, v->bit);
		return;
	}
	fprintf(out, "%s - %s\n\n", t->program, t->does);
	list(out, t);
	fprintf(out, "%s\n", t->about);
	opt_help(out, t->options, usage, 0);
	fprintf(out, "\n%s", t->end);
}

void verb_tell(FILE *err, const char *program, const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(err, "%s: %s\n", program, plain_text(clean, sizeof(clean), e->msg, "\n"));
}

int verb_refuse(FILE *err, const struct verb_table *t, const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(err, "%s: %s\nTry \"%s --help\".\n", t->program,
		plain_text(clean, sizeof(clean), e->msg, ""), t->program);
	return -EINVAL;
}

int verb_begin(const struct verb_table *t, void *options, int argc, char **argv,
	       struct verb_call *ret, FILE *out, FILE *err)
{
	struct err e = { "" };
	uint64_t given = 0;
	int first = opt_parse(t->options, options, argc, argv, &given, &e);
	const char *word = first < 0 || first == argc ? NULL : argv[first];

	if (first < 0)
		return verb_refuse(err, t, &e);
	*ret = (struct verb_call){ 0 };
	if (word)
		*ret = (struct verb_call){ find(t, word), argv + first + 1, argc - first - 1 };
	if (!*t->version && !*t->help)
		return check(t, ret, word, given, &e) ? verb_refuse(err, t, &e) : 1;
	if (*t->version)
		fprintf(out, "%s %s\n", t->program, VERSION);
	else
		help(out, t, ret->verb);
	return 0;
}
