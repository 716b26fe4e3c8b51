// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * eio.c - a disk with bad sectors, for LD_PRELOAD.
 *
 *	SLATE_EIO="PATH:OFF+LEN,OFF+LEN" LD_PRELOAD=eio.so program ...
 *
 * Reading by pread() any of these bytes (decimal offsets) of the file or block
 * device PATH, under whatever name it was opened, fails with EIO.  As in the
 * kernel, a read that meets a bad place later on ends before it and is short;
 * only the next one fails.  For O_DIRECT readers the ranges must consist of
 * whole sectors.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The names that pread() has in libc.  Assembler labels, because the headers
 * rename some of them, depending on feature macros.
 */
ssize_t eio_pread(int fd, void *buf, size_t n, long off) __asm__("pread");
ssize_t eio_pread64(int fd, void *buf, size_t n, int64_t off) __asm__("pread64");
ssize_t eio_pread_chk(int fd, void *buf, size_t n, long off,
		      size_t size) __asm__("__pread_chk");
ssize_t eio_pread64_chk(int fd, void *buf, size_t n, int64_t off,
			size_t size) __asm__("__pread64_chk");

static bool is_file(int fd, const char *path, size_t len)
{
	struct stat want, have;
	char *name = strndup(path, len);
	bool found = name && !stat(name, &want) && !fstat(fd, &have);

	free(name);
	if (found && S_ISBLK(want.st_mode))
		return S_ISBLK(have.st_mode) && have.st_rdev == want.st_rdev;
	return found && have.st_dev == want.st_dev && have.st_ino == want.st_ino;
}

/* How many of the @n bytes at @off precede the first bad one. */
static size_t good_bytes(const char *ranges, size_t n, uint64_t off)
{
	while (*ranges) {
		char *end;
		uint64_t bad = strtoull(ranges, &end, 10), len;

		if (*end != '+')
			abort(); /* a test that fails nothing would pass */
		len = strtoull(end + 1, &end, 10);
		if (*end && *end != ',')
			abort();
		ranges = *end ? end + 1 : end;
		if (off < bad + len && bad < off + n)
			n = bad > off ? (size_t)(bad - off) : 0;
	}
	return n;
}

/* The bytes that may be read, or -1 with errno. */
static int64_t limit(int fd, size_t n, int64_t off)
{
	const char *spec = getenv("SLATE_EIO"), *colon = spec ? strrchr(spec, ':') : NULL;
	int saved = errno;
	size_t good = n;

	if (colon && n && is_file(fd, spec, (size_t)(colon - spec)))
		good = good_bytes(colon + 1, n, (uint64_t)off);
	errno = n && !good ? EIO : saved;
	return n && !good ? -1 : (int64_t)good;
}

ssize_t eio_pread64(int fd, void *buf, size_t n, int64_t off)
{
	ssize_t (*next)(int, void *, size_t, int64_t) = dlsym(RTLD_NEXT, "pread64");
	int64_t good = limit(fd, n, off);

	return good < 0 ? -1 : next(fd, buf, (size_t)good, off);
}

ssize_t eio_pread(int fd, void *buf, size_t n, long off)
{
	return eio_pread64(fd, buf, n, off);
}

ssize_t eio_pread_chk(int fd, void *buf, size_t n, long off, size_t size)
{
	return eio_pread64_chk(fd, buf, n, off, size);
}

ssize_t eio_pread64_chk(int fd, void *buf, size_t n, int64_t off, size_t size)
{
	if (n > size)
		abort();
	return eio_pread64(fd, buf, n, off);
}
