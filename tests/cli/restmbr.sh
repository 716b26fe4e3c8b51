#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# slate restmbr: only the boot code or the partition table of a disk's image.
# limit 600
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

content() { # content FILE: what lies in partitions
	tail -c +$(((1 << 20) + 1)) "$1" | head -c "$((170 << 20))" | sha256sum
}

for kind in dos gpt; do
	make_disk disk 200M $kind
	slate -b -o save disk disk.slate 2> err

	say "$kind: the table alone"
	cp disk copy
	sfdisk -q --delete copy
	head -c 440 /dev/urandom | dd of=copy conv=notrunc status=none
	cp copy broken
	expect_status 0 slate --yes --table restmbr copy disk.slate
	same_table disk copy
	sound_table copy
	same <(head -c 440 broken) <(head -c 440 copy) "the boot code"
	[[ $kind = dos ]] || same_parts disk copy
	equal "$(content copy)" "$(content disk)" "what is in the partitions"

	say "$kind: the boot code alone"
	cp disk copy
	head -c 440 /dev/zero | dd of=copy conv=notrunc status=none
	head -c 30000 /dev/zero | dd of=copy bs=512 seek=64 conv=notrunc status=none
	if [[ $kind = dos ]]; then
		sfdisk -q --disk-id copy 0x12345678
	fi
	sfdisk -d copy > before.txt
	expect_status 0 slate --yes --boot-code restmbr copy disk.slate
	equal "$(sfdisk -d copy)" "$(cat before.txt)" "the table"
	same <(head -c 440 disk) <(head -c 440 copy) "the boot code"
	same <(head -c 1M disk | tail -c 900K) <(head -c 1M copy | tail -c 900K) "the gap"

	say "$kind: both, on a larger disk"
	stale copy 260M
	expect_status 0 slate --yes restmbr copy disk.slate
	same_table disk copy
	sound_table copy
	same <(head -c 440 disk) <(head -c 440 copy) "the boot code"
	same <(head -c 1M disk | tail -c 900K) <(head -c 1M copy | tail -c 900K) "the gap"
	equal "$(tail -c +$((2 << 20)) copy | head -c 90M | tr -d '\252' | wc -c)" 0 \
		"bytes that were written to partitions"
done

say "what is refused, with nothing touched"
make_ext4 one 32M 1000
slate -b save one one.slate 2> err
before=$(sum copy)
expect_status 3 slate --yes restmbr copy one.slate
said 'not that of a disk'
stale small 150M
expect_status 3 slate --yes restmbr small disk.slate
said 'too small'
expect_status 3 slate --yes restmbr nowhere disk.slate
said 'nowhere is not there'
absent nowhere
expect_status 3 slate --yes restmbr copy - < disk.slate
said 'whole image in a file'
expect_status 0 slate -b --simulate restmbr copy disk.slate
printf '%s\n' 'label: dos' 'start=63, size=100000' | sfdisk -q small
expect_status 3 slate --yes --boot-code restmbr small disk.slate
said 'first partition of small begins at byte'
expect_status 3 slate --yes --expect-serial=X restmbr copy disk.slate
equal "$(sum copy)" "$before" "the refused target"
head -c 1000 disk.slate > short
expect_status 4 slate --yes restmbr copy short
expect_status 2 slate restmbr disk.slate
