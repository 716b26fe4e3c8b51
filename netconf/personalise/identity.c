// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/identity.h"

#include "netconf/personalise/hosts.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whole files, by the names they have in a vault. */
static const struct {
	const char *name, *path;
} files[] = {
	{ "hostname", "/etc/hostname" },
	{ "machine-id", "/etc/machine-id" },
	{ "nm-secret-key", "/var/lib/NetworkManager/secret_key" },
};

void identity_free(struct identity *id)
{
	for (size_t i = 0; i < id->n; i++)
		free(id->v[i].content);
	id->n = 0;
}

int identity_add(struct identity *id, const char *name, char *content, size_t len, mode_t mode,
		 struct err *e)
{
	struct item *it = &id->v[id->n];

	if (id->n == IDENTITY_ITEMS_MAX || strlen(name) >= sizeof(it->name)) {
		free(content);
		return err_set(e, -EINVAL,
			       "more than %d keys and ids of one machine, or a very long name",
			       IDENTITY_ITEMS_MAX);
	}
	snprintf(it->name, sizeof(it->name), "%s", name);
	it->content = content;
	it->len = len;
	it->mode = mode & 0777;
	id->n++;
	return 0;
}

const struct item *identity_find(const struct identity *id, const char *name)
{
	for (size_t i = 0; id && i < id->n; i++)
		if (!strcmp(id->v[i].name, name))
			return &id->v[i];
	return NULL;
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct item *x = &a->v[i], *y = identity_find(b, x->name);

		if (!y || x->len != y->len || x->mode != y->mode ||
		    memcmp(x->content, y->content, x->len) != 0)
			return false;
	}
	return a->n == b->n;
}

bool identity_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] > 127 ||
		    (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i])))
			return false;
	return n && n < IDENTITY_NAME_MAX && name[0] != '.';
}

bool identity_is_key(const char *name)
{
	return !strncmp(name, "ssh_host_", 9) && strstr(name, "_key") && identity_name(name);
}

bool identity_machine_id(const char *text, size_t len)
{
	return len == 33 && text[32] == '\n' && strspn(text, "0123456789abcdef") == 32;
}

static int take_file(const struct root *r, const char *path, const char *name,
		     struct identity *ret, struct err *e)
{
	char *content = NULL;
	struct stat st;
	size_t len;
	int code = root_stat(r, path, true, &st, e);

	if (code == -ENOENT || code == -ENOTDIR)
		return 0;
	if (!code)
		code = root_read(r, path, IDENTITY_ITEM_MAX, &content, &len, e);
	return code ? code : identity_add(ret, name, content, len, st.st_mode, e);
}

int identity_read_keys(const struct root *r, const char *dir, struct identity *ret,
		       struct err *e)
{
	struct names names;
	char path[PATH_MAX];
	int code = root_list(r, dir, "ssh_host_*", &names, e);

	if (code == -ENOTDIR)
		return 0;
	for (size_t i = 0; i < names.n && !code; i++) {
		if (!identity_is_key(names.v[i]))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]);
		code = take_file(r, path, names.v[i], ret, e);
	}
	names_free(&names);
	return code;
}

/* Of /etc/hosts only the one line is a machine's own. */
static int take_hosts_line(const struct root *r, struct identity *ret, struct err *e)
{
	char *hosts = NULL, *line = NULL;
	size_t len;
	int code = root_read(r, "/etc/hosts", HOSTS_MAX, &hosts, &len, e);

	if (code == -ENOENT)
		return 0;
	if (!code)
		code = hosts_line(hosts, len, &line, e);
	free(hosts);
	return code || !line ? code
			     : identity_add(ret, "hosts-line", line, strlen(line), 0644, e);
}

int identity_read(const struct root *r, struct identity *ret, struct err *e)
{
	int code = 0;

	*ret = (struct identity){ 0 };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !code; i++)
		code = take_file(r, files[i].path, files[i].name, ret, e);
	if (!code)
		code = take_hosts_line(r, ret, e);
	if (!code)
		code = identity_read_keys(r, "/etc/ssh", ret, e);
	return code;
}
