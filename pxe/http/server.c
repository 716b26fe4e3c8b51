// SPDX-License-Identifier: GPL-3.0-or-later
/* The daemon of libmicrohttpd, and which function answers which path. */
#include "pxe/http/http_internal.h"
#include "pxe/store/vault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS     4
#define CONNECTIONS 2048
#define PER_CLIENT  64 /* a client reads with five at once; a relay may stand for some */
#define MEMORY      (32 << 10) /* of one connection: its header must fit */

struct route {
	const char *method, *path; /* NULL, "": of what has no route */
	bool prefix;               /* the path goes on */
	size_t max;                /* bytes of the body */
	enum MHD_Result (*answer)(struct exchange *x);
	/* Looks at the header, before a body that would take much memory; may be NULL. */
	enum MHD_Result (*begin)(struct exchange *x);
};

static enum MHD_Result answer_nothing(struct exchange *x)
{
	return answer_text(x, MHD_HTTP_NOT_FOUND, "there is nothing here");
}

static enum MHD_Result answer_other_method(struct exchange *x)
{
	return answer_text(x, MHD_HTTP_METHOD_NOT_ALLOWED, "not by that method");
}

static const struct route routes[] = {
	{ "GET", "/images/", true, BODY_MAX, http_images, NULL },
	{ "PUT", "/images/", true, 0, NULL, upload_begin }, /* upload.c takes the body */
	{ "GET", "/boot/", true, BODY_MAX, http_boot, NULL },
	{ "GET", "/api/v1/images", false, BODY_MAX, http_image_list, NULL },
	{ "POST", "/api/v1/job", false, BODY_MAX, http_job, NULL },
	{ "POST", "/api/v1/progress", false, BODY_MAX, http_progress, NULL },
	{ "POST", "/api/v1/end", false, BODY_MAX, http_end, NULL },
	{ "GET", "/api/v1/vault", false, BODY_MAX, http_vault_get, NULL },
	{ "PUT", "/api/v1/vault", false, STORED_VAULT_MAX, http_vault_put, http_vault_begin },
	{ "GET", "/api/v1/admin/status", false, BODY_MAX, http_admin_status, NULL },
	{ "POST", "/api/v1/admin/job", false, BODY_MAX, http_admin_job, NULL },
	{ "POST", "/api/v1/admin/cancel", false, BODY_MAX, http_admin_cancel, NULL },
};

static const struct route nothing = { NULL, "", true, BODY_MAX, answer_nothing, NULL };
static const struct route other_method = {
	NULL, "", true, BODY_MAX, answer_other_method, NULL
};

static bool path_fits(const struct route *r, const char *path)
{
	return r->prefix ? !strncmp(path, r->path, strlen(r->path)) : !strcmp(path, r->path);
}

/* HEAD is GET without the body, which libmicrohttpd leaves out. */
static const struct route *find_route(const char *method, const char *path)
{
	const struct route *other = &nothing;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!path_fits(&routes[i], path))
			continue;
		if (!strcmp(routes[i].method, method))
			return &routes[i];
		other = &other_method;
	}
	return other;
}

static void read_peer(struct exchange *x)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr_in *in = info ? (const void *)info->client_addr : NULL;

	if (in && in->sin_family == AF_INET)
		x->peer_addr = ntohl(in->sin_addr.s_addr);
	addr_text(x->peer_addr, x->peer);
}

/* The header has come. */
static enum MHD_Result begin(struct http *h, struct MHD_Connection *c, const char *path,
			     const char *method, void **place)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return MHD_NO;
	*place = x;
	x->http = h;
	x->connection = c;
	read_peer(x);
	x->head = !strcmp(method, MHD_HTTP_METHOD_HEAD);
	x->route = find_route(x->head ? MHD_HTTP_METHOD_GET : method, path);
	x->rest = path + strlen(x->route->path);
	if (x->route->begin)
		return x->route->begin(x);
	/* All others are answered when their body has come, for a client that sends it at once
	 * must still hear the answer. */
	if (!x->route->method && waits_for_us(x))
		return x->route->answer(x);
	return MHD_YES;
}

static enum MHD_Result add_body(struct exchange *x, const char *data, size_t n)
{
	x->begun = true;
	if (x->hung_up)
		return throw_away(x);
	if (!x->route->answer)
		return upload_data(x, data, n);
	if (n > x->route->max - x->body.len)
		return answer_text(x, MHD_HTTP_CONTENT_TOO_LARGE, "at most %zu bytes",
				   x->route->max);
	text_add_bytes(&x->body, data, n);
	return MHD_YES;
}

