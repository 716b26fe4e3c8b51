// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/apply/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 4096
#define KEY_LEN  64 /* hexadecimal digits of a key that needs no passphrase */

int secret_parse(const char *name, const char *text, size_t len, char ret[65], struct err *e)
{
	const char *end = memchr(text, '\n', len);
	size_t n = end ? (size_t)(end - text) : len;

	if (end && end + 1 != text + len)
		return err_set(e, -EINVAL, "%s: one line with the passphrase, no more", name);
	if (n && text[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return err_set(e, -EINVAL,
				       "%s: byte %zu is none that a WPA passphrase can have "
				       "(letters, digits, signs, spaces)",
				       name, i + 1);
	if (n < 8 || n > KEY_LEN)
		return err_set(e, -EINVAL,
			       "%s: a WPA passphrase has 8 to 63 characters, this one %zu",
			       name, n);
	memcpy(ret, text, n);
	ret[n] = '\0';
	if (n == KEY_LEN && strspn(ret, "0123456789abcdefABCDEF") != KEY_LEN) {
		explicit_bzero(ret, KEY_LEN);
		return err_set(e, -EINVAL,
			       "%s: of 64 characters, all have to be hexadecimal digits", name);
	}
	return 0;
}

static int read_one(const struct root *r, const struct want *w, char ret[65], char *warning,
		    size_t n, struct err *e)
{
	const char *path = w->role.psk_file, *root = root_is_running(r) ? "" : root_name(r);
	char *text = NULL, name[512];
	struct stat st;
	size_t len;
	int code = root_read(r, path, FILE_MAX, &text, &len, e);

	if (code == -ENOENT)
		return err_set(e, code,
			       "the passphrase of %s: %s%s is not there: write it into that "
			       "file, alone, and chmod 600 it",
			       w->name, root, path);
	if (code)
		return err_wrap(e, code, "the passphrase of %s", w->name);
	if (!root_stat(r, path, true, &st, NULL) && (st.st_mode & 077))
		snprintf(warning, n,
			 "%s%s: others can read this passphrase; chmod 600 mends that", root,
			 path);
	snprintf(name, sizeof(name), "%s%s", root, path);
	code = secret_parse(name, text, len, ret, e);
	explicit_bzero(text, len);
	free(text);
	return code;
}

int secrets_read(const struct root *r, const struct policy *policy, struct secrets *ret,
		 char *warning, size_t n, struct err *e)
{
	int code = 0;

	*warning = '\0';
	*ret = (struct secrets){ .psk = calloc(policy->n ? policy->n : 1, sizeof(*ret->psk)),
				 .n = policy->n };
	if (!ret->psk)
		return err_nomem(e);
	for (size_t i = 0; i < policy->n && !code; i++)
		if (policy->v[i].role.psk_file[0])
			code = read_one(r, &policy->v[i], ret->psk[i], warning, n, e);
	return code;
}

void secrets_free(struct secrets *s)
{
	if (s->psk)
		explicit_bzero(s->psk, s->n * sizeof(*s->psk));
	free(s->psk);
	*s = (struct secrets){ 0 };
}
