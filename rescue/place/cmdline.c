// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/place/cmdline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REBOOT_DEFAULT 120
#define REBOOT_MAX     86400

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]"

int cmdline_server(const char *url, struct err *e)
{
	const char *host = url;

	if (!strncmp(url, "http://", 7))
		host = url + 7;
	else if (!strncmp(url, "https://", 8))
		host = url + 8;
	if (host == url || !*host || host[strspn(host, HOST_CHARACTERS)])
		return err_set(e, -EINVAL,
			       "\"%s\" is no address of a server; it should be like "
			       "http://10.77.0.1 or http://10.77.0.1:8080",
			       url);
	return 0;
}

static int take_text(char *field, size_t size, const char *name, const char *value,
		     struct err *e)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
			return err_set(e, -EINVAL, "%s has a control character", name);
	if (n >= size)
		return err_set(e, -EINVAL, "%s is longer than %zu bytes", name, size - 1);
	memcpy(field, value, n + 1);
	return 0;
}

static int take_server(struct cmdline *c, const char *value, struct err *e)
{
	size_t n = strlen(value);
	char url[CMDLINE_VALUE_MAX];
	int r = take_text(url, sizeof(url), "slate.server", value, e);

	while (!r && n && url[n - 1] == '/')
		url[--n] = '\0';
	if (!r && cmdline_server(url, e))
		r = err_wrap(e, -EINVAL, "slate.server");
	if (!r)
		memcpy(c->server, url, n + 1);
	return r;
}

static int take_host(struct cmdline *c, const char *value, struct err *e)
{
	return take_text(c->host, sizeof(c->host), "slate.host", value, e);
}

/* pxelinux and GRUB put the kind of network before it: 01 is Ethernet. */
static int take_bootif(struct cmdline *c, const char *value, struct err *e)
{
	const char *mac = strncmp(value, "01-", 3) ? value : value + 3;

	if (mac_parse(mac, &c->boot_card, e))
		return err_wrap(e, -EINVAL, "BOOTIF");
	c->has_boot_card = true;
	return 0;
}

static int take_onerror(struct cmdline *c, const char *value, struct err *e)
{
	unsigned long n;
	char *end;

	if (!strcmp(value, "stay")) {
		c->stay = true;
		return 0;
	}
	if (strncmp(value, "reboot:", 7) || value[7] < '0' || value[7] > '9')
		goto bad;
	n = strtoul(value + 7, &end, 10);
	if (*end || n > REBOOT_MAX)
		goto bad;
	c->reboot_after = (unsigned)n;
	c->stay = false;
	return 0;
bad:
	return err_set(e, -EINVAL,
		       "slate.onerror is \"%.64s\": it may be \"stay\" or \"reboot:SECONDS\", "
		       "at most %d",
		       value, REBOOT_MAX);
}

/* One of the @words. */
static int take_word(char *field, size_t size, const char *name, const char *value,
		     const char *const words[], struct err *e)
{
	for (size_t i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return take_text(field, size, name, value, e);
	return err_set(e, -EINVAL, "%s is \"%.64s\": it may be %s%s%s%s%s", name, value,
		       words[0], words[1] ? ", " : "", words[1] ? words[1] : "",
		       words[1] && words[2] ? ", " : "", words[1] && words[2] ? words[2] : "");
}

static int take_local(struct cmdline *c, const char *value, struct err *e)
{
	static const char *const words[] = { "restore", NULL };

	return take_word(c->local, sizeof(c->local), "slate.local", value, words, e);
}

static int take_image(struct cmdline *c, const char *value, struct err *e)
{
	return take_text(c->image, sizeof(c->image), "slate.image", value, e);
}

static int take_target(struct cmdline *c, const char *value, struct err *e)
{
	return take_text(c->target, sizeof(c->target), "slate.target", value, e);
}

static int take_then(struct cmdline *c, const char *value, struct err *e)
{
	static const char *const words[] = { "reboot", "poweroff", NULL };

	return take_word(c->then, sizeof(c->then), "slate.then", value, words, e);
}

static int take_verify(struct cmdline *c, const char *value, struct err *e)
{
	static const char *const words[] = { "none", "sample", "full", NULL };

	return take_word(c->verify, sizeof(c->verify), "slate.verify", value, words, e);
}

static int take_debug(struct cmdline *c, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	c->debug = true;
	return 0;
}

static const struct word {
	const char *name;
	int (*take)(struct cmdline *c, const char *value, struct err *e);
} known[] = {
	{ "slate.server", take_server }, { "slate.host", take_host },
	{ "BOOTIF", take_bootif },       { "slate.onerror", take_onerror },
	{ "slate.local", take_local },   { "slate.image", take_image },
	{ "slate.target", take_target }, { "slate.then", take_then },
	{ "slate.verify", take_verify }, { "slate.debug", take_debug },
};

static int take(struct cmdline *c, char *word, struct err *e)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(word, known[i].name))
			return known[i].take(c, value ? value : "", e);
	return 0;
}

/* The next word without its quotes, which may hold spaces; false at the end. */
static bool next_word(const char **at, const char *end, char word[CMDLINE_MAX])
{
	const char *p = *at;
	bool quoted = false;
	size_t n = 0;

	while (p < end && strchr(" \t\n", *p))
		p++;
	for (; p < end && (quoted || !strchr(" \t\n", *p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (n < CMDLINE_MAX - 1)
			word[n++] = *p;
	}
	word[n] = '\0';
	*at = p;
	return n > 0 || p < end;
}

int cmdline_parse(const char *text, size_t len, struct cmdline *ret, struct err *e)
{
	size_t n = len < CMDLINE_MAX ? len : CMDLINE_MAX - 1;
	const char *at = text, *end = text + strnlen(text, n);
	struct err first = { "" }, other = { "" };
	char word[CMDLINE_MAX];

	*ret = (struct cmdline){ .reboot_after = REBOOT_DEFAULT };
	while (next_word(&at, end, word)) {
		struct err *slot = first.msg[0] ? &other : &first;

		(void)take(ret, word, slot);
	}
	return first.msg[0] ? err_set(e, -EINVAL, "the kernel's command line: %s", first.msg)
			    : 0;
}
