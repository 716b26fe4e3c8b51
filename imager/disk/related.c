// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/related.h"

#include "common/io.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void related_free(struct related *r)
{
	free(r->v);
	*r = (struct related){ 0 };
}

bool related_has(const struct related *r, dev_t id)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i] == id)
			return true;
	}
	return false;
}

static int add(struct related *r, dev_t id, struct err *e)
{
	if (related_has(r, id))
		return 0;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		dev_t *v = reallocarray(r->v, cap, sizeof(*v));

		if (!v)
			return err_nomem(e);
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = id;
	return 0;
}

/* Reads the number in a sysfs file "dev", as "8:1\n". */
static bool read_number(const char *dir, dev_t *ret)
{
	char path[PATH_MAX], *text;
	unsigned maj, min;
	bool ok;

	snprintf(path, sizeof(path), "%s/dev", dir);
	text = io_slurp(path, 4096);
	ok = text && sscanf(text, "%u:%u", &maj, &min) == 2;
	free(text);
	if (ok)
		*ret = makedev(maj, min);
	return ok;
}

/* One found file: its folder, and what the walk is for. */
typedef int visit_fn(const char *dir, const void *key, struct related *r, struct err *e);

/* Calls @visit with the folder of every file that @pattern matches. */
static int walk(const char *pattern, visit_fn *visit, const void *key, struct related *r,
		struct err *e)
{
	glob_t found;
	int res = glob(pattern, GLOB_NOSORT, NULL, &found);

	if (res == GLOB_NOMATCH)
		return 0;
	if (res)
		return err_nomem(e);
	for (size_t i = 0; i < found.gl_pathc && !res; i++) {
		char *slash = strrchr(found.gl_pathv[i], '/');

		*slash = '\0';
		res = visit(found.gl_pathv[i], key, r, e);
	}
	globfree(&found);
	return res;
}

static int visit_number(const char *dir, const void *key, struct related *r, struct err *e)
{
	dev_t id;

	(void)key;
	return read_number(dir, &id) ? add(r, id, e) : 0;
}

static int add_partitions(const char *sys, dev_t disk, struct related *r, struct err *e)
{
	char pattern[PATH_MAX];

	snprintf(pattern, sizeof(pattern), "%s/dev/block/%u:%u/*/partition", sys, major(disk),
		 minor(disk));
	return walk(pattern, visit_number, NULL, r, e);
}

/* What a loop device may lie over. */
struct backing {
	bool block;
	dev_t id; /* block device: its number; file: that of its filesystem */
	ino_t ino;
};

static bool is_backing(const char *path, const struct backing *b)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	if (b->block)
		return S_ISBLK(st.st_mode) && st.st_rdev == b->id;
	return S_ISREG(st.st_mode) && st.st_dev == b->id && st.st_ino == b->ino;
}

/* @dir is the folder "loop" of a loop device in use. */
static int visit_loop(const char *dir, const void *key, struct related *r, struct err *e)
{
	char path[PATH_MAX], *file;
	bool over;
	dev_t id;

	snprintf(path, sizeof(path), "%s/backing_file", dir);
	file = io_slurp(path, 2 * PATH_MAX);
	if (!file)
		return 0; /* detached since */
	if (*file)
		file[strlen(file) - 1] = '\0'; /* the newline */
	over = is_backing(file, key);
	free(file);
	snprintf(path, sizeof(path), "%s/..", dir);
	return over && read_number(path, &id) ? add(r, id, e) : 0;
}

static int add_loops(const char *sys, struct backing b, struct related *r, struct err *e)
{
	char pattern[PATH_MAX];

	snprintf(pattern, sizeof(pattern), "%s/block/loop*/loop/backing_file", sys);
	return walk(pattern, visit_loop, &b, r, e);
}

/*
 * A mounted Btrfs is listed under the name of one of its devices.  So where
 * one member is related, all are.  @dir is the folder "devices" of one.
 */
static int visit_btrfs(const char *dir, const void *key, struct related *r, struct err *e)
{
	struct related members = { 0 };
	char pattern[PATH_MAX];
	bool ours = false;
	int res;

	(void)key;
	snprintf(pattern, sizeof(pattern), "%s/*/dev", dir);
	res = walk(pattern, visit_number, NULL, &members, e);
	for (size_t i = 0; i < members.n && !ours; i++)
		ours = related_has(r, members.v[i]);
	for (size_t i = 0; i < members.n && ours && !res; i++)
		res = add(r, members.v[i], e);
	related_free(&members);
	return res;
}

static int add_btrfs(const char *sys, struct related *r, struct err *e)
{
	char pattern[PATH_MAX];

	/* The "." makes walk() hand over the folder "devices" itself. */
	snprintf(pattern, sizeof(pattern), "%s/fs/btrfs/*/devices/.", sys);
	return walk(pattern, visit_btrfs, NULL, r, e);
}

/* What a loop device lies over, and other loop devices over the same. */
static int add_under_loop(const char *sys, dev_t id, struct related *r, struct err *e)
{
	char path[PATH_MAX], *file;
	struct stat st;
	bool found;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/loop/backing_file", sys, major(id),
		 minor(id));
	file = io_slurp(path, 2 * PATH_MAX);
	if (!file)
		return 0; /* no loop device */
	file[strcspn(file, "\n")] = '\0';
	found = !stat(file, &st);
	free(file);
	if (found && S_ISBLK(st.st_mode))
		return add(r, st.st_rdev, e);
	return found ? add_loops(sys, (struct backing){ .id = st.st_dev, .ino = st.st_ino }, r,
				 e)
		     : 0;
}

static int add_whole_disk(const char *sys, dev_t part, struct related *r, struct err *e)
{
	char path[PATH_MAX];
	dev_t id;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/partition", sys, major(part),
		 minor(part));
	if (access(path, F_OK))
		return 0;
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/..", sys, major(part), minor(part));
	return read_number(path, &id) ? add(r, id, e) : 0;
}

int related_find(const char *sys, const struct dev *d, struct related *ret, struct err *e)
{
	struct backing file = { .id = d->id, .ino = d->ino };
	int r = d->block ? add(ret, d->id, e) : add_loops(sys, file, ret, e);

	for (size_t i = 0; i < ret->n && !r; i++) { /* the list grows meanwhile */
		r = add_partitions(sys, ret->v[i], ret, e);
		if (!r)
			r = add_loops(sys, (struct backing){ .block = true, .id = ret->v[i] },
				      ret, e);
		if (!r)
			r = add_under_loop(sys, ret->v[i], ret, e);
	}
	if (!r)
		r = add_btrfs(sys, ret, e);
	/* Last, because the other partitions of that disk do not matter. */
	if (!r && d->block)
		r = add_whole_disk(sys, d->id, ret, e);
	return r;
}
