#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# exFAT as mkfs.exfat makes it, filled and aged through exfat-fuse: there and
# back with a clean fsck.exfat and every file the same; used blocks against
# partclone's; and those that must not be saved just so: dirty, with errors,
# with a damaged boot region or bitmap.
# limit 900
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/fs-lib.sh
. "$root/tests/cli/fs-lib.sh"
need_loop
[[ -c /dev/fuse ]] || skip "needs FUSE: there is no /dev/fuse"
# Memory: nothing here needs a disk.
mkdir fast
mount -t tmpfs -o size=1800M tmpfs fast
cd fast

up() { # up IMAGE [OPTIONS]: on ./at
	mkdir -p at
	attach "$1"
	mount.exfat-fuse -o "${2:-ro}" "$loop" at > fuse.log 2>&1 ||
		{ cat fuse.log >&2; skip "needs FUSE: exfat-fuse cannot mount here"; }
}

down() { # down: as it is a block device, umount waits for the last write
	umount at
	losetup -d "$loop"
}

# tree FOLDER KIB: files with names that exFAT can hold, sorted out by case
tree() {
	mkdir "$1"
	copy_files "$1" "$2"
	find "$1" ! -type d ! -type f -delete
	find "$1" -depth -mindepth 1 -name '*[:*?"<>|\\]*' -exec rm -rf {} +
	(cd "$1" && find . -mindepth 1 | sort | awk 'seen[tolower($0)]++' |
		tr '\n' '\0' | xargs -0 -r rm -rf)
	mkdir -p "$1/Odd names/deep/er/and/er" "$1/Odd names/empty folder"
	(
		cd "$1/Odd names"
		: > 'nothing at all.txt'
		echo x > 'a rather long name, with commas; and = signs + more [1].text'
		echo x > UPPER.TXT
		echo x > $'f\xc3\xbcr \xe2\x82\xac 5 and more.txt'
		echo x > "$(printf 'n%0254d' 0)"
		head -c 70000 /dev/urandom > deep/er/random.bin
		(cd deep && seq -f 'file-with-a-rather-long-name-%g' 300 | xargs touch)
	)
}

