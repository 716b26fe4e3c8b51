#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whole disks: saved, restored to equal, larger and smaller ones, by a file and
# by a pipe; single partitions of them; what is refused.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop

whole() { # whole gpt|dos
	say "$1: saved and restored to an equal disk"
	make_disk disk 200M "$1"
	before=$(sum disk)
	expect_status 0 slate -o save disk disk.slate
	equal "$(sum disk)" "$before" "the source"
	not_said 'byte by byte: unknown'
	[[ $(stat -c %s disk.slate) -lt 30000000 ]] || fail "the image has free space in it"
	slate --json info disk.slate > info.json
	equal "$(json info.json '.metadata.table.type')" "$1" "kind of table"
	equal "$(json info.json '[.regions[] | select(.part) | .fs] | sort | join(" ")')" \
		"$([[ $1 = dos ]] || echo ' ')ext4 ntfs swap vfat" "filesystems"
	slate info disk.slate > info.txt
	grep -qE " $root  +64.0 MiB .* ext4 +root" info.txt || fail "no line for root"
	stale copy 200M
	expect_status 0 slate --yes --verify restore copy disk.slate
	same_table disk copy
	sound_table copy
	same_parts disk copy
	same <(head -c 1M disk) <(head -c 1M copy) "boot code and the gap behind the MBR"
	same <(tail -c 1M disk) <(tail -c 1M copy) "the end of the disk"
	expect_status 0 slate verify disk.slate copy

	say "$1: a larger disk, by a file and by a pipe"
	for how in file pipe; do
		stale copy 260M
		if [[ $how = file ]]; then
			expect_status 0 slate --yes --verify restore copy disk.slate
		else
			expect_status 0 slate --yes --verify restore copy - < disk.slate
		fi
		same_table disk copy
		sound_table copy
		same_parts disk copy
		same <(head -c 440 disk) <(head -c 440 copy) "boot code"
		same <(head -c 1M disk | tail -c 900K) <(head -c 1M copy | tail -c 900K) \
			"the gap"
		expect_status 0 slate verify disk.slate copy
		said 'another size'
	done

	say "$1: a smaller disk"
	stale copy 180M
	expect_status 0 slate --yes --verify restore copy disk.slate
	same_table disk copy
	sound_table copy
	same_parts disk copy

	say "$1: one that is too small"
	stale copy 150M
	before=$(sum copy)
	expect_status 3 slate --yes restore copy disk.slate
	last='5 .ntfs'
	[[ $1 = gpt ]] || last='6 .swap'
	said "copy is too small: .* partition $last. would end [0-9]+ bytes behind"
	expect_status 3 slate --yes restore copy - < disk.slate
	equal "$(sum copy)" "$before" "the refused target"
}

parts() {
	say "single partitions"
	rm -f one
	expect_status 0 slate -b --part=$root restore one disk.slate
	clean one
	cmp one <(dd if=disk bs=1M skip=$(($(part_begin disk $root) / 1048576)) \
		count=64 status=none) > /dev/null || same_used one one
	equal "$(size_of one)" $((64 << 20)) "the size of the file"
	expect_status 0 slate --part=$root verify disk.slate one
	cp disk copy
	in_part copy $root mkfs.ext4 -q -F -L other
	in_part copy $swap mkswap -q -L other
	in_part copy $win wipefs -q -a
	cp copy before
	expect_status 0 slate --yes --verify --part=$root,$swap restore copy disk.slate
	same_parts_but_win
	expect_status 0 slate --part=$root,$swap verify disk.slate copy
	expect_status 0 slate --part=$swap verify disk.slate copy
	said 'equal to disk.slate \(4\.0 KiB\)'
	expect_status 5 slate --part=$win verify disk.slate copy
	expect_status 3 slate --yes --part=9 restore copy disk.slate
	said 'no partition 9; it has: '
	expect_status 3 slate --yes --part=$root,$swap restore one disk.slate
	said 'no partition table'
	expect_status 3 slate --yes --part=$root restore copy - < disk.slate
	said 'whole image in a file'
	truncate -s 60M small
	expect_status 3 slate --yes --part=$root restore small disk.slate
	said 'too small'
	slate -b -o save one one.slate 2> err
	expect_status 3 slate --yes --part=1 restore copy one.slate
	said 'no partition 1; it has: none'
	for bad in 0 x '1,' ',1' 1,,2 99999; do
		expect_status 2 slate "--part=$bad" restore copy disk.slate
	done
}

