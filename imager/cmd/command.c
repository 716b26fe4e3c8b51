// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/command.h"

#include "common/plain.h"
#include "imager/cmd/buildinfo.h"
#include "imager/cmd/server.h"
#include "imager/cmd/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage_error(const char *text)
{
	char clean[ERR_MSG_MAX];

	fprintf(stderr, "slate: %s\nTry \"slate --help\".\n",
		plain_text(clean, sizeof(clean), text, ""));
	return STATUS_USAGE;
}

static void show_help(const struct command *table, const struct command *c)
{
	char usage[128];

	if (c) {
		snprintf(usage, sizeof(usage), "slate [OPTION]... %s %s", c->name, c->operands);
		opt_help(stdout, option_table, usage, c->verb);
		return;
	}
	printf("slate - saves partitions and disks to images and restores them\n\n");
	for (c = table; c->name; c++)
		printf("  slate [OPTION]... %-8s%-16s  %s\n", c->name, c->operands, c->help);
	printf("\nDEVICE is a block device or a file;\n"
	       "IMAGE is a file, NAME.000 for volumes, - for standard input or output,\n"
	       "http://... or https://..., or with -s a name on that server.\n\n");
	opt_help(stdout, option_table, "slate [OPTION]... VERB OPERAND...", 0);
	printf("\nExit status: 0 done, 1 failed while working, 2 wrong usage,\n"
	       "3 refused before anything was touched, 4 the image is damaged,\n"
	       "5 the target differs.  slate(8) tells more.\n");
}

static const struct command *find(const struct command *table, const char *name)
{
	for (const struct command *c = table; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int check_operands(const struct command *c, int n, struct err *e)
{
	if (n < c->min || n > c->max) {
		err_set(e, 0, "%s needs %s, not %d operand%s", c->name, c->operands, n,
			n == 1 ? "" : "s");
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

/* Which operand is an image, by what they are called; -1: none. */
static int image_operand(const struct command *c)
{
	const char *at = strstr(c->operands, "IMAGE");

	return !at ? -1 : at != c->operands;
}

/* Runs the verb; with -s its image is a URL. */
static int run(const struct command *c, struct options *o, int argc, char **argv)
{
	int at = image_operand(c), r = 0, status;
	char text[ERR_MSG_MAX], *url = NULL;
	struct err e = { "" };

	if (o->port && !o->server)
		return usage_error("--port is of no use without --server");
	if (at >= 0 && o->server)
		r = server_url(o, argv[at], &url, &e);
	if (!r)
		r = server_token(o, &e);
	if (r == -EINVAL)
		return usage_error(e.msg);
	if (url)
		argv[at] = url;
	if (!r)
		status = c->run(o, argc, argv);
	else
		status = status_of(r, false, 0);
	if (r)
		fprintf(stderr, "slate: %s\n", plain_text(text, sizeof(text), e.msg, ""));
	free(url);
	return status;
}

/*
 * Started with one of them closed, the next file opened would take its place:
 * messages would go to the target.  These fail whoever uses them.
 */
static void occupy_standard_files(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int command_run(const struct command *table, int argc, char **argv)
{
	const struct command *c = NULL;
	struct err e = { "" };
	struct options o;
	uint64_t given = 0;
	int first;

	occupy_standard_files();
	first = options_defaults(&o, &e);
	if (!first)
		first = opt_parse(option_table, &o, argc, argv, &given, &e);
	if (first < 0)
		return usage_error(e.msg);
	if (first < argc)
		c = find(table, argv[first]);
	if (o.version || o.compilinfo) {
		buildinfo_print(stdout, o.compilinfo);
		return STATUS_DONE;
	}
	if (o.help) {
		show_help(table, c);
		return STATUS_DONE;
	}
	if (first == argc)
		return usage_error("what shall be done? save, restore, verify, diff, clone, "
				   "restmbr or info");
	if (!c) {
		err_set(&e, 0, "\"%.64s\" is no verb of this program", argv[first]);
		return usage_error(e.msg);
	}
	if (opt_check(option_table, given, c->verb, c->name, &e) < 0 ||
	    check_operands(c, argc - first - 1, &e))
		return usage_error(e.msg);
	return run(c, &o, argc - first - 1, argv + first + 1);
}
