// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/dev.h"

#include "imager/disk/dev_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int dev_open_direct(int fd)
{
	_Alignas(DEV_ALIGN) char probe[DEV_ALIGN];
	char name[64];
	int direct, mode = fcntl(fd, F_GETFL) & O_ACCMODE;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	direct = open(name, mode | O_DIRECT | O_CLOEXEC);
	/*
	 * Some filesystems accept the flag but not the reads, and a device may
	 * have larger sectors than our alignment.  Any other error is the
	 * medium's, and not for here.
	 */
	if (direct >= 0 && pread(direct, probe, sizeof(probe), 0) < 0 && errno == EINVAL) {
		close(direct);
		direct = -1;
	}
	return direct;
}

bool dev_names_device(const char *path)
{
	char *copy = strdup(path), *dir = copy ? realpath(dirname(copy), NULL) : NULL;
	bool below = dir && (!strcmp(dir, "/dev") || !strncmp(dir, "/dev/", 5)) &&
		     strcmp(dir, "/dev/shm") && strncmp(dir, "/dev/shm/", 9);

	/* A folder that is missing itself, such as /dev/disk, cannot be resolved. */
	if (!dir)
		below = !strncmp(path, "/dev/", 5);
	free(dir);
	free(copy);
	return below;
}

/* The message for a path that stat() or open() refused with @error. */
static int cannot_open(const char *path, int error, struct err *e)
{
	if (error == ENOENT && dev_names_device(path))
		return err_set(e, -ENODEV,
			       "%s: no such device; lsblk lists the disks and partitions",
			       path);
	if (error == EBUSY)
		return err_set(e, -EBUSY,
			       "%s is in use; unmount it (umount) or end its use as swap "
			       "(swapoff), then try again",
			       path);
	if (error == EACCES || error == EPERM)
		return err_set(e, -error, "no permission to open %s; root has it", path);
	return err_set(e, -error, "cannot open %s: %s", path, strerror(error));
}

