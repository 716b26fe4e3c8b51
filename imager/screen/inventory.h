// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * inventory.h - the disks of this machine and their partitions, as they come
 * and go.
 *
 * What the kernel tells in /sys and /proc is there at once; what stands on the
 * disks (filesystem, label, used space) is looked at by threads of their own,
 * as a disk that is going to die may take minutes to answer.  Everything is
 * only read.
 */
#ifndef IMAGER_SCREEN_INVENTORY_H
#define IMAGER_SCREEN_INVENTORY_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum look_state {
	LOOKED_NOT, /* nobody has looked yet */
	LOOKED,
	LOOKED_IN_VAIN, /* it cannot be read */
};

/* A row of the tree: a disk, or a partition of the disk above it. */
struct place {
	char name[64];  /* "sda1" */
	char path[512]; /* "/dev/sda1" */
	size_t disk;    /* index of its disk; of a disk: its own */
	bool partition;
	unsigned number; /* of a partition, in the table */
	dev_t id;
	uint64_t seq;  /* another one: another disk has taken the name */
	uint64_t size; /* bytes */
	bool read_only, removable;
	bool system;      /* the running system is on it (of a disk: or on a part of it) */
	char mounts[256]; /* "/, /home", "swap", or "" */
	char model[128], serial[128]; /* of the disk; "" where the kernel knows none */

	enum look_state looked;
	char fs[32], label[256]; /* printable; "" where there is none */
	char table[16];          /* of a disk: "gpt", "dos" ... or "" */
	bool used_known;
	uint64_t used; /* bytes */
};

struct inventory;

/*
 * @root: "" for this machine; or a folder with sys/, proc/ and dev/ of another
 * one, for tests.
 */
int inventory_new(struct inventory **ret, const char *root, struct err *e);
/* Waits at most a second for threads that a disk keeps waiting. */
void inventory_free(struct inventory *v);

/* Readable when threads have found something: then call inventory_refresh(). */
int inventory_fd(const struct inventory *v);

/*
 * Takes in what has changed; cheap, to be called each second or so.  True: it
 * is another picture than before, and pointers into the old one are void.
 */
bool inventory_refresh(struct inventory *v);

/* All rows: each disk, followed by its partitions. */
const struct place *inventory_places(const struct inventory *v, size_t *ret_n);
/* The row with that path, or NULL. */
const struct place *inventory_find(const struct inventory *v, const char *path);

/* True when @folder, from / on, is in the memory of the machine @root, and gone with it. */
bool inventory_in_memory(const char *root, const char *folder);

/*
 * Before something works on a disk: no thread begins to look at one, and those
 * that do are waited for, a second at most.
 */
void inventory_pause(struct inventory *v);
/* And afterwards, when all is looked at again. */
void inventory_resume(struct inventory *v);
/*
 * All is looked at again, from the next inventory_refresh() on: the kernel does not tell who
 * has written what to a disk.
 */
void inventory_renew(struct inventory *v);

/*
 * True when @text names that row: its name, its path or its serial number, all
 * of it, without blanks around.
 */
bool inventory_names(const char *text, const char *path, const char *serial);

#endif
