// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * /api/v1/vault: a machine's identity, for the job that gives it back to it and for nobody
 * else: there are private keys in it.
 */
#include "pxe/store/vault.h"

#include "pxe/http/http_internal.h"

#include <errno.h>
#include <unistd.h>

/* The job of the request, if that may have a vault; else an answer, and false. */
static bool may_have(struct exchange *x, struct job *ret, enum MHD_Result *result)
{
	char mac[MAC_TEXT_MAX];

	if (!find_job(x, ret, result))
		return false;
	if (ret->personalise)
		return true;
	journal_say(x->http->config.journal, SAY_WARNING, x->peer,
		    "%s may not have the vault of %s: job %lld does not personalise", x->peer,
		    mac_text(&ret->mac, mac), (long long)ret->id);
	*result = answer_text(x, MHD_HTTP_FORBIDDEN, "that job does not personalise");
	return false;
}

static enum MHD_Result answer_failed(struct exchange *x, const struct err *e)
{
	journal_say(x->http->config.journal, SAY_ERROR, x->peer, "%s: %s", x->peer, e->msg);
	return answer_text(x, MHD_HTTP_INTERNAL_SERVER_ERROR, "the vault fails: see the log");
}

enum MHD_Result http_vault_get(struct exchange *x)
{
	enum MHD_Result result;
	struct MHD_Response *r;
	char mac[MAC_TEXT_MAX];
	struct err e = { "" };
	struct job job;
	size_t size;
	int fd;

	if (!may_have(x, &job, &result))
		return result;
	fd = stored_vault_open(http_lab(x->http)->state, &job.mac, &size, &e);
	if (fd == -ENOENT)
		return answer_empty(x, MHD_HTTP_NO_CONTENT);
	if (fd < 0)
		return answer_failed(x, &e);
	r = MHD_create_response_from_fd(size, fd);
	if (!r) {
		close(fd);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
	journal_say(x->http->config.journal, SAY_NOTICE, NULL,
		    "%s is given the vault of %s, for job %lld", x->peer,
		    mac_text(&job.mac, mac), (long long)job.id);
	return answer_with(x, MHD_HTTP_OK, r);
}

enum MHD_Result http_vault_begin(struct exchange *x)
{
	enum MHD_Result result = MHD_YES;
	struct job job;

	(void)may_have(x, &job, &result);
	return result;
}

enum MHD_Result http_vault_put(struct exchange *x)
{
	char mac[MAC_TEXT_MAX];
	enum MHD_Result result;
	struct err e = { "" };
	struct job job;
	int r;

	/* It may have ended since. */
	if (!may_have(x, &job, &result))
		return result;
	if (!x->body.len)
		return answer_text(x, MHD_HTTP_BAD_REQUEST, "an empty vault is none");
	pthread_mutex_lock(&x->http->lock);
	r = stored_vault_put(http_lab(x->http)->state, &job.mac, text_get(&x->body),
			     x->body.len, &e);
	pthread_mutex_unlock(&x->http->lock);
	if (r)
		return answer_failed(x, &e);
	journal_say(x->http->config.journal, SAY_NOTICE, NULL,
		    "%s has put the identity of %s into its vault, %zu bytes, in job %lld",
		    x->peer, mac_text(&job.mac, mac), x->body.len, (long long)job.id);
	return answer_empty(x, MHD_HTTP_NO_CONTENT);
}
