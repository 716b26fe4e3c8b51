// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/server/reporter.h"

#include "common/clock.h"
#include "rescue/server/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVERY      1 /* second between two reports */
#define ALIVE      5 /* seconds without news until it is told that we live */
#define LINE_ROOM  512
#define TOKEN_ROOM 256

struct reporter {
	struct client *client;
	char token[TOKEN_ROOM];
	pthread_t thread;
	int gone_fd;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t wake;
	char line[LINE_ROOM]; /* "": nothing new */
	bool stop, gone;
	double answered; /* by CLOCK_MONOTONIC */
	bool failing;
};

/* Waits @n seconds, or until it is to stop.  Under the lock. */
static void wait_seconds(struct reporter *r, time_t n)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += n;
	while (!r->stop && pthread_cond_timedwait(&r->wake, &r->lock, &t) != ETIMEDOUT)
		continue;
}

static void note(struct reporter *r, int code, long status)
{
	uint64_t one = 1;

	r->failing = code || client_retry_status(status);
	if (!r->failing)
		r->answered = clock_seconds();
	/* A token that the server does not know is as void as one of a job that is over. */
	if (!code && (status == 410 || status == 401) && !r->gone) {
		r->gone = true;
		(void)!write(r->gone_fd, &one, sizeof(one));
	}
}

static void tell(struct reporter *r)
{
	char line[LINE_ROOM];
	struct client_request q = { .method = "POST",
				    .path = "/api/v1/progress",
				    .token = r->token,
				    .type = "application/json",
				    .body = line };
	struct client_answer a;
	int code;

	snprintf(line, sizeof(line), "%s", r->line[0] ? r->line : "{}");
	r->line[0] = '\0';
	q.len = strlen(line);
	pthread_mutex_unlock(&r->lock);
	code = client_call(r->client, &q, &a, NULL);
	pthread_mutex_lock(&r->lock);
	note(r, code, a.status);
}

static void *work(void *arg)
{
	struct reporter *r = arg;
	double told = clock_seconds();

	pthread_mutex_lock(&r->lock);
	while (!r->stop && !r->gone) {
		if (r->line[0] || clock_seconds() - told >= ALIVE) {
			told = clock_seconds();
			tell(r);
		}
		wait_seconds(r, EVERY);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static int begin(struct reporter *r, struct err *e)
{
	pthread_condattr_t attr;
	int code;

	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &attr);
	pthread_condattr_destroy(&attr);
	r->answered = clock_seconds();
	/* Whether anybody wants this job must be known before anything is touched. */
	pthread_mutex_lock(&r->lock);
	tell(r);
	pthread_mutex_unlock(&r->lock);
	code = pthread_create(&r->thread, NULL, work, r);
	if (code)
		return err_set(e, -code, "cannot start a thread: %s", strerror(code));
	return 0;
}

int reporter_start(const char *server, const char *cacert, const char *token,
		   struct reporter **ret, struct err *e)
{
	struct reporter *r = calloc(1, sizeof(*r));
	int code;

	*ret = NULL;
	if (!r)
		return err_nomem(e);
	snprintf(r->token, sizeof(r->token), "%s", token);
	r->gone_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	code = r->gone_fd < 0 ? err_sys(e, "cannot make an event")
			      : client_new(server, cacert, &r->client, e);
	if (!code)
		code = begin(r, e);
	if (code) {
		client_free(r->client);
		if (r->gone_fd >= 0)
			close(r->gone_fd);
		free(r);
		return code;
	}
	*ret = r;
	return 0;
}

void reporter_stop(struct reporter *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	client_free(r->client);
	close(r->gone_fd);
	free(r);
}

void reporter_line(struct reporter *r, const char *line)
{
	if (!r || strlen(line) >= LINE_ROOM)
		return;
	pthread_mutex_lock(&r->lock);
	memcpy(r->line, line, strlen(line) + 1);
	pthread_mutex_unlock(&r->lock);
}

int reporter_gone_fd(const struct reporter *r)
{
	return r ? r->gone_fd : -1;
}

bool reporter_gone(struct reporter *r)
{
	bool gone;

	if (!r)
		return false;
	pthread_mutex_lock(&r->lock);
	gone = r->gone;
	pthread_mutex_unlock(&r->lock);
	return gone;
}

unsigned reporter_away(struct reporter *r)
{
	unsigned n = 0;

	if (!r)
		return 0;
	pthread_mutex_lock(&r->lock);
	if (r->failing)
		n = (unsigned)(clock_seconds() - r->answered);
	pthread_mutex_unlock(&r->lock);
	return n;
}
