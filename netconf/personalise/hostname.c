// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/personalise/hostname.h"

#include "common/plain.h"
#include "common/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_label(const char *label, size_t n, struct err *e)
{
	if (!n || n > 63)
		return err_set(e, -EINVAL,
			       "each part of a host name has 1 to 63 characters, not %zu", n);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)label[i] > 127 ||
		    (!isalnum((unsigned char)label[i]) && label[i] != '-'))
			return err_set(e, -EINVAL,
				       "a host name has letters a to z, digits and '-' only");
	if (label[0] == '-' || label[n - 1] == '-')
		return err_set(e, -EINVAL, "no part of a host name begins or ends with '-'");
	return 0;
}

int hostname_check(const char *name, struct err *e)
{
	const char *at = name;
	size_t n = strlen(name);

	if (n >= HOSTNAME_MAX)
		return err_set(e, -EINVAL, "a host name has at most 64 characters, not %zu", n);
	for (;;) {
		int r;

		n = strcspn(at, ".");
		r = check_label(at, n, e);
		if (r)
			return r;
		if (!at[n])
			break;
		at += n + 1;
	}
	if (name[strspn(name, "0123456789.")] == '\0')
		return err_set(e, -EINVAL,
			       "a host name of digits alone would be taken for an address");
	return 0;
}

/* The first line that is neither empty nor a comment: hostname(5). */
int hostname_read(const struct root *r, char ret[HOSTNAME_MAX], struct err *e)
{
	char *text = NULL, *p;
	size_t n;
	int code = root_read(r, HOSTNAME_FILE, 4096, &text, NULL, e);

	ret[0] = '\0';
	if (code)
		return code == -ENOENT ? 0 : code;
	for (p = text; *p == '#' || *p == '\n'; p += *p == '\n')
		p += strcspn(p, "\n");
	n = strcspn(p, " \t\r\n");
	if (n < HOSTNAME_MAX) {
		memcpy(ret, p, n);
		ret[n] = '\0';
	}
	free(text);
	return 0;
}

/* --- the template ---------------------------------------------------------- */

static void put_mac(struct text *t, const struct machine *m, size_t from)
{
	for (size_t i = from; m->n_cards && i < sizeof(m->cards[0].b); i++)
		text_add(t, "%02x", m->cards[0].b[i]);
}

static void put_mac_all(struct text *t, const struct machine *m)
{
	put_mac(t, m, 0);
}

static void put_mac6(struct text *t, const struct machine *m)
{
	put_mac(t, m, 3);
}

static void put_serial(struct text *t, const struct machine *m)
{
	for (const char *s = m->dmi.serial; *s; s++)
		if (isalnum((unsigned char)*s) && (unsigned char)*s < 128)
			text_add(t, "%c", tolower((unsigned char)*s));
}

static void put_percent(struct text *t, const struct machine *m)
{
	(void)m;
	text_add(t, "%%");
}

/* The longer of two that begin alike stands first. */
static const struct placeholder {
	const char *name, *what;
	void (*put)(struct text *t, const struct machine *m);
} placeholders[] = {
	{ "%mac6", "no network card with an address of its own", put_mac6 },
	{ "%mac", "no network card with an address of its own", put_mac_all },
	{ "%serial", "no serial number that its firmware tells", put_serial },
	{ "%%", "", put_percent },
};

static const struct placeholder *find_placeholder(const char *at)
{
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
		if (!strncmp(at, placeholders[i].name, strlen(placeholders[i].name)))
			return &placeholders[i];
	return NULL;
}

static int expand(const char *text, const struct machine *m, struct text *t, struct err *e)
{
	while (*text) {
		const struct placeholder *p = *text == '%' ? find_placeholder(text) : NULL;
		size_t before = t->len;

		if (*text == '%' && !p)
			return err_set(e, -EINVAL,
				       "\"%.40s\" is no placeholder: there are %%mac6, %%mac, "
				       "%%serial and %%%%",
				       text);
		if (p)
			p->put(t, m);
		else
			text_add(t, "%c", *text);
		if (text_ok(t) && t->len == before)
			return err_set(e, -ENODATA, "this machine has %s", p->what);
		text += p ? strlen(p->name) : 1;
	}
	return 0;
}

int hostname_template(const char *text, const struct machine *m, char ret[HOSTNAME_MAX],
		      struct err *e)
{
	struct text t = { 0 };
	char shown[80];
	int r = strlen(text) < 256 ? 0 : err_set(e, -EINVAL, "it is too long");

	ret[0] = '\0';
	if (!r)
		r = expand(text, m, &t, e);
	if (!r && !text_ok(&t))
		r = err_nomem(e);
	if (!r)
		r = hostname_check(text_get(&t), e);
	if (!r)
		memcpy(ret, text_get(&t), t.len + 1);
	else
		err_wrap(e, r, "host name \"%s\"", plain_text(shown, sizeof(shown), text, ""));
	text_free(&t);
	return r;
}

int hostname_template_check(const char *text, struct err *e)
{
	static const struct machine any = { .cards = { { { 2, 0, 0, 0xaa, 0xbb, 0xcc } } },
					    .n_cards = 1,
					    .dmi = { .serial = "a1b2c3d" } };
	char name[HOSTNAME_MAX];

	return hostname_template(text, &any, name, e);
}
