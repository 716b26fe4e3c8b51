// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/destination.h"

#include "imager/disk/inuse.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is not there, or empty, is made when the restore begins. */
static bool to_be_made(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT && !dev_names_device(path);
	return S_ISREG(st.st_mode) && !st.st_size;
}

static void check_identity(const struct expected *x, const struct report *rep,
			   struct blockers *b)
{
	const struct {
		const char *what, *want, *have;
	} checks[] = { { "serial number", x->serial, rep->ident.serial },
		       { "model", x->model, rep->ident.model } };

	for (unsigned i = 0; i < 2; i++) {
		if (!checks[i].want || !strcmp(checks[i].want, checks[i].have))
			continue;
		if (checks[i].have[0])
			blockers_add(b, "%s is another disk: its %s is \"%s\", not \"%s\"",
				     rep->device, checks[i].what, checks[i].have,
				     checks[i].want);
		else
			blockers_add(b,
				     "%s may be another disk: its %s is not known, not \"%s\"",
				     rep->device, checks[i].what, checks[i].want);
	}
}

static void check_use(const struct destination *d, struct blockers *b)
{
	struct inuse use;
	struct err e = { "" };

	if (inuse_find(&d->dev, &use, &e) < 0)
		blockers_add(b, "%s", e.msg);
	else if (use.busy || use.read_only)
		blockers_add(b, "%s is in use: %s; unmount it first", d->dev.path, use.what);
}

/* With the words that a question to the user needs. */
static void look_at_target(struct destination *d)
{
	struct area whole = { &d->dev, 0, d->dev.size };
	struct fs_scan s = { 0 };

	if (fs_identify(&whole, &s, NULL) == 0 && s.type[0])
		snprintf(d->holds, sizeof(d->holds), "%s%s%.100s%s", s.type,
			 s.label[0] ? " \"" : "", s.label, s.label[0] ? "\"" : "");
	fs_scan_free(&s);
	if (ptable_read(&d->dev, &d->table, NULL) == 1 && !d->holds[0])
		snprintf(d->holds, sizeof(d->holds), "%zu partition%s", d->table.n,
			 d->table.n == 1 ? "" : "s");
}

static void check_folder(const char *file, struct blockers *b)
{
	char *copy = strdup(file);
	const char *dir = copy ? dirname(copy) : NULL;

	if (!dir || access(dir, W_OK | X_OK) < 0)
		blockers_add(b, "%s cannot be made: %s", file, strerror(errno));
	free(copy);
}

/* A busy device cannot be opened for writing; its other blockers still count. */
static int open_device(struct destination *d, const char *device, struct blockers *b,
		       struct err *e)
{
	int r;

	if (to_be_made(device)) {
		d->create = true;
		check_folder(device, b);
		return 0;
	}
	r = dev_open_target(&d->dev, device, 0, e);
	if (r != -EBUSY)
		return r;
	r = dev_open_source(&d->dev, device, e);
	if (!r && d->dev.exclusive)
		blockers_add(b, "%s was in use a moment ago; try again", device);
	return r;
}

int destination_open(struct destination *d, const char *device, const struct expected *x,
		     struct report *rep, struct blockers *b, struct err *e)
{
	int r;

	*d = DESTINATION_NONE;
	r = open_device(d, device, b, e);
	if (r < 0)
		return r;
	if (!d->create) {
		ident_read(&d->dev, &rep->ident);
		check_use(d, b);
		look_at_target(d);
	}
	check_identity(x, rep, b);
	return 0;
}

void destination_close(struct destination *d)
{
	ptable_free(&d->table);
	dev_close(&d->dev);
	*d = DESTINATION_NONE;
}
