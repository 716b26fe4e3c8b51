// SPDX-License-Identifier: GPL-3.0-or-later
/* slate-agent - what the rescue system does for its server, or by itself. */
#include "common/plain.h"
#include "rescue/disk/disks.h"
#include "rescue/work/agent.h"
#include "rescue/work/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run(const char *root, const char *operand)
{
	(void)operand;
	return (int)agent_run(root);
}

static int list_disks(const char *root, const char *operand)
{
	struct disks *all = malloc(sizeof(*all));
	char text[DISK_TEXT_MAX], clean[DISK_TEXT_MAX];

	(void)operand;
	if (!all)
		return 1;
	disks_read(root, NULL, all);
	for (unsigned i = 0; i < all->n; i++)
		puts(plain_text(clean, sizeof(clean), disk_text(&all->v[i], text), ""));
	free(all);
	return 0;
}

static const struct verb {
	const char *name, *operand, *help;
	int (*run)(const char *root, const char *operand);
} verbs[] = {
	{ "run", NULL, "asks the server for a job and does it; /init calls it", run },
	{ "disks", NULL, "the disks that a job may choose among", list_disks },
	{ "console", "NAME", "a shell on a console, behind a password; \"run\" calls it",
	  console_shell },
};

static int help(FILE *out, int status)
{
	fputs("slate-agent - what the rescue system does for its server, or by itself\n\n",
	      out);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(out, "  slate-agent %-7s %-4s  %s\n", verbs[i].name,
			verbs[i].operand ? verbs[i].operand : "", verbs[i].help);
	fputs("\n      --root=DIR  a folder instead of /, for tests\n"
	      "\nExit status of run: 0 the machine is to be started again, 10 to be switched\n"
	      "off, 11 there is nothing to do here: a screen and a shell. slate-agent(8) tells "
	      "more.\n",
	      out);
	return status;
}

int main(int argc, char **argv)
{
	const char *root = "", *words[2] = { NULL, NULL };
	int n = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help"))
			return help(stdout, 0);
		if (!strcmp(argv[i], "--version"))
			return puts("slate-agent " VERSION) == EOF;
		if (!strncmp(argv[i], "--root=", 7))
			root = argv[i] + 7;
		else if (argv[i][0] == '-' || n == 2)
			return help(stderr, 2);
		else
			words[n++] = argv[i];
	}
	for (size_t i = 0; n && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verbs[i].name, words[0]) &&
		    (verbs[i].operand != NULL) == (words[1] != NULL))
			return verbs[i].run(root, words[1]);
	return help(stderr, 2);
}
