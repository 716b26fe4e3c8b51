// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/image/remote.h"

#include "imager/image/volume.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool remote_is_url(const char *path)
{
	return !strncasecmp(path, "http://", 7) || !strncasecmp(path, "https://", 8);
}

static CURLU *parse(const char *url)
{
	CURLU *u = curl_url();

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		u = NULL;
	}
	return u;
}

/* A copy by malloc() of one part; NULL when it is not there. */
static char *part(CURLU *u, CURLUPart what)
{
	char *p = NULL, *copy = NULL;

	if (curl_url_get(u, what, &p, 0) == CURLUE_OK)
		copy = strdup(p);
	curl_free(p);
	return copy;
}

/* Control characters would come out on the terminal. */
static bool is_plain(const char *url)
{
	for (; *url; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return false;
	return true;
}

int remote_shown(const char *url, char **ret_url, char **ret_server, struct err *e)
{
	CURLU *u = is_plain(url) ? parse(url) : NULL;
	char *host, *port;
	int r = 0;

	*ret_url = *ret_server = NULL;
	/* What is wrong may be the password, so the address is not repeated. */
	if (!u)
		return err_set(e, -EINVAL,
			       "the address is not in order: it should be like "
			       "http://server/images/name");
	curl_url_set(u, CURLUPART_USER, NULL, 0);
	curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
	host = part(u, CURLUPART_HOST);
	port = part(u, CURLUPART_PORT);
	*ret_url = part(u, CURLUPART_URL);
	if (!host || asprintf(ret_server, port ? "%s:%s" : "%s", host, port) < 0)
		*ret_server = NULL;
	if (!*ret_url || !*ret_server) {
		free(*ret_url);
		free(*ret_server);
		*ret_url = *ret_server = NULL;
		r = err_nomem(e);
	}
	free(host);
	free(port);
	curl_url_cleanup(u);
	return r;
}

/* The path of an address that was parsed by remote_shown() before. */
static char *path_of(const char *url)
{
	CURLU *u = parse(url);
	char *path = u ? part(u, CURLUPART_PATH) : NULL;

	curl_url_cleanup(u);
	return path;
}

/* The same address with another path, which is taken over. */
static char *with_path(const char *url, char *path)
{
	CURLU *u = parse(url);
	char *ret = NULL;

	if (u && path && curl_url_set(u, CURLUPART_PATH, path, 0) == CURLUE_OK)
		ret = part(u, CURLUPART_URL);
	curl_url_cleanup(u);
	free(path);
	return ret;
}

char *remote_volume(const char *url, unsigned number)
{
	char *path = path_of(url), *base = path ? volume_base(path) : NULL;
	char *ret = base ? with_path(url, volume_name(base, number)) : NULL;

	free(base);
	free(path);
	return ret;
}

char *remote_base(const char *url)
{
	char *path = path_of(url), *ret = path ? with_path(url, volume_base(path)) : NULL;

	free(path);
	return ret;
}

bool remote_is_first(const char *url)
{
	char *path = path_of(url);
	bool first = path && volume_is_first(path);

	free(path);
	return first;
}
