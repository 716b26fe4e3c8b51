// SPDX-License-Identifier: GPL-3.0-or-later
/* io.h - whole reads and writes: EINTR and short transfers are dealt with here. */
#ifndef COMMON_IO_H
#define COMMON_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The bytes read, fewer than @n only at the end of the file; or a negative errno. */
ssize_t io_read(int fd, void *buf, size_t n);
ssize_t io_pread(int fd, void *buf, size_t n, uint64_t off);

/* 0 when all @n bytes are written, or a negative errno. */
int io_write(int fd, const void *buf, size_t n);
int io_pwrite(int fd, const void *buf, size_t n, uint64_t off);

/*
 * A small text file such as those of sysfs and procfs, whole and with a NUL at
 * its end.  The caller frees.  NULL with errno set: cannot be read, or larger
 * than @max bytes (EFBIG).
 */
char *io_slurp(const char *path, size_t max);
/* The same from where @fd stands to the end; @ret_len (may be NULL): the bytes before the NUL.
 */
char *io_slurp_fd(int fd, size_t max, size_t *ret_len);

#endif
