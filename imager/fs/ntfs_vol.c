// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The boot sector: struct NTFS_BOOT_SECTOR in <ntfs-3g/layout.h>.
 */
#include "imager/fs/ntfs_vol.h"

#include "common/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#define BOOT_SIZE   512
#define CLUSTER_MAX (UINT32_C(2) << 20) /* Windows makes no larger ones */
#define RECORD_MIN  512
#define RECORD_MAX  (UINT32_C(64) << 10) /* Windows: 1024 or 4096 */

/*
 * What the library may read of a volume.  It needs some 100 KiB, and 1 KiB
 * more for every hundred pieces of $MFT; of each byte it makes up to 12 in
 * memory, twice for a moment.
 */
#define READ_MAX (UINT64_C(1) << 20)

#define DAMAGED                                                                                \
	"the map of used blocks is damaged: run chkdsk /f on it in Windows, or take every "    \
	"byte with --raw"

int ntfs_vol_damaged(const char *what, struct err *e)
{
	return err_set(e, -EUCLEAN, "%s; " DAMAGED, what);
}

int ntfs_vol_error(const struct ntfs_vol *v, const char *what, struct err *e)
{
	if (v->failed == -EUCLEAN || (!v->failed && errno != ENOMEM))
		return ntfs_vol_damaged(v->failed ? v->why.msg : what, e);
	if (!v->failed)
		return err_nomem(e);
	return err_set(e, v->failed, "%s: %s", what, v->why.msg);
}

/* ---- the boot sector ----------------------------------------------------- */

struct boot {
	uint32_t sector, cluster; /* bytes */
	uint64_t sectors;
	uint64_t mft, mirror;   /* clusters */
	uint64_t record, index; /* bytes */
	uint32_t zero;          /* what other filesystems have here, or'ed */
};

/* 2^-@code, for a code that is negative; 0 where that would be absurd. */
static uint64_t negative_power(uint8_t code)
{
	return code >= 0xe0 ? UINT64_C(1) << (256 - code) : 0;
}

/* A count of sectors, or the negative power of two of one. */
static uint64_t cluster_sectors(uint8_t code)
{
	return code <= 0x80 ? code : negative_power(code);
}

/* A count of clusters, or the negative power of two of a number of bytes. */
static uint64_t record_size(uint8_t code, uint32_t cluster)
{
	return code < 0x80 ? (uint64_t)code * cluster : negative_power(code);
}

static bool is_power(uint64_t n)
{
	return n && !(n & (n - 1));
}

static int parse(const uint8_t head[BOOT_SIZE], struct boot *b, struct err *e)
{
	struct rd r = rd_init(head, BOOT_SIZE);
	uint64_t cluster;
	const uint8_t *name;

	rd_skip(&r, 3); /* a jump */
	name = rd_bytes(&r, 8);
	if (!name || memcmp(name, "NTFS    ", 8))
		return err_set(e, -EOPNOTSUPP, "it has no NTFS boot sector");
	b->sector = rd_le16(&r);
	cluster = cluster_sectors(rd_u8(&r)) * b->sector;
	b->zero = rd_le16(&r); /* reserved sectors */
	b->zero |= rd_u8(&r);  /* FATs */
	b->zero |= rd_le16(&r);
	b->zero |= rd_le16(&r);
	rd_skip(&r, 1); /* kind of medium */
	b->zero |= rd_le16(&r);
	rd_skip(&r, 8); /* tracks, heads, hidden sectors */
	b->zero |= rd_le32(&r);
	rd_skip(&r, 4);
	b->sectors = rd_le64(&r);
	b->mft = rd_le64(&r);
	b->mirror = rd_le64(&r);
	if (is_power(cluster) && cluster > CLUSTER_MAX)
		return err_set(e, -EOPNOTSUPP,
			       "its clusters of %" PRIu64 " bytes are larger than this "
			       "program knows",
			       cluster);
	b->cluster = (uint32_t)cluster;
	b->record = record_size(rd_u8(&r), b->cluster);
	rd_skip(&r, 3);
	b->index = record_size(rd_u8(&r), b->cluster);
	return 0;
}

/* Before the library allocates anything by these numbers. */
static bool is_sane(const struct boot *b)
{
	uint64_t clusters;

	if (!is_power(b->sector) || b->sector < 512 || b->sector > 4096 ||
	    !is_power(b->cluster) || b->zero)
		return false;
	clusters = b->sectors / (b->cluster / b->sector);
	return b->mft && b->mft < clusters && b->mirror && b->mirror < clusters &&
	       b->mft != b->mirror && is_power(b->record) && b->record >= RECORD_MIN &&
	       b->record <= RECORD_MAX && is_power(b->index) && b->index >= RECORD_MIN &&
	       b->index <= RECORD_MAX;
}

