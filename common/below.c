// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_below(int dir, const char *name, struct stat *ret)
{
	/* NONBLOCK: a FIFO must not hold us. */
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, ret))
		r = -errno;
	else if (!S_ISREG(ret->st_mode))
		r = -EINVAL;
	if (!r)
		return fd;
	close(fd);
	return r;
}
