// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * nic.h - the network cards of this machine, as the kernel has them (or a fake
 * sysfs tree).
 *
 * All strings are made fit to be shown and cut to their fields: what sysfs
 * says comes from firmware and drivers.  Sources: Linux
 * Documentation/ABI/testing/sysfs-class-net, -bus-pci; if_link.h.
 */
#ifndef NETCONF_HARDWARE_NIC_H
#define NETCONF_HARDWARE_NIC_H

#include "common/err.h"
#include "common/mac.h"

#include <stdbool.h>
#include <stddef.h>

#define NIC_NAME_MAX 16 /* IFNAMSIZ: 15 characters and a NUL */

/* Who says that a card is on the board, the most trusted last. */
enum onboard_by { ONBOARD_UNKNOWN, ONBOARD_SMBIOS, ONBOARD_ACPI };

struct nic {
	char name[NIC_NAME_MAX]; /* now */
	int ifindex;             /* 0 in a fake tree that has none */
	struct mac mac;          /* now */
	struct mac perm;         /* burnt in; the same as mac when the kernel does not tell */
	bool random_mac; /* addr_assign_type 1: made up at each boot, no mark of anything */
	bool wireless, up, carrier;
	int speed;        /* Mbit/s; -1 unknown */
	char bus[16];     /* "pci", "usb", "virtio", "platform": where the device itself sits */
	char address[64]; /* on that bus: "0000:00:1f.6", "2-1:1.0", "virtio0" */
	char pci[16];     /* the PCI function it hangs on, also above usb and virtio; "" none */
	char path[128];   /* ID_PATH as udev's path_id makes it; "" unknown */
	char driver[32];
	char label[64];          /* the firmware's name for it; "" none */
	unsigned vendor, device; /* PCI or USB ids; 0 unknown */
	enum onboard_by onboard_by;
	unsigned onboard;          /* ACPI index, else SMBIOS type 41 instance */
	unsigned dev_port, dev_id; /* which port of one function */
	bool in_slot;              /* the firmware knows a slot (hotplug or add-in) over it */
};

/* What the kernel calls a network interface and we leave alone. */
struct skipped {
	char name[NIC_NAME_MAX];
	char why[64]; /* "a bridge", "a VLAN", "virtual function of 0000:01:00.0" ... */
};

struct nics {
	struct nic *v; /* sorted by PCI address, then dev_port, then bus address; USB last */
	size_t n;
	struct skipped *skipped;
	size_t n_skipped;
};

/*
 * Fills @ret (nics_free() it, also on failure) from @sys: "/sys" asks the kernel for
 * permanent addresses and flags too (rtnetlink), another folder is a fake tree
 * with class/net/ in it.  A card that vanishes meanwhile is left out.
 */
int nics_scan(const char *sys, struct nics *ret, struct err *e);
void nics_free(struct nics *n);

/* The card with this permanent address, or NULL. */
const struct nic *nics_by_mac(const struct nics *n, const struct mac *perm);
const struct nic *nics_by_name(const struct nics *n, const char *name);

#endif
