// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/work/target.h"

#include "rescue/disk/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 15000  /* ms for a disk to appear, once the drivers are there */
#define DRIVERS  180000 /* ms for these: on slow and large machines it takes long */
#define QUIET    1000   /* ms without a new one: that is all there are */
#define STEP     100

/* Is there while /init still loads the drivers for what it found at the begin. */
#define LOADING "/run/slate/drivers"

/* FNV-1a over the names: enough to see that something has changed. */
static uint64_t sum_names(const struct disks *all)
{
	uint64_t h = 0xcbf29ce484222325;

	for (unsigned i = 0; i < all->n; i++)
		for (const char *c = all->v[i].name;; c++) {
			h = (h ^ (unsigned char)*c) * 0x100000001b3;
			if (!*c)
				break;
		}
	return h;
}

static void look(struct agent *a, struct disks *all, const char *except)
{
	uint64_t sum;

	disks_read(a->root, NULL, all);
	sum = sum_names(all);
	if (sum != a->watch.sum)
		a->watch = (struct disk_watch){ .sum = sum, .since = work_now() };
	for (unsigned i = 0; except && i < all->n; i++)
		if (!strcmp(all->v[i].name, except)) {
			memmove(&all->v[i], &all->v[i + 1],
				(all->n - i - 1) * sizeof(all->v[0]));
			all->n--;
			break;
		}
}

void target_watch(struct agent *a)
{
	struct disks *all = malloc(sizeof(*all));

	if (all)
		look(a, all, NULL);
	free(all);
}

/* A partition as a disk: to slate it is a device like others. */
static int choose_part(const struct agent *a, const char *rule, const char *except,
		       struct disk *ret)
{
	size_t skip = strlen(a->root);
	struct parts *p = malloc(sizeof(*p));
	int r = -ENOENT;

	if (!p)
		return -ENOMEM;
	parts_read(a->root, NULL, p);
	for (unsigned i = 0; i < p->n && r; i++) {
		if (strcmp(p->v[i].path + skip, rule) != 0 ||
		    (except && !strcmp(p->v[i].disk, except)))
			continue;
		*ret = (struct disk){ 0 };
		memcpy(ret->name, p->v[i].name, sizeof(ret->name));
		memcpy(ret->path, p->v[i].path, sizeof(ret->path));
		r = 0;
	}
	free(p);
	return r;
}

static int choose(const struct agent *a, const struct disks *all, const char *rule,
		  const char *except, struct disk *ret, struct err *e)
{
	const struct disk *found;
	int r = disks_by_rule(all, rule, &found, e);

	if (!r)
		*ret = *found;
	else if (rule[0] == '/')
		r = choose_part(a, rule, except, ret) ? r : 0;
	return r;
}

static bool loading(const struct agent *a)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" LOADING, a->root);
	return !access(path, F_OK);
}

static bool quiet(const struct agent *a)
{
	return !loading(a) && work_now() - a->watch.since >= QUIET;
}

bool target_settled(struct agent *a)
{
	target_watch(a);
	return quiet(a);
}

int target_choose(struct agent *a, const char *rule, const char *except, struct disk *ret,
		  struct err *e)
{
	int64_t last = work_now() + DRIVERS, end = work_now() + PATIENCE;
	struct disks *all = malloc(sizeof(*all));
	char text[DISK_TEXT_MAX];
	int r;

	if (!all)
		return err_nomem(e);
	for (;;) {
		bool settled;

		if (loading(a))
			end = work_now() + PATIENCE;
		look(a, all, except);
		settled = quiet(a);
		r = choose(a, all, rule, except, ret, e);
		/* Two disks do not become one by waiting; one that is missing may yet come. */
		if (settled && (!r || r == -ENOTUNIQ))
			break;
		if (work_now() >= end || work_now() >= last)
			break;
		work_sleep(STEP);
	}
	free(all);
	if (r)
		return -ECANCELED;
	agent_step(a, "the disk: %s", disk_text(ret, text));
	return 0;
}
