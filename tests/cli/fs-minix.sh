#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Minix filesystems, versions 1 to 3: mkfs.minix makes them, minix-fill.pl fills
# and ages them, fsck.minix and GRUB's readers judge the copies.
# limit 300
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
command -v mkfs.minix > /dev/null || skip "needs mkfs.minix"
command -v grub-mount > /dev/null || skip "needs grub-mount"
[[ -c /dev/fuse ]] || skip "needs /dev/fuse"

files() { # files KIB: in files/, each of another size, up to double indirect zones
	local i size

	rm -rf files
	mkdir files
	for ((i = 1; i <= 60; i++)); do
		size=$((i * i * i * $1 / 850 + i))
		head -c $size /dev/urandom > "files/f$i"
	done
	: > files/empty
}

make() { # make NAME SIZE MKFS_OPTION...: filled, and files/ is what is in it
	rm -f "$1"
	truncate -s "$2" "$1"
	mkfs.minix "${@:3}" "$1" > /dev/null
	"$root/tests/fixtures/minix-fill.pl" "$1" files
}

fsck() { # fsck FILE
	fsck.minix -f "$1" > fsck.out 2>&1 || { cat fsck.out >&2; fail "$1 is not clean"; }
}

same_files() { # same_files FILE: it has what is in files/
	mkdir -p at
	grub-mount "$PWD/$1" "$PWD/at"
	diff -r files at >&2 || fail "$1: files differ"
	umount at
}

for version in 1 2 3; do
	for names in 14 30 60; do
		[[ $version = 3 && $names = 60 || $version != 3 && $names != 60 ]] || continue
		say "version $version, names of $names bytes"
		files 500
		make disk 12M -$version -n $names
		fsck disk
		same_files disk
		round disk
		by_map disk
		fsck disk.back
		same_files disk.back
		# It knows nothing of version 3.
		[[ $version = 3 ]] || like_partclone disk minix
		used=$("$dir/ranges" total disk.used) data=$(du -sk files | cut -f 1)
		[[ $used -gt $((data * 1000)) && $used -lt $((data * 1100 + 1000000)) ]] ||
			fail "$used bytes used for $data KiB of files"
	done
done

say "bad blocks count as used, and what follows the filesystem does"
printf '%d\n' 5000 5001 7000 > bad
rm -f disk
truncate -s 8500K disk
mkfs.minix -2 -l bad disk 8192 > /dev/null
round disk
by_map disk
like_partclone disk minix $((308 * 1024)) # what follows it
grep -qx "$((5000 * 1024)) 2048" disk.used || fail "bad blocks are not kept"
grep -qx "$((8192 * 1024)) $((308 * 1024))" disk.used || fail "the end is not kept"
fsck disk.back

say "a size like partclone's"
files 40000
make disk 220M -2 -i 200
round disk
by_map disk
size_like_partclone disk minix
same_files disk.back

say "what is refused, and what is not"
files 100
make disk 8M -1
cp disk good
state() { # state BYTE: of the superblock
	cp good disk
	printf '%b' "$1" | dd of=disk bs=1 seek=1042 conv=notrunc status=none
}
state '\x00'
refused 'not cleanly unmounted.*fsck.minix -f' disk
refused 'not cleanly unmounted' disk --nocheck
round disk --force
said_so() {
	grep -qE -- "$1" disk.said || fail "no message like '$1'"
}
said_so 'passed over: it was not cleanly'
same_files disk.back
state '\x03'
refused 'found errors' disk
round disk --nocheck
said_so 'passed over: the kernel has found errors'
cp good disk
dd if=/dev/zero of=disk bs=1024 seek=3 count=1 conv=notrunc status=none
refused 'map of used zones is damaged' disk --force
cp good disk
truncate -s 8191K disk
refused 'larger than the device' disk --force
cp good disk
round disk --raw
same disk disk.back

say "inside a disk"
{ head -c 1M /dev/urandom; cat good; head -c 5000 /dev/urandom; } > big
attach big -o 1M --sizelimit 8M
expect_status 0 slate -b -o save "$loop" image
not_said 'byte by byte'
stale copy 8M
expect_status 0 slate -b -y restore copy image
fsck copy
same_files copy
losetup -d "$loop"