static int check_type(const char *path, const struct stat *st, struct err *e)
{
	if (S_ISBLK(st->st_mode) || S_ISREG(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		return err_set(e, -EISDIR,
			       "%s is a directory; a disk, a partition or a file is needed "
			       "(findmnt -T %s names the device that holds it)",
			       path, path);
	return err_set(e, -ENOTBLK, "%s is neither a block device nor a regular file", path);
}

static int read_block_facts(struct dev *d, struct err *e)
{
	unsigned physical;
	int sector;

	if (ioctl(d->fd, BLKGETSIZE64, &d->size) || ioctl(d->fd, BLKSSZGET, &sector) ||
	    ioctl(d->fd, BLKPBSZGET, &physical))
		return err_sys(e, "%s: cannot ask for its size", d->path);
	d->sector = (uint32_t)sector;
	d->physical = physical;
	return 0;
}

/* Fills all of @d but the path and the O_DIRECT twin from its descriptor. */
static int read_facts(struct dev *d, const struct stat *expected, struct err *e)
{
	struct stat st;

	if (fstat(d->fd, &st))
		return err_sys(e, "%s: cannot look at it", d->path);
	if (st.st_dev != expected->st_dev || st.st_ino != expected->st_ino)
		return err_set(e, -EAGAIN, "%s changed while it was opened; try again",
			       d->path);
	d->block = S_ISBLK(st.st_mode);
	d->exclusive = d->exclusive && d->block;
	if (d->block) {
		d->id = st.st_rdev;
		return read_block_facts(d, e);
	}
	d->id = st.st_dev;
	d->ino = st.st_ino;
	d->size = (uint64_t)st.st_size;
	d->sector = d->physical = 512;
	return 0;
}

static int not_empty(const struct dev *d, struct err *e)
{
	if (d->size)
		return 0;
	if (d->block)
		return err_set(e, -ENOMEDIUM, "%s holds no medium: its size is 0", d->path);
	return err_set(e, -ENODATA, "%s is an empty file", d->path);
}

static int keep_path(struct dev *d, const char *path, struct err *e)
{
	*d = (struct dev){ .fd = -1, .direct_fd = -1 };
	d->path = strdup(path);
	return d->path ? 0 : err_nomem(e);
}

static int open_source(struct dev *d, struct err *e)
{
	struct stat st;
	int r;

	if (stat(d->path, &st))
		return cannot_open(d->path, errno, e);
	r = check_type(d->path, &st, e);
	if (r)
		return r;
	d->exclusive = S_ISBLK(st.st_mode);
	d->fd = open(d->path, O_RDONLY | O_CLOEXEC | (d->exclusive ? O_EXCL : 0));
	if (d->fd < 0 && errno == EBUSY && d->exclusive) {
		d->exclusive = false;
		d->fd = open(d->path, O_RDONLY | O_CLOEXEC);
	}
	if (d->fd < 0)
		return cannot_open(d->path, errno, e);
	return read_facts(d, &st, e);
}

int dev_open_source(struct dev *ret, const char *path, struct err *e)
{
	int r = keep_path(ret, path, e);

	if (!r)
		r = open_source(ret, e);
	if (!r)
		r = not_empty(ret, e);
	if (r) {
		dev_close(ret);
		return r;
	}
	(void)posix_fadvise(ret->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	ret->direct_fd = dev_open_direct(ret->fd);
	return 0;
}

static int check_new_size(const char *path, uint64_t size, struct err *e)
{
	if (size && size <= INT64_MAX)
		return 0;
	return err_set(e, size ? -EFBIG : -EINVAL, "%s: a file cannot be made %s", path,
		       size ? "that large" : "without a size");
}

/* Makes a file that does not exist.  O_EXCL: another's new file is not ours. */
static int make_file(struct dev *d, uint64_t size, struct err *e)
{
	struct stat st;
	int r = check_new_size(d->path, size, e);

	if (r)
		return r;
	/* The contents of a disk are not for everybody to read. */
	d->fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (d->fd < 0)
		return err_sys(e, "cannot make %s", d->path);
	if (ftruncate(d->fd, (off_t)size) || fstat(d->fd, &st)) {
		r = err_sys(e, "cannot make %s as large as needed", d->path);
		unlink(d->path);
		return r;
	}
	return read_facts(d, &st, e);
}

static int open_existing(struct dev *d, const struct stat *st, struct err *e)
{
	int locked = 0, r = check_type(d->path, st, e);

	if (r)
		return r;
	d->exclusive = S_ISBLK(st->st_mode);
	d->fd = open(d->path, O_RDWR | O_CLOEXEC | (d->exclusive ? O_EXCL : 0));
	if (d->fd < 0)
		return cannot_open(d->path, errno, e);
	r = read_facts(d, st, e);
	if (!r && d->block && !ioctl(d->fd, BLKROGET, &locked) && locked)
		r = err_set(e, -EROFS, "%s is write-protected", d->path);
	return r;
}

static int extend_empty(struct dev *d, uint64_t size, struct err *e)
{
	int r;

	if (d->block || d->size)
		return 0;
	r = check_new_size(d->path, size, e);
	if (r)
		return r;
	if (ftruncate(d->fd, (off_t)size))
		return err_sys(e, "cannot make %s as large as needed", d->path);
	d->size = size;
	return 0;
}

static int open_target(struct dev *d, uint64_t size, struct err *e)
{
	struct stat st;
	int r, error = stat(d->path, &st) ? errno : 0;

	if (error == ENOENT && !dev_names_device(d->path))
		return make_file(d, size, e);
	if (error)
		return cannot_open(d->path, error, e);
	r = open_existing(d, &st, e);
	return r ? r : extend_empty(d, size, e);
}

int dev_open_target(struct dev *ret, const char *path, uint64_t size, struct err *e)
{
	int r = keep_path(ret, path, e);

	if (!r)
		r = open_target(ret, size, e);
	if (!r)
		r = not_empty(ret, e);
	if (r) {
		dev_close(ret);
		return r;
	}
	ret->direct_fd = dev_open_direct(ret->fd);
	return 0;
}
