// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/root_internal.h"

#include "common/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRIES     64 /* a rename beside us makes the kernel ask for another try */
#define NAMES_MAX 16384

/* In our words, where those of strerror(3) would puzzle. */
static const struct {
	int code;
	const char *text;
} words[] = {
	{ ELOOP, "symbolic links that lead in a circle, or through the kernel" },
	{ ENOTDIR, "a file stands where a folder should be" },
	{ EROFS, "it is mounted read-only; \"mount -o remount,rw\" may help" },
	{ ENOSPC, "the disk is full" },
	{ EDQUOT, "the disk is full for this user" },
	{ ENOSYS, "this kernel is too old: openat2() came with Linux 5.6" },
	{ EFBIG, "too large for a file of its kind" },
	{ EACCES, "not allowed; run this as root" },
	{ EPERM, "not allowed; run this as root, and look for \"chattr +i\"" },
};

static const struct {
	mode_t type;
	const char *name;
} kinds[] = {
	{ S_IFDIR, "a folder" },  { S_IFLNK, "a symbolic link" }, { S_IFIFO, "a FIFO" },
	{ S_IFSOCK, "a socket" }, { S_IFCHR, "a device node" },   { S_IFBLK, "a device node" },
};

const char *root_kind(mode_t mode)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((mode & S_IFMT) == kinds[i].type)
			return kinds[i].name;
	return "something else";
}

int root_fail(const struct root *r, const char *path, int code, struct err *e)
{
	const char *root = r->running ? "" : r->name, *text = strerror(-code);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].code == -code)
			text = words[i].text;
	return err_set(e, code, "%s%s: %s", root, path, text);
}

int root_open(const char *path, struct root **ret, struct err *e)
{
	struct root *r = calloc(1, sizeof(*r));
	struct stat here, top;

	if (!r)
		return err_nomem(e);
	r->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r->name = strdup(path);
	if (r->fd < 0 || !r->name) {
		int code = err_sys(e, "%s, the root to work on", path);

		root_close(r);
		return code;
	}
	for (size_t n = strlen(r->name); n > 1 && r->name[n - 1] == '/'; n--)
		r->name[n - 1] = '\0';
	r->running = !fstat(r->fd, &here) && !stat("/", &top) && here.st_dev == top.st_dev &&
		     here.st_ino == top.st_ino;
	*ret = r;
	return 0;
}

void root_close(struct root *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->name);
	free(r);
}

const char *root_name(const struct root *r)
{
	return r->name;
}

bool root_is_running(const struct root *r)
{
	return r->running;
}

int root_open_at(const struct root *r, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, r->fd, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int root_split(const struct root *r, const char *path, char folder[PATH_MAX],
	       const char **ret_name, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : "";
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (*path != '/' || !*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(e, -EINVAL, "\"%s\" is no absolute path of a file in %s", path,
			       r->name);
	if (strlen(path) >= PATH_MAX)
		return root_fail(r, path, -ENAMETOOLONG, e);
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (!n)
		memcpy(folder, "/", 2);
	*ret_name = name;
	return 0;
}

int root_stat(const struct root *r, const char *path, bool follow, struct stat *ret,
	      struct err *e)
{
	int fd = root_open_at(r, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
	int code = 0;

	if (fd < 0)
		return root_fail(r, path, -errno, e);
	if (fstat(fd, ret))
		code = root_fail(r, path, -errno, e);
	close(fd);
	return code;
}

bool root_has(const struct root *r, const char *path)
{
	struct stat st;

	return !root_stat(r, path, true, &st, NULL);
}

/*
 * Opens a regular file for reading.  It is looked at first: opening a device can
 * rewind a tape or arm a watchdog, and a FIFO would wait for its other end.
 */
static int open_file(const struct root *r, const char *path, struct stat *st, struct err *e)
{
	struct stat again;
	int code = root_stat(r, path, true, st, e), fd;

	if (code)
		return code;
	if (!S_ISREG(st->st_mode))
		return err_set(e, -EINVAL, "%s%s is %s, not a file", r->running ? "" : r->name,
			       path, root_kind(st->st_mode));
	fd = root_open_at(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return root_fail(r, path, -errno, e);
	if (fstat(fd, &again) || again.st_ino != st->st_ino || again.st_dev != st->st_dev) {
		close(fd);
		return root_fail(r, path, -EAGAIN, e);
	}
	return fd;
}

int root_read(const struct root *r, const char *path, size_t max, char **ret, size_t *ret_len,
	      struct err *e)
{
	struct stat st;
	char *text = NULL;
	size_t len = 0;
	int fd = open_file(r, path, &st, e), code = 0;

	if (fd < 0)
		return fd;
	text = io_slurp_fd(fd, max, &len);
	if (!text)
		code = -errno;
	else if (len > max)
		code = -EFBIG;
	close(fd);
	if (code) {
		free(text);
		return root_fail(r, path, code, e);
	}
	*ret = text;
	if (ret_len)
		*ret_len = len;
	return 0;
}

int root_readlink(const struct root *r, const char *path, char **ret, struct err *e)
{
	int fd = root_open_at(r, path, O_PATH | O_NOFOLLOW), code = 0;
	char text[PATH_MAX];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return root_fail(r, path, -errno, e);
	if (fstat(fd, &st))
		code = root_fail(r, path, -errno, e);
	else if (!S_ISLNK(st.st_mode))
		code = err_set(e, -EINVAL, "%s%s is no symbolic link",
			       r->running ? "" : r->name, path);
	else if ((n = readlinkat(fd, "", text, sizeof(text) - 1)) < 0)
		code = root_fail(r, path, -errno, e);
	close(fd);
	if (code)
		return code;
	text[n] = '\0';
	*ret = strdup(text);
	return *ret ? 0 : err_nomem(e);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct names *n, const char *name)
{
	char **more = reallocarray(n->v, n->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	n->v = more;
	n->v[n->n] = strdup(name);
	if (!n->v[n->n])
		return -ENOMEM;
	n->n++;
	return 0;
}

/* Takes @d.  Hidden names only match a pattern that begins with a dot. */
static int collect_names(DIR *d, const char *pattern, struct names *ret)
{
	int code = 0;

	while (!code) {
		struct dirent *de;

		errno = 0;
		de = readdir(d);
		if (!de) {
			code = -errno;
			break;
		}
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, "..") ||
		    fnmatch(pattern, de->d_name, FNM_PERIOD) != 0)
			continue;
		code = ret->n < NAMES_MAX ? add_name(ret, de->d_name) : -E2BIG;
	}
	closedir(d);
	return code;
}

int root_list(const struct root *r, const char *dir, const char *pattern, struct names *ret,
	      struct err *e)
{
	int fd = root_open_at(r, dir, O_RDONLY | O_DIRECTORY), code;
	DIR *d;

	*ret = (struct names){ 0 };
	if (fd < 0)
		return errno == ENOENT ? 0 : root_fail(r, dir, -errno, e);
	d = fdopendir(fd);
	if (!d) {
		code = root_fail(r, dir, -errno, e);
		close(fd);
		return code;
	}
	code = collect_names(d, pattern, ret);
	if (code) {
		names_free(ret);
		return root_fail(r, dir, code, e);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return 0;
}

void names_free(struct names *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->v[i]);
	free(n->v);
	*n = (struct names){ 0 };
}
