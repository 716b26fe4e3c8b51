#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A PC with UEFI and Secure Boot gets address, loaders and kernel from us: shim and GRUB, as
# Debian signs them.  Once the job is done it boots its disk.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/netboot-lib.sh"

make_netboot 'dhcp.mode = server' 'dhcp.probe = no'
runs_job secure 240
logged 'pc1 .* has 10\.77\.0\.100 \(UEFI PXE\), boots bootx64\.efi'
logged 'has got grubx64\.efi'
boots_disk secure 240
