// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * bytes.h - the one way to take apart and to build binary data.
 *
 * A cursor never reads or writes outside its buffer.  The first access past
 * the end makes it bad: from then on reads give 0, writes do nothing, and
 * rd_ok()/wr_ok() say false.  So a decoder is a straight line of reads with
 * one check at the end.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *buf;
	size_t len, pos;
	bool bad;
};

static inline struct rd rd_init(const void *buf, size_t len)
{
	return (struct rd){ .buf = buf, .len = len };
}

static inline bool rd_ok(const struct rd *r)
{
	return !r->bad;
}

static inline size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : r->len - r->pos;
}

/* Returns the next @n bytes (owned by the buffer), or NULL. */
static inline const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p;

	if (n > rd_left(r)) {
		r->bad = true;
		return NULL;
	}
	p = r->buf + r->pos;
	r->pos += n;
	return p;
}

static inline void rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

/* Moves to absolute offset @off, for tables that give offsets. */
static inline void rd_seek(struct rd *r, uint64_t off)
{
	if (r->bad || off > r->len)
		r->bad = true;
	else
		r->pos = (size_t)off;
}

/* A cursor over the next @n bytes; bad (and empty) if there are fewer. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	return (struct rd){ .buf = p, .len = p ? n : 0, .bad = !p };
}

/* A NUL-terminated string that ends inside the buffer, or NULL. */
static inline const char *rd_cstr(struct rd *r)
{
	const uint8_t *p = r->buf ? r->buf + r->pos : NULL;
	const uint8_t *nul = rd_left(r) ? memchr(p, 0, rd_left(r)) : NULL;

	if (!nul) {
		r->bad = true;
		return NULL;
	}
	r->pos += (size_t)(nul - p) + 1;
	return (const char *)p;
}

static inline uint64_t rd_le_(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline uint64_t rd_be_(struct rd *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)rd_le_(r, 1);
}
static inline uint16_t rd_le16(struct rd *r)
{
	return (uint16_t)rd_le_(r, 2);
}
static inline uint32_t rd_le32(struct rd *r)
{
	return (uint32_t)rd_le_(r, 4);
}
static inline uint64_t rd_le64(struct rd *r)
{
	return rd_le_(r, 8);
}
static inline uint16_t rd_be16(struct rd *r)
{
	return (uint16_t)rd_be_(r, 2);
}
static inline uint32_t rd_be32(struct rd *r)
{
	return (uint32_t)rd_be_(r, 4);
}
static inline uint64_t rd_be64(struct rd *r)
{
	return rd_be_(r, 8);
}

/*
 * The writing twin.  @pos counts even when @buf is NULL, so rendering once
 * without a buffer gives the size that is needed.
 */
struct wr {
	uint8_t *buf;
	size_t len, pos;
	bool bad;
};

static inline struct wr wr_init(void *buf, size_t len)
{
	return (struct wr){ .buf = buf, .len = buf ? len : SIZE_MAX };
}

static inline bool wr_ok(const struct wr *w)
{
	return !w->bad;
}

static inline void wr_bytes(struct wr *w, const void *p, size_t n)
{
	if (w->bad || n > w->len - w->pos) {
		w->bad = true;
		return;
	}
	if (w->buf && n)
		memcpy(w->buf + w->pos, p, n);
	w->pos += n;
}

static inline void wr_zero(struct wr *w, size_t n)
{
	if (w->bad || n > w->len - w->pos) {
		w->bad = true;
		return;
	}
	if (w->buf)
		memset(w->buf + w->pos, 0, n);
	w->pos += n;
}

static inline void wr_le_(struct wr *w, uint64_t v, size_t n)
{
	uint8_t b[8];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	wr_bytes(w, b, n);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_le_(w, v, 1);
}
static inline void wr_le16(struct wr *w, uint16_t v)
{
	wr_le_(w, v, 2);
}
static inline void wr_le32(struct wr *w, uint32_t v)
{
	wr_le_(w, v, 4);
}
static inline void wr_le64(struct wr *w, uint64_t v)
{
	wr_le_(w, v, 8);
}

/* Network order, @n <= 8. */
static inline void wr_be_(struct wr *w, uint64_t v, size_t n)
{
	uint8_t b[8];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	wr_bytes(w, b, n);
}

static inline void wr_be16(struct wr *w, uint16_t v)
{
	wr_be_(w, v, 2);
}
static inline void wr_be32(struct wr *w, uint32_t v)
{
	wr_be_(w, v, 4);
}

/* Overflow-checked arithmetic on sizes that came from outside. */
static inline bool add_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static inline bool mul_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

#endif
