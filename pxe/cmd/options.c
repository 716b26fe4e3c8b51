// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/cmd/options.h"

#define AT(f)  offsetof(struct pxe_options, f)
#define SHOWN  (PXE_CHECK | PXE_HOST | PXE_JOB | PXE_STATUS | PXE_RESULTS)
#define LISTED (PXE_HOST | PXE_JOB)

const struct opt pxe_option_table[] = {
	{ 'c', "config", "FILE", "the configuration, instead of /etc/slate/lab.conf",
	  opt_string, AT(config), 0 },
	{ 0, "rebuild", NULL, "save what can be read of a damaged database", opt_flag,
	  AT(rebuild), PXE_CHECK },
	{ 'w', "watch", NULL, "show it again and again", opt_flag, AT(watch), PXE_STATUS },
	{ 'a', "all", NULL, "also machines only seen, jobs that ended", opt_flag, AT(all),
	  LISTED | PXE_STATUS },
	{ 0, "name", "NAME", "the machine's name", opt_string, AT(name), PXE_HOST },
	{ 'g', "group", "GROUP", "its group", opt_string, AT(group), PXE_HOST },
	{ 0, "address", "ADDR", "an address of its own", opt_string, AT(address), PXE_HOST },
	{ 0, "disk", "RULE", "which disk: first, largest, a serial number or a path",
	  opt_string, AT(disk), PXE_JOB },
	{ 0, "then", "WHAT", "afterwards: reboot, poweroff or local", opt_string, AT(then),
	  PXE_JOB },
	{ 0, "verify", "HOW", "restore: read back none, a sample (as usual) or full",
	  opt_string, AT(verify), PXE_JOB },
	{ 0, "no-personalise", NULL, "restore: leave name and keys as the image has them",
	  opt_flag, AT(no_personalise), PXE_JOB },
	{ 0, "confirm", "WHO", "wipe: who is meant, a second time", opt_string, AT(confirm),
	  PXE_JOB },
	{ 0, "password", NULL, "shell: ask for a password, which is made and shown", opt_flag,
	  AT(password), PXE_JOB },
	{ 0, "at", "TIME", "not before: 14:30, or 2026-12-24 07:00", opt_string, AT(at),
	  PXE_JOB },
	{ 'n', "most", "N", "at most so many, newest first", opt_unsigned, AT(most),
	  PXE_RESULTS },
	{ 0, "log", NULL, "the last lines of what did not go well", opt_flag, AT(log),
	  PXE_RESULTS },
	{ 'j', "json", NULL, "one JSON object a line", opt_flag, AT(json), SHOWN },
	{ 'v', "verbose", NULL, "tell more", opt_flag, AT(verbose), 0 },
	{ 'h', "help", NULL, "show this text", opt_flag, AT(help), 0 },
	{ 'V', "version", NULL, "show the version", opt_flag, AT(version), 0 },
	{ 0 },
};

void pxe_options_init(struct pxe_options *o)
{
	*o = (struct pxe_options){ .most = 20 };
}
