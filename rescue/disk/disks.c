// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/disk/disks.h"

#include "common/io.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512 /* what sysfs counts in, whatever the disk has */

/* What is no disk, by the begin of its name. */
static bool other_kind(const char *name)
{
	static const char *const kinds[] = { "loop", "ram", "zram",     "sr",   "fd",   "md",
					     "dm-",  "nbd", "mtdblock", "pmem", "drbd", "rbd" };
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(name, kinds[i], strlen(kinds[i])))
			return true;
	/* eMMC has areas for its firmware beside the disk. */
	return !strncmp(name, "mmcblk", 6) &&
	       (strstr(name, "boot") || (n > 4 && !strcmp(name + n - 4, "rpmb")));
}

static uint64_t number(const char *folder, const char *name)
{
	char path[PATH_MAX], *text;
	uint64_t v = 0;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return 0;
	text = io_slurp(path, 64);
	if (text)
		v = strtoull(text, NULL, 10);
	free(text);
	return v;
}

static bool read_disk(const char *root, const char *name, struct disk *d)
{
	char folder[PATH_MAX];
	uint64_t sectors;

	if (strlen(name) >= sizeof(d->name) || other_kind(name))
		return false;
	if (snprintf(folder, sizeof(folder), "%s/sys/block/%s", root, name) >=
		    (int)sizeof(folder) ||
	    snprintf(d->path, sizeof(d->path), "%s/dev/%s", root, name) >= (int)sizeof(d->path))
		return false;
	memcpy(d->name, name, strlen(name) + 1);
	for (char *c = strchr(d->path, '!'); c; c = strchr(c, '!'))
		*c = '/'; /* "cciss!c0d0" is /dev/cciss/c0d0 */
	sectors = number(folder, "size");
	d->size = sectors > UINT64_MAX / SECTOR ? 0 : sectors * SECTOR;
	d->removable = number(folder, "removable") != 0;
	ident_read_folder(folder, &d->ident);
	return d->size && !number(folder, "ro") && !number(folder, "hidden");
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct disk *)a)->name, ((const struct disk *)b)->name);
}

void disks_read(const char *root, const char *except, struct disks *ret)
{
	char block[PATH_MAX];
	struct dirent *de;
	DIR *d;

	ret->n = 0;
	snprintf(block, sizeof(block), "%s/sys/block", root);
	d = opendir(block);
	while (d && ret->n < DISKS_MAX && (de = readdir(d)))
		if (de->d_name[0] != '.' && (!except || strcmp(de->d_name, except) != 0))
			ret->n += read_disk(root, de->d_name, &ret->v[ret->n]);
	if (d)
		closedir(d);
	qsort(ret->v, ret->n, sizeof(ret->v[0]), by_name);
}

char *disk_text(const struct disk *d, char buf[DISK_TEXT_MAX])
{
	char size[40] = "";

	if (d->size)
		snprintf(size, sizeof(size), ", %.1f GiB", (double)d->size / (1 << 30));
	snprintf(buf, DISK_TEXT_MAX, "%s%s%s%s%s%s%s", d->name, size,
		 d->ident.model[0] ? ", " : "", d->ident.model,
		 d->ident.serial[0] ? ", serial number " : "", d->ident.serial,
		 d->removable ? ", removable" : "");
	return buf;
}
