// SPDX-License-Identifier: GPL-3.0-or-later
/* glance.h - what stands on a device, for somebody who looks around. */
#ifndef IMAGER_ENGINE_GLANCE_H
#define IMAGER_ENGINE_GLANCE_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct glance {
	char fs[32], label[256]; /* printable; "" where there is none */
	char table[16];          /* kind of the partition table, or "" */
	bool used_known;
	uint64_t used; /* bytes, as its filesystem's reader counts them */
};

/*
 * Opens @path (a block device or a file) without claiming it, and only reads.  With
 * @count also the filesystem's map, of what is no larger than GLANCE_COUNT_MAX.  May
 * take as long as the disk does.
 */
int glance(const char *path, bool count, struct glance *ret, struct err *e);

#define GLANCE_COUNT_MAX (UINT64_C(1) << 40)

/* Used bytes of the filesystem that is mounted at @dir; false: not known. */
bool glance_mounted(const char *dir, uint64_t *ret);
/* Model and serial number ("" where unknown) of device @id, in the sysfs at @sys. */
void glance_ident(const char *sys, unsigned major, unsigned minor, char model[static 128],
		  char serial[static 128]);

#endif
