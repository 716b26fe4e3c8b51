// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/source.h"

#include "imager/image/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The other way to write the name: with ".000" or without. */
static char *other_name(const char *path)
{
	return volume_is_first(path) ? volume_base(path) : volume_name(path, 0);
}

static bool is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

/* O_NONBLOCK: open() would wait for a writer, deaf to signals; the reader waits by poll(). */
static int open_stream(struct source **ret, const char *path, int cancel_fd, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_sys(e, "%s: cannot open the image", path);
	r = source_pipe_open(ret, fd, path, cancel_fd, e);
	if (r < 0)
		close(fd);
	return r;
}

int source_open(struct source **ret, const char *path, const struct source_options *opt,
		struct err *e)
{
	char *other;
	int r;

	if (!strcmp(path, "-"))
		return source_pipe_open(ret, STDIN_FILENO, "standard input", opt->cancel_fd, e);
	if (remote_is_url(path))
		return source_url_open(ret, path, opt, e);
	if (is_stream(path))
		return open_stream(ret, path, opt->cancel_fd, e);
	if (access(path, F_OK) == 0 || errno != ENOENT)
		return source_file_open(ret, path, e);
	other = other_name(path);
	if (other && access(other, F_OK) == 0) {
		r = source_file_open(ret, other, e);
		if (!r)
			(*ret)->remark = "the name given is not there; this one is";
	} else {
		r = err_set(e, -ENOENT, "%s: no such image", path);
	}
	free(other);
	return r;
}
