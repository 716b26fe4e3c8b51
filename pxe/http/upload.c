// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * PUT /images/NAME: an image appears when it is whole, on the disk, and verified.
 *
 * It is written under a temporary name in its own folder.  When the last byte has come,
 * the connection is suspended and a thread has the imager verify the file (verify.c) and gives
 * it its name; then the connection goes on here, if its client still waits.
 */
#include "pxe/http/upload.h"

#include "common/io.h"
#include "common/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UPLOAD_SILENCE 600 /* seconds: a failing disk may be read for long */

static enum MHD_Result refuse(struct exchange *x, unsigned status, const char *text)
{
	journal_say(x->http->config.journal, SAY_WARNING, x->peer, "%s may not upload %s: %s",
		    x->peer, x->rest, text);
	return answer_text(x, status, "%s", text);
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
		{ -EPERM, MHD_HTTP_FORBIDDEN, "that job does not save this image" },
		{ -EALREADY, MHD_HTTP_FORBIDDEN, "this job has uploaded its image already" },
		{ -ENOKEY, MHD_HTTP_UNAUTHORIZED, "no running job has this token" },
		{ -ENOSPC, MHD_HTTP_INSUFFICIENT_STORAGE, "the server's disk is full" },
		{ -EDQUOT, MHD_HTTP_INSUFFICIENT_STORAGE, "the server's disk is full" },
		{ -EFBIG, MHD_HTTP_CONTENT_TOO_LARGE, "the image is larger than allowed" },
		{ -EUCLEAN, MHD_HTTP_UNPROCESSABLE_CONTENT,
		  "what came is no whole image; it was thrown away" },
		{ -ESRCH, MHD_HTTP_GONE, "this job was cancelled" },
		{ -ECANCELED, MHD_HTTP_SERVICE_UNAVAILABLE, "the server is being stopped" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (r == known[i].r)
			return refuse(x, known[i].status, known[i].text);
	journal_say(x->http->config.journal, SAY_ERROR, x->peer,
		    "the upload of %s from %s failed: %s", x->rest, x->peer, strerror(-r));
	return answer_text(x, MHD_HTTP_INTERNAL_SERVER_ERROR, "the server cannot store it: %s",
			   strerror(-r));
}

/* What of it there is goes first: when the client hears of it, nothing is left. */
static enum MHD_Result give_up(struct exchange *x, int r)
{
	upload_free(x->upload);
	x->upload = NULL;
	return answer_errno(x, r);
}

/* The names that images of jobs can have, and no others. */
static int check_name(const char *name)
{
	struct job j = { .verb = "save" };
	char plain[sizeof(j.image)];
	unsigned depth = 0;

	if (strlen(name) >= sizeof(j.image))
		return -EINVAL;
	memcpy(j.image, name, strlen(name) + 1);
	for (const char *p = name; *p; p++)
		depth += *p == '/';
	plain_text(plain, sizeof(plain), name, "");
	if (strcmp(plain, name) != 0 || depth > DEPTH || store_job_check(&j, NULL))
		return -EINVAL;
	return 0;
}

/*
 * Who may upload this: the one job that saves it (@ret_job: its number), or the administrator
 * (0). False: answered.
 */
static bool may_upload(struct exchange *x, int64_t *ret_job, enum MHD_Result *result)
{
	const char *token = bearer(x);
	struct err e = { "" };
	struct job job;
	int r;

	*ret_job = 0;
	if (is_admin(x))
		return true;
	if (!token) {
		*result = refuse(x, MHD_HTTP_UNAUTHORIZED, "the token of a save job is wanted");
		return false;
	}
	pthread_mutex_lock(&x->http->lock);
	r = store_job_by_token(x->http->store, token, &job, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (!r && (strcmp(job.verb, "save") != 0 || strcmp(job.image, x->rest) != 0))
		r = -EPERM;
	if (r == -ENOENT || r == -EPERM)
		*result = answer_errno(x, r == -ENOENT ? -ENOKEY : r);
	else if (r)
		*result = answer_store(x, r, &e);
	else
		*ret_job = job.id;
	return !r;
}

/* Once only, and not for what is refused before anything was touched. */
static int spend(struct http *h, int64_t job, struct err *e)
{
	int r;

	if (!job)
		return 0;
	pthread_mutex_lock(&h->lock);
	r = store_job_spend(h->store, job, e);
	pthread_mutex_unlock(&h->lock);
	return r;
}

/* The folder that @name is in, opened; @base is the rest of it. */
static int open_parent(int images, const char *name, char *base, size_t n)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	const char *slash = strrchr(name, '/');
	char folder[128] = ".";
	int fd;

	snprintf(base, n, "%s", slash ? slash + 1 : name);
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
	fd = (int)syscall(SYS_openat2, images, folder, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

static int create(struct exchange *x, struct upload *u)
{
	struct stat st;
	unsigned n;

	u->folder = open_parent(x->http->images, x->rest, u->base, sizeof(u->base));
	if (u->folder < 0)
		return u->folder;
	u->replaces = !fstatat(u->folder, u->base, &st, AT_SYMLINK_NOFOLLOW);
	if (u->replaces && u->only_new)
		return -EEXIST;
	if (u->replaces && S_ISDIR(st.st_mode))
		return -EISDIR;
	pthread_mutex_lock(&x->http->lock);
	n = x->http->n_uploads++;
	pthread_mutex_unlock(&x->http->lock);
	snprintf(u->temporary, sizeof(u->temporary), UPLOAD_PREFIX "%d-%u", (int)getpid(), n);
	u->fd = openat(u->folder, u->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (u->fd >= 0)
		return 0;
	u->temporary[0] = '\0';
	return -errno;
}

static const char *header(struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* What the header says already is not waited for. */
static bool is_too_large(struct exchange *x)
{
	const char *length = header(x, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t quota = http_lab(x->http)->quota;

	return quota && length && strtoull(length, NULL, 10) > quota;
}

static struct upload *upload_new(struct exchange *x)
{
	const char *condition = header(x, MHD_HTTP_HEADER_IF_NONE_MATCH);
	struct upload *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->x = x;
	u->fd = u->folder = -1;
	u->only_new = condition && !strcmp(condition, "*");
	return u;
}

enum MHD_Result upload_begin(struct exchange *x)
{
	enum MHD_Result result;
	struct err e = { "" };
	int64_t job;
	int r;

	if (!may_upload(x, &job, &result))
		return result;
	r = check_name(x->rest);
	if (!r && is_too_large(x))
		r = -EFBIG;
	if (r)
		return answer_errno(x, r);
	x->upload = upload_new(x);
	if (!x->upload)
		return MHD_NO;
	x->upload->job = job;
	r = create(x, x->upload);
	if (!r)
		r = spend(x->http, job, &e);
	if (r)
		return give_up(x, r);
	MHD_set_connection_option(x->connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)UPLOAD_SILENCE);
	journal_say(x->http->config.journal, SAY_INFO, x->peer, "%s uploads %s", x->peer,
		    x->rest);
	return MHD_YES;
}

enum MHD_Result upload_data(struct exchange *x, const char *data, size_t n)
{
	struct upload *u = x->upload;
	uint64_t quota = http_lab(x->http)->quota;
	int r;

	u->bytes += n;
	r = quota && u->bytes > quota ? -EFBIG : io_write(u->fd, data, n);
	return r ? give_up(x, r) : MHD_YES;
}

/* Gives it its name. */
static int rename_it(const struct upload *u)
{
	unsigned flags = u->only_new ? RENAME_NOREPLACE : 0;

	if (!syscall(SYS_renameat2, u->folder, u->temporary, u->folder, u->base, flags))
		return 0;
	if (errno != EINVAL || !flags)
		return -errno;
	/* NFS does not know the flag, but two names for one file. */
	if (linkat(u->folder, u->temporary, u->folder, u->base, 0) ||
	    unlinkat(u->folder, u->temporary, 0))
		return -errno;
	return 0;
}

/* Makes it visible, also after a crash. */
static int publish(struct upload *u)
{
	int folder, r = rename_it(u);

	if (r)
		return r;
	u->temporary[0] = '\0';
	folder = openat(u->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fsync(folder))
		r = -errno;
	if (folder >= 0)
		close(folder);
	return r;
}

/* Then an image that would be replaced is to stay. */
static bool is_cancelled(const struct upload *u)
{
	struct http *h = u->x->http;
	bool is;

	pthread_mutex_lock(&h->lock);
	is = u->job && store_job_is_cancelled(h->store, u->job);
	pthread_mutex_unlock(&h->lock);
	return is;
}

int upload_publish(struct upload *u)
{
	int r = is_cancelled(u) ? -ESRCH : publish(u);

	if (!r)
		journal_say(u->x->http->config.journal, SAY_NOTICE, NULL,
			    "%s has uploaded %s, %llu bytes; it is whole", u->x->peer,
			    u->x->rest, (unsigned long long)u->bytes);
	return r;
}

enum MHD_Result upload_end(struct exchange *x)
{
	struct upload *u = x->upload;
	int r;

	if (!u->verified) {
		r = upload_verify(u);
		/* Suspended; this function is called again. */
		return r ? give_up(x, r) : MHD_YES;
	}
	MHD_set_connection_option(x->connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)SILENCE);
	if (u->failed)
		return give_up(x, u->failed);
	return answer_empty(x, u->replaces ? MHD_HTTP_NO_CONTENT : MHD_HTTP_CREATED);
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
	free(u);
}
