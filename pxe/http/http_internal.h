// SPDX-License-Identifier: GPL-3.0-or-later
/* http_internal.h - one request on its way through server.c and what answers it. */
#ifndef PXE_HTTP_INTERNAL_H
#define PXE_HTTP_INTERNAL_H

#include "common/below.h"
#include "common/text.h"
#include "pxe/http/http.h"
#include "pxe/http/sent.h"
#include "pxe/store/store.h"
#include "pxe/wire/datagram.h"

#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

/* Names that begin with this are uploads that are not complete. */
#define UPLOAD_PREFIX ".upload-"

#define BODY_MAX (256 << 10) /* bytes of a JSON body; receipts are the largest */
#define SILENCE  60          /* seconds until a silent client is let go */
#define LINGER   5           /* seconds a client may go on sending what was refused already */
#define DEPTH    8           /* folders in folders, in which there are images */

struct upload;

struct http {
	struct MHD_Daemon *daemon;
	struct http_config config;
	int images, boot; /* folders, opened: nothing outside them is ever named */
	/* The database's connection, for one thread at a time. */
	pthread_mutex_t lock;
	struct store *store;
	struct sent *sent;
	/* Under the lock: what is verified just now, and how many threads do that; how many
	 * temporary names there were. */
	struct upload *verifying;
	unsigned n_verifying, n_uploads;
	atomic_bool stopping;
	atomic_uint handling;    /* calls of ours that run just now */
	pthread_cond_t verified; /* one of them has ended */
};

struct route;

/* The configuration as it is now: another thread may read a new one at any time. */
static inline const struct lab *http_lab(struct http *h)
{
	return __atomic_load_n(&h->config.lab, __ATOMIC_ACQUIRE);
}

/* One request.  Made with its header, freed when it is answered or the client is gone. */
struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	const struct route *route;
	const char *rest; /* of the path, behind the route's */
	bool head;        /* HEAD: a GET, of which only the header is wanted */
	char peer[ADDR_TEXT_MAX];
	uint32_t peer_addr;
	struct text body;
	bool begun, complete; /* the body */
	int64_t hung_up;      /* answered before the body's end: when, clock_ms(); or 0 */
	struct upload *upload;
};

/* All of these are what answers a route: MHD_YES, or MHD_NO to close the connection. */
enum MHD_Result http_images(struct exchange *x);
enum MHD_Result http_image_list(struct exchange *x);
enum MHD_Result http_boot(struct exchange *x);
enum MHD_Result http_job(struct exchange *x);
enum MHD_Result http_progress(struct exchange *x);
enum MHD_Result http_end(struct exchange *x);
enum MHD_Result http_vault_get(struct exchange *x);
enum MHD_Result http_vault_put(struct exchange *x);
enum MHD_Result http_admin_status(struct exchange *x);
enum MHD_Result http_admin_job(struct exchange *x);
enum MHD_Result http_admin_cancel(struct exchange *x);

/* The header of one that brings a vault: MHD_YES, or it is refused. */
enum MHD_Result http_vault_begin(struct exchange *x);

/* The running job whose token the client shows; else an answer in @result, and false. */
bool find_job(struct exchange *x, struct job *ret, enum MHD_Result *result);
/* Counts what a client of a job is answered with. */
void count_sent(struct exchange *x, uint64_t bytes);

/* An upload: its header, each piece of its body, its end. */
enum MHD_Result upload_begin(struct exchange *x);
enum MHD_Result upload_data(struct exchange *x, const char *data, size_t n);
enum MHD_Result upload_end(struct exchange *x);
void upload_free(struct upload *u);
/* From now on nothing is answered; ends what is verified just now, and waits for all of it. */
void uploads_stop(struct http *h);
/* Removes what a killed server has left behind. */
void uploads_sweep(int images, struct journal *j);

/* ---- answer.c ---------------------------------------------------------- */

/*
 * text/plain, one line, for people.  The only one that may be called while the body still
 * comes: what comes after it is thrown away, and then the connection is closed.
 */
enum MHD_Result answer_text(struct exchange *x, unsigned status, const char *fmt, ...)
	PRINTF(3, 4);
/* Takes @o over; NULL: 500. */
enum MHD_Result answer_json(struct exchange *x, unsigned status, json_t *o);
enum MHD_Result answer_empty(struct exchange *x, unsigned status);
/* For a failure of the database: 503 or 500, and a line in the journal. */
enum MHD_Result answer_store(struct exchange *x, int r, const struct err *e);
/* Queues @r and lets it go. */
enum MHD_Result answer_with(struct exchange *x, unsigned status, struct MHD_Response *r);

/* The token of "Authorization: Bearer", or NULL. */
const char *bearer(struct exchange *x);
/* True when both are the same; takes as long whether they are or not. */
bool same_token(const char *a, const char *b);
/* True while the client waits for "100 Continue" before it sends its body. */
bool waits_for_us(struct exchange *x);
/* A client that was refused and goes on sending: MHD_NO when it has had its time. */
enum MHD_Result throw_away(struct exchange *x);
/* True when the request comes from where admin calls may come, with the admin's token. */
bool is_admin(struct exchange *x);
bool is_from_lab(struct exchange *x);

#endif
