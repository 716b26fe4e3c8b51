// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/disk/ptable_internal.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libblkid finds each kind once; a device that shows more shows nonsense. */
#define PROBES_MAX 256

static blkid_probe new_probe(const struct dev *d, uint32_t sector, struct err *e)
{
	blkid_probe probe = blkid_new_probe();

	if (!probe) {
		(void)err_nomem(e);
		return NULL;
	}
	if (blkid_probe_set_device(probe, d->fd, 0, (blkid_loff_t)d->size) ||
	    blkid_probe_set_sectorsize(probe, sector)) {
		(void)err_set(e, -EIO, "cannot look for a partition table");
		blkid_free_probe(probe);
		return NULL;
	}
	return probe;
}

static void end_probe(const struct dev *d, blkid_probe probe)
{
	blkid_free_probe(probe);
	/* libblkid turns reading ahead off for the descriptor. */
	(void)posix_fadvise(d->fd, 0, 0, POSIX_FADV_NORMAL);
}

static const char *value(blkid_probe probe, const char *name)
{
	const char *text;

	return blkid_probe_lookup_value(probe, name, &text, NULL) ? "" : text;
}

int ptable_kind(const struct dev *d, uint32_t sector, struct err *e)
{
	blkid_probe probe = new_probe(d, sector, e);
	const char *kind;
	int r = 0;

	if (!probe)
		return -EIO;
	blkid_probe_enable_superblocks(probe, 0);
	blkid_probe_enable_partitions(probe, 1);
	errno = EIO;
	r = blkid_do_probe(probe);
	if (r < 0) {
		r = err_sys(e, "cannot look for a partition table");
	} else if (r == 1) {
		r = 0; /* none */
	} else {
		kind = value(probe, "PTTYPE");
		r = !strcmp(kind, "dos")
			    ? 1
			    : err_set(e, -EOPNOTSUPP,
				      "partition tables of the kind \"%s\" are not handled",
				      kind);
	}
	end_probe(d, probe);
	return r;
}

static bool in_partition(const struct ptable *t, uint64_t off)
{
	for (size_t i = 0; i < t->n; i++) {
		if (off >= t->v[i].off && off - t->v[i].off < t->v[i].size)
			return true;
	}
	return false;
}

/* One thing that libblkid sees on the disk as a whole; returns as ptable_conflict(). */
static int look(blkid_probe probe, const struct ptable *t, struct err *e)
{
	const char *usage = value(probe, "USAGE");
	uint64_t magic = strtoull(value(probe, "SBMAGIC_OFFSET"), NULL, 10);

	/* Old swap and LVM signatures outlive what they belonged to. */
	if (strcmp(usage, "filesystem") != 0 && strcmp(usage, "raid") != 0 &&
	    strcmp(usage, "crypto") != 0)
		return 1;
	if (magic < MBR_ENTRIES)
		return 0;
	/* What a partition holds may be seen from the disk's begin or end too. */
	if (in_partition(t, magic))
		return 1;
	return err_set(
		e, -EOPNOTSUPP,
		"there is a partition table, but \"%s\" too on the whole disk; if one of "
		"them is only a remainder, wipefs shows and removes it",
		value(probe, "TYPE"));
}

int ptable_conflict(const struct dev *d, const struct ptable *t, struct err *e)
{
	blkid_probe probe = new_probe(d, t->sector, e);
	int r = 1;

	if (!probe)
		return -EIO;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
							 BLKID_SUBLKS_MAGIC);
	for (int i = 0; i < PROBES_MAX && r == 1 && !blkid_do_probe(probe); i++)
		r = look(probe, t, e);
	end_probe(d, probe);
	return r;
}
