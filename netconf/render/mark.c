// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/render/mark.h"

#include <errno.h>
#include <string.h>

#define PLAIN                                                                                  \
	"abcdefghijklmnopqrstuvwxyz"                                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                           \
	"0123456789-._:+@"

bool mark_plain(const char *s)
{
	return *s && !s[strspn(s, PLAIN)];
}

bool mark_plain_path(const char *s)
{
	return *s == '/' && !s[strspn(s, PLAIN "/")];
}

int mark_name(const char *name, struct err *e)
{
	size_t room = NIC_NAME_MAX - 1;

	if (!mark_plain(name))
		return err_set(e, -EINVAL,
			       "\"%s\" cannot be a card's name in udev's files: "
			       "use letters, digits, '-', '.' and '_'",
			       name);
	if (name_of_kernel(name))
		room -= strlen("nc-");
	if (strlen(name) > room)
		return err_set(e, -EINVAL, "\"%s\" is too long: at most %zu characters", name,
			       room);
	return 0;
}

char *mark_comment(char *dst, size_t n, const char *src)
{
	size_t i;

	for (i = 0; i < n - 1 && src[i]; i++)
		dst[i] = strchr(PLAIN " ,()/=", src[i]) ? src[i] : '?';
	dst[i] = '\0';
	return dst;
}

static bool can(const struct choice *c, enum pin pin)
{
	const struct nic *nic = c->nic;

	switch (pin) {
	case PIN_PATH:
		return mark_plain(nic->path) && (!c->pin_driver || mark_plain(nic->driver));
	case PIN_MAC:
		return mac_valid(&nic->perm) && !nic->random_mac;
	case PIN_ONBOARD:
		return nic->onboard_by != ONBOARD_UNKNOWN;
	default:
		return false;
	}
}

int mark_choose(const struct choice *c, struct mark *ret, struct err *e)
{
	const enum pin order[] = { c->pin, PIN_MAC, PIN_PATH };
	const struct nic *nic = c->nic;
	size_t i = 0;

	while (i < sizeof(order) / sizeof(order[0]) && !can(c, order[i]))
		i++;
	if (i == sizeof(order) / sizeof(order[0]))
		return err_set(e, -EINVAL,
			       "%s: %s has no path, address or onboard index by which "
			       "udev could know it again; give the name to another card",
			       c->want->name, nic->name);
	*ret = (struct mark){ .pin = order[i], .nic = nic };
	/* An index stands on the PCI function, where virtio's driver is another one. */
	ret->driver =
		c->pin_driver && mark_plain(nic->driver) &&
		(ret->pin == PIN_PATH || (ret->pin == PIN_ONBOARD && !strcmp(nic->bus, "pci")));
	/* Nobody has looked whether another pin than the planned one is alone without it. */
	ret->port = ret->pin != PIN_MAC && (c->pin_port || ret->pin != c->pin);
	return 0;
}
