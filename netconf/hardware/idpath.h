// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * idpath.h - ID_PATH, where a device is plugged in, as udev's builtin path_id
 * composes it for the buses that network cards sit on:
 *
 *	pci-0000:00:1f.6
 *	pci-0000:00:14.0-usb-0:2.1:1.0	(always 0: the number of the USB bus may change)
 *	platform-fd580000.ethernet
 *
 * Source: systemd 252, what path_id says of such devices (man udev-builtin does not tell).
 */
#ifndef NETCONF_HARDWARE_IDPATH_H
#define NETCONF_HARDWARE_IDPATH_H

#include "netconf/hardware/sysfs.h"

/* Of the device with the canonical path @device; false and "" when udev gives it none. */
bool id_path(const struct sysfs *s, const char *device, char *buf, size_t n);

#endif
