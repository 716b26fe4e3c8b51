// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/command.h"

#include "common/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int usage_error(const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(stderr, "slate-pxe: %s\nTry \"slate-pxe --help\".\n",
		plain_text(clean, sizeof(clean), e->msg, "\n"));
	return PXE_STATUS_USAGE;
}

int pxe_fail(int code, const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(stderr, "slate-pxe: %s\n", plain_text(clean, sizeof(clean), e->msg, "\n"));
	return code == -ECANCELED ? PXE_STATUS_PENDING : PXE_STATUS_FAILED;
}

static void show_help(const struct pxe_command *table, const struct pxe_command *c)
{
	char usage[128];

	if (c) {
		snprintf(usage, sizeof(usage), "slate-pxe [OPTION]... %s %s", c->name,
			 c->operands);
		opt_help(stdout, pxe_option_table, usage, c->verb);
		return;
	}
	printf("slate-pxe - boots a classroom and gives it its jobs\n\n");
	for (c = table; c->name; c++)
		printf("  slate-pxe %-7s %-30s  %s\n", c->name, c->operands, c->help);
	putchar('\n');
	opt_help(stdout, pxe_option_table, "slate-pxe [OPTION]... VERB OPERAND...", 0);
	printf("\nExit status: 0 done or nothing to do, 1 failed, 2 wrong usage,\n"
	       "3 refused before anything was touched, or check found something.\n"
	       "slate-pxe(8) and lab.conf(5) tell more.\n");
}

static const struct pxe_command *find(const struct pxe_command *table, const char *name)
{
	for (const struct pxe_command *c = table; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int run(const struct pxe_command *c, const struct pxe_options *o, uint64_t given,
	       int argc, char **argv)
{
	struct err e = { "" };

	if (opt_check(pxe_option_table, given, c->verb, c->name, &e))
		return usage_error(&e);
	if (argc < c->min || (c->max >= 0 && argc > c->max)) {
		err_set(&e, 0, "%s takes %s, not %d operand%s", c->name,
			c->operands[0] ? c->operands : "no operand", argc,
			argc == 1 ? "" : "s");
		return usage_error(&e);
	}
	return c->run(o, argc, argv);
}

int pxe_command_run(const struct pxe_command *table, int argc, char **argv)
{
	const struct pxe_command *c = NULL;
	struct pxe_options o;
	struct err e = { "" };
	uint64_t given = 0;
	int first;

	pxe_options_init(&o);
	first = opt_parse(pxe_option_table, &o, argc, argv, &given, &e);
	if (first < 0)
		return usage_error(&e);
	if (first < argc)
		c = find(table, argv[first]);
	if (o.version) {
		printf("slate-pxe %s\n", VERSION);
		return PXE_STATUS_DONE;
	}
	if (o.help) {
		show_help(table, c);
		return PXE_STATUS_DONE;
	}
	if (!c) {
		if (first < argc)
			err_set(&e, 0, "\"%.64s\" is no verb of this program", argv[first]);
		else
			err_set(&e, 0,
				"what shall be done? serve, check, host, job, status ...");
		return usage_error(&e);
	}
	return run(c, &o, given, argc - first - 1, argv + first + 1);
}
