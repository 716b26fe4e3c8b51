// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/text.h"
#include "rescue/disk/disks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool any(const struct disk *d, const char *rule)
{
	(void)rule;
	return !d->removable;
}

static bool by_path(const struct disk *d, const char *rule)
{
	char path[DISK_NAME_MAX + 8];

	snprintf(path, sizeof(path), "/dev/%s", d->name);
	for (char *c = strchr(path, '!'); c; c = strchr(c, '!'))
		*c = '/';
	return !strcmp(path, rule);
}

static bool by_serial(const struct disk *d, const char *rule)
{
	return !strcmp(d->ident.serial, rule);
}

/* Whether @d comes before @than, which fits, too; 0: no rule says so. */
static int undecided(const struct disk *d, const struct disk *than)
{
	(void)d;
	(void)than;
	return 0;
}

static int first(const struct disk *d, const struct disk *than)
{
	return strverscmp(than->name, d->name);
}

static int larger(const struct disk *d, const struct disk *than)
{
	return (d->size > than->size) - (d->size < than->size);
}

static const struct rule {
	const char *word;
	bool (*fits)(const struct disk *d, const char *rule);
	int (*before)(const struct disk *d, const struct disk *than);
	const char *none, *several; /* what is wrong */
} rules[] = {
	{ "", any, undecided, "this machine has no disk",
	  "this machine has more than one disk, and the job does not say which" },
	{ "first", any, first, "this machine has no disk", "" },
	{ "largest", any, larger, "this machine has no disk",
	  "this machine has two disks of the largest size" },
	{ "/", by_path, undecided, "this machine has no disk of that path",
	  "that path fits more than one disk" },
	{ "*", by_serial, undecided, "this machine has no disk with that serial number",
	  "that serial number fits more than one disk" },
};

static const struct rule *find(const char *text)
{
	size_t last = sizeof(rules) / sizeof(rules[0]) - 1;

	if (text[0] == '/')
		return &rules[last - 1];
	for (size_t i = 0; i + 2 <= last; i++)
		if (!strcmp(rules[i].word, text))
			return &rules[i];
	return &rules[last];
}

static int refuse(const struct disks *all, const char *rule, int code, const char *what,
		  struct err *e)
{
	struct text list = { 0 };
	char text[DISK_TEXT_MAX];

	for (unsigned i = 0; i < all->n; i++)
		text_add(&list, "%s%s", i ? "; " : "", disk_text(&all->v[i], text));
	err_set(e, code, "%s%s%s%s. There is: %s. %s", what, rule[0] ? " (disk: " : "", rule,
		rule[0] ? ")" : "", all->n ? text_get(&list) : "none at all",
		all->n ? "Give the job a disk: first, largest, a serial number or a path"
		       : "Is it connected, and is there a driver for its controller?");
	text_free(&list);
	return code;
}

int disks_by_rule(const struct disks *all, const char *rule, const struct disk **ret,
		  struct err *e)
{
	const struct rule *how = find(rule);
	const struct disk *best = NULL;
	bool tie = false;

	for (unsigned i = 0; i < all->n; i++) {
		const struct disk *d = &all->v[i];
		int order;

		if (!how->fits(d, rule))
			continue;
		order = best ? how->before(d, best) : 1;
		if (order > 0)
			best = d;
		tie = order == 0 || (tie && order < 0);
	}
	if (!best)
		return refuse(all, rule, -ENODEV, how->none, e);
	if (tie)
		return refuse(all, rule, -ENOTUNIQ, how->several, e);
	*ret = best;
	return 0;
}
