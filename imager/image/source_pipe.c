// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/source.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pipe_source {
	struct source s;
	int fd, cancel_fd;
	uint64_t pos;
	char *name;
};

/* Waits for input, or for the wish to end: a read() could wait for ever. */
static int wait_input(const struct pipe_source *p, struct err *e)
{
	struct pollfd fds[] = { { .fd = p->fd, .events = POLLIN },
				{ .fd = p->cancel_fd, .events = POLLIN } };

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(e, "%s", p->name);
	return fds[1].revents ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static int64_t pipe_read(struct source *s, void *buf, size_t n, uint64_t off, struct err *e)
{
	struct pipe_source *p = (struct pipe_source *)s;
	size_t got = 0;

	if (off != p->pos)
		return err_set(e, -ESPIPE, "%s cannot go to byte %" PRIu64, p->name, off);
	while (got < n) {
		int code = wait_input(p, e);
		ssize_t r;

		if (code < 0)
			return code;
		r = read(p->fd, (char *)buf + got, n - got);
		if (r < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, "%s", p->name);
		if (r == 0)
			break;
		if (r > 0)
			got += (size_t)r;
	}
	p->pos += got;
	s->fetched += got;
	return (int64_t)got;
}

static void pipe_close(struct source *s)
{
	struct pipe_source *p = (struct pipe_source *)s;

	if (p->fd != STDIN_FILENO)
		close(p->fd);
	free(p->name);
	free(p);
}

int source_pipe_open(struct source **ret, int fd, const char *name, int cancel_fd,
		     struct err *e)
{
	struct pipe_source *p = calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(e);
	p->s = (struct source){ .read = pipe_read, .close = pipe_close, .remark = "" };
	p->fd = fd;
	p->cancel_fd = cancel_fd;
	p->name = strdup(name);
	if (!p->name) {
		free(p);
		return err_nomem(e);
	}
	p->s.name = p->name;
	*ret = &p->s;
	return 0;
}
