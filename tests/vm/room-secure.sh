#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# A new PC (UEFI with Secure Boot, NVMe) has a disk that is empty and larger than the image's
# (GPT with ext4, NTFS and FAT).  It is restored, starts with Secure Boot, and is no copy.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/room-lib.sh"

more_words=slate.onerror=reboot:1 # the kernel shall tell whether Secure Boot is on
make_room 1 'dhcp.mode = server' 'dhcp.probe = no'
make_system disk gpt
slate -b save disk images/room1.slate 2> err
chmod 644 images/room1.slate
golden=$id
truncate -s 240M new

say "restore"
job pc1 --verify=full restore room1.slate
does_job 1 secure nvme new 180
shows 'secureboot: Secure boot enabled'
result '.receipt | .complete and .verify == "full"'
sound_table new

say "it starts"
starts secure nvme new
shows '^HOST pc1 127\.0\.1\.1.pc1'
shows '^ID \.|^ID uninit'
! grep -a "^ID $golden" "$log" || fail "two machines have the same machine-id"
! grep -a 'key-of-golden' "$log" || fail "two machines have the same key"
shows '^NEW-KEYS'
names_card 1 lan0
