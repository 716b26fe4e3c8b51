// SPDX-License-Identifier: GPL-3.0-or-later
/* Names that an interface may have: stricter than the kernel, as they also go into files. */
#include "netconf/policy/policy.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define OUR_OWN "nc-" /* a card on its way to its name */

static const struct {
	const char *name, *why;
} reserved[] = {
	{ "lo", "it is the loopback interface" },
	{ "all", "the kernel's settings (sysctl) mean all interfaces by it" },
	{ "default", "the kernel's settings (sysctl) mean new interfaces by it" },
	{ "bonding_masters", "the kernel has a file of that name" },
};

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The first character that may not stand there, or NULL. */
static const char *bad_character(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!is_letter_or_digit(*c) && (c == name || (*c != '_' && *c != '-')))
			return c;
	return NULL;
}

static int refuse_character(char c, struct err *e)
{
	if (c == '.' || c == ':')
		return err_set(
			e, -EINVAL,
			"a card's name has no '%c': that would be a %s, which has no card "
			"of its own",
			c, c == '.' ? "VLAN" : "second address");
	if (isgraph((unsigned char)c))
		return err_set(e, -EINVAL,
			       "a '%c' cannot stand there: a name has letters, digits, '-' and "
			       "'_', and begins with a letter or digit",
			       c);
	return err_set(e, -EINVAL,
		       "a name has letters, digits, '-' and '_', and no spaces or others");
}

int name_check(const char *name, struct err *e)
{
	const char *bad = bad_character(name);

	if (!*name)
		return err_set(e, -EINVAL, "a name is missing");
	if (strlen(name) >= NIC_NAME_MAX)
		return err_set(e, -EINVAL,
			       "the name has %zu characters; the kernel takes at most %d",
			       strlen(name), NIC_NAME_MAX - 1);
	if (bad)
		return refuse_character(*bad, e);
	if (strspn(name, "0123456789") == strlen(name))
		return err_set(e, -EINVAL, "digits alone are no name: write lan%.12s", name);
	if (!strncmp(name, OUR_OWN, strlen(OUR_OWN)))
		return err_set(e, -EINVAL,
			       "names that begin with \"" OUR_OWN
			       "\" are reserved for cards on "
			       "their way to their name");
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcmp(name, reserved[i].name))
			return err_set(e, -EINVAL, "\"%s\" is reserved: %s", name,
				       reserved[i].why);
	return 0;
}

bool name_of_kernel(const char *name)
{
	static const char *const stems[] = { "eth", "wlan" };

	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		size_t n = strlen(stems[i]);

		if (!strncmp(name, stems[i], n) && name[n] &&
		    name[n + strspn(name + n, "0123456789")] == '\0')
			return true;
	}
	return false;
}
