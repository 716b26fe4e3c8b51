#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# After a whole disk is restored the kernel has its partitions: on a device that
# had others, while a program holds one of them, and not while one is mounted.
# A kernel that reads no tables has none then; tests/vm/reread.sh has one that does.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

# partitions DEVICE: "NUMBER FIRST-BYTE BYTES" of those that the kernel has; but
# for the size of an extended partition, which is its own idea of it
partitions() {
	local p

	for p in "/sys/block/${1##*/}/${1##*/}"p*; do
		[[ -d $p ]] || continue
		echo "$(< "$p/partition") $(($(< "$p/start") * 512)) $(($(< "$p/size") * 512))"
	done | sort -n
}

table() { # table FILE: the same from the table in it
	sfdisk -J "$1" | jq -r '.partitiontable.partitions[] |
		"\(.node | capture("(?<n>[0-9]+)$").n) \(.start * 512) " +
		(if .type == "5" or .type == "f" then 1024 else .size * 512 end | tostring)'
}

told() { # told FILE DEVICE: the kernel has the partitions of FILE
	diff <([[ ! $reads ]] || table "$1") <(partitions "$2") >&2 ||
		fail "the kernel's partitions of $2"
}

# target: $loop with old data and three partitions, which the kernel knows; $before.
# $reads is empty if it reads no tables.
target() {
	stale target 100M
	printf '%s\n' 'label: gpt' 'size=10M' 'size=20M' 'size=30M' | sfdisk -q target
	attach target -P
	reads=$(partitions "$loop")
	[[ $reads ]] || partx -a "$loop"
	before=$(partitions "$loop")
	equal "$before" "$(table target)" "the partitions before"
}

node() { # node N: a node of partition N of $loop, also where /dev does not get one
	rm -f "part$1"
	# shellcheck disable=SC2046 # two numbers
	mknod "part$1" b $(tr : ' ' < "/sys/block/${loop##*/}/${loop##*/}p$1/dev")
}

source_disk() { # source_disk gpt|dos: ./disk and its image
	rm -f disk
	truncate -s 80M disk
	if [[ $1 = gpt ]]; then
		printf '%s\n' 'label: gpt' 'size=40M' '5: size=16M' 'size=8M'
	else
		printf '%s\n' 'label: dos' '1: size=30M, type=83' '3: size=40M, type=5' \
			'5: size=10M, type=83' '6: size=20M, type=83'
	fi | sfdisk -q disk
	in_part disk 1 mkfs.ext4 -q
	slate -o save disk disk.slate 2> err
}

# hold: keeps partition 2 open until the table of ./disk is there and two seconds
# more; the program has to try again meanwhile.
hold() {
	local i

	exec 8< part2
	: > held
	for ((i = 0; i < 600; i++)); do
		! cmp -s -n 512 disk "$loop" || break
		sleep 0.1
	done
	[[ $i -lt 600 ]] && sleep 2
}

for kind in gpt dos; do
	source_disk $kind
	say "$kind: other partitions than before"
	target
	expect_status 0 slate --yes --verify restore "$loop" disk.slate
	not_said 'partprobe'
	told disk "$loop"
	losetup -d "$loop"
done

say "a program holds a partition, not for long"
target
node 2
rm -f held
hold &
holder=$!
until [[ -e held ]]; do sleep 0.1; done
expect_status 0 slate --yes restore "$loop" disk.slate
not_said 'partprobe'
told disk "$loop"
wait $holder || fail "nothing was restored while the partition was held"
losetup -d "$loop"

say "one that holds it longer than anybody should wait"
target
node 2
exec 8< part2
expect_status 0 slate --yes restore "$loop" disk.slate
said "$loop: the kernel does not see the new partitions yet .*in use.*partprobe"
equal "$(partitions "$loop")" "$before" "the kernel's partitions"
exec 8<&-
# All is there but that: it takes no second restore.
blockdev --rereadpt "$loop"
told disk "$loop"
losetup -d "$loop"

say "one that holds the whole disk"
target
exec 8< "$loop"
expect_status 0 slate --yes restore "$loop" disk.slate
not_said 'partprobe'
told disk "$loop"
exec 8<&-
losetup -d "$loop"

say "a partition that is mounted"
target
node 2
mkfs.ext4 -q part2
mkdir at
mount part2 at
cp target copy
expect_status 3 slate --yes restore "$loop" disk.slate
said "${loop##*/}p2 mounted read-write on $dir/at; unmount it first"
# The mounted filesystem may write meanwhile: partition 2 is from 11 to 31 MiB.
same <(head -c 11M copy) <(head -c 11M target) "the refused target"
same <(tail -c 69M copy) <(tail -c 69M target) "the refused target"
equal "$(partitions "$loop")" "$before" "the kernel's partitions"
umount at
expect_status 0 slate --yes restore "$loop" disk.slate
told disk "$loop"
losetup -d "$loop"
