// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

struct hash {
	EVP_MD_CTX *ctx;
	EVP_MD *md; /* fetched once: an implicit fetch a sum costs more than a small sum */
	bool bad;
};

int hash_new(struct hash **ret, struct err *e)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (!h)
		return err_nomem(e);
	h->ctx = EVP_MD_CTX_new();
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!h->ctx || !h->md) {
		hash_free(h);
		return err_set(e, -EIO, "libcrypto gives no SHA-256");
	}
	*ret = h;
	return 0;
}

void hash_free(struct hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

void hash_begin(struct hash *h)
{
	h->bad = !EVP_DigestInit_ex2(h->ctx, h->md, NULL);
}

void hash_add(struct hash *h, const void *p, size_t n)
{
	if (!h->bad && !EVP_DigestUpdate(h->ctx, p, n))
		h->bad = true;
}

int hash_end(struct hash *h, uint8_t out[HASH_SIZE])
{
	unsigned n = HASH_SIZE;

	if (!h->bad && !EVP_DigestFinal_ex(h->ctx, out, &n))
		h->bad = true;
	return h->bad ? -EIO : 0;
}

int hash_buf(struct hash *h, const void *p, size_t n, uint8_t out[HASH_SIZE])
{
	hash_begin(h);
	hash_add(h, p, n);
	return hash_end(h, out);
}

void hash_hex(const uint8_t *p, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	text[2 * n] = '\0';
}
