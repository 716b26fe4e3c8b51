// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/local.h"

#include "rescue/disk/mounts.h"
#include "rescue/work/identity.h"
#include "rescue/work/imager.h"
#include "rescue/work/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATIENCE 30000 /* ms for a partition, of a USB stick perhaps, to appear */

/* The partition @tag; waits for it, and for a twin: disks may be copies of each other. */
static int wait_part(struct agent *a, const char *tag, struct part *ret, struct err *e)
{
	int64_t end = work_now() + PATIENCE;
	struct parts *all = malloc(sizeof(*all));
	const struct part *found;
	unsigned fits;

	if (!all)
		return err_nomem(e);
	for (;;) {
		bool settled = target_settled(a);

		parts_read(a->root, NULL, all);
		found = parts_find(all, tag, &fits);
		if ((fits && settled) || work_now() >= end)
			break;
		work_sleep(200);
	}
	if (found)
		*ret = *found;
	free(all);
	if (found)
		return 0;
	return err_set(e, -ECANCELED,
		       fits ? "%s fits %u partitions: give one of them another label or UUID"
			    : "there is no partition with %s (%u fit): is its disk connected?",
		       tag, fits);
}

/* slate.image, apart. */
static int split(const struct agent *a, char *tag, const char **path, struct err *e)
{
	char *colon;

	memcpy(tag, a->line.image, CMDLINE_VALUE_MAX);
	colon = strstr(tag, ":/");
	if (!colon || !strchr(tag, '='))
		return err_set(
			e, -ECANCELED,
			"slate.image is \"%s\"; it should be like UUID=1234-ABCD:/pc.slate",
			a->line.image);
	*path = a->line.image + (colon - tag) + 1;
	*colon = '\0';
	return 0;
}

static bool is_tag(const char *text)
{
	return !strncmp(text, "UUID=", 5) || !strncmp(text, "PARTUUID=", 9) ||
	       !strncmp(text, "LABEL=", 6);
}

/* Never the disk, or the partition, that the image lies on. */
static int find_target(struct agent *a, const struct part *image, struct disk *ret,
		       struct err *e)
{
	struct part p;
	int r;

	if (!is_tag(a->line.target))
		return target_choose(a, a->line.target, image->disk, ret, e);
	r = wait_part(a, a->line.target, &p, e);
	if (r)
		return r;
	if (!strcmp(p.name, image->name))
		return err_set(e, -ECANCELED, "%s is the partition that the image lies on",
			       a->line.target);
	*ret = (struct disk){ 0 };
	memcpy(ret->name, p.name, sizeof(ret->name));
	memcpy(ret->path, p.path, sizeof(ret->path));
	agent_step(a, "the partition: %s", p.name);
	return 0;
}

/* Identities are kept and given of what is restored: the disk, or the partition alone. */
static void restore(struct agent *a, struct outcome *o, const struct disk *d, const char *image)
{
	const char *verify = imager_verify(a->line.verify[0] ? a->line.verify : "sample");
	const char *const args[] = { "--yes", "restore", d->path, image, verify, NULL };
	struct vault v = { 0 };
	int r = identity_keep(a, d->name, &v, &o->e);

	if (r) {
		outcome_fail(o, -ECANCELED);
	} else {
		imager_run(a, args, o);
		/* Without one, the image is taken to be this very PC's. */
		r = !o->status && v.known ? identity_give(a, d->name, &v, &o->e) : 0;
	}
	if (r && !o->status) {
		err_wrap(&o->e, r, "the disk was restored and is whole, but");
		outcome_fail(o, -EIO);
	}
	identity_forget(&v);
}

void local_restore(struct agent *a, struct outcome *o)
{
	char tag[CMDLINE_VALUE_MAX], dir[PATH_MAX], image[PATH_MAX + CMDLINE_VALUE_MAX];
	char first[sizeof(image) + 4];
	const char *path = "";
	struct part from;
	struct stat st;
	struct disk d;
	int r;

	snprintf(a->job.verb, sizeof(a->job.verb), "restore");
	snprintf(a->job.then, sizeof(a->job.then), "%s", a->line.then);
	snprintf(dir, sizeof(dir), "%s/run/slate/image", a->root);
	r = split(a, tag, &path, &o->e);
	if (!r)
		r = wait_part(a, tag, &from, &o->e);
	if (!r)
		r = find_target(a, &from, &d, &o->e);
	if (!r)
		r = mounts_read(&from, dir, &o->e);
	if (r) {
		outcome_fail(o, -ECANCELED);
		return;
	}
	snprintf(image, sizeof(image), "%s%s", dir, path);
	snprintf(first, sizeof(first), "%s.000", image);
	/* In volumes it was saved after the boot entry was made; slate finds them. */
	if ((stat(image, &st) && stat(first, &st)) || !S_ISREG(st.st_mode)) {
		err_set(&o->e, -ECANCELED, "there is no image %s on %s", path, tag);
		outcome_fail(o, -ECANCELED);
	} else {
		agent_say(a, "restoring %s from %s on %s", d.name, path, from.name);
		restore(a, o, &d, image);
	}
	(void)mounts_end(dir, NULL);
}