# fill IMAGE FOLDER: copied, aged by writing two files at a time, and what is in
# it now as FOLDER.now
fill() {
	local size

	up "$1" rw
	cp -r "$2"/* at
	age at
	for size in 3000 50000 70000 100 9000 20000; do
		head -c "$size" /dev/urandom >> at/turn1
		head -c "$size" /dev/urandom >> at/turn2
	done
	rm -rf "$2.now"
	cp -r at "$2.now"
	down
}

same_files() { # same_files IMAGE FOLDER
	up "$1"
	diff -r "$2" at >&2 || fail "$1: files differ"
	down
}

fsck() { # fsck IMAGE
	fsck.exfat -n "$1" > "$dir/fsck" 2>&1 ||
		{ cat "$dir/fsck" >&2; fail "$1 is not clean"; }
}

# ---- there and back -------------------------------------------------------

tree small 600
tree large 4000

# matrix NAME SIZE FOLDER [MKFS_OPTION...]
matrix() {
	local name=$1

	truncate -s "$2" "$name"
	mkfs.exfat -L FIXTURE "${@:4}" "$name" > mkfs.log 2>&1 ||
		{ cat mkfs.log >&2; fail "mkfs.exfat ${*:4}"; }
	fill "$name" "$3"
	fsck "$name"
	round "$name"
	by_map "$name"
	same_regions "$name"
	fsck "$name.back"
	same_files "$name.back" "$3.now"
	like_partclone "$name" exfat
	rm -rf "$name"*
}

# same_regions NAME: both boot regions, up to the table, are those of the source
same_regions() {
	local table

	read -r table < <(od -An -tu4 -j 80 -N 4 "$1")
	[[ $table -ge 24 ]] || fail "$1: where is its table?"
	cmp -n $((table * 512)) "$1" "$1.back" >&2 || fail "$1: boot regions differ"
}

say "cluster sizes"
matrix plain 40M large
matrix 512 40M large -c 512
matrix 4k 40M large -c 4K
matrix 64k 60M small -c 64K
matrix 1m 150M small -c 1M
say "aligned elsewhere"
matrix aligned 30M large -b 64K
matrix packed 30M large --pack-bitmap
matrix full 25M large -f -b 4M -c 8K

say "sectors of 4096 bytes"
truncate -s 40M sectors
attach sectors -b 4096
mkfs.exfat "$loop" > mkfs.log
losetup -d "$loop"
fill sectors large
round sectors
by_map sectors
fsck sectors.back
same_files sectors.back large.now
rm -rf sectors*

# Programs and pictures.
say "an image as small as partclone's"
tree huge 1000
find /usr/lib -xdev -type f -size +500k -size -9000k -printf '%s %p\n' |
	awk '(sum += $1) <= 50e6 { sub(/^[0-9]+ /, ""); print }' > picked
n=0
while read -r name; do
	cp "$name" huge/program-$((++n)).so
done < picked
head -c 60M /dev/urandom > huge/pictures
truncate -s 180M huge.img
mkfs.exfat huge.img > mkfs.log
fill huge.img huge
round huge.img
fsck huge.img.back
same_files huge.img.back huge.now
like_partclone huge.img exfat
size_like_partclone huge.img exfat
size_like_stream huge.img exfat
rm -rf huge*

# ---- what is not saved just so ---------------------------------------------

truncate -s 40M good
mkfs.exfat -c 4K good > mkfs.log
fill good small
heap=$(($(od -An -tu4 -j 88 -N 4 good) * 512))

change() { # change OFFSET BYTES...: of a fresh copy, bytes as \x..
	cp good disk
	while [[ $# -gt 1 ]]; do
		printf '%b' "$2" | dd of=disk bs=1 seek="$1" conv=notrunc status=none
		shift 2
	done
}
granted() { # granted REGEX OPTION...: saved, with a notice, files as they are
	expect_status 0 slate -b -o "${@:2}" save disk image
	said "$1"
	not_said 'byte by byte'
	stale copy 40M
	expect_status 0 slate -b -y restore copy image
	same_files copy small.now
}

say "dirty, and with errors"
change 106 '\x02'
refused 'not cleanly unmounted.*fsck.exfat.*--force' disk
refused 'not cleanly unmounted' disk -c
granted 'passed over: it was not cleanly' --force
change 106 '\x04'
refused 'errors in reading or writing.*chkdsk.*--nocheck' disk
granted 'passed over: errors' -c

say "boot regions"
change 400 'x'
refused 'boot region is damaged, but the copy is good' disk
expect_status 0 slate -b -o --force save disk image
said 'passed over: its boot region'
stale copy 40M
expect_status 0 slate -b -y restore copy image
fsck.exfat -y copy > fsck.log 2>&1 || [[ $? = 1 ]] || fail "fsck.exfat cannot mend the copy"
same_files copy small.now
change 6544 'x'
granted 'the copy of its boot region is damaged'
change 400 'x' 6544 'x'
refused 'both copies of its boot region.*--raw' disk --force
expect_status 0 slate -b -o --raw save disk image
stale copy 40M
expect_status 0 slate -b -y restore copy image
same disk copy

say "the bitmap"
change "$heap" '\x00'
refused 'counts clusters as free that are not.*fsck.exfat' disk
refused 'counts clusters as free that are not' disk --force
change 112 '\x63'
granted 'says that 99 % are in use'
cp good disk
truncate -s 30M disk
refused 'larger than the device' disk

say "a source that nobody can write to"
cp good disk
attach disk -r
expect_status 0 slate -b -o save "$loop" image
same good disk
losetup -d "$loop"
