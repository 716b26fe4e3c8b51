// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/root_internal.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define TEMPORARY_MAX 32

/* A place to write to: a folder, and a name in it. */
struct place {
	const struct root *root;
	const char *path; /* the whole, for messages */
	const char *name; /* points into path */
	char folder[PATH_MAX];
	int fd;       /* of the folder; -1: there is none */
	size_t known; /* length of the part of folder that was there before; 0: all of it */
	bool has_old; /* something has that name already */
	struct stat old;
	char temporary[TEMPORARY_MAX]; /* beside it */
};

static int bad(const struct place *p, int code, struct err *e)
{
	return root_fail(p->root, p->path, code, e);
}

/* Opens the folder @prefix of p->folder, after making it when @make. */
static int step_into(struct place *p, const char *prefix, bool make, int *fd, struct err *e)
{
	int next = root_open_at(p->root, prefix, O_RDONLY | O_DIRECTORY);

	if (next < 0 && errno == ENOENT && make) {
		const char *name = strrchr(prefix, '/') + 1;

		if (mkdirat(*fd, name, 0755)) {
			if (errno == EEXIST)
				return err_set(e, -ENOENT,
					       "%s%s is a symbolic link that leads nowhere",
					       p->root->running ? "" : p->root->name, prefix);
			return root_fail(p->root, prefix, -errno, e);
		}
		if (!p->known)
			p->known = (size_t)(name - prefix);
		fsync(*fd);
		next = root_open_at(p->root, prefix, O_RDONLY | O_DIRECTORY);
	}
	if (next < 0)
		return root_fail(p->root, prefix, -errno, e);
	close(*fd);
	*fd = next;
	return 0;
}

