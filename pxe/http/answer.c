// SPDX-License-Identifier: GPL-3.0-or-later
/* What all answers have in common, and who may ask. */
#include "pxe/http/http_internal.h"

#include "common/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum MHD_Result answer_with(struct exchange *x, unsigned status, struct MHD_Response *r)
{
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	result = MHD_queue_response(x->connection, status, r);
	MHD_destroy_response(r);
	return result;
}

bool waits_for_us(struct exchange *x)
{
	const char *v = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
						    MHD_HTTP_HEADER_EXPECT);

	return v && !strcasecmp(v, "100-continue") && !x->begun;
}

/*
 * In the middle of a body libmicrohttpd takes no answer, and after one before the body it
 * closes at once, so that the client's system throws the answer away.  So this one goes to the
 * socket past it: nothing else was sent there for this request, but "100 Continue".
 */
static enum MHD_Result hang_up(struct exchange *x, unsigned status, const char *line)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	char text[1024];
	int n;

	if (!info)
		return MHD_NO;
	n = snprintf(text, sizeof(text),
		     "HTTP/1.1 %u %s\r\n%sContent-Type: text/plain; charset=utf-8\r\n"
		     "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		     status, MHD_get_reason_phrase_for(status),
		     status == MHD_HTTP_UNAUTHORIZED ? "WWW-Authenticate: Bearer\r\n" : "",
		     strlen(line), line);
	/* It finds room: the client gets nothing else.  If not, it is gone. */
	(void)!send(info->connect_fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	x->hung_up = clock_ms();
	MHD_set_connection_option(x->connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)LINGER);
	return MHD_YES;
}

enum MHD_Result throw_away(struct exchange *x)
{
	return x->complete || clock_ms() > x->hung_up + LINGER * 1000 ? MHD_NO : MHD_YES;
}

static enum MHD_Result answer_typed(struct exchange *x, unsigned status, const char *type,
				    const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)text,
								 MHD_RESPMEM_MUST_COPY);

	if (r)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (r && status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	return answer_with(x, status, r);
}

enum MHD_Result answer_text(struct exchange *x, unsigned status, const char *fmt, ...)
{
	char text[512], line[520];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s\n", text);
	if (!x->complete && !waits_for_us(x))
		return hang_up(x, status, line);
	return answer_typed(x, status, "text/plain; charset=utf-8", line);
}

enum MHD_Result answer_json(struct exchange *x, unsigned status, json_t *o)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	enum MHD_Result result;

	json_decref(o);
	if (!text)
		return answer_text(x, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
	result = answer_typed(x, status, "application/json", text);
	free(text);
	return result;
}

enum MHD_Result answer_empty(struct exchange *x, unsigned status)
{
	return answer_with(x, status,
			   MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

enum MHD_Result answer_store(struct exchange *x, int r, const struct err *e)
{
	journal_say(x->http->config.journal, SAY_ERROR, x->peer, "%s: %s", x->peer, e->msg);
	if (r == -EBUSY)
		return answer_text(x, MHD_HTTP_SERVICE_UNAVAILABLE, "the database is busy");
	return answer_text(x, MHD_HTTP_INTERNAL_SERVER_ERROR,
			   "the database fails: see the log");
}

const char *bearer(struct exchange *x)
{
	const char *v = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
						    MHD_HTTP_HEADER_AUTHORIZATION);

	if (!v || strncasecmp(v, "Bearer ", 7) != 0)
		return NULL;
	return v + 7 + strspn(v + 7, " ");
}

bool same_token(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned char differ = 0;

	if (!n || strlen(a) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return !differ;
}

bool is_from_lab(struct exchange *x)
{
	const struct lab *l = http_lab(x->http);
	const struct network loopback = { 0x7f000000, 8 };

	if (!l->n_admin)
		return network_has(&loopback, x->peer_addr) ||
		       network_has(&l->address, x->peer_addr);
	for (size_t i = 0; i < l->n_admin; i++)
		if (network_has(&l->admin[i], x->peer_addr))
			return true;
	return false;
}

bool is_admin(struct exchange *x)
{
	const char *token = bearer(x);

	return is_from_lab(x) && token && same_token(token, x->http->config.admin_token);
}
