#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A PC that restores itself loses its power at five moments of it.  GRUB's own files are on
# the partition of the image: the next start goes on with the restore by itself, or
# there is a whole system; by BIOS and UEFI.
# limit 2400
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../../cli/lib.sh"
# shellcheck source=tests/vm/local-lib.sh
. "$root/tests/vm/local-lib.sh"
need_loop

# What the agent has said when the power goes
moments=('restoring sda1 from' '^scan ' '^restore +[0-9]' '^sync ' '^compare ')

prepare() {
	attach_parts pc
	mount "${disk}p$system" at
	copy_files at 30000
	mkfs.ext4 -q -L images "${disk}p$images"
	mount "${disk}p$images" images.d
	install_local --device "${disk}p$images" --image images.d/pc.slate
	umount at
	slate -b -d -o save "${disk}p$system" images.d/pc.slate 2> err
	umount images.d
	mount "${disk}p$system" at
	wreck 100000
	umount at
	detach_parts
}

# cut_at REGEX NAME: the guest is killed at once when it says that
cut_at() {
	local i

	for ((i = 0; i < 1800; i++)); do
		! grep -aqE "$1" "$2.log" 2> /dev/null || break
		sleep 0.1
	done
	echo MARKER-END >> "$2.log"
}

# goes_on bios|uefi NUMBER: after a cut at that moment
goes_on() {
	local name=$1-$2 pid

	say "$1: the power goes at \"${moments[$2]}\""
	cp --sparse=always master pc
	# So that the moments last longer than it takes to see them
	slow=,throttling.bps-write=1000000,throttling.bps-read=5000000
	rm -f "$name-cut.log"
	cut_at "${moments[$2]/sda1/(sda1|nvme0n1p2)}" "$name-cut" &
	pid=$!
	start "$name-cut" 400 restore
	kill $pid 2> /dev/null || true
	wait $pid || true
	shows "$name-cut" "${moments[$2]/sda1/(sda1|nvme0n1p2)}"
	[[ $2 -ge 3 ]] || ! grep -aq 'is done' "$name-cut.log" || fail "$name: cut too late"
	# Nobody chooses anything now: the PC goes on by itself, unless the system is there
	# as it was or as it shall be.
	# shellcheck disable=SC2034 # start reads it
	slow=''
	start "$name-next" 400 none
	if grep -aq '^SYSTEM-' "$name-next.log"; then
		[[ $2 != 2 ]] || fail "$name: a system has started in the middle"
		as_before "$name-next" || whole_now "$name-next"
	else
		shows "$name-next" 'There is no system'
		shows "$name-next" 'The job "restore" is done'
		whole "$name-system"
	fi
}

as_before() { # as_before NAME
	grep -aq '^SYSTEM-not the marker' "$1.log" && grep -aq SYSTEM-WRECKED "$1.log"
}

whole_now() { # whole_now NAME
	shows "$1" "^SYSTEM-$secret"
	! grep -aq SYSTEM-WRECKED "$1.log" || fail "$1: half a system has started"
}

get_boot_tree
for firmware in bios uefi; do
	make_local "$firmware" images /slate/grub/grub.cfg
	prepare
	mv pc master
	for moment in "${!moments[@]}"; do
		goes_on "$firmware" "$moment"
	done
done
