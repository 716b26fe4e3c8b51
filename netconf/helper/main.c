// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * net-rename INDEX NAME - gives a network card its final name; udev runs it by the
 * rules of slate-netconf.  Waits up to 5 seconds until the name is free.  What went
 * wrong goes to standard error, from where udevd logs it, and to the kernel's log,
 * for an initramfs has no other.
 */
#include "netconf/helper/rename.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define TRIES 100 /* of 50 ms */

static void tell(const char *text)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);

	fprintf(stderr, "net-rename: %s\n", text);
	if (fd < 0)
		return;
	dprintf(fd, "<4>slate net-rename: %s\n", text);
	close(fd);
}

int main(int argc, char **argv)
{
	struct err e = { "" };
	struct rtnl *r = NULL;
	int ifindex, code;

	if (argc != 3) {
		fprintf(stderr, "Usage: net-rename INDEX NAME\n");
		return 2;
	}
	code = rename_operands(argv[1], argv[2], &ifindex, &e);
	if (!code)
		code = rtnl_open(&r, &e);
	if (!code)
		code = rename_wait(r, ifindex, argv[2], TRIES, &e);
	if (code)
		tell(e.msg);
	rtnl_close(r);
	return code ? 1 : 0;
}
