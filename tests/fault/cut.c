// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * cut.c - a power cut, for LD_PRELOAD.
 *
 *	SLATE_CUT="PATH:NUMBER:SEED" LD_PRELOAD=cut.so program ...
 *
 * Counts what is done to the regular file PATH (writes, holes, syncs) and ends
 * the program by SIGKILL behind operation NUMBER.  Of each block of 4 KiB that
 * was changed since the last sync the file then has, by a coin that SEED
 * decides, the new bytes or the old ones: a disk writes its cache in any order.
 * SEED 0 is the worst order: new is only what the last operation has written.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

/* What a test preload needs to remember; guarded by @lock. */
static struct {
	pthread_mutex_t lock;
	long left;     /* operations until the cut */
	uint64_t coin; /* state of the random numbers */
	bool worst;
	uint8_t *durable; /* the file at its last sync */
	uint8_t *before;  /* the file before the last operation */
	uint8_t *now;     /* the file itself, mapped */
	struct stat st;
} cut = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The names that the functions have in libc: the headers rename some of them. */
ssize_t cut_write(int fd, const void *buf, size_t n) __asm__("write");
ssize_t cut_pwrite(int fd, const void *buf, size_t n, int64_t off) __asm__("pwrite");
ssize_t cut_pwrite64(int fd, const void *buf, size_t n, int64_t off) __asm__("pwrite64");
int cut_fallocate(int fd, int mode, int64_t off, int64_t len) __asm__("fallocate");
int cut_fallocate64(int fd, int mode, int64_t off, int64_t len) __asm__("fallocate64");
int cut_fsync(int fd) __asm__("fsync");
int cut_fdatasync(int fd) __asm__("fdatasync");

/* Aborts where a test would otherwise pass for nothing. */
__attribute__((constructor)) static void begin(void)
{
	const char *spec = getenv("SLATE_CUT"), *colon = spec ? strchr(spec, ':') : NULL;
	char *path, *end;
	int fd;

	if (!colon)
		abort();
	path = strndup(spec, (size_t)(colon - spec));
	fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &cut.st) || cut.st.st_size % BLOCK)
		abort();
	cut.left = strtol(colon + 1, &end, 10);
	if (*end != ':')
		abort();
	cut.coin = strtoull(end + 1, NULL, 10);
	cut.worst = !cut.coin;
	cut.durable = malloc((size_t)cut.st.st_size);
	cut.before = malloc((size_t)cut.st.st_size);
	cut.now = mmap(NULL, (size_t)cut.st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!cut.durable || !cut.before || cut.now == MAP_FAILED)
		abort();
	memcpy(cut.durable, cut.now, (size_t)cut.st.st_size);
	memcpy(cut.before, cut.now, (size_t)cut.st.st_size);
	close(fd);
	free(path);
}

/* The numbers of C's classic rand(), of which the upper bits are good enough. */
static bool heads(void)
{
	cut.coin = cut.coin * 1103515245 + 12345;
	return cut.coin >> 16 & 1;
}

static void lose_cache(void)
{
	for (off_t at = 0; at < cut.st.st_size; at += BLOCK)
		if (memcmp(cut.now + at, cut.durable + at, BLOCK) &&
		    (cut.worst ? !memcmp(cut.now + at, cut.before + at, BLOCK) : heads()))
			memcpy(cut.now + at, cut.durable + at, BLOCK);
}

/* Behind an operation that went well. */
static void count(int fd, bool sync)
{
	struct stat st;

	pthread_mutex_lock(&cut.lock);
	if (fstat(fd, &st) == 0 && st.st_dev == cut.st.st_dev && st.st_ino == cut.st.st_ino) {
		if (sync)
			memcpy(cut.durable, cut.now, (size_t)cut.st.st_size);
		if (--cut.left == 0) {
			lose_cache();
			kill(getpid(), SIGKILL);
		}
		memcpy(cut.before, cut.now, (size_t)cut.st.st_size);
	}
	pthread_mutex_unlock(&cut.lock);
}

ssize_t cut_write(int fd, const void *buf, size_t n)
{
	ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	ssize_t r = next(fd, buf, n);

	if (r > 0)
		count(fd, false);
	return r;
}

ssize_t cut_pwrite64(int fd, const void *buf, size_t n, int64_t off)
{
	ssize_t (*next)(int, const void *, size_t, int64_t) = dlsym(RTLD_NEXT, "pwrite64");
	ssize_t r = next(fd, buf, n, off);

	if (r > 0)
		count(fd, false);
	return r;
}

ssize_t cut_pwrite(int fd, const void *buf, size_t n, int64_t off)
{
	return cut_pwrite64(fd, buf, n, off);
}

int cut_fallocate64(int fd, int mode, int64_t off, int64_t len)
{
	int (*next)(int, int, int64_t, int64_t) = dlsym(RTLD_NEXT, "fallocate64");
	int r = next(fd, mode, off, len);

	if (!r)
		count(fd, false);
	return r;
}

int cut_fallocate(int fd, int mode, int64_t off, int64_t len)
{
	return cut_fallocate64(fd, mode, off, len);
}

int cut_fsync(int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
	int r = next(fd);

	if (!r)
		count(fd, true);
	return r;
}

int cut_fdatasync(int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, "fdatasync");
	int r = next(fd);

	if (!r)
		count(fd, true);
	return r;
}
