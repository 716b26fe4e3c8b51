// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/idpath.h"

#include "common/plain.h"

#include <stdio.h>
#include <string.h>

struct path {
	char text[PATH_MAX];
	bool anchored; /* a bus is in it that makes it unique */
	bool too_long;
};

static void prepend(struct path *p, const char *bus, const char *name)
{
	char next[PATH_MAX];
	int n = snprintf(next, sizeof(next), "%s%s%s%s", bus, name, p->text[0] ? "-" : "",
			 p->text);

	if ((size_t)n >= sizeof(next))
		p->too_long = true;
	else
		memcpy(p->text, next, (size_t)n + 1);
}

static bool take_name(struct path *p, const char *bus, const char *device)
{
	prepend(p, bus, sysfs_name(device));
	return true;
}

/* Devices and interfaces: what is behind the bus number. */
static bool take_usb(struct path *p, const char *bus, const char *device)
{
	const char *port = strchr(sysfs_name(device), '-');
	char type[16];

	sysfs_uevent(device, "DEVTYPE", type, sizeof(type));
	if (!port || (strcmp(type, "usb_interface") != 0 && strcmp(type, "usb_device") != 0))
		return false;
	prepend(p, bus, port + 1);
	return true;
}

/* A virtio device has no place of its own: that of the device that carries it is unique. */
static bool take_nothing(struct path *p, const char *bus, const char *device)
{
	(void)p;
	(void)bus;
	(void)device;
	return true;
}

/* Cores of Broadcom's chips, "bcma0:1". */
static bool take_bcma(struct path *p, const char *bus, const char *device)
{
	const char *core = strchr(sysfs_name(device), ':');

	if (!core || !core[1] || core[1 + strspn(core + 1, "0123456789")])
		return false;
	prepend(p, bus, core + 1);
	return true;
}

static const struct bus {
	const char *subsystem, *prefix;
	bool anchors;
	/* Adds the device; true: what it hangs on with the same bus says no more. */
	bool (*take)(struct path *p, const char *prefix, const char *device);
} buses[] = {
	{ "pci", "pci-", true, take_name },    { "usb", "usb-0:", false, take_usb },
	{ "virtio", "", false, take_nothing }, { "platform", "platform-", true, take_name },
	{ "acpi", "acpi-", true, take_name },  { "xen", "xen-", true, take_name },
	{ "ccw", "ccw-", true, take_name },    { "ccwgroup", "ccwgroup-", true, take_name },
	{ "bcma", "bcma-", false, take_bcma },
};

static const struct bus *bus_of(const char *device)
{
	char name[32];

	sysfs_link(device, "subsystem", name, sizeof(name));
	for (size_t i = 0; i < sizeof(buses) / sizeof(buses[0]); i++)
		if (!strcmp(buses[i].subsystem, name))
			return &buses[i];
	return NULL;
}

bool id_path(const struct sysfs *s, const char *device, char *buf, size_t n)
{
	char at[PATH_MAX], plain[PATH_MAX];
	struct path p = { .anchored = false };
	const struct bus *passed = NULL;

	buf[0] = '\0';
	snprintf(at, sizeof(at), "%s", device);
	do {
		const struct bus *bus = bus_of(at);

		if (!bus || bus == passed) {
			passed = bus;
			continue;
		}
		passed = bus->take(&p, bus->prefix, at) ? bus : NULL;
		p.anchored = p.anchored || bus->anchors;
	} while (sysfs_parent(s, at));

	/* One that is cut or changed would be another device's, or nobody's. */
	if (!p.anchored || p.too_long || strlen(p.text) >= n ||
	    strcmp(plain_text(plain, sizeof(plain), p.text, ""), p.text) != 0)
		return false;
	memcpy(buf, p.text, strlen(p.text) + 1);
	return true;
}
