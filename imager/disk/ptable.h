// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ptable.h - partition tables: GPT and MBR ("dos").
 *
 * All offsets and sizes are bytes.  What is where is read by gpt.c and mbr.c,
 * and again by libfdisk, which also has the words; a table on which they do
 * not agree is not handled.  libfdisk gets a copy of the table alone, and does
 * not do the changes: it rounds the protective MBR off, leaves out what it
 * does not understand of a chain of logical partitions, and cannot make a
 * disk smaller.  It judges them afterwards instead.
 */
#ifndef IMAGER_DISK_PTABLE_H
#define IMAGER_DISK_PTABLE_H

#include "imager/disk/dev.h"

struct part {
	unsigned number;    /* as in /dev/sdaN: from 1; logical ones from 5 */
	uint64_t off, size; /* multiples of the sector size */
	char type[64];      /* words: "EFI System", "Linux filesystem", "HPFS/NTFS/exFAT" */
	char type_id[40];   /* GUID, or "0x83" */
	char name[128];     /* GPT: UTF-8, control characters replaced by '?'; or "" */
	char uuid[40];      /* PARTUUID as in /dev/disk/by-partuuid, or "" */
	bool boot;          /* MBR: active; GPT: legacy boot attribute */
	bool logical;
};

struct ptable {
	char type[8];     /* "gpt" or "dos" */
	char id[40];      /* disk GUID, or "0x1234abcd" */
	char notice[256]; /* worth telling: "the backup copy ... is damaged"; or "" */
	uint32_t sector;  /* the size of a sector that the table counts in */
	/* No extended container; by offset, without overlaps. */
	struct part *v;
	size_t n;
	/* Where the table itself lies: MBR, EBRs, good GPT headers with their entries. */
	struct extents own;
	/* GPT: how many bytes before the first and behind the last usable one; else 0. */
	uint64_t front, tail;
};

/*
 * 1: @ret holds the table.  0: there is none (also: the boot sector of a
 * filesystem that only looks like an MBR, or an MBR without any partition).
 * -EOPNOTSUPP: a kind that is not handled (BSD, SGI, Sun, Apple; an MBR beside
 * a filesystem over the whole disk); the disk can still be imaged raw.
 * -EUCLEAN: damaged in a way that must be mended first; the text says how.
 * Whatever is returned, ptable_free() is allowed.
 *
 * A block device's sectors are as large as it says.  Those of a file are
 * d->sector, if that is not 512; else 512 bytes, or 4096 if it holds a GPT made
 * for such sectors (a copy of a 4Kn disk).
 */
int ptable_read(const struct dev *d, struct ptable *ret, struct err *e);
void ptable_free(struct ptable *t);

struct ptable_change {
	uint64_t disk_size; /* of the disk that the new table is for */
	unsigned part;      /* the partition whose size changes, or 0 */
	uint64_t part_size; /* its new size, at most ptable_room() */
	bool new_ids;       /* fresh disk GUID and PARTUUIDs, or a fresh MBR disk id */
};

/*
 * How large partition @number can be at most on a disk of @disk_size: up to
 * the next partition or the end of the usable space, its end aligned to 1 MiB
 * unless that would make it smaller than it is.  The container of a logical
 * one grows with it.  0: it cannot become larger than it is.
 */
uint64_t ptable_room(const struct ptable *t, unsigned number, uint64_t disk_size);

/* The size of the smallest disk that holds the table and its partitions. */
uint64_t ptable_min_disk(const struct ptable *t);

/*
 * Makes the table of a disk of change->disk_size bytes.  @old has the table's
 * own sectors at their places and the size of the disk they come from; a
 * scratch file will do.  *ret_fd is a new sparse memfd of the new size, which
 * the caller closes: the new table's own sectors are its only data, @ret_own
 * (normalized) says where they lie.  Boot code, ids, names, types, attributes,
 * numbers and the order of the entries stay; without a change all bytes do.
 * But a GPT copy that was missing or damaged is always made again, so @ret_own
 * can be more than t->own.
 * -ENOSPC: the disk is too small for it.  -EINVAL: part_size does not fit.
 * -EUCLEAN: what came out is not what was wanted.
 */
int ptable_rewrite(const struct dev *old, const struct ptable *t, const struct ptable_change *c,
		   int *ret_fd, struct extents *ret_own, struct err *e);

/*
 * Tells the kernel to read the table of a disk again; tries for 5 s while
 * somebody else, as udev does, holds it (then -EBUSY).  0 also for what cannot
 * have partitions: a regular file, a loop device without partition scan.
 */
int ptable_reread(const struct dev *d, struct err *e);

#endif
