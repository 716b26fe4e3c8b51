// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/fstools.h"

#include "imager/disk/fstools_internal.h"
#include "imager/disk/loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MIB (UINT64_C(1) << 20)

int job_run(struct job *j, const char *const argv[], const char *input, int fine, struct err *e)
{
	int r = program_run(argv, input, &j->output, e);

	if (r <= fine)
		return r < 0 ? r : 0;
	return err_set(e, -EIO, "%s failed (exit status %d): %s", argv[0], r,
		       output_last_line(&j->output));
}

uint64_t job_whole_mib(uint64_t size)
{
	return (size + MIB - 1) / MIB * MIB;
}

uint64_t job_shrink_to(uint64_t least)
{
	return job_whole_mib(least + least / 10 + 16 * MIB);
}

void job_uuid_text(const uint8_t u[16], char ret[UUID_TEXT])
{
	snprintf(ret, UUID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0],
		 u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12],
		 u[13], u[14], u[15]);
}

int job_new_uuid(char ret[UUID_TEXT], struct err *e)
{
	uint8_t u[16];

	if (getrandom(u, sizeof(u), 0) != sizeof(u))
		return err_sys(e, "cannot get random bytes");
	u[6] = (uint8_t)((u[6] & 0x0f) | 0x40); /* version 4, RFC 4122 */
	u[8] = (uint8_t)((u[8] & 0x3f) | 0x80);
	job_uuid_text(u, ret);
	return 0;
}

static int xfs_grow(struct job *j, struct err *e)
{
	const char *const argv[] = { "xfs_growfs", "-d", JOB_MOUNT, NULL };

	/* The original, with the same UUID, may be mounted too. */
	return job_run_mounted(j, "xfs", "nouuid", argv, e);
}

static int xfs_new_uuid(struct job *j, struct err *e)
{
	const char *const argv[] = { "xfs_admin", "-U", "generate", j->device, NULL };

	return job_run(j, argv, NULL, 0, e);
}

static int btrfs_grow(struct job *j, struct err *e)
{
	const char *const argv[] = { "btrfs", "filesystem", "resize", "max", JOB_MOUNT, NULL };

	return job_run_mounted(j, "btrfs", "", argv, e);
}

static int btrfs_new_uuid(struct job *j, struct err *e)
{
	const char *const argv[] = { "btrfstune", "-f", "-u", j->device, NULL };

	return job_run(j, argv, NULL, 0, e);
}

static int ntfs_new_serial(struct job *j, struct err *e)
{
	/* By force, as ntfsresize leaves a mark for Windows to check the volume. */
	const char *const argv[] = { "ntfslabel", "-f", "--new-serial", j->device, NULL };

	return job_run(j, argv, NULL, 0, e);
}

static int fat_new_serial(struct job *j, struct err *e)
{
	const char *const argv[] = { "fatlabel", "-i", "-r", j->device, NULL };

	return job_run(j, argv, NULL, 0, e);
}

static int exfat_new_serial(struct job *j, struct err *e)
{
	char uuid[UUID_TEXT], serial[11];
	const char *const argv[] = { "tune.exfat", "-I", serial, j->device, NULL };
	int r = job_new_uuid(uuid, e);

	snprintf(serial, sizeof(serial), "0x%.8s", uuid);
	return r ? r : job_run(j, argv, NULL, 0, e);
}

static int swap_new_uuid(struct job *j, struct err *e)
{
	char uuid[UUID_TEXT];
	const char *const argv[] = { "swaplabel", "-U", uuid, j->device, NULL };
	int r = job_new_uuid(uuid, e);

	return r ? r : job_run(j, argv, NULL, 0, e);
}

typedef int job_fn(struct job *j, struct err *e);

struct op {
	job_fn *run;             /* NULL: there is none */
	const char *programs[2]; /* what it needs */
	const char *package;     /* Debian's that has them */
};

