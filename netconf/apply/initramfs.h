// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * initramfs.h - whether the initramfs has the rules of now: cards get their names in it,
 * by the copy that was made when it was built.
 */
#ifndef NETCONF_APPLY_INITRAMFS_H
#define NETCONF_APPLY_INITRAMFS_H

#include "netconf/root/root.h"

#define INITRAMFS_WORDS 8

struct initramfs {
	char image[512]; /* the first that is older; "" all is well, or there is none */
	char newer[512]; /* the file that is newer than it */
	const char *command[INITRAMFS_WORDS]; /* what makes it anew, ended by NULL */
};

/* Compares times of what is in /boot and of the files of ours that go into it. */
int initramfs_look(const struct root *r, struct initramfs *ret, struct err *e);
/* "chroot /mnt update-initramfs -u -k all"; returns @buf. */
char *initramfs_command(const struct root *r, const struct initramfs *i, char *buf, size_t n);

#endif
