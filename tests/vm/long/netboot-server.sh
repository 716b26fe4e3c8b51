#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 4000
# Every kind of firmware, with slate-pxe as its DHCP server.
set -euo pipefail
# shellcheck source=tests/vm/netboot-lib.sh
. "$(dirname "$0")/../netboot-lib.sh"

make_netboot 'dhcp.mode = server' 'dhcp.ipxe = loader'
every_kind
