// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/sysfs.h"

#include "common/io.h"
#include "common/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTRIBUTE_MAX 4096 /* a page: the kernel gives no more */

int sysfs_open(const char *path, struct sysfs *ret, struct err *e)
{
	char *real = realpath(path, NULL);

	if (!real)
		return err_sys(e, "%s: cannot be read as a sysfs tree", path);
	snprintf(ret->base, sizeof(ret->base), "%s", real);
	ret->live = !strcmp(real, "/sys");
	free(real);
	return 0;
}

/* "/sys/devices/x" is below "/sys", "/system" is not. */
static bool is_below(const char *path, const char *base)
{
	size_t n = strlen(base);

	return !strncmp(path, base, n) && (path[n] == '/' || !strcmp(base, "/"));
}

int sysfs_resolve(const struct sysfs *s, const char *path, char *ret)
{
	char *real = realpath(path, NULL);
	int r = 0;

	if (!real)
		return -errno;
	if (!is_below(real, s->base))
		r = -EXDEV;
	else if ((size_t)snprintf(ret, PATH_MAX, "%s", real) >= PATH_MAX)
		r = -ENAMETOOLONG;
	free(real);
	return r;
}

bool sysfs_parent(const struct sysfs *s, char *path)
{
	char *slash = strrchr(path, '/');
	size_t base = strlen(s->base);

	if (!slash || !is_below(path, s->base))
		return false;
	*slash = '\0';
	return strlen(path) > base && strcmp(path + base, "/devices") != 0;
}

const char *sysfs_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* @dir/@name, @path of PATH_MAX bytes. */
static bool join(const char *dir, const char *name, char *path)
{
	return (size_t)snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}

bool sysfs_has(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	return join(dir, name, path) && !lstat(path, &st);
}

/* A NUL-terminated attribute as it is; false when it is none. */
static bool read_raw(const char *dir, const char *name, char raw[ATTRIBUTE_MAX + 1])
{
	char path[PATH_MAX];
	struct stat st;
	ssize_t n = -1;
	int fd;

	if (!join(dir, name, path))
		return false;
	/* A FIFO would keep us waiting for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		n = io_read(fd, raw, ATTRIBUTE_MAX);
	close(fd);
	if (n < 0)
		return false;
	raw[n] = '\0';
	return true;
}

bool sysfs_text(const char *dir, const char *name, char *buf, size_t n)
{
	char raw[ATTRIBUTE_MAX + 1], *text = raw;
	size_t len;

	buf[0] = '\0';
	if (!read_raw(dir, name, raw))
		return false;
	text += strspn(text, " \t\n");
	len = strlen(text);
	while (len && strchr(" \t\n", text[len - 1]))
		text[--len] = '\0';
	plain_text(buf, n, text, "");
	return buf[0] != '\0';
}

bool sysfs_number(const char *dir, const char *name, int base, uint64_t max, uint64_t *ret)
{
	char text[32], *end;
	unsigned long long v;

	/* strtoull() takes signs and white space, too. */
	if (!sysfs_text(dir, name, text, sizeof(text)) || !strchr("0123456789abcdef", text[0]))
		return false;
	errno = 0;
	v = strtoull(text, &end, base);
	if (errno || end == text || *end || v > max)
		return false;
	*ret = v;
	return true;
}

bool sysfs_link(const char *dir, const char *name, char *buf, size_t n)
{
	char path[PATH_MAX], to[PATH_MAX];
	ssize_t len;

	buf[0] = '\0';
	if (!join(dir, name, path))
		return false;
	len = readlink(path, to, sizeof(to) - 1);
	if (len < 0)
		return false;
	to[len] = '\0';
	plain_text(buf, n, sysfs_name(to), "");
	return buf[0] != '\0';
}

bool uevent_value(const char *text, const char *key, char *buf, size_t n)
{
	size_t len = strlen(key);

	buf[0] = '\0';
	while (*text) {
		size_t line = strcspn(text, "\n");

		if (line > len && !strncmp(text, key, len) && text[len] == '=') {
			char value[ATTRIBUTE_MAX + 1];

			snprintf(value, sizeof(value), "%.*s", (int)(line - len - 1),
				 text + len + 1);
			plain_text(buf, n, value, "");
			return true;
		}
		text += line + (text[line] == '\n');
	}
	return false;
}

bool sysfs_uevent(const char *dir, const char *key, char *buf, size_t n)
{
	char raw[ATTRIBUTE_MAX + 1];

	buf[0] = '\0';
	return read_raw(dir, "uevent", raw) && uevent_value(raw, key, buf, n);
}
