#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 4000
# Every kind of firmware, beside a DHCP server that gives the addresses.  It names us as the
# next server: GRUB 2.06 asks the server that it was given its address by, not the one that
# it came from.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/../netboot-lib.sh"

# shellcheck disable=SC2034 # other_server reads it
other_options=("--dhcp-boot=,,10.77.0.1")
make_netboot 'dhcp.mode = proxy' 'dhcp.ipxe = loader'
every_kind
