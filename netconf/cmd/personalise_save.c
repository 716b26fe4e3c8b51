// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/plain.h"
#include "netconf/cmd/personalise.h"
#include "netconf/personalise/vault.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

/* A system that was never booted since it was personalised has no identity to keep. */
static int check_worth(const struct root *r, const struct identity *id, struct err *e)
{
	const struct item *machine = identity_find(id, "machine-id");

	if (!id->n || (machine && !identity_machine_id(machine->content, machine->len)))
		return err_set(
			e, -ECANCELED,
			"%s has no identity of its own yet (%s): it was not booted since "
			"it was personalised; what the vault has is kept",
			root_name(r), id->n ? "its machine-id is empty" : "no file of it");
	return 0;
}

static void show(const struct nc_options *o, const char *key, const struct identity *id,
		 const char *state)
{
	char clean[ERR_MSG_MAX];
	json_t *items, *j;

	plain_text(clean, sizeof(clean), o->vault, "");
	if (!o->json) {
		printf("%s/%s: %s, %zu items\n", clean, key, state, id->n);
		return;
	}
	items = json_array();
	for (size_t i = 0; i < id->n; i++)
		json_array_append_new(items, json_string(id->v[i].name));
	j = json_pack("{s:s, s:s, s:s, s:o}", "vault", clean, "entry", key, "state", state,
		      "items", items);
	json_dumpf(j, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(j);
}

/* Whether the vault has exactly that; an entry that is damaged is replaced. */
static bool is_saved(const char *vault, const char *key, const struct identity *id)
{
	struct identity now;
	bool same = !vault_load(vault, key, &now, NULL) && identity_equal(&now, id);

	identity_free(&now);
	return same;
}

int personalise_save(const struct nc_options *o, const struct root *r, const struct machine *m)
{
	char key[VAULT_KEY_MAX];
	const char *state = "nothing to do";
	struct identity id;
	struct err e = { "" };
	int code = identity_read(r, &id, &e), status = NC_STATUS_DONE;

	if (!code)
		code = check_worth(r, &id, &e);
	if (!code)
		code = vault_find(o->vault, m, key, &e);
	/* Nothing is kept of a machine that would never find it again. */
	if (code == -ENODATA)
		code = -ECANCELED;
	if (code >= 0 && !(code && is_saved(o->vault, key, &id))) {
		state = o->dry_run ? "pending" : "done";
		status = o->dry_run ? NC_STATUS_PENDING : NC_STATUS_DONE;
		code = o->dry_run ? 0 : vault_save(o->vault, key, &id, &e);
	}
	if (code < 0)
		status = nc_fail(code, &e);
	else
		show(o, key, &id, state);
	identity_free(&id);
	return status;
}
