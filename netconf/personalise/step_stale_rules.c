// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rules that old udevs wrote: names for cards and drives that are not in this machine.  With
 * them the first card would become eth1.  Other files are only told of: "slate-netconf check"
 * knows more of them.
 */
#include "netconf/personalise/macs.h"
#include "netconf/personalise/step.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define RULES "/etc/udev/rules.d/"

static int drop(const struct task *t, const char *path, struct edits *ret, struct err *e)
{
	int r = edits_keep(ret, t->root, path, e);

	return r ? r : edits_remove(ret, t->root, path, e);
}

static int plan_net(const struct task *t, const char *path, struct edits *ret, struct err *e)
{
	char *text = NULL;
	size_t absent, n;
	int r = root_read(t->root, path, EDITS_FILE_MAX, &text, NULL, e);

	if (r)
		return r == -ENOENT ? 0 : r;
	n = macs_count(text, t->machine, &absent);
	free(text);
	if (!absent) {
		text_add(&ret->notes, "%s is kept: %s\n", path,
			 n ? "all its cards are in this machine" : "it names no card");
		return 0;
	}
	text_add(&ret->notes, "the initramfs may hold a copy of %s: run update-initramfs -u\n",
		 path);
	return drop(t, path, ret, e);
}

static int tell_links(const struct task *t, struct edits *ret, struct err *e)
{
	static const char dir[] = "/etc/systemd/network";
	struct names names;
	char path[PATH_MAX], *text;
	size_t absent;
	int r = root_list(t->root, dir, "*.link", &names, e);

	for (size_t i = 0; !r && i < names.n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]);
		text = NULL;
		if (root_read(t->root, path, EDITS_FILE_MAX, &text, NULL, NULL))
			continue;
		if (macs_count(text, t->machine, &absent) && absent)
			text_add(&ret->notes, "%s is for a card that this machine has not\n",
				 path);
		free(text);
	}
	names_free(&names);
	return r;
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	static const char *const net[] = { RULES "70-persistent-net.rules",
					   RULES "z25_persistent-net.rules" };
	static const char drives[] = RULES "70-persistent-cd.rules";
	int r = 0;

	for (size_t i = 0; i < sizeof(net) / sizeof(net[0]) && !r; i++)
		r = plan_net(t, net[i], ret, e);
	if (!r && root_has(t->root, drives))
		r = drop(t, drives, ret, e);
	return r ? r : tell_links(t, ret, e);
}

const struct step step_stale_rules = {
	"stale-rules", "70-persistent-net.rules and -cd.rules for hardware that is not here",
	plan
};
