// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/fstools_internal.h"

#include "common/bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define E2FSCK_MENDED 1
#define SHRINKS_MAX   5
#define GAIN_MIN      20 /* of so many parts, one at least */

/* The others want a filesystem that was checked since it was last mounted. */
static int check(struct job *j, struct err *e)
{
	const char *const argv[] = { "e2fsck", "-f", "-p", j->device, NULL };

	return job_run(j, argv, NULL, E2FSCK_MENDED, e);
}

int ext_grow(struct job *j, struct err *e)
{
	const char *const argv[] = { "resize2fs", j->device, NULL };
	int r = check(j, e);

	return r ? r : job_run(j, argv, NULL, 0, e);
}

/* Documentation/filesystems/ext4/super.rst */
static int read_super(const struct job *j, uint64_t *ret_blocks, uint32_t *ret_block,
		      struct err *e)
{
	uint8_t buf[1024];
	struct rd r = rd_init(buf, sizeof(buf));
	uint32_t low, log;
	int res = j->a->size < 2048
			  ? -EUCLEAN
			  : dev_read(j->a->dev, buf, sizeof(buf), j->a->off + 1024, e);

	if (res)
		return res;
	rd_seek(&r, 4);
	low = rd_le32(&r);
	rd_seek(&r, 24);
	log = rd_le32(&r);
	rd_seek(&r, 0x60);
	*ret_blocks = low;
	if (rd_le32(&r) & 0x80) { /* 64bit */
		rd_seek(&r, 0x150);
		*ret_blocks |= (uint64_t)rd_le32(&r) << 32;
	}
	if (log > 6)
		return err_set(e, -EUCLEAN, "the superblock is damaged");
	*ret_block = 1024u << log;
	return 0;
}

/* What the filesystem's size is, and to what it can come down; bytes. */
static int ask_sizes(struct job *j, uint64_t *ret_now, uint64_t *ret_target, struct err *e)
{
	const char *const argv[] = { "resize2fs", "-P", j->device, NULL };
	uint64_t blocks = 0, least;
	uint32_t block = 0;
	const char *colon;
	int r = read_super(j, &blocks, &block, e);

	if (!r)
		r = job_run(j, argv, NULL, 0, e);
	if (r)
		return r;
	/* "Estimated minimum size of the filesystem: 1234", in blocks */
	colon = strrchr(j->output.text, ':');
	if (!colon || !mul_u64(strtoull(colon + 1, NULL, 10), block, &least) || !least ||
	    least > j->a->size || !mul_u64(blocks, block, ret_now))
		return err_set(e, -EIO, "resize2fs -P said nothing useful: %s",
			       output_last_line(&j->output));
	*ret_target = job_shrink_to(least);
	return 0;
}

/*
 * The estimate counts what the many block groups of a large filesystem need, so
 * it becomes smaller with the filesystem: as long as that is worth the time, it
 * is made smaller once more.
 */
int ext_shrink(struct job *j, struct err *e)
{
	char size[32];
	const char *const argv[] = { "resize2fs", j->device, size, NULL };
	uint64_t now = 0, target = 0;
	int r = check(j, e);

	for (int i = 0; !r && i < SHRINKS_MAX; i++) {
		r = ask_sizes(j, &now, &target, e);
		j->size = job_whole_mib(now);
		if (r || target > now - now / GAIN_MIN)
			return r;
		snprintf(size, sizeof(size), "%" PRIu64 "K", target / 1024);
		r = job_run(j, argv, NULL, 0, e);
		j->size = target;
	}
	return r;
}

int ext_new_uuid(struct job *j, struct err *e)
{
	const char *const argv[] = { "tune2fs", "-U", "random", j->device, NULL };
	int r = check(j, e);

	return r ? r : job_run(j, argv, NULL, 0, e);
}
