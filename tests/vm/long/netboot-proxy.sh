#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 4000
# Every kind of firmware, beside a DHCP server that gives the addresses.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/../netboot-lib.sh"

make_netboot 'dhcp.mode = proxy' 'dhcp.ipxe = loader'
every_kind
