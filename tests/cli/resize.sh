#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --grow and --shrink: other sizes of disks, of partitions and of the
# filesystems in them; --new-uuids.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/disk-lib.sh
. "$root/tests/cli/disk-lib.sh"
need_loop
export TMPDIR=$dir

fs_size() { # fs_size FILE N: bytes that the ext filesystem in partition N says it has
	in_part "$1" "$2" dumpe2fs -h 2> /dev/null |
		awk '/^Block count:/ { n = $3 } /^Block size:/ { print n * $3 }'
}

ntfs_size() {
	in_part "$1" "$2" ntfsinfo -m -f 2> /dev/null |
		awk '/Cluster Size:/ { c = $3 } /Volume Size in Clusters:/ { print c * $5 }'
}

disk_of_two() { # disk_of_two FILE gpt|dos: ext4, the last one, behind a little one
	rm -f "$1"
	truncate -s 160M "$1"
	printf '%s\n' "label: $2" 'size=20M' 'size=120M' | sfdisk -q "$1"
	in_part "$1" 1 mkfs.ext4 -q -L little
	in_part "$1" 2 mkfs.ext4 -q -L root
	fill_part "$1" 2 15000
	root=2
}

grow() { # grow gpt|dos
	say "$1: the last partition grows with its filesystem"
	disk_of_two disk "$1"
	slate -b -o save disk disk.slate 2> err
	for how in file pipe; do
		stale copy 300M
		if [[ $how = file ]]; then
			expect_status 0 slate --yes --verify --grow restore copy disk.slate
		else
			expect_status 0 slate --yes --verify --grow restore copy - < disk.slate
		fi
		sound_table copy
		[[ $(part_size copy 2) -gt $((275 << 20)) ]] || fail "the partition is small"
		[[ $(fs_size copy 2) -gt $(($(part_size copy 2) - 65536)) ]] ||
			fail "the filesystem has not grown"
		in_part copy 2 e2fsck -fn > fsck.log 2>&1 || fail "not clean"
		equal "$(part_size copy 1)" "$(part_size disk 1)" "the other partition"
		cmp <(manifest_part disk 2 | sed 's/+[0-9]* / /') \
			<(manifest_part copy 2 | sed 's/+[0-9]* / /') >&2 || fail "files differ"
	done
	say "$1: a partition that cannot grow, and one that is not there"
	stale copy 300M
	expect_status 0 slate --yes --grow=1 restore copy disk.slate
	said 'partition 1 cannot become larger'
	equal "$(part_size copy 1)" "$(part_size disk 1)" "the partition"
	expect_status 3 slate --yes --grow=7 restore copy disk.slate
	said 'no partition 7 to grow'
	say "$1: of single partitions only what is restored grows"
	rm -f copy
	truncate -s 300M copy
	printf '%s\n' "label: $1" 'size=20M' 'size=200M' | sfdisk -q copy
	in_part copy 2 mkfs_mib 120
	expect_status 0 slate --yes --part=1 --grow restore copy disk.slate
	equal "$(fs_size copy 2)" $((120 << 20)) "the filesystem that was not restored"
	expect_status 3 slate --yes --part=1 --grow=2 restore copy disk.slate
	said 'that partition is not restored'
	expect_status 0 slate --yes --part=2 --grow restore copy disk.slate
	said 'partition 2: the filesystem has grown to 200 MiB'
	equal "$(fs_size copy 2)" $((200 << 20)) "the filesystem that was restored"
}

mkfs_mib() { # mkfs_mib N DEVICE: ext4 of N MiB
	mkfs.ext4 -q -L mine "$2" "$1M"
}

grow_ntfs() {
	say "NTFS grows, and one partition into a larger one"
	rm -f disk
	truncate -s 100M disk
	printf '%s\n' 'label: dos' 'size=60M, type=7' | sfdisk -q disk
	in_part disk 1 mkntfs -q -Q -F -L windows > mkfs.log 2>&1
	slate -b -o save disk disk.slate 2> err
	stale copy 200M
	expect_status 0 slate --yes --grow restore copy disk.slate
	sound_table copy
	[[ $(ntfs_size copy 1) -gt $((190 << 20)) ]] || fail "NTFS has not grown"
	make_ext4 one 64M 4000
	slate -b -o save one one.slate 2> err
	stale copy 128M
	expect_status 0 slate --yes --verify --grow restore copy one.slate
	clean copy
	[[ $(dumpe2fs -h copy 2> /dev/null | awk '/^Block count:/ { print $3 }') -gt \
		$(dumpe2fs -h one 2> /dev/null | awk '/^Block count:/ { print 1.9 * $3 }') ]] ||
		fail "ext4 has not grown"

	truncate -s 20M little
	mkfs.minix little > mkfs.log 2>&1
	slate -b -o save little one.slate 2> err
	expect_status 0 slate --yes --grow restore copy one.slate
	said 'no program can grow .*; it keeps its size'

	say "a logical partition grows with the one it lies in"
	rm -f disk
	truncate -s 100M disk
	printf '%s\n' 'label: dos' '1: size=20M' '2: size=70M, type=5' '5: size=20M' \
		'6: size=30M' | sfdisk -q disk
	in_part disk 6 mkfs.ext4 -q
	slate -b -o save disk disk.slate 2> err
	stale copy 200M
	expect_status 0 slate --yes --verify --grow restore copy disk.slate
	sound_table copy
	[[ $(part_size copy 6) -gt $((120 << 20)) ]] || fail "the partition has not grown"
	in_part copy 6 e2fsck -fn > fsck.log 2>&1 || fail "not clean"

	say "a filesystem that nothing can grow: the partition does, and it is said"
	in_part disk 6 mkfs.minix > mkfs.log 2>&1
	slate -b -o save disk disk.slate 2> err
	expect_status 0 slate --yes --grow restore copy disk.slate
	said 'only the partition grows'
}

