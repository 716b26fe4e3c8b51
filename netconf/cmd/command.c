// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/command.h"

#include "common/plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int usage_error(const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(stderr, "slate-netconf: %s\nTry \"slate-netconf --help\".\n",
		plain_text(clean, sizeof(clean), e->msg, "\n"));
	return NC_STATUS_USAGE;
}

int nc_fail(int code, const struct err *e)
{
	char clean[ERR_MSG_MAX];

	fprintf(stderr, "slate-netconf: %s\n", plain_text(clean, sizeof(clean), e->msg, "\n"));
	return code == -ECANCELED ? NC_STATUS_PENDING : NC_STATUS_FAILED;
}

static void show_help(const struct nc_command *table, const struct nc_command *c)
{
	char usage[128];

	if (c) {
		snprintf(usage, sizeof(usage), "slate-netconf [OPTION]... %s %s", c->name,
			 c->operands);
		opt_help(stdout, nc_option_table, usage, c->verb);
		return;
	}
	printf("slate-netconf - gives every network card its name, by role\n\n");
	for (c = table; c->name; c++)
		printf("  slate-netconf %-11s %-11s  %s\n", c->name, c->operands, c->help);
	putchar('\n');
	opt_help(stdout, nc_option_table, "slate-netconf [OPTION]... VERB OPERAND...", 0);
	printf("\nExit status: 0 done or nothing to do, 1 failed, 2 wrong usage,\n"
	       "3 changes are pending, or refused before anything was touched.\n"
	       "slate-netconf(8) and slate-netconf.conf(5) tell more.\n");
}

static const struct nc_command *find(const struct nc_command *table, const char *name)
{
	for (const struct nc_command *c = table; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int run(const struct nc_command *c, const struct nc_options *o, uint64_t given, int argc,
	       char **argv)
{
	struct err e = { "" };

	if (opt_check(nc_option_table, given, c->verb, c->name, &e))
		return usage_error(&e);
	if (argc < c->min || (c->max >= 0 && argc > c->max)) {
		err_set(&e, 0, "%s takes %s, not %d operand%s", c->name,
			c->operands[0] ? c->operands : "no operand", argc,
			argc == 1 ? "" : "s");
		return usage_error(&e);
	}
	return c->run(o, argc, argv);
}

int nc_command_run(const struct nc_command *table, int argc, char **argv)
{
	const struct nc_command *c = NULL;
	struct nc_options o;
	struct err e = { "" };
	uint64_t given = 0;
	int first;

	nc_options_init(&o);
	first = opt_parse(nc_option_table, &o, argc, argv, &given, &e);
	if (first < 0)
		return usage_error(&e);
	if (first < argc)
		c = find(table, argv[first]);
	if (o.version) {
		printf("slate-netconf %s\n", VERSION);
		return NC_STATUS_DONE;
	}
	if (o.help) {
		show_help(table, c);
		return NC_STATUS_DONE;
	}
	if (!c) {
		if (first < argc)
			err_set(&e, 0, "\"%.64s\" is no verb of this program", argv[first]);
		else
			err_set(&e, 0, "what shall be done? scan, plan, apply, check ...");
		return usage_error(&e);
	}
	return run(c, &o, given, argc - first - 1, argv + first + 1);
}
