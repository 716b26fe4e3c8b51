# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# disk-lib.sh - whole disks, for tests.  Comes after lib.sh.
# shellcheck disable=SC2154 # which sets $dir

# part_begin FILE N, part_size FILE N: of partition N, in bytes
part_begin() { part_field "$1" "$2" start; }
part_size() { part_field "$1" "$2" size; }

part_field() {
	sfdisk -J "$1" | jq -e --arg node "[^0-9]p?$2\$" --arg field "$3" '
		.partitiontable | .sectorsize as $sector | .partitions[] |
			select(.node | test($node)) | .[$field] * $sector' ||
		fail "$1 has no partition $2"
}

# in_part FILE N COMMAND...: with a loop device over partition N as last argument
in_part() {
	local file=$1 n=$2 loop status=0

	shift 2
	loop=$(losetup -f --show -o "$(part_begin "$file" "$n")" \
		--sizelimit "$(part_size "$file" "$n")" "$file")
	"$@" "$loop" || status=$?
	losetup -d "$loop"
	return $status
}

fill_part() { # fill_part FILE N KIB: with this system's files, aged
	local loop

	loop=$(losetup -f --show -o "$(part_begin "$1" "$2")" \
		--sizelimit "$(part_size "$1" "$2")" "$1")
	mkdir -p at
	mount "$loop" at
	copy_files at "$3"
	odd_files at
	age at
	umount at
	losetup -d "$loop"
	rmdir at
}

# manifest_part FILE N: all files of partition N
manifest_part() {
	local loop at=at.$BASHPID # two of these may run at once

	loop=$(losetup -r -f --show -o "$(part_begin "$1" "$2")" \
		--sizelimit "$(part_size "$1" "$2")" "$1")
	mkdir "$at"
	mount -o ro "$loop" "$at"
	manifest "$at"
	umount "$at"
	losetup -d "$loop"
	rmdir "$at"
}

# make_disk FILE SIZE gpt|dos: ESP, ext4, NTFS and swap; of dos the last two logical.
# Code in the first sector and behind it, and something that nothing refers to
# in the free space at the end.
make_disk() {
	rm -f "$1"
	truncate -s "$2" "$1"
	if [[ $3 = gpt ]]; then
		bios=21686148-6449-6E6F-744E-656564454649
		windows=ebd0a0a2-b9e5-4433-87c0-68b6b72699c7
		printf '%s\n' 'label: gpt' "size=1M, type=$bios" \
			'size=34M, type=uefi, name="EFI system"' \
			'size=64M, type=linux, name=root' 'size=24M, type=swap' \
			"size=48M, type=$windows, name=\"für Windows\""
	else
		printf '%s\n' 'label: dos' 'label-id: 0x51a7e001' '1: size=34M, type=ef' \
			'2: size=64M, type=83, bootable' '3: size=76M, type=5' \
			'5: size=48M, type=7' '6: size=24M, type=82'
	fi | sfdisk -q "$1"
	head -c 440 /dev/urandom | dd of="$1" conv=notrunc status=none
	head -c 30000 /dev/urandom | dd of="$1" bs=512 seek=64 conv=notrunc status=none
	head -c 9000 /dev/urandom | dd of="$1" bs=1M conv=notrunc status=none \
		seek=$(($(stat -c %s "$1") / 1048576 - 2))
	if [[ $3 = gpt ]]; then
		esp=2 root=3 swap=4 win=5
	else
		esp=1 root=2 win=5 swap=6
	fi
	in_part "$1" $esp mkfs.vfat -F 32 -n ESP > mkfs.log 2>&1
	in_part "$1" $root mkfs.ext4 -q -L root
	in_part "$1" $win mkntfs -q -Q -F -L windows > mkfs.log 2>&1
	in_part "$1" $swap mkswap -q -L swap
	fill_part "$1" $root 20000
}

table_of() { # table_of FILE: whatever the name of the file and the size of the disk
	sfdisk -d "$1" | sed 's/^device:.*//; s/^last-lba.*//; s/^[^ ]*\([0-9]\) :/\1 :/'
}

# same_table FILE FILE: the same partitions, with the same ids and names
same_table() {
	diff <(table_of "$1") <(table_of "$2") >&2 || fail "tables of $1 and $2 differ"
}

# sound_table FILE: nothing that sgdisk or sfdisk complain about
sound_table() {
	sfdisk --verify "$1" > verify.log 2>&1 || { cat verify.log >&2; fail "$1: bad table"; }
	! grep -iE 'backup|corrupt|not in|overlap|warning|error:' verify.log >&2 ||
		fail "$1: bad table"
	if [[ $(sfdisk -J "$1" | jq -r .partitiontable.label) = gpt ]]; then
		sgdisk -v "$1" > verify.log 2>&1
		grep -q 'No problems found' verify.log ||
			{ cat verify.log >&2; fail "$1: bad GPT"; }
	fi
}

# same_parts FILE FILE: every filesystem is sound and holds the same files
same_parts() {
	in_part "$2" "$esp" fsck.vfat -n > fsck.log 2>&1 || { cat fsck.log >&2; fail "ESP"; }
	in_part "$2" "$root" e2fsck -fn > fsck.log 2>&1 || { cat fsck.log >&2; fail "ext4"; }
	in_part "$2" "$win" ntfsfix -n > fsck.log 2>&1 || { cat fsck.log >&2; fail "NTFS"; }
	cmp <(manifest_part "$1" "$root") <(manifest_part "$2" "$root") >&2 ||
		fail "files differ"
	equal "$(in_part "$1" "$swap" blkid -p -o value)" \
		"$(in_part "$2" "$swap" blkid -p -o value)" "the swap area"
}
