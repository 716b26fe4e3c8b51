// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * lose.c - a disk that loses writes and says nothing, for LD_PRELOAD.
 *
 *	SLATE_LOSE="PATH:OFF+LEN,OFF+LEN" LD_PRELOAD=lose.so program ...
 *
 * What pwrite() writes to these bytes (decimal offsets) of the regular file PATH,
 * under whatever name it was opened, never arrives; the call succeeds.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The names that pwrite() has in libc: the headers rename one of them. */
ssize_t lose_pwrite(int fd, const void *buf, size_t n, int64_t off) __asm__("pwrite");
ssize_t lose_pwrite64(int fd, const void *buf, size_t n, int64_t off) __asm__("pwrite64");

static bool is_file(int fd, const char *path, size_t len)
{
	struct stat want, have;
	char *name = strndup(path, len);
	bool found = name && !stat(name, &want) && !fstat(fd, &have);

	free(name);
	return found && have.st_dev == want.st_dev && have.st_ino == want.st_ino;
}

/* The first lost range of @ranges in [off, off + n): its length there, and where it begins. */
static size_t lost(const char *ranges, size_t n, uint64_t off, uint64_t *ret_from)
{
	uint64_t from = off + n, to = off + n;

	while (*ranges) {
		char *end;
		uint64_t bad = strtoull(ranges, &end, 10), len;

		if (*end != '+')
			abort(); /* a test that loses nothing would pass */
		len = strtoull(end + 1, &end, 10);
		if (*end && *end != ',')
			abort();
		ranges = *end ? end + 1 : end;
		if (off >= bad + len || bad >= off + n || bad >= from)
			continue;
		from = bad > off ? bad : off;
		to = bad + len < off + n ? bad + len : off + n;
	}
	*ret_from = from;
	return (size_t)(to - from);
}

/* Writes what is not lost, or fails as the real one does. */
ssize_t lose_pwrite64(int fd, const void *buf, size_t n, int64_t off)
{
	ssize_t (*next)(int, const void *, size_t, int64_t) = dlsym(RTLD_NEXT, "pwrite64");
	const char *spec = getenv("SLATE_LOSE"), *colon = spec ? strrchr(spec, ':') : NULL;
	uint64_t from;
	size_t gone;

	if (!colon || !is_file(fd, spec, (size_t)(colon - spec)))
		return next(fd, buf, n, off);
	gone = lost(colon + 1, n, (uint64_t)off, &from);
	if (gone && from == (uint64_t)off)
		return (ssize_t)gone; /* the caller goes on behind it */
	return next(fd, buf, gone ? (size_t)(from - (uint64_t)off) : n, off);
}

ssize_t lose_pwrite(int fd, const void *buf, size_t n, int64_t off)
{
	return lose_pwrite64(fd, buf, n, off);
}
