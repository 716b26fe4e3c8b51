// SPDX-License-Identifier: GPL-3.0-or-later
#include "pxe/http/sent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct counter {
	struct mac mac;
	int64_t job; /* 0: free */
	char token[65];
	uint64_t bytes;
};

struct sent {
	pthread_mutex_t lock;
	struct counter *v; /* one a machine that has had a job */
	size_t n, cap;
};

struct sent *sent_new(void)
{
	struct sent *s = calloc(1, sizeof(*s));

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void sent_free(struct sent *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s->v);
	free(s);
}

/* The machine's place, or a new one; NULL: out of memory, and then it is not counted. */
static struct counter *place_of(struct sent *s, const struct mac *mac)
{
	size_t cap = s->cap ? s->cap * 2 : 32;
	struct counter *more;

	for (size_t i = 0; i < s->n; i++)
		if (mac_equal(&s->v[i].mac, mac))
			return &s->v[i];
	if (s->n == s->cap) {
		more = reallocarray(s->v, cap, sizeof(*more));
		if (!more)
			return NULL;
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n] = (struct counter){ .mac = *mac };
	return &s->v[s->n++];
}

struct sent_part sent_begin(struct sent *s, const struct job *job)
{
	struct sent_part before = { 0 };
	struct counter *c;

	pthread_mutex_lock(&s->lock);
	c = place_of(s, &job->mac);
	if (c) {
		before = (struct sent_part){ c->job, c->bytes };
		c->job = job->id;
		c->bytes = 0;
		memcpy(c->token, job->token, sizeof(c->token));
	}
	pthread_mutex_unlock(&s->lock);
	return before;
}

bool sent_add(struct sent *s, const char *token, uint64_t bytes)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; !found && i < s->n; i++) {
		found = s->v[i].job && !strcmp(s->v[i].token, token);
		if (found)
			s->v[i].bytes += bytes;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static uint64_t take(struct sent *s, int64_t job, bool end)
{
	uint64_t bytes = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].job != job)
			continue;
		bytes = s->v[i].bytes;
		s->v[i].bytes = 0;
		if (end)
			s->v[i].job = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return bytes;
}

uint64_t sent_take(struct sent *s, int64_t job)
{
	return take(s, job, false);
}

uint64_t sent_end(struct sent *s, int64_t job)
{
	return take(s, job, true);
}

bool sent_next(struct sent *s, struct sent_part *ret)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; !found && i < s->n; i++) {
		found = s->v[i].job && s->v[i].bytes;
		if (found)
			*ret = (struct sent_part){ s->v[i].job, s->v[i].bytes };
		if (found)
			s->v[i].bytes = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}
