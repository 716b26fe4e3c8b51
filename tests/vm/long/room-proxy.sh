#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 3600
#
# A room where another DHCP server gives the addresses, and names us as the next server.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../room-lib.sh"

# shellcheck disable=SC2034 # other_server reads it
other_options=("--dhcp-boot=,,10.77.0.1")
make_room 1 'dhcp.mode = proxy' 'dhcp.ipxe = loader'
round bios old dos
round uefi virtio gpt
