#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo.sh - what Slate is for, before your eyes: a classroom of one virtual PC that is
# saved, wrecked, and restored over the network by itself (demo/room.sh).  Where no virtual
# machine can run, the same with files (demo/files.sh).  `make demo' runs it.  Root.
# No disk and no network of yours is touched.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

# why_not: what a virtual classroom needs and this machine has not; nothing: it can be
why_not() {
	local program

	[[ -c /dev/net/tun ]] || mknod_tun || echo "there is no /dev/net/tun"
	unshare -n true 2> /dev/null || echo "network namespaces cannot be made here"
	for program in qemu-system-x86_64 grub-mkimage ip cpio depmod; do
		command -v $program > /dev/null || echo "there is no $program"
	done
	losetup -f > /dev/null 2>&1 || echo "there are no loop devices"
}

# A minimal system has the driver, but not its node.
mknod_tun() {
	mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && : 2> /dev/null <> /dev/net/tun
}

[[ $(id -u) = 0 ]] || { echo "demo: must be root" >&2; exit 1; }
reason=$(why_not 2> /dev/null | head -n 1)
[[ $reason ]] || exec demo/room.sh
echo "No virtual classroom here: $reason.  So the same with files, without a network."
exec demo/files.sh