shrink() { # shrink gpt|dos
	local before room

	say "$1: shrunk when it is saved, for a smaller disk"
	disk_of_two disk "$1"
	before=$(sum disk)
	expect_status 0 slate -o --shrink save disk disk.slate
	said 'partition 2: shrunk in a copy from 120 to [0-9]+ MiB; .* a disk of [0-9]+ MiB'
	equal "$(sum disk)" "$before" "the source"
	[[ -z $(find "$dir" -name 'slate-shrink*') ]] || fail "the scratch file is still there"
	slate --json info disk.slate > info.json
	room=$(json info.json .device_bytes)
	[[ $room -lt $((110 << 20)) ]] || fail "the image needs $room bytes still"
	stale copy "$room"
	expect_status 0 slate --yes --verify restore copy disk.slate
	sound_table copy
	in_part copy 2 e2fsck -fn > fsck.log 2>&1 || fail "not clean"
	cmp <(manifest_part disk 2 | sed 's/+[0-9]* / /') \
		<(manifest_part copy 2 | sed 's/+[0-9]* / /') >&2 || fail "files differ"
	stale copy 200M
	expect_status 0 slate --yes --verify --grow restore copy disk.slate
	sound_table copy
	[[ $(fs_size copy 2) -gt $((150 << 20)) ]] || fail "it does not grow again"
	in_part copy 2 e2fsck -fn > fsck.log 2>&1 || fail "not clean"
}

shrink_more() {
	say "one partition; what cannot be shrunk"
	make_ext4 one 128M 8000
	expect_status 0 slate -o --shrink save one one.slate
	slate --json info one.slate > info.json
	[[ $(json info.json .device_bytes) -lt $((100 << 20)) ]] || fail "not smaller"
	rm -f copy
	expect_status 0 slate -b restore copy one.slate
	clean copy
	truncate -s 40M swap
	mkswap -q swap
	expect_status 3 slate -b --shrink save swap swap.slate
	said 'swap: no program can shrink .*; leave --shrink out'
	absent swap.slate
	expect_status 3 slate -b --shrink --raw save one raw.slate
	said 'byte by byte'
	mkdir small
	mount -t tmpfs -o size=1M none small
	TMPDIR=$dir/small expect_status 3 slate -b --shrink save one full.slate
	said 'needs room for a copy'
	umount small
}

ids() { # ids FILE: of the disk and of its partitions
	sfdisk -J "$1" | jq -r '.partitiontable | .id, .partitions[].uuid' | sort
}

uuid() { # uuid FILE N: of the filesystem in partition N
	in_part "$1" "$2" blkid -p -s UUID -o value
}

uuids() {
	say "--new-uuids"
	make_disk disk 200M gpt
	slate -b -o save disk disk.slate 2> err
	rm -f copy
	expect_status 0 slate -b --verify --new-uuids restore copy disk.slate
	sound_table copy
	differ <(ids disk) <(ids copy)
	equal "$(comm -12 <(ids disk) <(ids copy))" "" "ids that are the same"
	for n in $esp $root $win $swap; do
		[[ $(uuid disk "$n") != $(uuid copy "$n") ]] || fail "UUID of $n is the same"
		equal "$(in_part disk "$n" blkid -p -s LABEL -o value)" \
			"$(in_part copy "$n" blkid -p -s LABEL -o value)" "label of $n"
	done
	in_part copy "$root" e2fsck -fn > fsck.log 2>&1 || fail "not clean"
	cmp <(manifest_part disk "$root") <(manifest_part copy "$root") >&2 ||
		fail "files differ"
}

grow gpt
grow dos
grow_ntfs
shrink gpt
shrink dos
shrink_more
uuids
