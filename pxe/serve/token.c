// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/token.h"

#include "common/hash.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static int read_token(const char *path, char ret[TOKEN_MAX], struct err *e)
{
	char *text = io_slurp(path, 4096);
	size_t n;

	if (!text)
		return errno == ENOENT ? -ENOENT : err_sys(e, "%s", path);
	n = strspn(text, "0123456789abcdef");
	if (n != TOKEN_MAX - 1 || text[n + strspn(text + n, " \n")]) {
		free(text);
		return err_set(
			e, -EINVAL,
			"%s does not hold 64 hexadecimal digits: remove it, and a new one "
			"is made",
			path);
	}
	memcpy(ret, text, n);
	ret[n] = '\0';
	free(text);
	return 0;
}

static int make_token(const char *path, char ret[TOKEN_MAX], struct err *e)
{
	uint8_t random[32];
	char line[TOKEN_MAX + 1], new[310];
	int fd, r;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(e, "no random numbers");
	hash_hex(random, sizeof(random), ret);
	snprintf(line, sizeof(line), "%s\n", ret);
	snprintf(new, sizeof(new), "%s.new", path);
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "%s", new);
	r = io_write(fd, line, strlen(line));
	if (!r && (fsync(fd) || rename(new, path)))
		r = -errno;
	close(fd);
	if (!r)
		return 0;
	unlink(new);
	return err_set(e, r, "%s: %s", path, strerror(-r));
}

int token_load(const char *folder, char ret[TOKEN_MAX], struct err *e)
{
	char path[300];
	int r;

	snprintf(path, sizeof(path), "%.280s/admin-token", folder);
	r = read_token(path, ret, e);
	return r == -ENOENT ? make_token(path, ret, e) : r;
}
