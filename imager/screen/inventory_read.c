// SPDX-License-Identifier: GPL-3.0-or-later
/* inventory_read.c - what the kernel tells of disks in /sys and /proc, at this moment. */
#include "imager/screen/inventory_internal.h"

#include "common/io.h"
#include "common/plain.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#define SECTOR      512 /* of sysfs, whatever the disk's own are */
#define SMALL       4096
#define MOUNTS_SIZE (1 << 20)

static char *slurp(const char *folder, const char *name)
{
	char path[PATH_MAX + 400];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return io_slurp(path, SMALL);
}

static uint64_t number(const char *folder, const char *name)
{
	char *text = slurp(folder, name);
	uint64_t v = text ? strtoull(text, NULL, 10) : 0;

	free(text);
	return v;
}

static dev_t device_number(const char *folder)
{
	char *text = slurp(folder, "dev");
	unsigned a = 0, b = 0;
	bool ok = text && sscanf(text, "%9u:%9u", &a, &b) == 2;

	free(text);
	return ok ? makedev(a, b) : 0;
}

/* Names without what is no disk: "." and "..", memory. */
static int is_disk(const struct dirent *d)
{
	return d->d_name[0] != '.' && strncmp(d->d_name, "ram", 3) != 0 &&
	       strncmp(d->d_name, "zram", 4) != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int reserve(struct picture *p, struct err *e)
{
	size_t cap = p->cap ? 2 * p->cap : 32;
	struct place *v;

	if (p->n < p->cap)
		return 0;
	v = realloc(p->v, cap * sizeof(*v));
	if (!v)
		return err_nomem(e);
	p->v = v;
	p->cap = cap;
	return 0;
}

/* Every byte is set: pictures are compared as they are. */
static int add(struct picture *p, const char *root, const char *folder, const char *name,
	       struct err *e)
{
	int r = p->n < PLACES_MAX ? reserve(p, e) : 0;
	struct place *x;

	if (r < 0 || p->n == PLACES_MAX)
		return r;
	x = &p->v[p->n];
	memset(x, 0, sizeof(*x));
	snprintf(x->name, sizeof(x->name), "%s", name);
	for (char *c = x->name; *c; c++) /* as cciss!c0d0 */
		*c = *c == '!' ? '/' : *c;
	snprintf(x->path, sizeof(x->path), "%s/dev/%s", root, x->name);
	x->id = device_number(folder);
	x->size = number(folder, "size");
	if (__builtin_mul_overflow(x->size, SECTOR, &x->size))
		x->size = 0;
	x->read_only = number(folder, "ro") != 0;
	if (x->size)
		p->n++;
	return 0;
}

static int add_partitions(struct picture *p, const char *root, const char *folder, size_t disk,
			  struct err *e)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, is_disk, by_name), r = 0;
	char path[PATH_MAX + 300];

	for (int i = 0; i < n; i++) {
		size_t before = p->n;
		unsigned part;

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		part = (unsigned)number(path, "partition");
		if (!r && part)
			r = add(p, root, path, names[i]->d_name, e);
		if (p->n > before) {
			p->v[before].partition = true;
			p->v[before].number = part;
			p->v[before].disk = disk;
			p->v[before].seq = p->v[disk].seq;
			p->v[before].removable = p->v[disk].removable;
		}
		free(names[i]);
	}
	free(names);
	return r;
}

static int add_disk(struct picture *p, const char *root, const char *name, struct err *e)
{
	char folder[PATH_MAX];
	size_t at = p->n;
	int r;

	snprintf(folder, sizeof(folder), "%s/sys/block/%s", root, name);
	r = add(p, root, folder, name, e);
	if (r < 0 || p->n == at)
		return r;
	p->v[at].disk = at;
	p->v[at].seq = number(folder, "diskseq");
	p->v[at].removable = number(folder, "removable") != 0;
	return add_partitions(p, root, folder, at, e);
}

/* ---- who uses it ------------------------------------------------------------------ */

static void add_mount(struct place *x, const char *where)
{
	size_t n = strlen(x->mounts);

	if (n + 2 < sizeof(x->mounts))
		plain_text(x->mounts + n + (n ? 2 : 0), sizeof(x->mounts) - n - (n ? 2 : 0),
			   where, "");
	if (n && n + 2 < sizeof(x->mounts))
		memcpy(x->mounts + n, ", ", 2);
}

/* Octal escapes of mountinfo, as \040 for a blank. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned v;

		if (text[0] == '\\' && sscanf(text + 1, "%3o", &v) == 1 && v && v < 256 &&
		    strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)v;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Places without which the running system does not go on. */
static bool is_system(const char *where)
{
	static const char *const places[] = { "/",    "/usr", "/boot",           "/boot/efi",
					      "/efi", "/var", "/run/live/medium" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i], where))
			return true;
	return false;
}

