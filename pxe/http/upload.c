// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * PUT /images/NAME: an image appears when it is whole, on the disk, and verified.
 *
 * It is written under a temporary name in its own folder.  When the last byte has come,
 * the connection is suspended and a thread has the imager verify the file (verify.c); then the
 * connection goes on here, and the file gets its name.
 */
#include "pxe/http/upload.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SILENCE 600 /* seconds: a failing disk may be read for long */

static enum MHD_Result refuse(struct exchange *x, unsigned status, const char *text)
{
	journal_say(x->http->config.journal, SAY_WARNING, x->peer, "%s may not upload %s: %s",
		    x->peer, x->rest, text);
	return answer_text(x, status, "%s", text);
}

/* Who may upload this: the one job that saves it, once; or the administrator. */
static bool may_upload(struct exchange *x, enum MHD_Result *result)
{
	const char *token = bearer(x);
	struct err e = { "" };
	struct job job;
	int r;

	if (is_admin(x))
		return true;
	if (!token) {
		*result = refuse(x, MHD_HTTP_UNAUTHORIZED, "the token of a save job is wanted");
		return false;
	}
	pthread_mutex_lock(&x->http->lock);
	r = store_job_by_token(x->http->store, token, &job, &e);
	if (!r && (strcmp(job.verb, "save") != 0 || strcmp(job.image, x->rest) != 0))
		r = -EPERM;
	if (!r)
		r = store_job_spend(x->http->store, job.id, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r == -ENOENT)
		*result = refuse(x, MHD_HTTP_UNAUTHORIZED, "no running job has this token");
	else if (r == -EPERM)
		*result = refuse(x, MHD_HTTP_FORBIDDEN, "that job does not save this image");
	else if (r == -EALREADY)
		*result = refuse(x, MHD_HTTP_FORBIDDEN, e.msg);
	else if (r)
		*result = answer_store(x, r, &e);
	return !r;
}

/* The folder that NAME is in, opened; @base is the rest of it. */
static int open_parent(int images, const char *name, const char **base)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	const char *slash = strrchr(name, '/');
	char folder[256] = ".";
	int fd;

	*base = slash ? slash + 1 : name;
	if (!**base || **base == '.' || strlen(*base) > 200)
		return -EINVAL;
	if (slash && (size_t)(slash - name) >= sizeof(folder))
		return -ENAMETOOLONG;
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
	fd = (int)syscall(SYS_openat2, images, folder, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int create(struct exchange *x, struct upload *u)
{
	struct stat st;
	unsigned n;

	u->folder = open_parent(x->http->images, x->rest, &u->base);
	if (u->folder < 0)
		return u->folder;
	u->base = strdup(u->base);
	if (!u->base)
		return -ENOMEM;
	if (u->only_new && !fstatat(u->folder, u->base, &st, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	pthread_mutex_lock(&x->http->lock);
	n = x->http->n_uploads++;
	pthread_mutex_unlock(&x->http->lock);
	snprintf(u->temporary, sizeof(u->temporary), UPLOAD_PREFIX "%d-%u", (int)getpid(), n);
	u->fd = openat(u->folder, u->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return u->fd < 0 ? -errno : 0;
}

static enum MHD_Result answer_errno(struct exchange *x, int r)
{
	static const struct {
		int r;
		unsigned status;
		const char *text;
	} known[] = {
		{ -EEXIST, MHD_HTTP_PRECONDITION_FAILED, "there is an image of that name" },
		{ -ENOENT, MHD_HTTP_NOT_FOUND, "there is no such folder" },
		{ -ENOTDIR, MHD_HTTP_NOT_FOUND, "there is no such folder" },
		{ -EINVAL, MHD_HTTP_FORBIDDEN, "an image cannot have that name" },
		{ -EXDEV, MHD_HTTP_FORBIDDEN, "that leads out of the images' folder" },
		{ -EISDIR, MHD_HTTP_CONFLICT, "there is a folder of that name" },
		{ -ENOSPC, MHD_HTTP_INSUFFICIENT_STORAGE, "the server's disk is full" },
		{ -EDQUOT, MHD_HTTP_INSUFFICIENT_STORAGE, "the server's disk is full" },
		{ -EFBIG, MHD_HTTP_CONTENT_TOO_LARGE, "the image is larger than allowed" },
		{ -EUCLEAN, MHD_HTTP_UNPROCESSABLE_CONTENT,
		  "what came is no whole image; it was thrown away" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (r == known[i].r)
			return refuse(x, known[i].status, known[i].text);
	journal_say(x->http->config.journal, SAY_ERROR, x->peer,
		    "the upload of %s from %s failed: %s", x->rest, x->peer, strerror(-r));
	return answer_text(x, MHD_HTTP_INTERNAL_SERVER_ERROR, "the server cannot store it: %s",
			   strerror(-r));
}

enum MHD_Result upload_begin(struct exchange *x)
{
	const char *condition = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
							    MHD_HTTP_HEADER_IF_NONE_MATCH);
	enum MHD_Result result;
	struct upload *u;
	int r;

	if (!may_upload(x, &result))
		return result;
	u = calloc(1, sizeof(*u));
	if (!u)
		return MHD_NO;
	x->upload = u;
	u->x = x;
	u->fd = u->folder = -1;
	u->only_new = condition && !strcmp(condition, "*");
	r = create(x, u);
	if (r)
		return answer_errno(x, r);
	MHD_set_connection_option(x->connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)SILENCE);
	journal_say(x->http->config.journal, SAY_INFO, x->peer, "%s uploads %s", x->peer,
		    x->rest);
	return MHD_YES;
}

enum MHD_Result upload_data(struct exchange *x, const char *data, size_t n)
{
	struct upload *u = x->upload;
	uint64_t quota = http_lab(x->http)->quota;

	if (u->failed)
		return MHD_YES;
	u->bytes += n;
	if (quota && u->bytes > quota)
		u->failed = -EFBIG;
	else
		u->failed = io_write(u->fd, data, n);
	/* The client goes on sending; its rest is read and thrown away, so that it hears why.
	 */
	if (u->failed)
		(void)!ftruncate(u->fd, 0);
	return MHD_YES;
}

/* Gives it its name. */
static int publish(struct upload *u)
{
	int folder, r = 0;

	if (syscall(SYS_renameat2, u->folder, u->temporary, u->folder, u->base,
		    u->only_new ? 1 /* RENAME_NOREPLACE */ : 0))
		return -errno;
	u->temporary[0] = '\0';
	folder = openat(u->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fsync(folder))
		r = -errno;
	if (folder >= 0)
		close(folder);
	return r;
}

enum MHD_Result upload_end(struct exchange *x)
{
	struct upload *u = x->upload;

	if (!u->failed && !u->verified) {
		u->failed = upload_verify(u);
		if (!u->failed)
			return MHD_YES; /* suspended; this function is called again */
	}
	if (!u->failed)
		u->failed = publish(u);
	if (u->failed)
		return answer_errno(x, u->failed);
	journal_say(x->http->config.journal, SAY_NOTICE, NULL,
		    "%s has uploaded %s, %llu bytes; it is whole", x->peer, x->rest,
		    (unsigned long long)u->bytes);
	return answer_empty(x, MHD_HTTP_CREATED);
}

void upload_free(struct upload *u)
{
	if (!u)
		return;
	if (u->fd >= 0)
		close(u->fd);
	if (u->temporary[0] && u->folder >= 0)
		unlinkat(u->folder, u->temporary, 0);
	if (u->folder >= 0)
		close(u->folder);
	free((char *)u->base);
	free(u);
}
