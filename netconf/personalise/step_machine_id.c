// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * /etc/machine-id is emptied, not set to "uninitialized" and not removed: machine-id(5), "First
 * boot semantics".  The other two make systemd take the boot for the first one ever: it would
 * enable units again that the administrator of the original had disabled, and ask
 * on the console for what it thinks is missing.  Empty, it gets a new id, on a
 * read-only /etc a transient one.
 */
#include "netconf/personalise/step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MACHINE_ID "/etc/machine-id"
#define DBUS_ID    "/var/lib/dbus/machine-id"

/* Dbus makes its own anew, or systemd-tmpfiles a link to the other. */
static int plan_dbus(const struct task *t, struct edits *ret, struct err *e)
{
	struct stat st;
	int r = root_stat(t->root, DBUS_ID, false, &st, e);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	return r || S_ISLNK(st.st_mode) ? r : edits_remove(ret, t->root, DBUS_ID, e);
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	const struct item *kept = identity_find(t->kept, "machine-id");
	char *text = NULL;
	size_t len = 0;
	int r;

	if (kept) {
		text_add(&ret->notes, "as the vault has it\n");
		r = edits_write(ret, t->root, MACHINE_ID, kept->content, kept->len, kept->mode,
				e);
		return r ? r : plan_dbus(t, ret, e);
	}
	r = root_read(t->root, MACHINE_ID, 4096, &text, &len, e);
	if (!r && len && strcmp(text, "uninitialized\n") != 0)
		r = edits_write(ret, t->root, MACHINE_ID, "", 0, 0, e);
	free(text);
	return r && r != -ENOENT ? r : plan_dbus(t, ret, e);
}

const struct step step_machine_id = {
	"machine-id", "emptied, so that the next boot makes one; and that of dbus", plan
};
