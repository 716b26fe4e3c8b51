#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 3600
#
# A room of four is restored at once, old PCs and new ones: every byte of each disk is right.
# Then one file is changed in each, and they are restored again: the server sends less than a
# twentieth of the bytes.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../room-lib.sh"

kinds=('' 'bios virtio' 'bios old' 'uefi virtio' 'uefi nvme')
make_room 4 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
for n in 1 2 3 4; do
	in_lab "$PXE" host set -c lab.conf pc$n --group=room1
done
make_system golden gpt
slate -b save golden images/room1.slate 2> err
chmod 644 images/room1.slate

# All disks, and this one, have nothing on them before: so they are the same afterwards, in
# what is used and in what is not.
for name in right disk{1..4}; do
	truncate -s 220M "$name"
done
slate -b --yes restore right images/room1.slate 2> err

# whole DISK: nothing was on it before, so that what is not in use is right, too
whole() {
	cmp right "$1"
}

# as_saved DISK: what is in use is right; beside it is what the lesson has left
as_saved() {
	slate -b verify images/room1.slate "$1" 2> err && same_parts right "$1"
}

room() { # room CHECK: all of them do the job that the group has
	local n kind

	in_lab "$PXE" job add -c lab.conf room1 restore room1.slate --no-personalise
	for n in 1 2 3 4; do
		read -ra kind <<< "${kinds[n]}"
		power_on $n "${kind[@]}" disk$n
	done
	for n in 1 2 3 4; do
		until_off $n 600
		"$1" disk$n || fail "the disk of pc$n is not right"
	done
	in_lab "$PXE" results --json -c lab.conf > results.list
	jq -s '.[0:4] | map(select(.state == "done")) | length' results.list > number
	equal "$(cat number)" 4 "jobs that are done"
}

lesson_in() {
	head -c 500000 /dev/urandom > at/marker
}

say "the first time"
room whole
first=$(jq -s '.[0:4] | map(.sent) | add' results.list)
[[ $first -gt $(($(size_of images/room1.slate) * 4 * 9 / 10)) ]] ||
	fail "the server counts $first bytes only"
for n in 1 2 3 4; do
	at_root disk$n lesson_in
	! cmp -s right disk$n || fail "nothing is different"
done
sync

say "and again"
room as_saved
second=$(jq -s '.[0:4] | map(.sent) | add' results.list)
echo "sent: $first bytes, then $second"
[[ $second -gt 0 && $((second * 20)) -lt $first ]] || fail "the second time moves $second bytes"