static const struct tool {
	const char *fs;
	struct op grow, shrink, new_uuid;
} tools[] = {
	{ "ext",
	  { ext_grow, { "e2fsck", "resize2fs" }, "e2fsprogs" },
	  { ext_shrink, { "e2fsck", "resize2fs" }, "e2fsprogs" },
	  { ext_new_uuid, { "e2fsck", "tune2fs" }, "e2fsprogs" } },
	{ "ntfs",
	  { ntfs_grow, { "ntfsresize" }, "ntfs-3g" },
	  { ntfs_shrink, { "ntfsresize" }, "ntfs-3g" },
	  { ntfs_new_serial, { "ntfslabel" }, "ntfs-3g" } },
	{ "xfs", .grow = { xfs_grow, { "xfs_growfs" }, "xfsprogs" },
	  .new_uuid = { xfs_new_uuid, { "xfs_admin", "xfs_db" }, "xfsprogs" } },
	{ "btrfs", .grow = { btrfs_grow, { "btrfs" }, "btrfs-progs" },
	  .new_uuid = { btrfs_new_uuid, { "btrfstune" }, "btrfs-progs" } },
	/*
	 * fatresize fails on many sizes without a word, forgets the hidden sectors
	 * that boot code needs, and turns FAT16 into FAT32.
	 */
	{ "fat", .new_uuid = { fat_new_serial, { "fatlabel" }, "dosfstools" } },
	{ "exfat", .new_uuid = { exfat_new_serial, { "tune.exfat" }, "exfatprogs" } },
	{ "swap", .grow = { swap_grow, { "mkswap" }, "util-linux" },
	  .new_uuid = { swap_new_uuid, { "swaplabel" }, "util-linux" } },
};

static const struct op no_op = { 0 };

static const struct tool *find_tool(const char *fs)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		if (!strcmp(tools[i].fs, fs))
			return &tools[i];
	}
	return NULL;
}

/* @what is "grow", "shrink" or so. */
static int check_op(const struct op *op, const char *fs, const char *what, struct err *e)
{
	char path[PATH_MAX];

	if (!op->run)
		return err_set(e, -EOPNOTSUPP, "no program can %s a filesystem of type %s",
			       what, *fs ? fs : "unknown");
	for (size_t i = 0; i < 2 && op->programs[i]; i++) {
		if (!program_find(op->programs[i], path, sizeof(path)))
			return err_set(e, -ENOENT,
				       "the program %s is missing, which is needed to %s a "
				       "filesystem of type %s; install the package %s",
				       op->programs[i], what, fs, op->package);
	}
	return 0;
}

static const struct op *find_op(const char *fs, size_t off)
{
	const struct tool *t = find_tool(fs);

	return t ? (const struct op *)((const char *)t + off) : &no_op;
}

#define OP(fs, name) find_op(fs, offsetof(struct tool, name))

int resize_can(const char *fs, bool shrink, struct err *e)
{
	return shrink ? check_op(OP(fs, shrink), fs, "shrink", e)
		      : check_op(OP(fs, grow), fs, "grow", e);
}

int resize_can_new_uuid(const char *fs, struct err *e)
{
	return check_op(OP(fs, new_uuid), fs, "give a new UUID to", e);
}

static int run_op(const struct area *a, const char *fs, const struct op *op, const char *what,
		  uint64_t *ret_size, struct err *e)
{
	struct job *j = calloc(1, sizeof(*j));
	struct loop l = { .fd = -1 };
	struct err other = { "" };
	int r = j ? check_op(op, fs, what, e) : err_nomem(e), closed;

	if (!r)
		r = loop_attach(a, &l, e);
	if (!r) {
		*j = (struct job){ .a = a, .device = l.path, .size = a->size };
		r = op->run(j, e);
	}
	closed = loop_detach(&l, r ? &other : e);
	if (!r)
		r = closed;
	if (!r && ret_size)
		*ret_size = j->size < a->size ? j->size : a->size;
	free(j);
	return r ? err_wrap(e, r, "%s: cannot %s the filesystem (%s)", a->dev->path, what, fs)
		 : 0;
}

int resize_grow(const struct area *a, const char *fs, struct err *e)
{
	return run_op(a, fs, OP(fs, grow), "grow", NULL, e);
}

int resize_shrink(const struct area *a, const char *fs, uint64_t *ret_size, struct err *e)
{
	return run_op(a, fs, OP(fs, shrink), "shrink", ret_size, e);
}

int resize_new_uuid(const struct area *a, const char *fs, struct err *e)
{
	return run_op(a, fs, OP(fs, new_uuid), "give a new UUID to", NULL, e);
}
