// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hash.h - SHA-256 (FIPS 180-4) by libcrypto, which uses the CPU's own
 * instructions where there are any.
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32

/* A reusable context; belongs to one thread at a time. */
struct hash;

int hash_new(struct hash **ret, struct err *e);
void hash_free(struct hash *h);

/*
 * One sum: begin, add any number of pieces, end.  libcrypto fails here only
 * when it is broken; the failure is kept and reported by hash_end().
 */
void hash_begin(struct hash *h);
void hash_add(struct hash *h, const void *p, size_t n);
/* 0, or -EIO when libcrypto failed anywhere since hash_begin(). */
int hash_end(struct hash *h, uint8_t out[HASH_SIZE]);

/* The three steps for one piece. */
int hash_buf(struct hash *h, const void *p, size_t n, uint8_t out[HASH_SIZE]);

/* @text gets 2 x @n hexadecimal digits and a NUL. */
void hash_hex(const uint8_t *p, size_t n, char *text);

#endif
