#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# limit 3600
#
# The power is cut at five moments of a restore.  Each time the next boot has the same job
# again, without anybody's help, and ends it.
set -euo pipefail
# shellcheck source=tests/vm/room-lib.sh
. "$(dirname "$0")/../room-lib.sh"

make_room 1 'dhcp.mode = server' 'dhcp.ipxe = loader' 'dhcp.probe = no'
make_system golden dos
slate -b save golden images/room1.slate 2> err
chmod 644 images/room1.slate
at_root golden identity own
cp golden before

# cut REGEX [OPTION...]: when that is on the console
cut() {
	say "cut at: $1"
	job "${@:2}" pc1 restore room1.slate
	slow=,throttling.bps-write=1500000
	power_on 1 bios virtio disk
	until_shows 1 "$1" 240
	cut_power 1
	! grep -aq 'is done' "$log" || fail "it was too late for the cut"
	slow=''
	job_is running
	does_job 1 bios virtio disk 180
	result '.attempts == 2'
}

# The serial console has a line every few seconds.
percent='restore +'
for moment in 'restore room1\.slate' "${percent}[1-9][0-9]? %" "${percent}[4-9][0-9] %" \
	'sync +[0-9]'; do
	stale disk 220M
	cut "$moment" --no-personalise
	expect_status 0 slate -b verify images/room1.slate disk
done

# The disk is as the image then, but not yet the PC's own; the vault has what it was.
cp before disk
at_root disk mischief
cut 'compare +[0-9]' --verify=full
starts bios virtio disk
shows '^HOST pc1 '
shows '^KEY ssh-ed25519 key-of-own'
