// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/store/vault.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* With dashes, as tar(1) takes what has a colon for a machine's name. */
static void name_of(const struct mac *mac, char name[32])
{
	const uint8_t *b = mac->b;

	snprintf(name, 32, "%02x-%02x-%02x-%02x-%02x-%02x.tar", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
}

static int open_vaults(const char *folder, struct err *e)
{
	char path[512];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/" STORED_VAULT_FOLDER, folder) >=
	    sizeof(path))
		return err_set(e, -ENAMETOOLONG, "%s: too long a name", folder);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, "%s", path) : fd;
}

bool stored_vault_exists(const char *folder, const struct mac *mac)
{
	int dir = open_vaults(folder, NULL);
	char name[32];
	bool is;

	if (dir < 0)
		return false;
	name_of(mac, name);
	is = !faccessat(dir, name, F_OK, 0);
	close(dir);
	return is;
}

static int check_opened(int fd, size_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > STORED_VAULT_MAX)
		return -EUCLEAN;
	*ret_size = (size_t)st.st_size;
	return 0;
}

int stored_vault_open(const char *folder, const struct mac *mac, size_t *ret_size,
		      struct err *e)
{
	int dir = open_vaults(folder, e), fd, r;
	char name[32];

	if (dir < 0)
		return dir;
	name_of(mac, name);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	r = fd < 0 ? -errno : check_opened(fd, ret_size);
	close(dir);
	if (!r)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_set(e, r, "%s/" STORED_VAULT_FOLDER "/%s: %s", folder, name,
		       r == -EUCLEAN ? "no file, or too large a one" : strerror(-r));
}

static int write_new(int dir, const char *name, const void *data, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write(fd, data, n);
	if (!r && fsync(fd))
		r = -errno;
	close(fd);
	return r;
}

int stored_vault_put(const char *folder, const struct mac *mac, const void *data, size_t n,
		     struct err *e)
{
	char name[32], new[40];
	int dir, r;

	if (n > STORED_VAULT_MAX)
		return err_set(e, -EMSGSIZE, "at most %d bytes", STORED_VAULT_MAX);
	dir = open_vaults(folder, e);
	if (dir < 0)
		return dir;
	name_of(mac, name);
	/* One at a time writes it: who calls this has locked the database. */
	snprintf(new, sizeof(new), ".%s", name);
	r = write_new(dir, new, data, n);
	if (!r && renameat(dir, new, dir, name))
		r = -errno;
	if (r)
		unlinkat(dir, new, 0);
	else if (fsync(dir))
		r = -errno;
	close(dir);
	return r ? err_set(e, r, "%s/" STORED_VAULT_FOLDER "/%s: %s", folder, name,
			   strerror(-r))
		 : 0;
}

int stored_vault_remove(const char *folder, const struct mac *mac, struct err *e)
{
	int dir = open_vaults(folder, e), r = 0;
	char name[32];

	if (dir < 0)
		return dir;
	name_of(mac, name);
	if (unlinkat(dir, name, 0))
		r = err_sys(e, "%s/" STORED_VAULT_FOLDER "/%s", folder, name);
	else if (fsync(dir))
		r = err_sys(e, "%s/" STORED_VAULT_FOLDER, folder);
	close(dir);
	return r;
}