static int read_boot(struct ntfs_vol *v, struct err *e)
{
	uint8_t head[BOOT_SIZE];
	struct boot b = { 0 };
	uint64_t size;
	int r;

	if (v->a->size < BOOT_SIZE)
		return err_set(e, -EOPNOTSUPP, "it is too small for NTFS");
	r = dev_read(v->a->dev, head, BOOT_SIZE, v->a->off, e);
	if (!r)
		r = parse(head, &b, e);
	if (r)
		return r;
	if (!is_sane(&b))
		return ntfs_vol_damaged("its boot sector has impossible numbers", e);
	if (!mul_u64(b.sectors, b.sector, &size) || size > v->a->size)
		return err_set(e, -EUCLEAN,
			       "the filesystem is larger than the device: it has %" PRIu64
			       " sectors of %" PRIu32 " bytes, and there are only %" PRIu64
			       " bytes; repair that first, or take every byte with --raw",
			       b.sectors, b.sector, v->a->size);
	v->sector = b.sector;
	v->sectors = b.sectors;
	v->cluster = b.cluster;
	v->clusters = b.sectors / (b.cluster / b.sector);
	return 0;
}

/* ---- the library's device ------------------------------------------------ */

static int op_open(struct ntfs_device *dev, int flags)
{
	if ((flags & O_ACCMODE) != O_RDONLY) {
		errno = EROFS;
		return -1;
	}
	NDevSetReadOnly(dev);
	NDevSetOpen(dev);
	return 0;
}

static int op_close(struct ntfs_device *dev)
{
	NDevClearOpen(dev);
	return 0;
}

static s64 op_seek(struct ntfs_device *dev, s64 offset, int whence)
{
	struct ntfs_vol *v = dev->d_private;
	int64_t from = whence == SEEK_CUR ? v->pos : 0, to;

	if (whence == SEEK_END)
		from = (int64_t)v->a->size;
	if (__builtin_add_overflow(from, offset, &to) || to < 0 || (uint64_t)to > v->a->size) {
		errno = EINVAL;
		return -1;
	}
	v->pos = to;
	return to;
}

/* Beyond the end of the area there is nothing, as with a file. */
static s64 op_pread(struct ntfs_device *dev, void *buf, s64 count, s64 offset)
{
	struct ntfs_vol *v = dev->d_private;
	uint64_t n, at = (uint64_t)offset;

	errno = EIO;
	if (count < 0 || offset < 0 || v->failed)
		return -1;
	if (at >= v->a->size)
		return 0;
	n = (uint64_t)count < v->a->size - at ? (uint64_t)count : v->a->size - at;
	if (n > v->left)
		v->failed = err_set(&v->why, -EUCLEAN,
				    "its metadata is in more pieces than makes sense");
	else
		v->failed = dev_read(v->a->dev, buf, (size_t)n, v->a->off + at, &v->why);
	if (v->failed)
		return -1;
	v->left -= n;
	return (s64)n;
}

static s64 op_read(struct ntfs_device *dev, void *buf, s64 count)
{
	struct ntfs_vol *v = dev->d_private;
	s64 n = op_pread(dev, buf, count, v->pos);

	if (n > 0)
		v->pos += n;
	return n;
}

static s64 op_write(struct ntfs_device *dev, const void *buf, s64 count)
{
	(void)dev;
	(void)buf;
	(void)count;
	errno = EROFS;
	return -1;
}

static s64 op_pwrite(struct ntfs_device *dev, const void *buf, s64 count, s64 offset)
{
	(void)offset;
	return op_write(dev, buf, count);
}

/* There is never anything to write. */
static int op_sync(struct ntfs_device *dev)
{
	(void)dev;
	return 0;
}

static int op_stat(struct ntfs_device *dev, struct stat *ret)
{
	const struct ntfs_vol *v = dev->d_private;

	*ret = (struct stat){ .st_mode = S_IFREG | S_IRUSR, .st_size = (off_t)v->a->size };
	return 0;
}

/* It would set the block size of the device. */
static int op_ioctl(struct ntfs_device *dev, unsigned long request, void *arg)
{
	(void)dev;
	(void)request;
	(void)arg;
	errno = EOPNOTSUPP;
	return -1;
}

static const struct ntfs_device_operations ops = {
	.open = op_open,
	.close = op_close,
	.seek = op_seek,
	.read = op_read,
	.write = op_write,
	.pread = op_pread,
	.pwrite = op_pwrite,
	.sync = op_sync,
	.stat = op_stat,
	.ioctl = op_ioctl,
};

/* ---- opening ------------------------------------------------------------- */

int ntfs_vol_open(const struct area *a, struct ntfs_vol *v, struct err *e)
{
	int r;

	*v = (struct ntfs_vol){ .a = a, .left = READ_MAX };
	r = read_boot(v, e);
	if (r)
		return r;
	/* The library only ever calls what is in there. */
	v->dev = ntfs_device_alloc("area", 0, (struct ntfs_device_operations *)(uintptr_t)&ops,
				   v);
	if (!v->dev)
		return err_nomem(e);
	v->lib = ntfs_volume_startup(v->dev, NTFS_MNT_RDONLY);
	if (!v->lib)
		return ntfs_vol_error(v, "its $MFT or the copy $MFTMirr cannot be read", e);
	return 0;
}

void ntfs_vol_close(struct ntfs_vol *v)
{
	if (v->lib)
		(void)ntfs_umount(v->lib, FALSE); /* frees the device, too */
	else if (v->dev)
		(void)ntfs_device_free(v->dev);
	*v = (struct ntfs_vol){ 0 };
}
