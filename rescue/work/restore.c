// SPDX-License-Identifier: GPL-3.0-or-later
/* The jobs that run slate. */
#include "rescue/work/identity.h"
#include "rescue/work/imager.h"
#include "rescue/work/target.h"

#include <errno.h>

/* The disk and the image's address; false: @o tells why not. */
static bool prepare(struct agent *a, struct outcome *o, struct disk *d, char url[PATH_MAX])
{
	int r = job_image_url(a->server, a->job.image, url, PATH_MAX, &o->e);

	if (!r)
		r = target_choose(a, a->job.disk, NULL, d, &o->e);
	if (!r)
		return true;
	outcome_fail(o, r == -EINVAL ? -ECANCELED : r);
	return false;
}

static void give_back(struct agent *a, struct outcome *o, const struct disk *d,
		      const struct vault *v)
{
	int r = identity_give(a, d->name, v, &o->e);

	if (!r)
		return;
	err_wrap(&o->e, r, "the disk was restored and is whole, but");
	outcome_fail(o, -EIO);
	o->todo =
		"The system would come up with the name, keys and network names of the image. "
		"Mend the cause and let the job run again: it will be quick, as the disk is "
		"right already.";
}

void work_restore(struct agent *a, struct outcome *o)
{
	const char *verify = imager_verify(a->job.verify);
	char url[PATH_MAX];
	struct vault v = { 0 };
	struct disk d;
	int r;

	if (!prepare(a, o, &d, url))
		return;
	r = a->job.personalise ? identity_keep(a, d.name, &v, &o->e) : 0;
	if (r) {
		outcome_fail(o, -ECANCELED);
	} else {
		const char *const args[] = { "--yes", "restore", d.path, url, verify, NULL };

		imager_run(a, args, o);
		if (!o->status && a->job.personalise)
			give_back(a, o, &d, &v);
	}
	identity_forget(&v);
}

/* The server decides whether an image may be replaced: that is what the job is for. */
void work_save(struct agent *a, struct outcome *o)
{
	char url[PATH_MAX];
	struct disk d;

	if (prepare(a, o, &d, url)) {
		const char *const args[] = { "--overwrite", "save", d.path, url, NULL };

		imager_run(a, args, o);
	}
}

void work_verify(struct agent *a, struct outcome *o)
{
	char url[PATH_MAX];
	struct disk d;

	if (prepare(a, o, &d, url)) {
		const char *const args[] = { "verify", url, d.path, NULL };

		imager_run(a, args, o);
	}
}
