// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/root/style.h"

#include "netconf/root/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACES     "/etc/network/interfaces"
#define INTERFACES_MAX (1 << 18)
#define UNITS          "/etc/systemd/system/"

/* The first of @paths that is there, or NULL. */
static const char *first_of(const struct root *r, const char *const *paths)
{
	for (; *paths; paths++)
		if (root_has(r, *paths))
			return *paths;
	return NULL;
}

/* A unit that the start of the system wants, and that is not masked. */
static bool enabled(const struct root *r, const char *unit)
{
	char path[128], *to = NULL;
	struct stat st;
	bool masked;

	snprintf(path, sizeof(path), UNITS "%s", unit);
	masked = !root_readlink(r, path, &to, NULL) && !strcmp(to, "/dev/null");
	free(to);
	/* The link may name what only the running system has, so it is not followed. */
	snprintf(path, sizeof(path), UNITS "multi-user.target.wants/%s", unit);
	return !masked && !root_stat(r, path, false, &st, NULL);
}

/* Whether @path configures an interface besides lo. */
static bool has_interfaces(const struct root *r, const char *path)
{
	char *text = NULL;
	struct lines l;
	bool found = false;
	size_t len;

	if (root_read(r, path, INTERFACES_MAX, &text, &len, NULL))
		return false;
	lines_begin(&l, text, len);
	while (!found && lines_next(&l)) {
		char *at = l.line, *word = line_word(&at), *name;

		if (!word || strcmp(word, "iface") != 0)
			continue;
		name = line_word(&at);
		found = name && strcmp(name, "lo") != 0;
	}
	free(text);
	return found;
}

static bool uses_ifupdown(const struct root *r)
{
	struct names n;
	bool found = has_interfaces(r, INTERFACES);

	if (found || root_list(r, INTERFACES ".d", "*", &n, NULL))
		return found;
	for (size_t i = 0; i < n.n && !found; i++) {
		char path[320];

		snprintf(path, sizeof(path), INTERFACES ".d/%s", n.v[i]);
		found = has_interfaces(r, path);
	}
	names_free(&n);
	return found;
}

static bool is_netplan(const struct root *r, char *why, size_t n)
{
	static const char *const programs[] = { "/usr/sbin/netplan", "/usr/bin/netplan", NULL };
	const char *program = first_of(r, programs);
	struct names yaml;
	bool found;

	if (!program || root_list(r, "/etc/netplan", "*.yaml", &yaml, NULL))
		return false;
	found = yaml.n > 0;
	if (found)
		snprintf(why, n, "netplan: %s and /etc/netplan/%s", program, yaml.v[0]);
	names_free(&yaml);
	return found;
}

static bool is_networkd(const struct root *r, char *why, size_t n)
{
	snprintf(why, n, "systemd-networkd: its service is enabled");
	return enabled(r, "systemd-networkd.service");
}

static bool has_nm(const struct root *r)
{
	static const char *const programs[] = { "/usr/sbin/NetworkManager",
						"/usr/bin/NetworkManager", NULL };

	return first_of(r, programs) != NULL;
}

static bool is_nm_alone(const struct root *r, char *why, size_t n)
{
	snprintf(why, n,
		 "NetworkManager: its service is enabled, and " INTERFACES
		 " has nothing but lo");
	return has_nm(r) && enabled(r, "NetworkManager.service") && !uses_ifupdown(r);
}

static bool is_ifupdown(const struct root *r, char *why, size_t n)
{
	static const char *const programs[] = { "/sbin/ifup", "/usr/sbin/ifup", NULL };
	const char *program = first_of(r, programs);

	if (program)
		snprintf(why, n, "ifupdown: %s and " INTERFACES, program);
	return program && root_has(r, INTERFACES);
}

static bool is_nm(const struct root *r, char *why, size_t n)
{
	snprintf(why, n, "NetworkManager: it is installed, and nothing else is");
	return has_nm(r);
}

enum style style_find(const struct root *r, char *ret_why, size_t n)
{
	/* The first that fits. */
	static const struct {
		enum style style;
		bool (*fits)(const struct root *r, char *why, size_t n);
	} styles[] = {
		{ STYLE_NETPLAN, is_netplan }, { STYLE_NETWORKD, is_networkd },
		{ STYLE_NM, is_nm_alone },     { STYLE_IFUPDOWN, is_ifupdown },
		{ STYLE_NM, is_nm },
	};

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (styles[i].fits(r, ret_why, n))
			return styles[i].style;
	snprintf(ret_why, n, "no netplan, networkd, NetworkManager or ifupdown is in use here");
	return STYLE_NONE;
}
