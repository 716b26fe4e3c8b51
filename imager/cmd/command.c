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

/* Which operand is an image, by what they are called; -1: none. */
static int image_operand(const struct verb_row *v)
{
	const char *at = strstr(v->operands, "IMAGE");

	return !at ? -1 : at != v->operands;
}

/* Runs the verb; with -s its image is a URL. */
static int run(const struct verb_table *verbs, const struct face *f, const struct verb_call *c,
	       struct options *o)
{
	int at = image_operand(c->verb), r = 0, status;
	char text[ERR_MSG_MAX], *url = NULL;
	struct err e = { "" };

	if (o->port && !o->server)
		r = err_set(&e, -EINVAL, "--port is of no use without --server");
	if (!r && at >= 0 && o->server)
		r = server_url(o, c->argv[at], &url, &e);
	if (!r)
		r = server_token(o, &e);
	if (r == -EINVAL) {
		verb_refuse(f->err, verbs, &e);
		return STATUS_USAGE;
	}
	if (url)
		c->argv[at] = url;
	if (!r)
		status = ((const struct command *)c->verb)->run(f, o, c->argc, c->argv);
	else
		status = status_of(r, false, 0);
	if (r)
		fprintf(f->err, "slate: %s\n", plain_text(text, sizeof(text), e.msg, ""));
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

int command_face(const struct command *table, const struct face *f, int argc, char **argv)
{
	struct options o;
	const struct verb_table verbs = {
		.program = "slate",
		.does = "saves partitions and disks to images and restores them",
		.line = "slate [OPTION]...",
		.about = "\nDEVICE is a block device or a file;\n"
			 "IMAGE is a file, NAME.000 for volumes, - for standard input or "
			 "output,\n"
			 "http://... or https://..., or with -s a name on that server.\n",
		.end = "Exit status: 0 done, 1 failed while working, 2 wrong usage,\n"
		       "3 refused before anything was touched, 4 the image is damaged,\n"
		       "5 the target differs.  slate(8) tells more.\n",
		.ask = "what shall be done? save, restore, verify, diff, clone, restmbr or "
		       "info",
		.wants = "needs",
		.options = option_table,
		.help = &o.help,
		.version = &o.version.wanted,
		.rows = table,
		.row_size = sizeof(*table),
	};
	struct verb_call c;
	struct err e = { "" };
	int r;

	r = options_defaults(&o, &e);
	if (r < 0)
		verb_refuse(f->err, &verbs, &e);
	else
		r = verb_begin(&verbs, &o, argc, argv, &c, f->out, f->err);
	if (r < 0)
		return STATUS_USAGE;
	if (r)
		return run(&verbs, f, &c, &o);
	if (o.version.details)
		buildinfo_print(f->out);
	return STATUS_DONE;
}

int command_run(const struct command *table, int argc, char **argv)
{
	struct face shell = face_shell();

	occupy_standard_files();
	return command_face(table, &shell, argc, argv);
}
