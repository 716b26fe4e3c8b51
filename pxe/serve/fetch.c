// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/serve/fetch.h"

#include "pxe/wire/datagram.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BEGIN (64 << 10) /* bytes that are compared: enough to know, and quick by TFTP */

struct compare {
	int fd;
	size_t got;
	bool differs;
};

/* Compares with the file as it comes; enough is enough. */
static size_t take(char *data, size_t size, size_t n, void *ctx)
{
	struct compare *c = ctx;
	char own[CURL_MAX_WRITE_SIZE];
	size_t len = size * n;

	if (len > sizeof(own) || pread(c->fd, own, len, (off_t)c->got) != (ssize_t)len ||
	    memcmp(own, data, len) != 0)
		c->differs = true;
	c->got += len;
	return c->differs || c->got >= BEGIN ? 0 : len;
}

/* One transfer; NULL: no memory. */
static CURL *begin(const char *url)
{
	CURL *curl = curl_easy_init();

	if (curl) {
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* none: this goes to ourselves */
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	}
	return curl;
}

static int fetch(const char *url, const char *path, struct err *e)
{
	struct compare c = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	char why[CURL_ERROR_SIZE] = "";
	CURLcode r = CURLE_FAILED_INIT;
	CURL *curl = begin(url);

	if (c.fd < 0) {
		curl_easy_cleanup(curl);
		return err_sys(e, "%s", path);
	}
	if (curl) {
		curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
		curl_easy_setopt(curl, CURLOPT_TFTP_BLKSIZE, 1024L);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &c);
		r = curl_easy_perform(curl);
	}
	curl_easy_cleanup(curl);
	close(c.fd);
	if (c.differs)
		return err_set(e, -EIO, "%s gives something else than %s", url, path);
	if (r == CURLE_OK || (r == CURLE_WRITE_ERROR && c.got >= BEGIN))
		return 0;
	return err_set(e, -EIO, "%s: %s", url, why[0] ? why : curl_easy_strerror(r));
}

bool fetch_runs(const struct lab *lab)
{
	char addr[ADDR_TEXT_MAX], url[64];
	CURLcode r = CURLE_FAILED_INIT;
	CURL *curl;

	snprintf(url, sizeof(url), "http://%s:%u/", addr_text(lab->address.addr, addr),
		 lab->http_port);
	curl = begin(url);
	if (curl) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 3L);
		r = curl_easy_perform(curl);
	}
	curl_easy_cleanup(curl);
	return r == CURLE_OK;
}

int fetch_same(const struct lab *lab, const char *name, const char *path, struct err *e)
{
	char addr[ADDR_TEXT_MAX], url[160];
	int r = 0;

	addr_text(lab->address.addr, addr);
	if (lab->tftp) {
		snprintf(url, sizeof(url), "tftp://%s/%.100s", addr, name);
		r = fetch(url, path, e);
	}
	if (r)
		return r;
	snprintf(url, sizeof(url), "http://%s:%u/boot/%.100s", addr, lab->http_port, name);
	return fetch(url, path, e);
}
