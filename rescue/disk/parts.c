// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/disk/parts.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static void value(blkid_probe pr, const char *name, char *out, size_t size)
{
	const char *text = NULL;

	if (!blkid_probe_lookup_value(pr, name, &text, NULL) && text && strlen(text) < size)
		memcpy(out, text, strlen(text) + 1);
}

static void probe(struct part *p)
{
	blkid_probe pr = blkid_new_probe_from_filename(p->path);

	if (!pr)
		return;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
						      BLKID_SUBLKS_LABEL);
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_ENTRY_DETAILS);
	if (!blkid_do_safeprobe(pr)) {
		value(pr, "TYPE", p->type, sizeof(p->type));
		value(pr, "UUID", p->uuid, sizeof(p->uuid));
		value(pr, "LABEL", p->label, sizeof(p->label));
		value(pr, "PART_ENTRY_UUID", p->partuuid, sizeof(p->partuuid));
	}
	blkid_free_probe(pr);
}

static void add(struct parts *all, const char *root, const char *disk, const char *name)
{
	struct part *p = &all->v[all->n];

	if (all->n == PARTS_MAX || strlen(name) >= sizeof(p->name))
		return;
	*p = (struct part){ 0 };
	memcpy(p->name, name, strlen(name) + 1);
	memcpy(p->disk, disk, strlen(disk) + 1);
	if (snprintf(p->path, sizeof(p->path), "%s/dev/%s", root, name) >= (int)sizeof(p->path))
		return;
	for (char *c = strchr(p->path, '!'); c; c = strchr(c, '!'))
		*c = '/';
	probe(p);
	all->n++;
}

static void of_disk(struct parts *all, const char *root, const char *disk)
{
	char folder[PATH_MAX - 2 * DISK_NAME_MAX], path[PATH_MAX];
	unsigned before = all->n;
	struct dirent *de;
	DIR *d;

	snprintf(folder, sizeof(folder), "%s/sys/block/%s", root, disk);
	d = opendir(folder);
	while (d && (de = readdir(d))) {
		if (de->d_name[0] == '.' || strlen(de->d_name) >= DISK_NAME_MAX)
			continue;
		snprintf(path, sizeof(path), "%s/%s/partition", folder, de->d_name);
		if (!access(path, F_OK))
			add(all, root, disk, de->d_name);
	}
	if (d)
		closedir(d);
	if (all->n == before)
		add(all, root, disk, disk);
}

void parts_read(const char *root, const char *disk, struct parts *ret)
{
	struct disks all;

	ret->n = 0;
	if (disk) {
		of_disk(ret, root, disk);
		return;
	}
	disks_read(root, NULL, &all);
	for (unsigned i = 0; i < all.n; i++)
		of_disk(ret, root, all.v[i].name);
}

static const struct tag {
	const char *name;
	size_t offset;
} tags[] = {
	{ "UUID=", offsetof(struct part, uuid) },
	{ "LABEL=", offsetof(struct part, label) },
	{ "PARTUUID=", offsetof(struct part, partuuid) },
};

const struct part *parts_find(const struct parts *p, const char *tag, unsigned *ret_fits)
{
	const struct part *found = NULL;

	*ret_fits = 0;
	for (size_t t = 0; t < sizeof(tags) / sizeof(tags[0]); t++) {
		size_t n = strlen(tags[t].name);

		if (strncmp(tag, tags[t].name, n) != 0 || !tag[n])
			continue;
		for (unsigned i = 0; i < p->n; i++) {
			const char *own = (const char *)&p->v[i] + tags[t].offset;

			/* Labels have a case, UUIDs are written in either. */
			if (t == 1 ? strcmp(own, tag + n) : strcasecmp(own, tag + n))
				continue;
			found = &p->v[i];
			++*ret_fits;
		}
	}
	return *ret_fits == 1 ? found : NULL;
}
