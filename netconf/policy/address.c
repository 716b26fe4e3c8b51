// SPDX-License-Identifier: GPL-3.0-or-later
/* Addresses as people write them: IPv4 and IPv6. */
#include "netconf/policy/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned bits(const struct address *a)
{
	return a->family == AF_INET6 ? 128 : 32;
}

static bool bit(const struct address *a, unsigned i)
{
	return a->b[i / 8] >> (7 - i % 8) & 1;
}

/* All bits behind the prefix are @value. */
static bool host_is(const struct address *a, bool value)
{
	for (unsigned i = a->prefix; i < bits(a); i++)
		if (bit(a, i) != value)
			return false;
	return true;
}

/* What no card can have: "why", or NULL. */
static const char *unusable(const struct address *a)
{
	static const unsigned char loopback6[16] = { [15] = 1 };
	static const unsigned char none[16];

	if (!memcmp(a->b, none, bits(a) / 8))
		return "that is no address of a machine";
	if (a->family == AF_INET && a->b[0] == 127)
		return "that is the machine itself (loopback)";
	if (a->family == AF_INET6 && !memcmp(a->b, loopback6, sizeof(loopback6)))
		return "that is the machine itself (loopback)";
	if (a->family == AF_INET ? a->b[0] >= 224 : a->b[0] == 0xff)
		return "that is a group of machines (multicast or reserved)";
	return NULL;
}

/* With a network of at least 4 addresses, its first is the network's, its last for all. */
static const char *no_host(const struct address *a)
{
	if (a->family != AF_INET || a->prefix > 30)
		return NULL;
	if (host_is(a, false))
		return "that is the network itself, not a machine in it";
	return host_is(a, true) ? "that is for all machines of the network (broadcast)" : NULL;
}

static int parse_prefix(const char *s, struct address *a, struct err *e)
{
	unsigned v = 0;
	size_t n = strspn(s, "0123456789");

	if (*s && !s[n] && n < 4)
		for (size_t i = 0; i < n; i++)
			v = v * 10 + (unsigned)(s[i] - '0');
	if (strchr(s, '.'))
		return err_set(e, -EINVAL,
			       "behind the '/' stands the length of the network in bits: "
			       "255.255.255.0 is /24");
	if (!v || v > bits(a))
		return err_set(e, -EINVAL,
			       "the length of the network is a number from 1 to %u, as in /%u",
			       bits(a), a->family == AF_INET ? 24 : 64);
	a->prefix = v;
	return 0;
}

int address_parse(const char *s, bool prefix, struct address *ret, const char **at,
		  struct err *e)
{
	struct address a = { .family = strchr(s, ':') ? AF_INET6 : AF_INET };
	const char *slash = strchr(s, '/'), *why;
	size_t n = slash ? (size_t)(slash - s) : strlen(s);
	char text[INET6_ADDRSTRLEN];

	*at = s;
	if (n >= sizeof(text))
		return err_set(e, -EINVAL, "too long for an address");
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(a.family, text, a.b) != 1)
		return err_set(e, -EINVAL,
			       "\"%s\" is no address, such as 192.168.67.1%s or fd00::1%s",
			       text, prefix ? "/24" : "", prefix ? "/64" : "");
	a.prefix = bits(&a);
	why = unusable(&a);
	if (why)
		return err_set(e, -EINVAL, "%s: %s", text, why);
	if (slash)
		*at = slash + 1;
	if (prefix && !slash)
		return err_set(e, -EINVAL,
			       "%s: the length of the network is missing: write %s/%d", text,
			       text, a.family == AF_INET ? 24 : 64);
	if (!prefix && slash) {
		*at = slash;
		return err_set(e, -EINVAL, "only an address stands here, without /LENGTH");
	}
	if (prefix && parse_prefix(slash + 1, &a, e))
		return -EINVAL;
	*at = s;
	why = prefix ? no_host(&a) : NULL;
	if (why)
		return err_set(e, -EINVAL, "%s: %s", s, why);
	*ret = a;
	return 0;
}

bool address_reaches(const struct address *a, const struct address *gateway)
{
	if (a->family != gateway->family)
		return false;
	if (a->family == AF_INET6 && gateway->b[0] == 0xfe && (gateway->b[1] & 0xc0) == 0x80)
		return true;
	for (unsigned i = 0; i < a->prefix; i++)
		if (bit(a, i) != bit(gateway, i))
			return false;
	return true;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->b, b->b, bits(a) / 8);
}

char *address_text(const struct address *a, bool prefix, char buf[ADDRESS_TEXT_MAX])
{
	size_t n;

	if (!inet_ntop(a->family, a->b, buf, ADDRESS_TEXT_MAX))
		buf[0] = '\0';
	n = strlen(buf);
	if (prefix)
		snprintf(buf + n, ADDRESS_TEXT_MAX - n, "/%u", a->prefix);
	return buf;
}
