// SPDX-License-Identifier: GPL-3.0-or-later
/* What sysfs has of one card. */
#include "common/plain.h"
#include "netconf/hardware/idpath.h"
#include "netconf/hardware/iface.h"

#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define ONBOARD_MAX 16383 /* more is what firmware says that knows nothing; as in udev */
#define SPEED_MAX   10000000
#define SLOTS_MAX   4096
#define RANDOM      1 /* addr_assign_type: NET_ADDR_RANDOM of linux/netdevice.h */

static unsigned number(const char *dir, const char *name, int base, unsigned max)
{
	uint64_t v = 0;

	return sysfs_number(dir, name, base, max, &v) ? (unsigned)v : 0;
}

static bool read_mac(const char *dir, const char *name, struct mac *ret)
{
	char text[MAC_TEXT_MAX + 1];

	return sysfs_text(dir, name, text, sizeof(text)) && !mac_parse(text, ret, NULL);
}

static bool read_addresses(const struct sysfs *s, const struct iface *i, struct nic *nic)
{
	struct mac perm;

	if (!read_mac(i->dir, "address", &nic->mac))
		return false;
	nic->perm = nic->mac;
	if (i->link && i->link->has_perm)
		nic->perm = i->link->perm;
	else if (!s->live && read_mac(i->dir, "perm_address", &perm))
		nic->perm = perm;
	else if (read_mac(i->dir, "bonding_slave/perm_hwaddr", &perm) && mac_valid(&perm))
		nic->perm = perm;
	else
		nic->random_mac = number(i->dir, "addr_assign_type", 10, 255) == RANDOM;
	return true;
}

static void read_link(const struct iface *i, struct nic *nic)
{
	uint64_t speed;
	char type[16];

	nic->ifindex = (int)number(i->dir, "ifindex", 10, INT32_MAX);
	nic->up = number(i->dir, "flags", 0, UINT32_MAX) & IFF_UP;
	nic->carrier = number(i->dir, "carrier", 10, 1);
	nic->speed = -1;
	if (sysfs_number(i->dir, "speed", 10, SPEED_MAX, &speed) && speed)
		nic->speed = (int)speed;
	sysfs_uevent(i->dir, "DEVTYPE", type, sizeof(type));
	nic->wireless = !strcmp(type, "wlan") || sysfs_has(i->dir, "phy80211") ||
			sysfs_has(i->dir, "wireless");
	nic->dev_port = number(i->dir, "dev_port", 10, 65535);
	nic->dev_id = number(i->dir, "dev_id", 0, 65535);
}

/* "0000:00:1f.6", with a domain of up to eight digits. */
static bool is_pci_function(const char *name)
{
	static const char hex[] = "0123456789abcdef";
	size_t domain = strspn(name, hex);
	const char *p = name + domain;

	return domain >= 4 && domain <= 8 && p[0] == ':' && strspn(p + 1, hex) == 2 &&
	       p[3] == ':' && strspn(p + 4, hex) == 2 && p[6] == '.' &&
	       strspn(p + 7, "01234567") == 1 && !p[8];
}

/* Makes @path, a device, the PCI function that it is or hangs on. */
static bool find_pci(const struct sysfs *s, char *path)
{
	char bus[16];

	do {
		sysfs_link(path, "subsystem", bus, sizeof(bus));
		if (!strcmp(bus, "pci") && is_pci_function(sysfs_name(path)))
			return true;
	} while (sysfs_parent(s, path));
	return false;
}

/* Is a slot over the function @path, or over a bridge that it is behind? */
static bool is_in_slot(const struct sysfs *s, const char *path)
{
	char dir[PATH_MAX + 300], address[32], part[40];
	struct dirent *d;
	bool found = false;
	DIR *slots;

	snprintf(dir, sizeof(dir), "%s/bus/pci/slots", s->base);
	slots = opendir(dir);
	for (int i = 0; slots && !found && i < SLOTS_MAX && (d = readdir(slots)); i++) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/bus/pci/slots/%s", s->base, d->d_name);
		/* "0000:01:00": all functions of it. */
		if (!sysfs_text(dir, "address", address, sizeof(address)))
			continue;
		snprintf(part, sizeof(part), "/%s.", address);
		found = strstr(path, part);
	}
	if (slots)
		closedir(slots);
	return found;
}

/* Firmware speaks of a function itself, never of what is plugged in behind it. */
static void read_onboard(const char *pci, struct nic *nic)
{
	static const struct {
		const char *name;
		enum onboard_by by;
	} hints[] = { { "acpi_index", ONBOARD_ACPI }, { "index", ONBOARD_SMBIOS } };
	uint64_t v;

	for (size_t i = 0; i < 2 && nic->onboard_by == ONBOARD_UNKNOWN; i++)
		if (sysfs_number(pci, hints[i].name, 10, ONBOARD_MAX, &v)) {
			nic->onboard_by = hints[i].by;
			nic->onboard = (unsigned)v;
		}
	sysfs_text(pci, "label", nic->label, sizeof(nic->label));
}

static void read_place(const struct sysfs *s, const struct iface *i, struct nic *nic)
{
	char path[PATH_MAX];
	bool usb;

	plain_text(nic->address, sizeof(nic->address), sysfs_name(i->device), "");
	sysfs_link(i->device, "subsystem", nic->bus, sizeof(nic->bus));
	sysfs_link(i->device, "driver", nic->driver, sizeof(nic->driver));
	id_path(s, i->device, nic->path, sizeof(nic->path));
	usb = !strcmp(nic->bus, "usb");
	snprintf(path, sizeof(path), "%s", i->device);
	if (usb && sysfs_parent(s, path)) {
		nic->vendor = number(path, "idVendor", 16, 0xffff);
		nic->device = number(path, "idProduct", 16, 0xffff);
	}
	if (!find_pci(s, path))
		return;
	snprintf(nic->pci, sizeof(nic->pci), "%.15s", sysfs_name(path));
	if (usb)
		return;
	nic->vendor = number(path, "vendor", 16, 0xffff);
	nic->device = number(path, "device", 16, 0xffff);
	nic->in_slot = is_in_slot(s, path);
	read_onboard(path, nic);
}

bool card_read(const struct sysfs *s, const struct iface *i, struct nic *ret)
{
	*ret = (struct nic){ 0 };
	plain_text(ret->name, sizeof(ret->name), i->entry, "");
	if (!read_addresses(s, i, ret))
		return false;
	read_link(i, ret);
	read_place(s, i, ret);
	return true;
}
