// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/place/lease.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The first word of @value, when it is an address that a machine can have. */
static bool take(const char *value, size_t n, char ret[LEASE_ADDRESS_MAX])
{
	char text[LEASE_ADDRESS_MAX];
	struct in_addr a;
	size_t len = 0;

	while (len < n && value[len] != ' ')
		len++;
	if (!len || len >= sizeof(text))
		return false;
	memcpy(text, value, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &a) != 1 || !a.s_addr || a.s_addr == INADDR_NONE)
		return false;
	memcpy(ret, text, len + 1);
	return true;
}

static bool is(const char *line, size_t n, const char *name)
{
	return n == strlen(name) && !memcmp(line, name, n);
}

static int line(const char *s, size_t n, struct lease *l, struct err *e)
{
	const char *eq = memchr(s, '=', n);
	size_t name = eq ? (size_t)(eq - s) : n, len = eq ? n - name - 1 : 0;

	if (!eq)
		return 0;
	if (is(s, name, "ip") && !take(eq + 1, len, l->address))
		return err_set(e, -EINVAL, "DHCP gave \"%.*s\", which is no address",
			       (int)(len < 64 ? len : 64), eq + 1);
	if (is(s, name, "router"))
		(void)take(eq + 1, len, l->router);
	if (is(s, name, "serverid"))
		(void)take(eq + 1, len, l->server);
	/* siaddr counts more than the option, which may be a name, too. */
	if (is(s, name, "siaddr") || (is(s, name, "tftp") && !l->next_server[0]))
		(void)take(eq + 1, len, l->next_server);
	return 0;
}

int lease_parse(const char *text, size_t len, struct lease *ret, struct err *e)
{
	const char *end = text + len;
	int r = 0;

	*ret = (struct lease){ 0 };
	if (len > LEASE_FILE_MAX)
		return err_set(e, -EINVAL, "the lease is longer than %d bytes", LEASE_FILE_MAX);
	while (text < end && !r) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);

		r = line(text, n, ret, e);
		text += n + (nl != NULL);
	}
	if (!r && !ret->address[0])
		r = err_set(e, -EINVAL, "the lease has no address");
	return r;
}
