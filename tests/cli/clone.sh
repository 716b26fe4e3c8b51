#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate clone: from disk to disk without an image.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

say "an equal disk, a larger and a smaller one"
make_disk disk 200M gpt
before=$(sum disk)
for size in 200M 260M 180M; do
	stale copy $size
	expect_status 0 slate --yes --verify --report report.json clone disk copy
	equal "$(json report.json '[.verb, .status, .complete, .source, .device] | @csv')" \
		'"clone",0,true,"disk","copy"' "the report"
	same_table disk copy
	sound_table copy
	same_parts disk copy
done
equal "$(sum disk)" "$before" "the source"

say "with the serial twin, growing, with new ids"
stale copy 260M
expect_status 0 slate --yes -j0 --grow=5 --new-uuids clone disk copy
sound_table copy
[[ $(part_size copy 5) -gt $((100 << 20)) ]] || fail "the partition has not grown"

say "one filesystem, to devices and to a new file"
make_ext4 one 64M 4000
expect_status 0 slate -b clone one new
same_ext one new
stale two 80M
attach two
expect_status 0 slate --yes --verify clone one "$loop"
losetup -d "$loop"
same_ext one two

say "what is refused, with nothing touched"
stale small 150M
before=$(sum small)
expect_status 3 slate --yes clone disk small
said 'too small'
said 'what helps: a larger disk; --shrink'
equal "$(sum small)" "$before" "the refused target"
expect_status 3 slate --yes clone disk disk
said 'source itself'
attach disk
expect_status 3 slate --yes clone disk "$loop"
said 'in use|source itself'
losetup -d "$loop"
cp one dirty
debugfs -w -R 'ssv state 0' dirty 2> /dev/null
expect_status 3 slate --yes clone dirty two
said 'not cleanly unmounted'
expect_status 3 slate -b clone nowhere two
expect_status 2 slate clone one
expect_status 2 slate --part=1 clone disk two

say "ended by a signal: the target is without a filesystem"
truncate -s 400M large
mkfs.ext4 -q -F large
mount_image large at rw
head -c 300M /dev/urandom > at/random
umount at
stale copy 400M
status=0
timeout -s INT 0.3 "$SLATE" --yes clone large copy 2> err || status=$?
if [[ $status = 130 || $status = 124 ]]; then
	blkid -p copy > found && fail "there is something: $(cat found)"
	said 'stopped by a signal|partly written'
else
	equal "$status" 0 "the status of one that was too fast to be stopped"
fi

say "--rescue: bad sectors do not end it, and the status says so"
expect_status 0 slate --yes --rescue clone one copy
