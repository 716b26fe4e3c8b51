// SPDX-License-Identifier: GPL-3.0-or-later
/* NetworkManager's profiles that only fit the cards of the original. */
#include "netconf/personalise/keyfile.h"
#include "netconf/personalise/macs.h"
#include "netconf/personalise/step.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILES "/etc/NetworkManager/system-connections"

/* Where else addresses stand: people wrote that, so it is only told of. */
static const struct {
	const char *dir, *names;
} told[] = {
	{ "/etc/netplan", "*.yaml" },
	{ "/etc/network", "interfaces" },
	{ "/etc/network/interfaces.d", "*" },
	{ "/etc/sysconfig/network-scripts", "ifcfg-*" },
};

static int plan_profile(const struct task *t, const char *path, struct edits *ret,
			struct err *e)
{
	char *text = NULL, *changed = NULL;
	size_t len, removed = 0;
	int r = root_read(t->root, path, EDITS_FILE_MAX, &text, &len, e);

	if (!r && !memchr(text, '\0', len))
		r = keyfile_unbind(text, len, t->machine, &changed, &removed, e);
	if (!r && removed) {
		r = edits_keep(ret, t->root, path, e);
		if (!r)
			r = edits_write(ret, t->root, path, changed, strlen(changed), 0, e);
		text_add(&ret->notes, "%s: now for any card that fits its other settings\n",
			 path);
	}
	free(changed);
	free(text);
	return r;
}

static int plan_profiles(const struct task *t, struct edits *ret, struct err *e)
{
	struct names names;
	char path[PATH_MAX];
	int r = root_list(t->root, PROFILES, "*", &names, e);

	for (size_t i = 0; i < names.n && !r; i++) {
		struct stat st;

		snprintf(path, sizeof(path), PROFILES "/%s", names.v[i]);
		r = root_stat(t->root, path, false, &st, e);
		if (!r && S_ISREG(st.st_mode))
			r = plan_profile(t, path, ret, e);
	}
	names_free(&names);
	return r;
}

/* Files that cannot be read have nothing to tell; @dir may even be missing. */
static void tell(const struct task *t, const char *dir, const char *pattern, struct edits *ret)
{
	struct names names;
	char path[PATH_MAX], *text;
	size_t absent;

	if (root_list(t->root, dir, pattern, &names, NULL))
		return;
	for (size_t i = 0; i < names.n; i++) {
		text = NULL;
		snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]);
		if (root_read(t->root, path, EDITS_FILE_MAX, &text, NULL, NULL))
			continue;
		if (macs_count(text, t->machine, &absent) && absent)
			text_add(&ret->notes,
				 "%s has a MAC address that no card here has: look at it\n",
				 path);
		free(text);
	}
	names_free(&names);
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	int r = plan_profiles(t, ret, e);

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		tell(t, told[i].dir, told[i].names, ret);
	return r;
}

const struct step step_nm_macs = {
	"nm-macs", "NetworkManager's profiles freed from cards that are not here", plan
};