static struct place *find(struct picture *p, dev_t id, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if ((id && p->v[i].id == id) || (path && !strcmp(p->v[i].path, path)))
			return &p->v[i];
	return NULL;
}

static void take_mount(struct picture *p, char *line)
{
	unsigned a = 0, b = 0;
	char where[1024] = "", source[1024] = "", *behind = strstr(line, " - ");
	struct place *x;

	if (sscanf(line, "%*u %*u %9u:%9u %*1023s %1023s", &a, &b, where) != 3)
		return;
	if (behind)
		(void)!sscanf(behind, " - %*1023s %1023s", source);
	unescape(where);
	unescape(source);
	x = find(p, a ? makedev(a, b) : 0, source); /* Btrfs has numbers of its own */
	if (!x)
		return;
	add_mount(x, where);
	x->system = x->system || is_system(where);
}

static bool is_memory(const char *fs)
{
	static const char *const kinds[] = { "rootfs", "ramfs", "tmpfs", "devtmpfs" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i], fs))
			return true;
	return false;
}

static bool is_below(const char *folder, const char *where)
{
	size_t n = strlen(where);

	return !strcmp(where, "/") ||
	       (!strncmp(folder, where, n) && (!folder[n] || folder[n] == '/'));
}

/* By the mount next to it; of two in one place the later one is seen. */
bool inventory_in_memory(const char *root, const char *folder)
{
	char path[PATH_MAX], *text, *rest, *line;
	size_t longest = 0;
	bool is = false;

	snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
	text = rest = io_slurp(path, MOUNTS_SIZE);
	while ((line = strsep(&rest, "\n"))) {
		char where[1024], fs[32], *behind = strstr(line, " - ");

		if (!behind || sscanf(line, "%*u %*u %*s %*s %1023s", where) != 1 ||
		    sscanf(behind, " - %31s", fs) != 1)
			continue;
		unescape(where);
		if (strlen(where) < longest || !is_below(folder, where))
			continue;
		longest = strlen(where);
		is = is_memory(fs);
	}
	free(text);
	return is;
}

static void take_swap(struct picture *p, char *line)
{
	char path[1024] = "";
	struct place *x;

	if (sscanf(line, "%1023s", path) != 1)
		return;
	unescape(path);
	x = find(p, 0, path);
	if (!x)
		return;
	add_mount(x, "swap");
	x->system = true;
}

static void take_lines(struct picture *p, char *text,
		       void (*take)(struct picture *p, char *line))
{
	char *line;

	while ((line = strsep(&text, "\n")))
		take(p, line);
}

void inventory_mounts(struct picture *p, char *text)
{
	take_lines(p, text, take_mount);
}

void inventory_swaps(struct picture *p, char *text)
{
	take_lines(p, text, take_swap);
}

static void read_text(struct picture *p, const char *root, const char *file,
		      void (*take)(struct picture *p, char *text))
{
	char path[PATH_MAX], *text;

	snprintf(path, sizeof(path), "%s/proc/%s", root, file);
	text = io_slurp(path, MOUNTS_SIZE);
	take(p, text);
	free(text);
}

/* What a RAID or a logical volume of the system is made of belongs to it as well. */
static void mark_below(struct picture *p, const char *root, const struct place *x)
{
	char folder[PATH_MAX];
	struct dirent **names = NULL;
	int n;

	snprintf(folder, sizeof(folder), "%s/sys/block/%s/slaves", root, x->name);
	n = scandir(folder, &names, is_disk, by_name);
	for (int i = 0; i < n; i++) {
		for (size_t k = 0; k < p->n; k++)
			if (!strcmp(p->v[k].name, names[i]->d_name))
				p->v[k].system = true;
		free(names[i]);
	}
	free(names);
}

static void mark_system(struct picture *p, const char *root)
{
	for (int depth = 0; depth < 4; depth++) /* volumes on RAID on LUKS on partitions */
		for (size_t i = 0; i < p->n; i++) {
			struct place *x = &p->v[i];

			if (!x->system)
				continue;
			if (!x->partition)
				mark_below(p, root, x);
			p->v[x->disk].system = true;
		}
}

int inventory_read(struct picture *p, const char *root, struct err *e)
{
	char folder[PATH_MAX];
	struct dirent **names = NULL;
	int n, r = 0;

	p->n = 0;
	snprintf(folder, sizeof(folder), "%s/sys/block", root);
	n = scandir(folder, &names, is_disk, by_name);
	if (n < 0)
		return err_sys(e, "%s", folder);
	for (int i = 0; i < n; i++) {
		if (!r)
			r = add_disk(p, root, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	if (r < 0)
		return r;
	read_text(p, root, "self/mountinfo", inventory_mounts);
	read_text(p, root, "swaps", inventory_swaps);
	mark_system(p, root);
	return 0;
}
