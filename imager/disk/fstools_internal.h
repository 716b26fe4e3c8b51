// SPDX-License-Identifier: GPL-3.0-or-later
/* fstools_internal.h - what the fstools*.c files share; for nobody else. */
#ifndef IMAGER_DISK_FSTOOLS_INTERNAL_H
#define IMAGER_DISK_FSTOOLS_INTERNAL_H

#include "common/run_program.h"
#include "imager/disk/dev.h"

#define UUID_TEXT 37

/* One piece of work on one filesystem. */
struct job {
	const struct area *a;
	const char *device;   /* the loop device over it */
	uint64_t size;        /* shrinking: what it came down to, bytes */
	struct output output; /* of the last program */
};

/*
 * Runs a program; any exit status above @fine is a failure (-EIO), and the
 * program's last line is then quoted.
 */
int job_run(struct job *j, const char *const argv[], const char *input, int fine,
	    struct err *e);

/* The same while the filesystem is mounted on JOB_MOUNT, where only the program sees it. */
#define JOB_MOUNT "/mnt"
int job_run_mounted(struct job *j, const char *type, const char *options,
		    const char *const argv[], struct err *e);

/* The size to shrink to, when @least is needed: whole MiB, and some room to work with. */
uint64_t job_shrink_to(uint64_t least);
uint64_t job_whole_mib(uint64_t size);

void job_uuid_text(const uint8_t uuid[16], char ret[UUID_TEXT]);
/* A random UUID as text. */
int job_new_uuid(char ret[UUID_TEXT], struct err *e);

int ext_grow(struct job *j, struct err *e);
int ext_shrink(struct job *j, struct err *e);
int ext_new_uuid(struct job *j, struct err *e);
int ntfs_grow(struct job *j, struct err *e);
int ntfs_shrink(struct job *j, struct err *e);
int swap_grow(struct job *j, struct err *e);

#endif
