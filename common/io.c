// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

ssize_t io_read(int fd, void *buf, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, (char *)buf + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

ssize_t io_pread(int fd, void *buf, size_t n, uint64_t off)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)buf + got, n - got, (off_t)(off + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int io_write(int fd, const void *buf, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = write(fd, (const char *)buf + done, n - done);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		done += (size_t)r;
	}
	return 0;
}

int io_pwrite(int fd, const void *buf, size_t n, uint64_t off)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = pwrite(fd, (const char *)buf + done, n - done, (off_t)(off + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		done += (size_t)r;
	}
	return 0;
}

char *io_slurp_fd(int fd, size_t max, size_t *ret_len)
{
	size_t cap = 4096, len = 0;
	char *text = NULL;

	for (;;) {
		char *more = realloc(text, cap + 1);
		ssize_t r;

		if (!more)
			goto fail;
		text = more;
		r = io_read(fd, text + len, cap - len);
		if (r < 0) {
			errno = (int)-r;
			goto fail;
		}
		len += (size_t)r;
		if (len < cap)
			break;
		if (cap >= max) {
			errno = EFBIG;
			goto fail;
		}
		cap *= 2;
	}
	text[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return text;
fail:
	free(text);
	return NULL;
}

char *io_slurp(const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	char *text;

	if (fd < 0)
		return NULL;
	text = io_slurp_fd(fd, max, NULL);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}
