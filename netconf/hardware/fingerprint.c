// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/fingerprint.h"

#include "common/hash.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A NUL ends each field, so that none runs over into the next. */
static void add(struct text *t, const char *field)
{
	text_add_bytes(t, field, strlen(field) + 1);
}

/* One card: where it is and which it is; a made-up address says nothing. */
struct mark {
	char path[sizeof(((struct nic *)0)->path)];
	char perm[MAC_TEXT_MAX];
	unsigned port;
};

static int compare(const void *va, const void *vb)
{
	const struct mark *a = va, *b = vb;
	int r = strcmp(a->path, b->path);

	if (!r)
		r = strcmp(a->perm, b->perm);
	return r ? r : (a->port > b->port) - (a->port < b->port);
}

static int add_cards(struct text *t, const struct nics *nics, struct err *e)
{
	struct mark *v = calloc(nics->n + 1, sizeof(*v));

	if (!v)
		return err_nomem(e);
	for (size_t i = 0; i < nics->n; i++) {
		memcpy(v[i].path, nics->v[i].path, sizeof(v[i].path));
		if (!nics->v[i].random_mac)
			mac_text(&nics->v[i].perm, v[i].perm);
		v[i].port = nics->v[i].dev_port;
	}
	qsort(v, nics->n, sizeof(*v), compare);
	for (size_t i = 0; i < nics->n; i++) {
		add(t, v[i].path);
		add(t, v[i].perm);
		text_add(t, "%u", v[i].port);
		add(t, "");
	}
	free(v);
	return 0;
}

int fingerprint(const struct dmi *dmi, const struct nics *nics, char ret[FINGERPRINT_MAX],
		struct err *e)
{
	const char *const board[] = { dmi->vendor, dmi->product, dmi->board, dmi->serial,
				      dmi->uuid };
	uint8_t sum[HASH_SIZE];
	struct hash *hash = NULL;
	struct text t = { 0 };
	int r;

	add(&t, "slate-netconf 1");
	for (size_t i = 0; i < sizeof(board) / sizeof(board[0]); i++)
		add(&t, board[i]);
	r = add_cards(&t, nics, e);
	if (!r && !text_ok(&t))
		r = err_nomem(e);
	if (!r)
		r = hash_new(&hash, e);
	if (!r && hash_buf(hash, t.s, t.len, sum))
		r = err_set(e, -EIO, "SHA-256 cannot be computed");
	if (!r)
		hash_hex(sum, sizeof(sum), ret);
	hash_free(hash);
	text_free(&t);
	return r;
}
