// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Swap areas that are gone: the boot would wait 90 seconds for one in /etc/fstab, the initramfs
 * for the one that it resumes from.
 */
#include "netconf/personalise/fstab.h"
#include "netconf/personalise/step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FSTAB  "/etc/fstab"
#define RESUME "/etc/initramfs-tools/conf.d/resume"

typedef int mend(const char *text, has_uuid *has, void *ctx, char **ret, size_t *changed,
		 struct err *e);

static int plan_file(const struct task *t, const char *path, mend *how, const char *note,
		     struct edits *ret, struct err *e)
{
	char *text = NULL, *mended = NULL;
	size_t len, changed = 0;
	int r = root_read(t->root, path, EDITS_FILE_MAX, &text, &len, e);

	if (r)
		return r == -ENOENT ? 0 : r;
	if (strlen(text) == len)
		r = how(text, t->has_uuid, t->ctx, &mended, &changed, e);
	if (!r && changed) {
		r = edits_keep(ret, t->root, path, e);
		if (!r)
			r = edits_write(ret, t->root, path, mended, strlen(mended), 0, e);
		text_add(&ret->notes, "%s\n", note);
	}
	free(mended);
	free(text);
	return r;
}

/* What cannot be seen here (LVM, another machine) says nothing of what is gone. */
static int disk_is_seen(const struct task *t, bool *ret, struct err *e)
{
	char *text = NULL, uuid[UUID_MAX];
	int r = root_read(t->root, FSTAB, EDITS_FILE_MAX, &text, NULL, e);

	*ret = false;
	if (r)
		return r == -ENOENT ? 0 : r;
	fstab_root(text, uuid);
	free(text);
	*ret = uuid[0] && t->has_uuid(t->ctx, uuid);
	return 0;
}

static int plan(const struct task *t, struct edits *ret, struct err *e)
{
	bool seen;
	int r = disk_is_seen(t, &seen, e);

	if (r)
		return r;
	if (!seen) {
		text_add(&ret->notes, "left alone: the filesystem that " FSTAB
				      " has on / is not to be seen here by its UUID\n");
		return 0;
	}
	r = plan_file(t, FSTAB, fstab_swap,
		      "a swap area of " FSTAB " is not here: the boot no longer waits for it",
		      ret, e);
	if (r)
		return r;
	return plan_file(
		t, RESUME, resume_mend,
		"the swap area to resume from is not here; the initramfs holds a copy: "
		"run update-initramfs -u",
		ret, e);
}

const struct step step_swap = {
	"swap", "the boot does not wait for a swap area that is gone (fstab, resume)", plan
};
