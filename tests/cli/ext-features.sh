#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Filesystems with every feature of ext2, ext3 and ext4, used by the kernel
# where it can mount them: there and back with every used block the same.  And
# those that must not be saved just so: mounted, dirty, with errors, damaged.
# The source is never written to, whatever happens.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
need_loop

matrix=$root/tests/fixtures/ext-matrix.sh
mkdir files
odd_files files
seq -f 'files/f%g' 40 | while read -r name; do
	head -c $((RANDOM * 3)) /dev/urandom > "$name"
done

# ---- every feature --------------------------------------------------------

# use FILE: the kernel writes and deletes, so that free space holds old data.
use() {
	mount_image "$1" at rw"$journal"
	cp -r at/odd at/more
	rm -rf at/odd/many at/f[1-9] at/f1[13579]
	cp files/f2? at/more
	umount at
}

# there_and_back FILE
there_and_back() {
	local before journal_of=()

	[[ -z $journal ]] || journal_of=(-j "${journal#*=}")
	before=$(cksum < "$1") # sha256sum would take most of the time
	expect_status 0 slate -b -y -o save "$1" image
	not_said 'byte by byte'
	equal "$(cksum < "$1")" "$before" "$name: checksum of the source"
	stale copy "$(size_of "$1")"
	expect_status 0 slate -b -y restore copy image
	e2fsck -fn "${journal_of[@]}" copy > fsck 2>&1 || {
		cat fsck >&2
		fail "$name: the copy is not clean"
	}
	same_used "$1" copy
	expect_status 0 slate -b verify image copy
}

made=0 used=0
for name in $("$matrix" list); do
	status=0
	journal=
	"$matrix" make "$name" disk files || status=$?
	[[ $status != 77 ]] || continue
	equal "$status" 0 "$name: exit status of the fixture"
	made=$((made + 1))
	[[ ! -e disk.journal ]] || {
		attach disk.journal
		journal=,journal_path=$loop
	}
	# mke2fs -d forgets to count quotas.
	[[ $name != *quota* && $name != *project* ]] ||
		e2fsck -fy disk > fsck 2>&1 || [[ $? = 1 ]]
	mountable=
	! "$matrix" mountable "$name" disk || mountable=1
	[[ -z $mountable ]] || use disk
	there_and_back disk
	if [[ -n $mountable ]]; then
		used=$((used + 1))
		mount_image disk at ro"$journal" && manifest at > disk.list && umount at
		mount_image copy at ro"$journal" && manifest at > copy.list && umount at
		same disk.list copy.list
	fi
	[[ -z $journal ]] || losetup -d "$loop"
	rm -f disk*
done
say "$made filesystems, $used of them used by the kernel"
[[ $made -gt 40 && $used -gt 20 ]] || fail "too few filesystems could be made or mounted"

# ---- what is refused ------------------------------------------------------

# refused REGEX OPTION...: status 3, that message, no image, the source as it was
refused() {
	local before

	before=$(sum disk)
	rm -f image
	expect_status 3 slate -b "${@:2}" save disk image
	said "$1"
	absent image image.part image.000
	equal "$(sum disk)" "$before" "sha256 of the source"
}

# granted REGEX OPTION...: it is saved, with that message; the copy is what
# e2fsck can make whole
granted() {
	local before

	before=$(sum disk)
	expect_status 0 slate -b -o "${@:2}" save disk image
	said "$1"
	equal "$(sum disk)" "$before" "sha256 of the source"
	stale copy "$(size_of disk)"
	expect_status 0 slate -b restore copy image
	e2fsck -fy copy > fsck 2>&1 || [[ $? = 1 ]] || fail "e2fsck cannot mend the copy"
	clean copy
}

change() { # change COMMAND: by debugfs, in a fresh disk
	cp good disk
	debugfs -w -R "$1" disk 2> debugfs.err
}

say "mounted read-write"
make_ext4 good 64M 4000 -b 1024
cp good disk
mount_image disk at rw
refused 'in use.*mounted read-write on .*/at.*--allowmnt'
refused 'in use' --force -c
granted 'in use.*may not be consistent' -m
dev=$(findmnt -n -o SOURCE at)
expect_status 3 slate -b save "$dev" image.dev
said 'mounted read-write'
expect_status 0 slate -b -m save "$dev" image.dev

say "mounted read-write is no target, not even with -m"
for target in disk "$dev"; do
	expect_status 3 slate -b -m --force restore "$target" image
	said 'in use.*mounted read-write'
done
attach disk # once more: another device, the same bytes
expect_status 3 slate -b restore "$loop" image
said 'in use.*mounted read-write'
losetup -d "$loop"
echo alive > at/alive
sync -f at

say "a journal that was not replayed"
cp disk crashed
umount at
clean disk
mv crashed disk
refused 'journal holds changes.*--force'
refused 'journal holds changes' -c
refused 'journal holds changes' -m
granted 'passed over: its journal' --force
mount_image copy at
equal "$(cat at/alive)" alive "a file from the journal"
umount at
expect_status 0 slate -b -o --raw save disk image
stale copy 64M
expect_status 0 slate -b restore copy image
same disk copy

say "mounted read-only is fine, as a source"
cp good disk
mount_image disk at
expect_status 0 slate -b -o save disk image
dev=$(findmnt -n -o SOURCE at)
expect_status 0 slate -b -o save "$dev" image
expect_status 3 slate -b restore disk image
said 'in use.*mounted read-only'
expect_status 3 slate -b restore "$dev" image
umount at
same good disk

say "not cleanly unmounted, with errors, with orphans, miscounted"
change 'set_super_value state 0'
refused 'not cleanly unmounted'
refused 'not cleanly unmounted' -c
granted 'passed over: it was not cleanly' --force
change 'set_super_value state 3'
refused 'found errors in it.*--nocheck'
granted 'passed over: the kernel has found errors' -c
granted 'passed over: the kernel has found errors' --force
change 'set_super_value last_orphan 12'
refused 'deleted files'
granted 'passed over: it holds deleted files' --force
change 'set_super_value free_blocks_count 1000'
refused 'superblock counts 1000 free blocks'
granted 'passed over: its superblock counts' -c

say "damaged: nothing but every byte will do"
change 'set_block_group 1 block_bitmap 0'
refused 'bad descriptor.*e2fsck'
refused 'bad descriptor' --force -c
change 'set_super_value blocks_count 9999999'
refused 'superblock is damaged'
cp good disk
truncate -s 60M disk
refused 'larger than the device'
cp good disk
at=$(dumpe2fs good 2> /dev/null | awk '/Block bitmap at/ && !n++ { print $4 }')
dd if=/dev/zero of=disk bs=1024 seek="$at" count=1 conv=notrunc status=none
refused 'bad bitmap'
expect_status 0 slate -b --raw save disk image
stale copy 64M
expect_status 0 slate -b restore copy image
same disk copy
cp good disk
printf '\x55' | dd of=disk bs=1 seek=$((1024 + 0x68)) conv=notrunc status=none
refused 'superblock.*checksum'

say "a source that nobody can write to"
cp good disk
attach disk -r
expect_status 0 slate -b -o save "$loop" image
same good disk
losetup -d "$loop"
