// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/vault.h"

#include "netconf/personalise/manifest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE (VAULT_KEY_MAX + IDENTITY_NAME_MAX + 16)

static void mac_key(const struct mac *m, char key[VAULT_KEY_MAX])
{
	snprintf(key, VAULT_KEY_MAX, "mac-%02x%02x%02x%02x%02x%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
}

/* Different numbers get different names, and none gets one that leads elsewhere. */
static void serial_key(const char *serial, char key[VAULT_KEY_MAX])
{
	size_t at = (size_t)snprintf(key, VAULT_KEY_MAX, "serial-");

	for (; *serial && at + 4 < VAULT_KEY_MAX; serial++) {
		unsigned char c = (unsigned char)*serial;

		at += (size_t)snprintf(key + at, VAULT_KEY_MAX - at,
				       c < 128 && isalnum(c) ? "%c" : "=%02x", c);
	}
}

/* The folder where the entry is now; false: there is none. */
static bool entry_path(const struct root *v, const char *key, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "/%s", key);
	if (root_has(v, path))
		return true;
	snprintf(path, PATH_SIZE, "/.%s.old", key);
	return root_has(v, path);
}

int vault_find(const char *vault, const struct machine *m, char key[VAULT_KEY_MAX],
	       struct err *e)
{
	char path[PATH_SIZE];
	struct root *v;
	bool found = false;
	int r;

	if (!m->n_cards && !m->dmi.serial[0])
		return err_set(e, -ENODATA,
			       "this machine has neither a network card nor a serial number "
			       "by which the vault could know it");
	r = root_open(vault, &v, NULL);
	if (r)
		return err_set(e, r, "%s, the vault: %s", vault, strerror(-r));
	for (size_t i = 0; i < m->n_cards && !found; i++) {
		mac_key(&m->cards[i], key);
		found = entry_path(v, key, path);
	}
	if (!found && m->dmi.serial[0]) {
		serial_key(m->dmi.serial, key);
		found = entry_path(v, key, path);
	}
	if (!found && m->n_cards)
		mac_key(&m->cards[0], key);
	root_close(v);
	return found;
}

static int load_item(const struct root *v, const char *folder, const struct manifest_line *line,
		     struct identity *ret, struct err *e)
{
	char path[PATH_SIZE + IDENTITY_NAME_MAX], *content = NULL;
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/%s", folder, line->name);
	r = root_read(v, path, IDENTITY_ITEM_MAX, &content, &len, e);
	if (!r)
		r = manifest_check(line, content, len, e);
	if (r) {
		free(content);
		return r;
	}
	return identity_add(ret, line->name, content, len, line->mode, e);
}

/* What would be put into a system as it is must at least be of the right kind. */
static int check_items(const struct identity *id, struct err *e)
{
	const struct item *line = identity_find(id, "hosts-line");
	const struct item *machine = identity_find(id, "machine-id");

	if (machine && !identity_machine_id(machine->content, machine->len))
		return err_set(e, -EBADMSG, "machine-id is none");
	if (line &&
	    (strchr(line->content, '\n') || strlen(line->content) != line->len ||
	     strncmp(line->content + strspn(line->content, " \t"), "127.0.1.1", 9) != 0))
		return err_set(e, -EBADMSG, "hosts-line is no line of /etc/hosts");
	return 0;
}

int vault_load(const char *vault, const char *key, struct identity *ret, struct err *e)
{
	char folder[PATH_SIZE], path[PATH_SIZE + 16], *text = NULL;
	struct manifest m;
	struct root *v;
	size_t len;
	int r;

	*ret = (struct identity){ 0 };
	r = root_open(vault, &v, e);
	if (r)
		return r;
	if (!entry_path(v, key, folder))
		r = err_set(e, -ENOENT, "there is none");
	snprintf(path, sizeof(path), "%s/manifest", folder);
	if (!r)
		r = root_read(v, path, MANIFEST_MAX, &text, &len, e);
	if (!r)
		r = manifest_parse(text, len, &m, e);
	for (size_t i = 0; !r && i < m.n; i++)
		r = load_item(v, folder, &m.v[i], ret, e);
	if (!r)
		r = check_items(ret, e);
	free(text);
	root_close(v);
	return r ? err_wrap(e, r, "%s/%s, what the vault has of this machine", vault, key) : 0;
}