same_parts_but_win() {
	same_table before copy
	cmp <(manifest_part disk $root) <(manifest_part copy $root) >&2 || fail "files differ"
	in_part copy $root e2fsck -fn > fsck.log 2>&1 || fail "ext4"
	equal "$(in_part copy $swap blkid -p -s LABEL -o value)" swap "the label of swap"
	# Everything else is as it was.
	dd if=before of=b bs=1M count=$(($(part_begin disk $root) / 1048576)) status=none
	same b <(head -c "$(part_begin disk $root)" copy) "what lies before"
	same <(tail -c +$(($(part_begin disk $win) + 1)) before | head -c 48M) \
		<(tail -c +$(($(part_begin disk $win) + 1)) copy | head -c 48M) "partition $win"
}

sectors() {
	say "a disk with sectors of 4096 bytes"
	truncate -s 200M big-sectors
	attach big-sectors -b 4096
	printf '%s\n' 'label: gpt' 'size=64M, type=linux' 'size=64M, type=linux' |
		sfdisk -q "$loop"
	losetup -d "$loop"
	first=$(losetup -f --show -o 1M --sizelimit 64M big-sectors)
	mkfs.ext4 -q -L four "$first"
	losetup -d "$first"
	attach big-sectors -b 4096
	expect_status 0 slate -o save "$loop" four.slate
	slate --json info four.slate > info.json
	equal "$(json info.json '.sector')" 4096 "the sector size"
	expect_status 0 slate -o save big-sectors from-file.slate
	slate --json info from-file.slate > info.json
	equal "$(json info.json '.sector')" 4096 "the sector size of a copy in a file"
	stale target 240M
	target=$(losetup -f --show -b 4096 target)
	expect_status 0 slate --yes --verify restore "$target" four.slate
	sfdisk --verify "$target" > verify.log 2>&1 || fail "bad table"
	equal "$(sfdisk -J "$target" | jq '.partitiontable.partitions | length')" 2 "partitions"
	losetup -d "$target"
	target=$(losetup -f --show target)
	before=$(sum target)
	expect_status 3 slate --yes restore "$target" four.slate
	said 'sectors of 512 bytes.*4096'
	losetup -d "$target"
	target=$(losetup -f --show -b 4096 target)
	expect_status 3 slate --yes restore "$target" disk.slate
	said 'sectors of 4096 bytes.*512'
	equal "$(sum target)" "$before" "the refused target"
	losetup -d "$target" "$loop"
}

refusals() {
	say "what is not imaged, and why"
	make_disk disk 200M gpt
	mkdir -p at
	attach disk -o "$(part_begin disk $root)" --sizelimit $((64 << 20))
	mount "$loop" at
	expect_status 3 slate -b save disk refused.slate
	said 'in use'
	umount at
	losetup -d "$loop"
	cp disk dirty
	in_part dirty $root debugfs -w -R 'ssv state 0' > debugfs.log 2>&1
	expect_status 3 slate -b save dirty refused.slate
	said "dirty, partition $root: ext4: .*not cleanly unmounted"
	absent refused.slate
	expect_status 0 slate -b --force -o save dirty forced.slate

	say "a filesystem on the bare disk, and an empty table"
	make_ext4 bare 64M 2000
	expect_status 0 slate -b save bare bare.slate
	slate --json info bare.slate > info.json
	equal "$(json info.json '.regions | length')" 1 "regions"
	truncate -s 100M empty
	echo 'label: gpt' | sfdisk -q empty
	expect_status 0 slate -b save empty empty.slate
	stale copy 100M
	expect_status 0 slate -b --verify restore copy empty.slate
	same_table empty copy

	say "a table and a filesystem at once: nobody can tell which is right"
	cp bare both
	printf '%s\n' 'label: dos' 'start=2048, size=20000' | sfdisk -q --wipe never both
	expect_status 0 slate -b save both both.slate
	said 'there is a partition table, but "ext4" too.*byte by byte'
	stale copy 64M
	expect_status 0 slate -b restore copy both.slate
	same both copy
}

whole dos
parts
whole gpt
parts
sectors
refusals
