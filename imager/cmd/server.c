// SPDX-License-Identifier: GPL-3.0-or-later
#include "imager/cmd/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER       "/images/" /* where a Slate server has them: docs/PROTOCOL.md */
#define PORT_DEFAULT 80

#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define UNRESERVED LETTERS "0123456789-._~" /* RFC 3986, 2.3 */

/* A name or an address; one of IPv6 also in brackets, as in a URL. */
static int check_host(const char *host, struct err *e)
{
	size_t n = strlen(host);
	const char *inner = host;

	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		inner++;
		n -= 2;
	}
	if (!n || strspn(inner, UNRESERVED ":") < n)
		return err_set(e, -EINVAL,
			       "--server: \"%s\" is no name or address of a computer; "
			       "the port is told by -p",
			       host);
	return 0;
}

/* Each part of the path as the server is to see it: all but UNRESERVED and / as %XX. */
static void put_path(FILE *f, const char *name)
{
	for (; *name; name++)
		if (*name == '/' || strchr(UNRESERVED, *name))
			fputc(*name, f);
		else
			fprintf(f, "%%%02X", (unsigned)(unsigned char)*name);
}

/* True when a part of @path is ".." or ".": curl and servers would go elsewhere. */
static bool leads_away(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n && n <= 2 && strspn(path, ".") >= n)
			return true;
		if (!path[n])
			return false;
		path += n + 1;
	}
}

int server_url(const struct options *o, const char *name, char **ret, struct err *e)
{
	const char *host = o->server;
	bool bare = strchr(host, ':') && host[0] != '['; /* IPv6 */
	size_t n = 0;
	FILE *f;
	int r = check_host(host, e);

	if (r < 0)
		return r;
	name += strspn(name, "/");
	if (!*name || leads_away(name) || !strcmp(name, "-") || strstr(name, "://"))
		return err_set(e, -EINVAL,
			       "\"%s\" is no name of an image on the server %s (--server)",
			       name, host);
	f = open_memstream(ret, &n);
	if (!f)
		return err_nomem(e);
	fprintf(f, "http://%s%s%s", bare ? "[" : "", host, bare ? "]" : "");
	if (o->port && o->port != PORT_DEFAULT)
		fprintf(f, ":%u", o->port);
	fputs(FOLDER, f);
	put_path(f, name);
	if (fclose(f) == EOF) {
		free(*ret);
		*ret = NULL;
		return err_nomem(e);
	}
	return 0;
}

/* Takes the first line of @text, which came from @where. */
static int take_token(struct options *o, const char *text, const char *where, struct err *e)
{
	size_t n = strcspn(text, "\r\n");

	if (!n)
		return err_set(e, -ECANCELED, "%s: the first line is empty, and no token",
			       where);
	if (n >= sizeof(o->token))
		return err_set(e, -ECANCELED, "%s: a token has at most %zu characters", where,
			       sizeof(o->token) - 1);
	for (size_t i = 0; i < n; i++) /* it goes into a line of a header */
		if (text[i] <= ' ' || text[i] > '~')
			return err_set(e, -ECANCELED,
				       "%s: a token has no blanks and only ASCII characters",
				       where);
	memcpy(o->token, text, n);
	o->token[n] = '\0';
	o->remote.token = o->token;
	return 0;
}

static int read_token(struct options *o, struct err *e)
{
	char text[sizeof(o->token) + 2] = "";
	FILE *f = fopen(o->token_file, "re");

	if (!f || (!fgets(text, sizeof(text), f) && ferror(f))) {
		err_sys(e, "%s: cannot read the token", o->token_file);
		if (f)
			fclose(f);
		return -ECANCELED;
	}
	fclose(f);
	return take_token(o, text, o->token_file, e);
}

int server_token(struct options *o, struct err *e)
{
	const char *text = getenv("SLATE_TOKEN");

	if (o->token_file)
		return read_token(o, e);
	return text && *text ? take_token(o, text, "SLATE_TOKEN", e) : 0;
}
