// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/cmd/options.h"

#define LIVE    (NC_SCAN | NC_PLAN | NC_GENERATE | NC_APPLY | NC_CHECK | NC_PERSONALISE)
#define POLICY  (NC_PLAN | NC_GENERATE | NC_APPLY | NC_CHECK)
#define CHANGES (NC_GENERATE | NC_APPLY | NC_PERSONALISE)
#define AT(f)   offsetof(struct nc_options, f)

/* The field is has_boot_nic; the address stands before it. */
static int parse_boot_nic(void *field, const char *text, struct err *e)
{
	struct nc_options *o = field;
	int r = mac_parse(text, &o->boot_nic, e);

	o->has_boot_nic = !r;
	return r;
}

const struct opt nc_option_table[] = {
	{ 'r', "root", "DIR", "work on the system that is mounted on DIR", opt_string, AT(root),
	  POLICY | NC_IMPORT | NC_PERSONALISE },
	{ 'c', "policy", "FILE", "the policy, instead of /etc/slate/netconf.conf", opt_string,
	  AT(policy), POLICY },
	{ 0, "boot-nic", "MAC",
	  "the card this machine booted from, instead of BOOTIF=", parse_boot_nic, 0, POLICY },
	{ 0, "sys", "DIR", "a sysfs tree, instead of /sys", opt_string, AT(sys),
	  LIVE | NC_IMPORT },
	{ 'n', "dry-run", NULL, "only tell what would be done", opt_flag, AT(dry_run),
	  CHANGES },
	{ 0, "diff", NULL, "show what changes in each file", opt_flag, AT(diff),
	  NC_GENERATE | NC_APPLY },
	{ 'f', "force", NULL, "replace what was edited by hand,\nrename interfaces that are up",
	  opt_flag, AT(force), NC_GENERATE | NC_APPLY },
	{ 0, "update-initramfs", NULL, "run update-initramfs when it is out of date", opt_flag,
	  AT(update_initramfs), NC_APPLY },
	{ 0, "boot", NULL, "at boot: plan anew if this is another machine,\nmend names",
	  opt_flag, AT(boot), NC_APPLY },
	{ 0, "table", "FILE", "lines of MAC or serial, and hostname", opt_string, AT(table),
	  NC_PERSONALISE },
	{ 0, "hostname", "NAME", "for all: a template such as pc-%mac6", opt_string,
	  AT(hostname), NC_PERSONALISE },
	{ 0, "ssh-keys", "DIR", "keys of each machine, in DIR/HOSTNAME", opt_string,
	  AT(ssh_keys), NC_PERSONALISE },
	{ 0, "vault", "DIR", "where each machine's identity is kept", opt_string, AT(vault),
	  NC_PERSONALISE },
	{ 0, "save", NULL, "into the vault", opt_flag, AT(save), NC_PERSONALISE },
	{ 0, "restore", NULL, "from the vault", opt_flag, AT(restore), NC_PERSONALISE },
	{ 0, "only", "STEP,...", "only these steps", opt_string, AT(only), NC_PERSONALISE },
	{ 0, "skip", "STEP,...", "all but these steps", opt_string, AT(skip), NC_PERSONALISE },
	{ 0, "list", NULL, "the steps there are", opt_flag, AT(list), NC_PERSONALISE },
	{ 'j', "json", NULL, "one JSON object", opt_flag, AT(json), LIVE | NC_IMPORT },
	{ 'v', "verbose", NULL, "also what is left out, and why", opt_flag, AT(verbose), 0 },
	{ 'h', "help", NULL, "show this text", opt_flag, AT(help), 0 },
	{ 'V', "version", NULL, "show the version", opt_flag, AT(version), 0 },
	{ 0 },
};

void nc_options_init(struct nc_options *o)
{
	*o = (struct nc_options){ .root = "/", .sys = "/sys" };
}
