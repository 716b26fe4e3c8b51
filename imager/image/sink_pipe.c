// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct pipe_sink {
	struct sink s;
	int fd, cancel_fd;
	bool nosync;
};

static int wait_room(const struct pipe_sink *p, struct err *e)
{
	struct pollfd fds[] = { { .fd = p->fd, .events = POLLOUT },
				{ .fd = p->cancel_fd, .events = POLLIN } };

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(e, "standard output");
	return fds[1].revents ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static int pipe_write(struct sink *s, const void *buf, size_t n, struct err *e)
{
	struct pipe_sink *p = (struct pipe_sink *)s;

	for (size_t done = 0; done < n;) {
		int code = wait_room(p, e);
		/* PIPE_BUF bytes never block once poll() says there is room. */
		size_t piece = n - done < 4096 ? n - done : 4096;
		ssize_t r;

		if (code < 0)
			return code;
		r = write(p->fd, (const char *)buf + done, piece);
		if (r < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, "standard output: cannot write the image");
		if (r > 0)
			done += (size_t)r;
	}
	return 0;
}

static int pipe_publish(struct sink *s, struct err *e)
{
	struct pipe_sink *p = (struct pipe_sink *)s;
	struct stat st;

	/* Standard output may be a file, and then has errors to tell. */
	if (!p->nosync && fstat(p->fd, &st) == 0 && S_ISREG(st.st_mode) && fsync(p->fd) < 0)
		return err_sys(e, "standard output");
	return 0;
}

static void pipe_close(struct sink *s)
{
	free(s);
}

int sink_pipe_open(struct sink **ret, int fd, const struct sink_options *opt, struct err *e)
{
	struct pipe_sink *p;

	if (opt->volume)
		return err_set(e, -EINVAL,
			       "--volume needs a name: standard output is one stream");
	if (isatty(fd))
		return err_set(e, -ECANCELED,
			       "standard output is a terminal; an image would spoil it");
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_nomem(e);
	p->s = (struct sink){ pipe_write, pipe_publish, pipe_close, "standard output" };
	p->fd = fd;
	p->cancel_fd = opt->cancel_fd;
	p->nosync = opt->nosync;
	*ret = &p->s;
	return 0;
}
