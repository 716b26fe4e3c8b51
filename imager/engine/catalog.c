// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/engine/catalog.h"

#include "common/bytes.h"
#include "common/io.h"
#include "common/plain.h"
#include "imager/image/format.h"
#include "imager/image/http.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MAX     (8 << 20)
#define NAME_MAX_SHOWN 512

static int add(struct catalog *c, const char *name, char *image, uint64_t bytes,
	       int64_t changed, struct err *e)
{
	char shown[NAME_MAX_SHOWN];
	size_t cap = c->cap ? 2 * c->cap : 32;
	struct catalog_entry *v = c->v;

	if (c->n == c->cap) {
		v = realloc(v, cap * sizeof(*v));
		if (!v) {
			free(image);
			return err_nomem(e);
		}
		c->v = v;
		c->cap = cap;
	}
	v[c->n] = (struct catalog_entry){ strdup(plain_text(shown, sizeof(shown), name, "")),
					  image, bytes, changed };
	if (v[c->n].name && image) {
		c->n++;
		return 0;
	}
	free(v[c->n].name);
	free(image);
	return err_nomem(e);
}

void catalog_free(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].image);
	}
	free(c->v);
	*c = (struct catalog){ 0 };
}

/* ---- a folder ------------------------------------------------------------------- */

static bool begins_as_image(const char *path, struct stat *st)
{
	uint8_t head[FRAME_HEAD + 8];
	/* Not to wait for whoever writes into a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint64_t len;
	bool yes = fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
		   io_read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
		   frame_peek(head, sizeof(head), &len) == FRAME_HEADER;

	if (fd >= 0)
		close(fd);
	return yes;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

int catalog_folder(struct catalog *ret, const char *folder, size_t max, struct err *e)
{
	const char *slash = folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/";
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, by_name), r = 0;
	char path[PATH_MAX];
	struct stat st;

	if (n < 0)
		return err_sys(e, "%s", folder);
	for (int i = 0; i < n; i++) {
		int len =
			snprintf(path, sizeof(path), "%s%s%s", folder, slash, names[i]->d_name);

		if (!r && ret->n < max && len < (int)sizeof(path) && begins_as_image(path, &st))
			r = add(ret, names[i]->d_name, strdup(path), (uint64_t)st.st_size,
				st.st_mtime, e);
		free(names[i]);
	}
	free(names);
	return r;
}

/* ---- a server -------------------------------------------------------------------- */

/* All but what RFC 3986 leaves unreserved, and /, as %XX. */
char *catalog_address(const char *base, const char *folder, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return NULL;
	fprintf(f, "%s%s", base, folder);
	for (; *name; name++)
		fprintf(f, strchr(plain, *name) ? "%c" : "%%%02X", (unsigned char)*name);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

int catalog_parse(struct catalog *ret, const char *base, const char *text, size_t n, size_t max,
		  struct err *e)
{
	json_t *o = json_loadb(text, n, 0, NULL), *list = json_object_get(o, "images"), *v;
	size_t i;
	int r = 0;

	if (!json_is_array(list))
		r = err_set(e, -EPROTO,
			    "%s: the answer is no list of images; is it a Slate "
			    "server?",
			    base);
	json_array_foreach (list, i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		json_int_t bytes = json_integer_value(json_object_get(v, "bytes"));

		if (r || ret->n >= max || !name || !*name || bytes < 0)
			continue;
		r = add(ret, name, catalog_address(base, "/images/", name), (uint64_t)bytes,
			json_integer_value(json_object_get(v, "changed")), e);
	}
	json_decref(o);
	return r;
}

static size_t collect(char *p, size_t size, size_t n, void *arg)
{
	FILE *f = arg;
	long have = ftell(f);

	if (have < 0 || (size_t)have + size * n > ANSWER_MAX)
		return 0;
	return fwrite(p, size, n, f);
}

static int get(const char *url, const struct remote *remote, int cancel_fd, FILE *f,
	       struct err *e)
{
	struct http_stop stop = { { cancel_fd, -1 } };
	char detail[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	CURLcode code = CURLE_OK;
	long status = 0;
	int r = c ? http_apply(c, remote, &stop, e) : err_nomem(e);

	if (!r) {
		code = http_aim(c, url);
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, collect);
		curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
		if (!code)
			code = curl_easy_perform(c);
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	}
	if (!r && code)
		r = http_failure(url, code, detail, e);
	else if (!r && status != 200)
		r = err_set(e, -EPROTO, "%s: the server answers %ld; is it a Slate server?",
			    url, status);
	curl_easy_cleanup(c);
	return r;
}

int catalog_server(struct catalog *ret, const char *server, const struct remote *remote,
		   int cancel_fd, size_t max, struct err *e)
{
	size_t n = 0, len = strlen(server);
	char base[PATH_MAX], url[PATH_MAX + 32], *text = NULL;
	FILE *f = open_memstream(&text, &n);
	int r;

	if (!f)
		return err_nomem(e);
	while (len && server[len - 1] == '/')
		len--;
	snprintf(base, sizeof(base), "%s%.*s", remote_is_url(server) ? "" : "http://",
		 (int)(len < PATH_MAX / 2 ? len : PATH_MAX / 2), server);
	snprintf(url, sizeof(url), "%s/api/v1/images", base);
	r = get(url, remote, cancel_fd, f, e);
	if (fclose(f) == EOF && !r)
		r = err_nomem(e);
	if (!r)
		r = catalog_parse(ret, base, text, n, max, e);
	free(text);
	return r;
}
