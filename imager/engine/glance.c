// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/glance.h"

#include "common/plain.h"
#include "imager/disk/ident.h"
#include "imager/disk/ptable.h"
#include "imager/fs/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Unlike dev_open_source() it keeps nobody from mounting or claiming the device. */
static int open_shared(struct dev *d, const char *path, struct err *e)
{
	unsigned physical = 512;
	struct stat st;
	int sector = 512;

	*d = (struct dev){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK),
			   .direct_fd = -1 };
	if (d->fd < 0 || fstat(d->fd, &st) < 0)
		return err_sys(e, "%s", path);
	d->block = S_ISBLK(st.st_mode);
	if (!d->block && !S_ISREG(st.st_mode))
		return err_set(e, -ENOTBLK, "%s: neither a device nor a file", path);
	d->path = strdup(path);
	d->size = d->block ? 0 : (uint64_t)st.st_size;
	d->id = d->block ? st.st_rdev : st.st_dev;
	d->ino = d->block ? 0 : st.st_ino;
	if (!d->path)
		return err_nomem(e);
	if (d->block &&
	    (ioctl(d->fd, BLKGETSIZE64, &d->size) < 0 || ioctl(d->fd, BLKSSZGET, &sector) < 0 ||
	     ioctl(d->fd, BLKPBSZGET, &physical) < 0))
		return err_sys(e, "%s", path);
	d->sector = (uint32_t)sector;
	d->physical = physical;
	return 0;
}

static int look(const struct dev *d, bool count, struct glance *ret, struct err *e)
{
	static const struct fs_options any = { .force = true };
	struct area all = { d, 0, d->size };
	struct fs_scan scan = { 0 };
	struct ptable table = { 0 };
	int r;

	if (ptable_read(d, &table, NULL) == 1)
		plain_text(ret->table, sizeof(ret->table), table.type, "");
	ptable_free(&table);
	if (ret->table[0])
		return 0;
	r = fs_identify(&all, &scan, e);
	if (!r) {
		plain_text(ret->fs, sizeof(ret->fs), scan.type, "");
		plain_text(ret->label, sizeof(ret->label), scan.label, "");
	}
	fs_scan_free(&scan);
	if (r < 0 || !ret->fs[0] || !count || d->size > GLANCE_COUNT_MAX)
		return r;
	scan = (struct fs_scan){ 0 };
	if (fs_scan(&all, &any, &scan, NULL) == 0 && scan.ops) {
		ret->used_known = true;
		ret->used = extents_total(&scan.used);
	}
	fs_scan_free(&scan);
	return 0;
}

int glance(const char *path, bool count, struct glance *ret, struct err *e)
{
	struct dev d;
	int r = open_shared(&d, path, e);

	*ret = (struct glance){ .fs = "" };
	if (!r && d.size)
		r = look(&d, count, ret, e);
	if (d.fd >= 0)
		dev_close(&d);
	return r;
}

bool glance_mounted(const char *dir, uint64_t *ret)
{
	struct statvfs v;

	if (statvfs(dir, &v) < 0 || v.f_bfree > v.f_blocks)
		return false;
	return !__builtin_mul_overflow(v.f_blocks - v.f_bfree, v.f_frsize, ret);
}

void glance_ident(const char *sys, unsigned major, unsigned minor, char model[static 128],
		  char serial[static 128])
{
	struct ident id;

	ident_read_at(sys, makedev(major, minor), &id);
	snprintf(model, 128, "%s", id.model);
	snprintf(serial, 128, "%s", id.serial);
}
