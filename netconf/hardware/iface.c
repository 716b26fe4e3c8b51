// SPDX-License-Identifier: GPL-3.0-or-later
#include "netconf/hardware/iface.h"

#include "common/plain.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What the kernel allows as a name (dev_valid_name() of net/core/dev.c). */
static bool is_name(const char *name)
{
	if (!*name || strlen(name) >= NIC_NAME_MAX)
		return false;
	for (; *name; name++)
		if (*name == ':' || *name == '/' || isspace((unsigned char)*name))
			return false;
	return true;
}

static const char *by_devtype(const char *dir)
{
	static const char *const types[][2] = {
		{ "bridge", "a bridge" },
		{ "vlan", "a VLAN" },
		{ "bond", "a bond" },
		{ "vxlan", "a VXLAN tunnel" },
		{ "wireguard", "a WireGuard tunnel" },
		{ "ppp", "a PPP connection" },
		{ "wwan", "a mobile modem" },
	};
	char type[32];

	sysfs_uevent(dir, "DEVTYPE", type, sizeof(type));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i][0]))
			return types[i][1];
	return NULL;
}

static const char *by_file(const char *dir)
{
	static const char *const files[][2] = {
		{ "bridge", "a bridge" },
		{ "bonding", "a bond" },
		{ "tun_flags", "a tun or tap device" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (sysfs_has(dir, files[i][0]))
			return files[i][1];
	return NULL;
}

static const char *by_type(const char *dir)
{
	static const struct {
		unsigned type;
		const char *what;
	} types[] = {
		{ ARPHRD_ETHER, NULL },
		{ ARPHRD_LOOPBACK, "the loopback" },
		{ ARPHRD_IEEE80211, "a monitor of the radio" },
		{ ARPHRD_IEEE80211_PRISM, "a monitor of the radio" },
		{ ARPHRD_IEEE80211_RADIOTAP, "a monitor of the radio" },
		{ ARPHRD_INFINIBAND, "InfiniBand" },
		{ ARPHRD_CAN, "a CAN bus" },
	};
	uint64_t type;

	if (!sysfs_number(dir, "type", 10, UINT16_MAX, &type))
		return "does not tell what it is";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (type == types[i].type)
			return types[i].what;
	return "not Ethernet";
}

/* Simulated radios are in the place of virtual devices; our tests have no others. */
static bool is_simulated_radio(const struct iface *i)
{
	char driver[32];

	sysfs_link(i->device, "driver", driver, sizeof(driver));
	return !strcmp(driver, "mac80211_hwsim") && sysfs_has(i->dir, "phy80211");
}

/* The interface that this one is a layer of (macvlan, ipvlan ...); "" when there is none. */
static void find_lower(const char *dir, char *name, size_t n)
{
	static const char mark[] = "lower_";
	struct dirent *d;
	DIR *all = opendir(dir);

	name[0] = '\0';
	while (all && !name[0] && (d = readdir(all)))
		if (!strncmp(d->d_name, mark, strlen(mark)))
			plain_text(name, n, d->d_name + strlen(mark), "");
	if (all)
		closedir(all);
}

/* The device link leads to hardware; else what is said of it, @buf of @n bytes may be used. */
static const char *by_device(const struct sysfs *s, struct iface *i, char *buf, size_t n)
{
	char path[PATH_MAX + 8], lower[NIC_NAME_MAX];
	size_t base = strlen(s->base);
	int r;

	if (!sysfs_has(i->dir, "device")) {
		find_lower(i->dir, lower, sizeof(lower));
		if (!lower[0])
			return "virtual: no hardware behind it";
		snprintf(buf, n, "virtual: on top of %s", lower);
		return buf;
	}
	snprintf(path, sizeof(path), "%s/device", i->dir);
	r = sysfs_resolve(s, path, i->device);
	if (r)
		return r == -EXDEV ? "its device is outside of the tree"
				   : "its device cannot be found";
	if (!strncmp(i->device + base, "/devices/virtual/", 17) && !is_simulated_radio(i))
		return "virtual: no hardware behind it";
	return NULL;
}

/* Where class/net/@entry leads; "" when it is no interface. */
static const char *find_dir(const struct sysfs *s, struct iface *i)
{
	char path[PATH_MAX + 300];
	struct stat st;
	int r;

	snprintf(path, sizeof(path), "%s/class/net/%s", s->base, i->entry);
	r = sysfs_resolve(s, path, i->dir);
	if (r == -EXDEV)
		return "leads out of the tree";
	if (r)
		return "leads nowhere";
	return stat(i->dir, &st) || !S_ISDIR(st.st_mode) ? "" : NULL;
}

bool iface_leave_out(const struct sysfs *s, struct iface *i, char *why, size_t n)
{
	const char *what = find_dir(s, i);
	char function[32], buf[64];

	if (!what && !is_name(i->entry))
		what = "no name that the kernel gives";
	if (!what)
		what = by_devtype(i->dir);
	if (!what)
		what = by_file(i->dir);
	if (!what)
		what = by_type(i->dir);
	if (!what)
		what = by_device(s, i, buf, sizeof(buf));
	if (what)
		snprintf(why, n, "%s", what);
	else if (sysfs_link(i->device, "physfn", function, sizeof(function)))
		snprintf(why, n, "virtual function of %s", function);
	else
		return false;
	return true;
}