/* Takes away the folders that were made for a file that did not come. */
static void unmake_folders(struct place *p)
{
	while (p->known && strlen(p->folder) >= p->known) {
		char *slash = strrchr(p->folder, '/');
		int fd;

		*slash = '\0';
		fd = root_open_at(p->root, *p->folder ? p->folder : "/",
				  O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			return;
		unlinkat(fd, slash + 1, AT_REMOVEDIR);
		close(fd);
	}
}

/* Opens the folder, step by step, making what is missing when @make. */
static int open_folder(struct place *p, bool make, struct err *e)
{
	char prefix[PATH_MAX];
	size_t n = 0;
	int fd = root_open_at(p->root, "/", O_RDONLY | O_DIRECTORY), code = 0;

	if (fd < 0)
		return root_fail(p->root, "/", -errno, e);
	while (!code && p->folder[n]) {
		n += strspn(p->folder + n, "/");
		n += strcspn(p->folder + n, "/");
		memcpy(prefix, p->folder, n);
		prefix[n] = '\0';
		if (prefix[n - 1] != '/')
			code = step_into(p, prefix, make, &fd, e);
	}
	if (code) {
		close(fd);
		unmake_folders(p);
		return code;
	}
	p->fd = fd;
	return 0;
}

/* Fills @p; -ENOENT when there is no folder and none is made. */
static int place_open(struct place *p, const struct root *r, const char *path, bool make,
		      struct err *e)
{
	uint64_t number;
	int code;

	*p = (struct place){ .root = r, .path = path, .fd = -1 };
	code = root_split(r, path, p->folder, &p->name, e);
	if (code)
		return code;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return bad(p, -errno, e);
	snprintf(p->temporary, sizeof(p->temporary), ".slate-%016llx",
		 (unsigned long long)number);
	code = open_folder(p, make, e);
	if (code)
		return code;
	p->has_old = !fstatat(p->fd, p->name, &p->old, AT_SYMLINK_NOFOLLOW);
	if (!p->has_old && errno != ENOENT)
		code = bad(p, -errno, e);
	else if (p->has_old && !S_ISREG(p->old.st_mode) && !S_ISLNK(p->old.st_mode))
		code = err_set(e, -EINVAL, "%s%s is %s, where a file is expected",
			       r->running ? "" : r->name, path, root_kind(p->old.st_mode));
	return code;
}

/* @code: how it went, which is returned. */
static int place_close(struct place *p, int code)
{
	if (p->fd >= 0)
		close(p->fd);
	if (code)
		unmake_folders(p);
	return code;
}

/* The temporary file gets its final name. */
static int settle(struct place *p, struct err *e)
{
	int code;

	if (renameat(p->fd, p->temporary, p->fd, p->name)) {
		code = bad(p, -errno, e);
		unlinkat(p->fd, p->temporary, 0);
		return code;
	}
	return fsync(p->fd) ? bad(p, -errno, e) : 0;
}

/* Content first, then whose it is and who may read it. */
static int fill(const struct place *p, int fd, const void *content, size_t len, mode_t mode)
{
	int code = io_write(fd, content, len);

	if (!code && p->has_old && S_ISREG(p->old.st_mode) &&
	    (p->old.st_uid != geteuid() || p->old.st_gid != getegid()) &&
	    fchown(fd, p->old.st_uid, p->old.st_gid))
		code = -errno;
	if (!code && (fchmod(fd, mode & 07777) || fsync(fd)))
		code = -errno;
	return code;
}

static int write_temporary(const struct place *p, const void *content, size_t len, mode_t mode,
			   struct err *e)
{
	int fd = openat(p->fd, p->temporary,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int code;

	if (fd < 0)
		return bad(p, -errno, e);
	code = fill(p, fd, content, len, mode);
	if (close(fd) && !code)
		code = -errno;
	if (code) {
		unlinkat(p->fd, p->temporary, 0);
		return bad(p, code, e);
	}
	return 0;
}

int root_write(const struct root *r, const char *path, const void *content, size_t len,
	       mode_t mode, struct err *e)
{
	struct place p;
	int code = place_open(&p, r, path, true, e);

	if (!code)
		code = write_temporary(&p, content, len, mode, e);
	if (!code)
		code = settle(&p, e);
	return place_close(&p, code);
}

int root_symlink(const struct root *r, const char *path, const char *to, struct err *e)
{
	struct place p;
	int code = place_open(&p, r, path, true, e);

	if (!code && symlinkat(to, p.fd, p.temporary))
		code = bad(&p, -errno, e);
	if (!code)
		code = settle(&p, e);
	return place_close(&p, code);
}

int root_remove(const struct root *r, const char *path, struct err *e)
{
	struct place p;
	int code = place_open(&p, r, path, false, e);

	if (code == -ENOENT || code == -ENOTDIR)
		return place_close(&p, 0);
	if (!code && p.has_old && (unlinkat(p.fd, p.name, 0) || fsync(p.fd)))
		code = bad(&p, -errno, e);
	return place_close(&p, code);
}

/* The deepest folder of p->folder that is there: where missing ones would be made. */
static int nearest(struct place *p, struct err *e)
{
	for (;;) {
		int fd = root_open_at(p->root, *p->folder ? p->folder : "/",
				      O_RDONLY | O_DIRECTORY);

		if (fd >= 0 || errno != ENOENT || !*p->folder)
			return fd >= 0 ? fd : root_fail(p->root, p->folder, -errno, e);
		*strrchr(p->folder, '/') = '\0';
	}
}

int root_can_write(const struct root *r, const char *path, size_t len, struct err *e)
{
	struct place p = { .root = r, .path = path };
	struct statvfs fs;
	int code = root_split(r, path, p.folder, &p.name, e), fd;

	if (code)
		return code;
	fd = nearest(&p, e);
	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &fs))
		code = bad(&p, -errno, e);
	else if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS))
		code = bad(&p, -errno, e);
	else if (fs.f_blocks &&
		 (len > fs.f_bavail * fs.f_frsize || (fs.f_files && !fs.f_ffree)))
		code = bad(&p, -ENOSPC, e);
	close(fd);
	return code;
}
