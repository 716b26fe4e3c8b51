// SPDX-License-Identifier: GPL-3.0-or-later
/* plan.c - what could stop a restore, found before anything is touched. */
#include "imager/disk/inuse.h"
#include "imager/engine/blockers.h"
#include "imager/engine/open.h"
#include "imager/engine/restore.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <inttypes.h>
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

static void check_size(const struct restore_plan *p, struct blockers *b)
{
	uint64_t need = p->img.h.device_size;

	if (p->dev.size < need)
		blockers_add(b,
			     "%s is too small: it has %" PRIu64
			     " bytes, the image needs %" PRIu64 " (%" PRIu64 " more)",
			     p->dev.path, p->dev.size, need, need - p->dev.size);
}

static void check_identity(const struct restore_options *opt, const struct report *rep,
			   struct blockers *b)
{
	const struct {
		const char *what, *want, *have;
	} checks[] = { { "serial number", opt->expect_serial, rep->ident.serial },
		       { "model", opt->expect_model, rep->ident.model } };

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

static void check_use(const struct restore_plan *p, struct blockers *b)
{
	struct inuse use;
	struct err e = { "" };

	if (inuse_find(&p->dev, &use, &e) < 0)
		blockers_add(b, "%s", e.msg);
	else if (use.busy || use.read_only)
		blockers_add(b, "%s is in use: %s; unmount it first", p->dev.path, use.what);
}

/* Writing over the image while it is read would lose both. */
static void check_not_image(const struct restore_plan *p, struct blockers *b)
{
	struct stat st;

	if (!p->src->seekable || stat(p->src->name, &st) < 0)
		return;
	if (p->dev.block ? S_ISBLK(st.st_mode) && st.st_rdev == p->dev.id
			 : st.st_dev == p->dev.id && st.st_ino == p->dev.ino)
		blockers_add(b, "%s is the image itself", p->dev.path);
	else if (p->dev.block && !S_ISBLK(st.st_mode) && st.st_dev == p->dev.id)
		blockers_add(b, "the image %s lies on %s", p->src->name, p->dev.path);
}

/* With the words that a question to the user needs. */
static void look_at_target(struct restore_plan *p)
{
	struct area whole = { &p->dev, 0, p->dev.size };
	struct fs_scan s = { 0 };

	if (fs_identify(&whole, &s, NULL) == 0 && s.type[0])
		snprintf(p->holds, sizeof(p->holds), "%s%s%.100s%s", s.type,
			 s.label[0] ? " \"" : "", s.label, s.label[0] ? "\"" : "");
	fs_scan_free(&s);
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
static int open_device(struct restore_plan *p, const char *device, struct blockers *b,
		       struct err *e)
{
	int r;

	if (to_be_made(device)) {
		p->create = true;
		check_folder(device, b);
		return 0;
	}
	r = dev_open_target(&p->dev, device, 0, e);
	if (r != -EBUSY)
		return r;
	r = dev_open_source(&p->dev, device, e);
	if (!r && p->dev.exclusive)
		blockers_add(b, "%s was in use a moment ago; try again", device);
	return r;
}

static int check_image(const struct restore_plan *p, const struct restore_options *opt,
		       const struct watcher *w, struct err *e)
{
	if (p->img.indexed || !p->src->seekable)
		return 0;
	if (!opt->force)
		return err_set(e, -EBADMSG,
			       "%s: the end of the image is damaged or missing (%.512s); "
			       "\"slate verify\" tells what is readable, --force restores that",
			       p->src->name, p->img.tail.msg);
	watcher_notice(w, "%s: %s; going by the chunks alone", p->src->name, p->img.tail.msg);
	return 0;
}

int restore_plan(struct restore_plan *p, const char *device, const char *image,
		 const struct restore_options *opt, const struct watcher *w, struct report *rep,
		 struct err *e)
{
	struct blockers b = { 0 };
	int r;

	*p = (struct restore_plan){ .dev = { .fd = -1, .direct_fd = -1 } };
	r = open_image(image, w, &p->src, &p->img, e);
	if (!r) {
		report_image(rep, &p->img);
		r = check_image(p, opt, w, e);
	}
	if (!r)
		r = open_device(p, device, &b, e);
	if (r < 0)
		goto out;
	if (!p->create) {
		ident_read(&p->dev, &rep->ident);
		check_size(p, &b);
		check_use(p, &b);
		check_not_image(p, &b);
		look_at_target(p);
	}
	check_identity(opt, rep, &b);
	r = blockers_verdict(&b, "cannot restore", e);
out:
	blockers_free(&b);
	return r;
}

void restore_plan_free(struct restore_plan *p)
{
	dev_close(&p->dev);
	image_close(&p->img);
	if (p->src)
		p->src->close(p->src);
	*p = (struct restore_plan){ .dev = { .fd = -1, .direct_fd = -1 } };
}
