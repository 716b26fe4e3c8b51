// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * memory.h - images that live in memory: a sink that collects them, a source
 * that gives them, and failures at any call.  Needs no cmocka: the fuzz
 * targets use it as well.
 */
#ifndef TESTS_UNIT_MEMORY_H
#define TESTS_UNIT_MEMORY_H

#include "imager/image/sink.h"
#include "imager/image/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

struct mem_sink {
	struct sink s;
	uint8_t *buf;
	size_t len, cap;
	uint64_t calls, fail_at; /* this call of write() or publish() is -ENOSPC */
	bool published;
};

static inline int mem_fails(struct mem_sink *m, struct err *e)
{
	return m->calls++ == m->fail_at ? err_set(e, -ENOSPC, "the sink is full") : 0;
}

static inline int mem_write(struct sink *s, const void *buf, size_t n, struct err *e)
{
	struct mem_sink *m = (struct mem_sink *)s;
	int r = mem_fails(m, e);

	if (r < 0)
		return r;
	if (m->len + n > m->cap) {
		size_t cap = 2 * (m->len + n);
		uint8_t *p = realloc(m->buf, cap);

		if (!p)
			return err_nomem(e);
		m->buf = p;
		m->cap = cap;
	}
	memcpy(m->buf + m->len, buf, n);
	m->len += n;
	return 0;
}

static inline int mem_publish(struct sink *s, struct err *e)
{
	struct mem_sink *m = (struct mem_sink *)s;
	int r = mem_fails(m, e);

	m->published = !r;
	return r;
}

static inline void mem_sink_free(struct sink *s)
{
	struct mem_sink *m = (struct mem_sink *)s;

	free(m->buf);
	m->buf = NULL;
}

/* Belongs to the caller, who frees it by m.s.close(&m.s). */
static inline struct mem_sink mem_sink(void)
{
	return (struct mem_sink){ .s = { .write = mem_write,
					 .publish = mem_publish,
					 .close = mem_sink_free,
					 .name = "memory" },
				  .fail_at = NEVER };
}

struct mem_source {
	struct source s;
	const uint8_t *buf;
	uint64_t len, pos;
	uint64_t calls, fail_at; /* this call of read() is -EIO */
	bool broken_rules;       /* one that cannot seek was asked to */
};

static inline int64_t mem_read(struct source *s, void *buf, size_t n, uint64_t off,
			       struct err *e)
{
	struct mem_source *m = (struct mem_source *)s;

	if (m->calls++ == m->fail_at)
		return err_set(e, -EIO, "a bad place under the image");
	if (!s->seekable && off != m->pos)
		m->broken_rules = true;
	if (off > m->len)
		return 0;
	if (n > m->len - off)
		n = (size_t)(m->len - off);
	memcpy(buf, m->buf + off, n);
	m->pos = off + n;
	return (int64_t)n;
}

static inline void mem_source_free(struct source *s)
{
	(void)s;
}

/* Gives the @n bytes at @buf, which stay the caller's. */
static inline struct mem_source mem_source(const void *buf, size_t n, bool seekable)
{
	return (struct mem_source){ .s = { .read = mem_read,
					   .close = mem_source_free,
					   .seekable = seekable,
					   .size = n,
					   .name = "memory",
					   .remark = "" },
				    .buf = buf,
				    .len = n,
				    .fail_at = NEVER };
}

#endif
