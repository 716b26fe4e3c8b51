// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/io.h"
#include "netconf/personalise/manifest.h"
#include "netconf/personalise/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE (VAULT_KEY_MAX + 16)

/* A flat folder that we made, with all in it; 0 also when there is none. */
static int remove_folder(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *de;
	DIR *d;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	d = fdopendir(fd);
	if (!d) {
		int r = -errno;

		close(fd);
		return r;
	}
	while ((de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			(void)unlinkat(fd, de->d_name, 0);
	closedir(d);
	return unlinkat(dir, name, AT_REMOVEDIR) ? -errno : 0;
}

/* 0600 whatever the mode in the system: that one is in the manifest. */
static int write_file(int dir, const char *name, const void *p, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write(fd, p, n);
	if (!r && fsync(fd))
		r = -errno;
	if (close(fd) && !r)
		r = -errno;
	return r;
}

static int write_files(int dir, const struct identity *id, struct err *e)
{
	struct text manifest = { 0 };
	int r = manifest_render(id, &manifest, e);

	if (!r) {
		for (size_t i = 0; i < id->n && !r; i++)
			r = write_file(dir, id->v[i].name, id->v[i].content, id->v[i].len);
		if (!r)
			r = write_file(dir, "manifest", text_get(&manifest), manifest.len);
		if (!r && fsync(dir))
			r = -errno;
		if (r)
			err_set(e, r, "%s", strerror(-r));
	}
	text_free(&manifest);
	return r;
}

/* The new folder @fresh takes the place of @key. */
static int swap(int vault, const char *fresh, const char *key)
{
	char old[NAME_SIZE];
	int r;

	snprintf(old, sizeof(old), ".%s.old", key);
	if (!faccessat(vault, key, F_OK, AT_SYMLINK_NOFOLLOW)) {
		r = remove_folder(vault, old);
		if (r)
			return r;
		if (renameat(vault, key, vault, old))
			return -errno;
	}
	if (renameat(vault, fresh, vault, key))
		return -errno;
	(void)fsync(vault);
	return remove_folder(vault, old);
}

static int make_entry(int vault, const char *key, const struct identity *id, struct err *e)
{
	char fresh[NAME_SIZE];
	int dir = -1, r;

	snprintf(fresh, sizeof(fresh), ".%s.new", key);
	r = remove_folder(vault, fresh);
	if (!r && mkdirat(vault, fresh, 0700))
		r = -errno;
	if (!r) {
		dir = openat(vault, fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			r = -errno;
	}
	if (r)
		return err_set(e, r, "%s", strerror(-r));
	r = write_files(dir, id, e);
	close(dir);
	if (!r) {
		r = swap(vault, fresh, key);
		if (r)
			err_set(e, r, "%s", strerror(-r));
	}
	if (r)
		(void)remove_folder(vault, fresh);
	return r;
}

int vault_save(const char *vault, const char *key, const struct identity *id, struct err *e)
{
	int fd = open(vault, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return err_sys(e, "%s, the vault", vault);
	r = make_entry(fd, key, id, e);
	close(fd);
	return r ? err_wrap(e, r, "%s/%s, in the vault; what it had is kept", vault, key) : 0;
}