static enum MHD_Result finish(struct exchange *x)
{
	x->complete = true;
	if (x->hung_up)
		return throw_away(x);
	if (!x->route->answer)
		return upload_end(x);
	return text_ok(&x->body) ? x->route->answer(x) : MHD_NO;
}

static enum MHD_Result go_on(struct http *h, struct MHD_Connection *c, const char *path,
			     const char *method, const char *data, size_t *n, void **place)
{
	struct exchange *x = *place;
	enum MHD_Result r;

	if (!x)
		return begin(h, c, path, method, place);
	/* The path lives as long as this call. */
	x->rest = path + strlen(x->route->path);
	if (!*n)
		return finish(x);
	r = add_body(x, data, *n);
	*n = 0;
	return r;
}

/*
 * A daemon that stops loses the answers that it is given then, asks again for them, and may
 * even crash: so it is only stopped when none of these calls runs (uploads_stop()).
 */
static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *path,
			      const char *method, const char *version, const char *data,
			      size_t *n, void **place)
{
	enum MHD_Result r = MHD_NO;
	struct http *h = ctx;

	(void)version;
	atomic_fetch_add(&h->handling, 1);
	if (!atomic_load(&h->stopping))
		r = go_on(h, c, path, method, data, n, place);
	atomic_fetch_sub(&h->handling, 1);
	return r;
}

static void completed(void *ctx, struct MHD_Connection *c, void **place,
		      enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *place;

	(void)ctx;
	(void)c;
	(void)code;
	if (!x)
		return;
	upload_free(x->upload);
	text_free(&x->body);
	free(x);
	*place = NULL;
}

/* "%00" would end the path early for us and not for the client. */
static size_t unescape(void *ctx, struct MHD_Connection *c, char *s)
{
	size_t n = MHD_http_unescape(s);

	(void)ctx;
	(void)c;
	if (strlen(s) != n)
		s[0] = '\0';
	return strlen(s);
}

static int open_folder(const char *name, int *ret, struct err *e)
{
	*ret = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? err_sys(e, "%s", name) : 0;
}

/* By poll(): with epoll, libmicrohttpd does not see the end of a connection that comes together
 * with its last bytes, and a broken upload would stay until UPLOAD_SILENCE. */
static int start_daemon(struct http *h, struct err *e)
{
	h->daemon = MHD_start_daemon(
		MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
		h, MHD_OPTION_LISTEN_SOCKET, h->config.listen_fd, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)PER_CLIENT,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_NOTIFY_COMPLETED,
		completed, NULL, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
	return h->daemon ? 0 : err_set(e, -EIO, "the web server does not start");
}

int http_start(const struct http_config *c, struct http **ret, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));
	int r;

	if (!h) {
		close(c->listen_fd);
		return err_nomem(e);
	}
	h->config = *c;
	h->images = h->boot = -1;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->verified, NULL);
	h->sent = sent_new();
	r = h->sent ? open_folder(c->lab->images, &h->images, e) : err_nomem(e);
	if (!r)
		r = open_folder(c->lab->boot, &h->boot, e);
	if (!r)
		r = store_open(c->lab->state, &h->store, e);
	if (!r) {
		uploads_sweep(h->images, c->journal);
		r = start_daemon(h, e);
	}
	if (r) {
		close(c->listen_fd);
		http_stop(h);
	} else {
		*ret = h;
	}
	return r;
}

void http_reload(struct http *h, const struct lab *lab)
{
	__atomic_store_n(&h->config.lab, lab, __ATOMIC_RELEASE);
}

/* What was counted and not yet written. */
static void keep_sent(struct http *h)
{
	struct sent_part part;

	while (sent_next(h->sent, &part))
		(void)store_job_sent(h->store, part.job, part.bytes, NULL);
}

void http_stop(struct http *h)
{
	if (!h)
		return;
	uploads_stop(h);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (h->images >= 0)
		close(h->images);
	if (h->boot >= 0)
		close(h->boot);
	if (h->store)
		keep_sent(h);
	store_close(h->store);
	sent_free(h->sent);
	pthread_cond_destroy(&h->verified);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
