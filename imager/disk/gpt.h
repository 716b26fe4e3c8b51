// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * gpt.h - the bytes of a GUID partition table (UEFI specification 2.10, 5.3);
 * for ptable*.c.
 *
 * A table has two copies, each a header sector and an array of entries.  LBAs
 * count sectors of @sector bytes.
 */
#ifndef IMAGER_DISK_GPT_H
#define IMAGER_DISK_GPT_H

#include "imager/disk/ptable.h"

struct gpt_copy {
	bool good;
	uint64_t lba, entries; /* where the header and the array of entries begin */
	uint8_t *header;       /* one sector */
	uint8_t *table;        /* the entries, whole sectors */
};

struct gpt {
	uint32_t sector;
	uint64_t total;          /* sectors of the disk */
	struct gpt_copy copy[2]; /* at the front, at the end */
	/* Of the first good copy. */
	const struct gpt_copy *best;
	uint64_t first, last;   /* usable LBAs */
	uint64_t tail;          /* sectors behind the last usable one, on its disk */
	uint64_t table_sectors; /* of one array */
	uint32_t n;             /* entries */
};

/*
 * 1: a copy at least is good (its checksums are right, its numbers fit each
 * other and the disk); 0: none.  A copy that cannot be read is not good.
 */
int gpt_read(const struct dev *d, uint32_t sector, struct gpt *ret, struct err *e);
void gpt_free(struct gpt *g);

/* Fills ret->v (numbers, places, boot flags), own, front, tail and notice. */
int gpt_list(const struct gpt *g, struct ptable *ret, struct err *e);

/* Whether an MBR with a protective record has others too: a hybrid MBR. */
bool gpt_hybrid(const uint8_t *mbr);

/*
 * Writes both copies, as @c wants them, to @fd, and changes the first sector
 * @mbr accordingly.  The caller has seen that everything has room.
 */
int gpt_write(const struct gpt *g, const struct ptable_change *c, uint8_t *mbr, int fd,
	      struct err *e);

#endif
