#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An old PC, in a room where another DHCP server gives the addresses: its ROM gets
# lpxelinux.0, that gets the kernel by HTTP.  What it cannot get at first it tries again.
# Once the job is done it boots its disk.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/netboot-lib.sh"

make_netboot 'dhcp.mode = proxy' 'dhcp.ipxe = loader'
mv boot/slate/initrd.img .
{
	for ((i = 0; i < 240; i++)); do
		! grep -q 'slate/initrd\.img, which cannot be had' server.log || break
		sleep 1
	done
	mv initrd.img boot/slate/
} &
runs_job bios 240
shows 'failed: No such file'
logged 'pc1 .* is told to boot lpxelinux\.0'
logged 'has got lpxelinux\.0'
boots_disk bios 240
