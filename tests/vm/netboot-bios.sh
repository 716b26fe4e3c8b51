#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# An old PC, in a room where another DHCP server gives the addresses: its ROM gets
# lpxelinux.0, that gets the kernel by HTTP.  Once the job is done it boots its disk.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/netboot-lib.sh"

make_netboot 'dhcp.mode = proxy' 'dhcp.ipxe = loader'
runs_job bios 240
logged 'pc1 .* is told to boot lpxelinux\.0'
logged 'has got lpxelinux\.0'
boots_disk bios 240
