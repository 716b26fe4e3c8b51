#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 900
#
# An old PC (BIOS, e1000, AHCI, MBR with ext4, NTFS and FAT) saves its disk to the server; a
# lesson goes over it, then its disk is lost altogether.  Each time it restores itself, and
# starts as what it is: with its own name, machine-id, SSH keys and network names.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/room-lib.sh"

make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
make_system disk dos

say "save"
before=$(sum disk)
job pc1 save room1.slate
does_job 1 bios old disk 180
equal "$(sum disk)" "$before" "the disk that was saved"
slate -b verify images/room1.slate disk 2> err
result '.receipt.steps | any(test("disk: sda, .*DISK-1"))'
golden=$secret

say "a lesson, and a restore"
at_root disk identity pc1-own
own=$id
at_root disk mischief
job pc1 restore room1.slate
does_job 1 bios old disk 180
result '.receipt | .complete and .delta and .read_back != null'
result ".sent > 0 and .sent < $(size_of images/room1.slate)"
absent_virus() { [[ ! -e at/virus ]]; }
at_root disk absent_virus || fail "the lesson is still on the disk"

say "a new disk: all of it comes back, and the PC's own identity, from the server"
stale disk 220M
job pc1 restore room1.slate
does_job 1 bios old disk 180
result '.receipt.steps | any(test("comes from the server.s vault"))'
result ".sent > $(size_of images/room1.slate) * 9 / 10"
secret=$golden
starts bios old disk
shows '^HOST pc1 127\.0\.1\.1.pc1'
shows "^ID $own\\."
shows '^KEY ssh-ed25519 key-of-pc1-own'
names_card 1 lan0
