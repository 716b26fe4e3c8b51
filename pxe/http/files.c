// SPDX-License-Identifier: GPL-3.0-or-later
/* Images and boot files: GET and HEAD, single ranges, ETag; sendfile by libmicrohttpd. */
#include "pxe/http/http_internal.h"
#include "pxe/http/menu.h"
#include "pxe/http/range.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ETAG_MAX   64
#define IMAGES_MAX 10000

/* Another file, or another content: another tag. */
static void etag_of(const struct stat *st, char tag[ETAG_MAX])
{
	snprintf(tag, ETAG_MAX, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 ".%lx\"",
		 (uint64_t)st->st_ino, (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
		 st->st_mtim.tv_nsec);
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	/* OVMF starts what it has by HTTP only with a type that it knows. */
	return dot && !strcmp(dot, ".efi") ? "application/efi" : "application/octet-stream";
}

static const char *header(struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* A range counts only while the file is the one the client began with (RFC 9110, 13.1.5). */
static enum range wanted(struct exchange *x, const char *tag, uint64_t size, uint64_t *off,
			 uint64_t *len)
{
	const char *condition = header(x, MHD_HTTP_HEADER_IF_RANGE);

	if (x->head || (condition && strcmp(condition, tag) != 0)) {
		*off = 0;
		*len = size;
		return RANGE_NONE;
	}
	return range_parse(header(x, MHD_HTTP_HEADER_RANGE), size, off, len);
}

static enum MHD_Result outside(struct exchange *x, uint64_t size)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	char text[64];

	snprintf(text, sizeof(text), "bytes */%" PRIu64, size);
	if (r)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
	return answer_with(x, MHD_HTTP_RANGE_NOT_SATISFIABLE, r);
}

/* "If-None-Match": tags with commas between them, or "*" (RFC 9110, 13.1.2). */
static bool is_known(struct exchange *x, const char *tag)
{
	const char *list = header(x, MHD_HTTP_HEADER_IF_NONE_MATCH);

	return list && (!strcmp(list, "*") || strstr(list, tag));
}

static enum MHD_Result not_modified(struct exchange *x, const char *tag)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (r)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, tag);
	return answer_with(x, MHD_HTTP_NOT_MODIFIED, r);
}

/* Takes @fd over. */
static enum MHD_Result answer_file(struct exchange *x, const char *name, int fd,
				   const struct stat *st)
{
	uint64_t size = (uint64_t)st->st_size, off, len;
	char tag[ETAG_MAX], text[96];
	struct MHD_Response *r;
	enum range range;

	etag_of(st, tag);
	range = wanted(x, tag, size, &off, &len);
	if (is_known(x, tag)) {
		close(fd);
		return not_modified(x, tag);
	}
	if (range == RANGE_OUTSIDE) {
		close(fd);
		return outside(x, size);
	}
	r = MHD_create_response_from_fd_at_offset64(len, fd, off);
	if (!r) {
		close(fd);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, tag);
	MHD_add_response_header(r, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type_of(name));
	snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, off,
		 off + len - 1, size);
	if (range == RANGE_OK)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
	if (!x->head)
		count_sent(x, len);
	return answer_with(x, range == RANGE_OK ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, r);
}

/* Names that begin with a dot are not there: uploads that are not complete. */
static bool is_hidden(const char *name)
{
	return name[0] == '.' || strstr(name, "/.");
}

/* The file may be there all the same: a client that hears 404 would not come again. */
static bool is_trouble(int r)
{
	static const int trouble[] = { -EMFILE, -ENFILE, -ENOMEM, -EIO, -EAGAIN };

	for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++)
		if (r == trouble[i])
			return true;
	return false;
}

static enum MHD_Result from_folder(struct exchange *x, int folder, const char *what)
{
	struct journal *j = x->http->config.journal;
	const char *name = x->rest;
	struct stat st;
	int fd;

	while (*name == '/')
		name++;
	fd = !*name || is_hidden(name) ? -ENOENT : open_below(folder, name, &st);
	if (fd >= 0)
		return answer_file(x, name, fd, &st);
	if (is_trouble(fd)) {
		journal_say(j, SAY_ERROR, x->peer, "%s %s for %s: %s", what, name, x->peer,
			    strerror(-fd));
		return answer_text(x, MHD_HTTP_SERVICE_UNAVAILABLE,
				   "the server cannot read it now: %s", strerror(-fd));
	}
	journal_say(j, SAY_INFO, x->peer, "%s asked for %s %s, which cannot be had: %s",
		    x->peer, what, name, strerror(-fd));
	if (fd == -EACCES)
		return answer_text(x, MHD_HTTP_FORBIDDEN, "the server may not read that file");
	return answer_text(x, MHD_HTTP_NOT_FOUND, "there is no such %s here", what);
}

enum MHD_Result http_images(struct exchange *x)
{
	return from_folder(x, x->http->images, "image");
}

enum MHD_Result http_boot(struct exchange *x)
{
	const struct menus menus = { http_lab(x->http), x->http->store,
				     x->http->config.journal };
	struct text t = { 0 };
	struct MHD_Response *r;
	bool is_menu;

	pthread_mutex_lock(&x->http->lock);
	is_menu = menu_file(&menus, x->rest, time(NULL), &t);
	pthread_mutex_unlock(&x->http->lock);
	if (!is_menu) {
		text_free(&t);
		return from_folder(x, x->http->boot, "boot file");
	}
	r = MHD_create_response_from_buffer(t.len, (void *)text_get(&t), MHD_RESPMEM_MUST_COPY);
	text_free(&t);
	if (r)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
	return answer_with(x, MHD_HTTP_OK, r);
}

/* ---- which images there are ---------------------------------------------------- */

static void add_image(json_t *list, const char *path, const struct stat *st)
{
	json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "name", path, "bytes",
					      (json_int_t)st->st_size, "changed",
					      (json_int_t)st->st_mtim.tv_sec));
}

/* The folder @fd (taken over), called @prefix ("" or with a '/' behind), and those in it. */
static void list_folder(json_t *list, int images, int fd, const char *prefix, unsigned depth)
{
	DIR *d = fdopendir(fd);
	const struct dirent *entry;
	char path[512];
	struct stat st;

	if (!d) {
		close(fd);
		return;
	}
	while ((entry = readdir(d)) && json_array_size(list) < IMAGES_MAX) {
		int n = snprintf(path, sizeof(path) - 1, "%s%s", prefix, entry->d_name);

		if (entry->d_name[0] == '.' || (size_t)n >= sizeof(path) - 1)
			continue;
		fd = open_below(images, path, &st);
		if (fd >= 0) {
			close(fd);
			add_image(list, path, &st);
			continue;
		}
		fd = openat(dirfd(d), entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		memcpy(path + n, "/", 2);
		if (fd >= 0 && depth < DEPTH)
			list_folder(list, images, fd, path, depth + 1);
		else if (fd >= 0)
			close(fd);
	}
	closedir(d);
}

enum MHD_Result http_image_list(struct exchange *x)
{
	json_t *list = json_array();
	int fd = openat(x->http->images, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		list_folder(list, x->http->images, fd, "", 0);
	return answer_json(x, MHD_HTTP_OK, json_pack("{s:o}", "images", list));
}
