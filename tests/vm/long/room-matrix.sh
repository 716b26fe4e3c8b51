#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 7200
#
# Saved, lost, restored and started: every firmware with the hardware it has a driver for,
# MBR and GPT, each with ext4, NTFS and FAT.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../room-lib.sh"

make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
round bios virtio dos
round bios old gpt
round bios new dos
round uefi virtio gpt
round uefi old gpt
round uefi new gpt
round secure nvme gpt
