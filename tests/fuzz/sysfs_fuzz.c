// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A disk and a partition in a folder that is the machine: the lines of the input are the
 * texts of its files in sysfs.
 */
#include "tests/fuzz/fuzz.h"

#include "imager/screen/inventory_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = { "sys", "sys/block", "sys/block/sda",
				       "sys/block/sda/sda1" };
static const char *const files[] = {
	"sys/block/sda/size",      "sys/block/sda/dev",       "sys/block/sda/ro",
	"sys/block/sda/diskseq",   "sys/block/sda/removable", "sys/block/sda/sda1/partition",
	"sys/block/sda/sda1/size", "sys/block/sda/sda1/dev",  "sys/block/sda/sda1/ro",
};

#define FOLDERS (sizeof(folders) / sizeof(folders[0]))
#define FILES   (sizeof(files) / sizeof(files[0]))

static void put(int at, const char *name, const uint8_t *data, size_t n)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	MUST(fd >= 0 && write(fd, data, n) == (ssize_t)n);
	close(fd);
}

/* Lines that are missing are files that are missing. */
static void make(int at, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < FOLDERS; i++)
		MUST(mkdirat(at, folders[i], 0700) == 0);
	for (size_t i = 0; i < FILES && n; i++) {
		const uint8_t *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) : n;

		put(at, files[i], data, len);
		len += end != NULL;
		data += len;
		n -= len;
	}
}

static void drop(int at)
{
	for (size_t i = 0; i < FILES; i++)
		unlinkat(at, files[i], 0);
	for (size_t i = FOLDERS; i; i--)
		MUST(unlinkat(at, folders[i - 1], AT_REMOVEDIR) == 0);
}

static void check(const struct picture *p)
{
	MUST(p->n <= 2);
	for (size_t i = 0; i < p->n; i++) {
		const struct place *x = &p->v[i];

		MUST(x->size && x->size % 512 == 0);
		MUST(x->disk == 0 && x->partition == (i == 1));
		MUST(!strcmp(x->name, i ? "sda1" : "sda"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char root[] = "/tmp/slate-sysfs-XXXXXX";
	struct picture p = { 0 };
	int at = mkdtemp(root) ? open(root, O_PATH | O_CLOEXEC) : -1;

	MUST(at >= 0);
	make(at, data, n);
	MUST(inventory_read(&p, root, NULL) == 0);
	check(&p);
	free(p.v);
	drop(at);
	close(at);
	MUST(rmdir(root) == 0);
	return 0;
}
