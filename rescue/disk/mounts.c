// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/disk/mounts.h"

#include "common/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* How a filesystem is mounted. */
static const struct kind {
	const char *type;   /* as libblkid calls it */
	const char *kernel; /* as the kernel does; NULL: by ntfs-3g */
	const char *quiet;  /* so that reading does not replay the journal, which writes */
	bool linux_root;    /* a Linux system may be on it */
} kinds[] = {
	{ "ext4", "ext4", "noload", true },
	{ "ext3", "ext4", "noload", true },
	{ "ext2", "ext4", "", true },
	{ "xfs", "xfs", "norecovery,nouuid", true },
	{ "btrfs", "btrfs", "rescue=nologreplay", true },
	{ "f2fs", "f2fs", "norecovery", true },
	{ "vfat", "vfat", "", false },
	{ "exfat", "exfat", "", false },
	{ "ntfs", NULL, "", false },
	{ "iso9660", "iso9660", "", false },
};

/* Where on a Btrfs the root may be: what it mounts by itself, Debian's, Ubuntu's. */
static const char *const subvolumes[] = { "", "subvol=@rootfs", "subvol=@", NULL };

static const struct kind *find(const struct part *p)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].type, p->type))
			return &kinds[i];
	return NULL;
}

static int by_program(const struct part *p, const char *dir, struct err *e)
{
	const char *const argv[] = { "ntfs-3g", "-o", "ro", p->path, dir, NULL };
	struct output o;
	int r = program_run(argv, NULL, &o, e);

	return r > 0 ? err_set(e, -EIO, "cannot mount %s: %s", p->path, output_last_line(&o))
		     : r;
}

static int mount_kind(const struct part *p, const struct kind *k, const char *dir, bool write,
		      const char *more, struct err *e)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (write ? 0 : MS_RDONLY);
	char options[128];

	snprintf(options, sizeof(options), "%s%s%s", write ? "" : k->quiet,
		 !write && k->quiet[0] && more[0] ? "," : "", more);
	(void)mkdir(dir, 0700);
	if (!k->kernel)
		return by_program(p, dir, e);
	return mount(p->path, dir, k->kernel, flags, options)
		       ? err_sys(e, "cannot mount %s (%s)", p->path, p->type)
		       : 0;
}

int mounts_read(const struct part *p, const char *dir, struct err *e)
{
	const struct kind *k = find(p);

	if (!k)
		return err_set(e, -EOPNOTSUPP, "%s holds %s%s, which cannot be read here",
			       p->path, p->type[0] ? "a " : "no filesystem", p->type);
	return mount_kind(p, k, dir, false, "", e);
}

/* Links are not followed: what they say holds within that system only. */
static bool is_root(const char *dir)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	bool is = fd >= 0 && !fstatat(fd, "etc", &st, AT_SYMLINK_NOFOLLOW) &&
		  S_ISDIR(st.st_mode) &&
		  (!fstatat(fd, "etc/os-release", &st, AT_SYMLINK_NOFOLLOW) ||
		   !fstatat(fd, "usr/lib/os-release", &st, AT_SYMLINK_NOFOLLOW));

	if (fd >= 0)
		close(fd);
	return is;
}

/* 0: a root, and it stays mounted, to read only; -ENOENT: mounted, but none. */
static int try_root(const struct part *p, const struct kind *k, const char *dir,
		    const char *more, struct err *e)
{
	int r = mount_kind(p, k, dir, false, more, e);

	if (r || is_root(dir))
		return r;
	r = mounts_end(dir, e);
	return r ? r : -ENOENT;
}

int mounts_root(const struct part *p, const char *dir, bool write, struct err *e)
{
	const struct kind *k = find(p);
	unsigned i = 0;
	int r;

	if (!k || !k->linux_root)
		return -ENOENT;
	r = try_root(p, k, dir, subvolumes[0], e);
	while (r == -ENOENT && !strcmp(k->type, "btrfs") && subvolumes[++i])
		if (!try_root(p, k, dir, subvolumes[i], e))
			r = 0;
	if (r || !write)
		return r;
	/* Only now: mounting alone already writes to a filesystem. */
	r = mounts_end(dir, e);
	return r ? r : mount_kind(p, k, dir, true, subvolumes[i], e);
}

int mounts_end(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	/* A detached filesystem is written out some time; we want it now. */
	if (fd >= 0) {
		if (syncfs(fd))
			r = err_sys(e, "%s", dir);
		close(fd);
	}
	if (umount2(dir, UMOUNT_NOFOLLOW) && errno != EINVAL)
		r = err_sys(e, "cannot unmount %s", dir);
	(void)rmdir(dir);
	return r;
}
