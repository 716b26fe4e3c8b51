// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * mbr.h - the bytes of a PC partition table: the master boot record and the
 * chain of extended boot records (EBR); for ptable*.c.
 *
 * Numbers are sectors unless they say bytes.
 */
#ifndef IMAGER_DISK_MBR_H
#define IMAGER_DISK_MBR_H

#include "imager/disk/ptable.h"

#define MBR_SIZE    512
#define MBR_ENTRIES 446 /* where the four entries begin */
#define MBR_ENTRY   16  /* bytes of one */
#define MBR_GPT     0xee
/* As many as libfdisk reads, empty ones among them. */
#define MBR_LOGICAL_MAX 56

struct mbr_entry {
	uint64_t at;     /* its place on the disk, bytes */
	uint64_t base;   /* the sector its start counts from */
	uint64_t start;  /* on the disk */
	uint64_t size;   /* 0: not in use */
	unsigned number; /* of the partition; 0: container, or link to the next EBR */
	uint8_t boot, type;
};

/* Takes apart the @i'th entry of a boot record that lies at sector @lba. */
struct mbr_entry mbr_entry_get(const uint8_t *record, unsigned i, uint64_t lba,
			       uint32_t sector);
/* Changes the size in the 16 bytes of an entry, and the CHS address of its end. */
void mbr_entry_resize(uint8_t *entry, uint64_t start, uint64_t size);
bool mbr_entry_extended(const struct mbr_entry *x);
/* The bytes 55 AA. */
bool mbr_signed(const uint8_t *record);

struct mbr {
	uint32_t sector;
	uint64_t total; /* sectors of the disk */
	struct mbr_entry v[4 + 2 * MBR_LOGICAL_MAX];
	size_t n;
	struct extents own; /* bytes, normalized */
};

/*
 * Reads MBR and EBRs.  -EUCLEAN, -EOPNOTSUPP as ptable_read(); the caller has
 * seen that the first sector is signed.
 */
int mbr_read(const struct dev *d, uint32_t sector, struct mbr *ret, struct err *e);
void mbr_free(struct mbr *m);

/* Fills ret->v (numbers, places, active flags) and own. */
int mbr_list(const struct mbr *m, struct ptable *ret, struct err *e);

/* Makes the changes to a copy of the table on @fd. */
int mbr_write(const struct mbr *m, const struct ptable_change *c, int fd, struct err *e);

#endif
